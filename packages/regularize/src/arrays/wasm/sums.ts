import { TOGETHER } from '../kernels.js'
import {
  after,
  entry,
  type F64,
  type Function,
  f64,
  f64x2,
  type I32,
  i32,
  inBlocks,
  type Module,
  madd,
  OPEN,
  PAIR,
  range,
  total,
  type V128,
  v128,
  walk,
} from './code.js'

export const dot = (m: Module): Function =>
  m.function(
    'dot',
    { x: 'i32', y: 'i32', n: 'i32' },
    ['f64'],
    (f, { x, y, n }) => {
      const sums = range(4).map(() => f.local('v128'))
      const rest = f.local('f64')
      walk(
        f,
        n,
        4,
        [x, y],
        (at) => {
          const sum = sums[at / PAIR]!
          f.set(sum, madd(v128.load(x, at), v128.load(y, at), sum))
        },
        () => f.set(rest, f64.add(rest, f64.mul(f64.load(x), f64.load(y)))),
      )
      const [a, b, c, d] = sums as unknown as readonly [V128, V128, V128, V128]
      f.result(f64.add(rest, total(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)))))
    },
    OPEN,
  )

export const axpy = (m: Module): Function =>
  m.function(
    'axpy',
    { k: 'f64', x: 'i32', y: 'i32', n: 'i32' },
    [],
    (f, { k, x, y, n }) => {
      const factor = f.let(f64x2.splat(k))
      walk(
        f,
        n,
        4,
        [x, y],
        (at) => f.storeVector(y, madd(factor, v128.load(x, at), v128.load(y, at)), at),
        () => f.store('f64', y, f64.add(f64.load(y), f64.mul(k, f64.load(x)))),
      )
    },
    OPEN,
  )

/** Several rows share each load and store of y. */
export const combine = (m: Module): Function =>
  m.function(
    'combine',
    { factors: 'i32', x: 'i32', offsets: 'i32', count: 'i32', y: 'i32', n: 'i32' },
    [],
    (f, { factors, x, offsets, count, y, n }) => {
      inBlocks(f, count, [TOGETHER, 2, 1], (k, size) => {
        const own = range(size)
        const at = f.let(y)
        const rows = own.map((i) => f.let(after(x, i32.load(entry(offsets, k), 4 * i))))
        const scalars = own.map((i) => f.let(f64.load(after(factors, k), 8 * i)))
        const splats = scalars.map((v) => f.let(f64x2.splat(v)))
        walk(
          f,
          n,
          2,
          [at, ...rows],
          (o) =>
            f.storeVector(
              at,
              own.reduce<V128>((sum, i) => madd(splats[i]!, v128.load(rows[i]!, o), sum), v128.load(at, o)),
              o,
            ),
          () =>
            f.store(
              'f64',
              at,
              own.reduce<F64>(
                (sum, i) => f64.add(sum, f64.mul(scalars[i]!, f64.load(rows[i]!))),
                f64.load(at),
              ),
            ),
        )
      })
    },
    OPEN,
  )

/** Four columns share each load of r. */
export const dots = (m: Module): Function =>
  m.function(
    'dots',
    { x: 'i32', n: 'i32', columns: 'i32', count: 'i32', r: 'i32', scale: 'f64', out: 'i32' },
    [],
    (f, { x, n, columns, count, r, scale, out }) => {
      inBlocks(f, count, [4, 1], (k, size) => {
        const own = range(size)
        const at = f.let(r)
        const column = (i: number): I32 => i32.load(entry(columns, k), 4 * i)
        const starts = own.map((i) => f.let(after(x, i32.mul(column(i), n))))
        const sums = own.map(() => [f.local('v128'), f.local('v128')] as const)
        const rests = own.map(() => f.local('f64'))
        for (const sum of sums.flat()) f.set(sum, f64x2.const(0))
        for (const rest of rests) f.set(rest, f64.const(0))
        walk(
          f,
          n,
          2,
          [at, ...starts],
          (o) => {
            const v = f.let(v128.load(at, o))
            for (const i of own) {
              const sum = sums[i]![o / PAIR]!
              f.set(sum, madd(v128.load(starts[i]!, o), v, sum))
            }
          },
          () => {
            for (const i of own)
              f.set(rests[i]!, f64.add(rests[i]!, f64.mul(f64.load(starts[i]!), f64.load(at))))
          },
        )
        for (const i of own)
          f.store(
            'f64',
            after(out, k),
            f64.mul(scale, f64.add(rests[i]!, total(f64x2.add(...sums[i]!)))),
            8 * i,
          )
      })
    },
    OPEN,
  )

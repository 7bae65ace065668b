import { wasm } from '@cotangent/core/internal'
import { type Kernels, TOGETHER } from './kernels.js'

// The kernels in WebAssembly, two doubles at a time, on arrays that lie in one memory. Addresses are in bytes.

const { choose, f64, f64x2, i32, v128 } = wasm
type F = wasm.FunctionBuilder
type I32 = wasm.I32
type V128 = wasm.V128
type Local = wasm.Local<'i32'>

/** Doubles behind an address that goes up, in pairs. */
const PAIR = 16
/** Entries of columns whose products are summed at a time, and columns that all others meet: both in the nearest cache. */
const CHUNK = 256
const NEAR = 8
/** Rows and columns of the products that are computed at once, largest first. */
const TILE = { height: [2, 1], width: [4, 1] }

const bytes = (count: I32): I32 => i32.shl(count, 3)
const after = (address: I32, count: I32): I32 => i32.add(address, bytes(count))
/** The address of an entry of a list of integers. */
const entry = (list: I32, k: I32): I32 => i32.add(list, i32.shl(k, 2))

/** Code that multiplies and adds: rounded once where the engine has that. */
const madd: (a: V128, b: V128, c: V128) => V128 = wasm.hasRelaxedMadd()
  ? f64x2.relaxedMadd
  : (a, b, c) => f64x2.add(c, f64x2.mul(a, b))

/** The sum of both lanes. */
const total = (v: V128): wasm.F64 => f64.add(f64x2.extractLane(v, 0), f64x2.extractLane(v, 1))

/**
 * Walks over n entries behind several addresses: `wide` takes `pairs` pairs at once, at constant distances in bytes, and
 * `narrow` a single entry. The addresses are raised as it goes.
 */
const walk = (
  f: F,
  n: I32,
  pairs: number,
  addresses: readonly Local[],
  wide: (offset: number) => void,
  narrow: () => void,
): void => {
  const first = addresses[0]!
  const raise = (by: number) => {
    for (const address of addresses) f.increase(address, by)
  }
  const end = f.let(after(first, n))
  const last = f.let(i32.sub(end, PAIR * pairs))
  f.while(i32.leU(first, last), () => {
    for (let k = 0; k < pairs; k++) wide(k * PAIR)
    raise(PAIR * pairs)
  })
  f.while(i32.ltU(first, end), () => {
    narrow()
    raise(8)
  })
}

/** For k from `from`: blocks of several at once while there are so many before `count`, then fewer. */
const inBlocks = (
  f: F,
  count: I32,
  sizes: readonly number[],
  block: (k: Local, size: number) => void,
  from: I32 | number = 0,
): void => {
  const k = f.local('i32')
  f.set(k, wasm.int(from))
  for (const size of sizes)
    f.while(i32.leS(i32.add(k, size), count), () => {
      block(k, size)
      f.increase(k, size)
    })
}

const least = (a: I32, b: I32): I32 => choose(i32.ltS(a, b), a, b)

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k)

const build = (memory: wasm.MemoryImport): Uint8Array<ArrayBuffer> => {
  const m = new wasm.ModuleBuilder(memory)
  const open = { export: true }

  const dot = m.function(
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
    open,
  )

  const axpy = m.function(
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
    open,
  )

  const combine = m.function(
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
              own.reduce<wasm.F64>(
                (sum, i) => f64.add(sum, f64.mul(scalars[i]!, f64.load(rows[i]!))),
                f64.load(at),
              ),
            ),
        )
      })
    },
    open,
  )

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
    open,
  )

  // Functions of their own, since engines optimise what is called often.
  const tile = (height: number, width: number): wasm.FunctionRef =>
    m.function(
      `products.${height}x${width}`,
      { x: 'i32', n: 'i32', left: 'i32', right: 'i32', out: 'i32', stride: 'i32', length: 'i32' },
      [],
      (f, { x, n, left, right, out, stride, length }) => {
        const column = (list: I32, k: number): Local => f.let(after(x, i32.mul(i32.load(list, 4 * k), n)))
        const rows = range(height).map((k) => column(left, k))
        const others = range(width).map((k) => column(right, k))
        const places = range(height).map((k) => f.let(after(out, i32.mul(stride, k))))
        const cells = range(height).flatMap((r) => range(width).map((c) => ({ r, c })))
        const sums = cells.map(() => f.local('v128'))
        const rests = cells.map(({ r, c }) => f.let(f64.load(places[r]!, 8 * c)))
        const wide = (o: number) => {
          const here = rows.map((row) => f.let(v128.load(row, o)))
          const there = others.map((other) => f.let(v128.load(other, o)))
          cells.forEach(({ r, c }, k) => {
            f.set(sums[k]!, madd(here[r]!, there[c]!, sums[k]!))
          })
        }
        walk(f, length, 1, [...rows, ...others], wide, () =>
          cells.forEach(({ r, c }, k) => {
            f.set(rests[k]!, f64.add(rests[k]!, f64.mul(f64.load(rows[r]!), f64.load(others[c]!))))
          }),
        )
        cells.forEach(({ r, c }, k) => {
          f.store('f64', places[r]!, f64.add(rests[k]!, total(sums[k]!)), 8 * c)
        })
      },
    )
  const tiles = TILE.height.map((height) => TILE.width.map((width) => tile(height, width)))

  m.function(
    'products',
    { x: 'i32', n: 'i32', columns: 'i32', from: 'i32', count: 'i32', values: 'i32', stride: 'i32' },
    [],
    (f, { x, n, columns, from, count, values, stride }) => {
      const start = f.local('i32')
      f.for(start, 0, n, CHUNK, () => {
        const length = f.let(least(i32.sub(n, start), i32.const(CHUNK)))
        const part = f.let(after(x, start))
        const first = f.local('i32')
        f.for(first, 0, count, NEAR, () => {
          const last = i32.add(first, NEAR)
          const rows = (i: I32, height: number): void => {
            const end = f.let(least(i32.add(i, height), last))
            const columnsOf = (j: I32, width: number): void => {
              const out = after(values, i32.add(i32.mul(i, stride), j))
              const own = tiles[TILE.height.indexOf(height)]![TILE.width.indexOf(width)]!
              f.call(own, [part, n, entry(columns, i), entry(columns, j), out, stride, length])
            }
            inBlocks(f, end, TILE.width, columnsOf, first)
          }
          inBlocks(f, count, TILE.height, rows, choose(i32.gtS(first, from), first, from))
        })
      })
    },
    open,
  )

  m.function(
    'sweep',
    {
      list: 'i32',
      count: 'i32',
      size: 'i32',
      w: 'i32',
      c: 'i32',
      a: 'i32',
      b: 'i32',
      G: 'i32',
      stride: 'i32',
      positive: 'i32',
      factors: 'i32',
      offsets: 'i32',
    },
    ['i32'],
    (f, { list, count, size, w, c, a, b, G, stride, positive, factors, offsets }) => {
      const k = f.local('i32')
      const moved = f.local('i32')
      const updates = f.local('i32')
      const waiting = f.local('i32')
      const told = () => {
        f.call(combine, [factors, G, offsets, waiting, c, size])
        f.set(waiting, i32.const(0))
      }
      f.for(k, 0, count, 1, () => {
        const s = f.let(i32.load(entry(list, k)))
        const row = f.let(after(G, i32.mul(s, stride)))
        const d = f.let(f64.load(after(row, s)))
        const h = f.let(f64.add(d, f64.load(after(b, s))))
        f.if(f64.ne(h, 0), () => {
          const old = f.let(f64.load(after(w, s)))
          const z = f.let(f64.add(f64.load(after(c, s)), f64.mul(d, old)))
          const i = f.local('i32')
          f.for(i, 0, waiting, 1, () => {
            const own = f64.load(after(after(G, i32.load(entry(offsets, i))), s))
            f.set(z, f64.add(z, f64.mul(f64.load(after(factors, i)), own)))
          })
          const t = f.let(f64.load(after(a, s)))
          const zero = i32.or(positive, f64.ge(z, f64.neg(t)))
          const below = choose(zero, f64.const(0), f64.div(f64.add(z, t), h))
          const next = f.let(choose(f64.gt(z, t), f64.div(f64.sub(z, t), h), below))
          f.if(f64.ne(next, old), () => {
            f.store('f64', after(w, s), next)
            f.increase(updates, 2)
            f.store('f64', after(factors, waiting), f64.sub(old, next))
            f.store('i32', entry(offsets, waiting), i32.mul(s, stride))
            f.increase(waiting, 1)
            f.if(i32.geS(waiting, TOGETHER), told)
            f.set(moved, i32.or(moved, f64.le(f64.mul(old, next), 0)))
          })
        })
      })
      told()
      f.result(i32.add(updates, moved))
    },
    open,
  )

  const triangular = { rows: 'i32', stride: 'i32', size: 'i32', b: 'i32' } as const

  m.function(
    'forward',
    triangular,
    [],
    (f, { rows, stride, size, b }) => {
      const i = f.local('i32')
      const row = f.let(rows)
      f.for(i, 0, size, 1, () => {
        const place = f.let(after(b, i))
        const left = f64.sub(f64.load(place), wasm.callValue(dot, 'f64', [row, b, i]))
        f.store('f64', place, f64.div(left, f64.load(after(row, i))))
        f.increase(row, bytes(stride))
      })
    },
    open,
  )

  m.function(
    'backward',
    triangular,
    [],
    (f, { rows, stride, size, b }) => {
      const i = f.let(i32.sub(size, 1))
      const row = f.let(after(rows, i32.mul(i, stride)))
      f.while(i32.geS(i, 0), () => {
        const place = f.let(after(b, i))
        const v = f.let(f64.div(f64.load(place), f64.load(after(row, i))))
        f.store('f64', place, v)
        f.call(axpy, [f64.neg(v), row, b, i])
        f.set(row, i32.sub(row, bytes(stride)))
        f.increase(i, -1)
      })
    },
    open,
  )

  return m.encode()
}

type Raw = Readonly<Record<keyof Kernels, (...args: number[]) => number>>

let compiled: WebAssembly.Module | undefined

/** In WebAssembly, on arrays in the given memory. */
export const vectorKernels = (memory: WebAssembly.Memory, type: wasm.MemoryImport): Kernels => {
  compiled ??= new WebAssembly.Module(build(type))
  const { dot, axpy, combine, dots, products, sweep, forward, backward } = new WebAssembly.Instance(
    compiled,
    {
      env: { memory },
    },
  ).exports as unknown as Raw
  return {
    dot: (x, at, y, from, n) => dot(x.byteOffset + 8 * at, y.byteOffset + 8 * from, n),
    axpy: (k, x, at, y, to, n) => {
      axpy(k, x.byteOffset + 8 * at, y.byteOffset + 8 * to, n)
    },
    combine: (factors, x, offsets, count, y, n) => {
      combine(factors.byteOffset, x.byteOffset, offsets.byteOffset, count, y.byteOffset, n)
    },
    dots: (x, n, columns, count, r, from, scale, out, to) => {
      dots(
        x.byteOffset,
        n,
        columns.byteOffset,
        count,
        r.byteOffset + 8 * from,
        scale,
        out.byteOffset + 8 * to,
      )
    },
    products: (x, n, columns, from, count, values, stride) => {
      for (let i = from; i < count; i++) values.fill(0, i * stride, i * stride + i + 2)
      products(x.byteOffset, n, columns.byteOffset, from, count, values.byteOffset, stride)
    },
    sweep: (list, count, size, w, c, a, b, G, stride, positive, factors, offsets) =>
      sweep(
        list.byteOffset,
        count,
        size,
        w.byteOffset,
        c.byteOffset,
        a.byteOffset,
        b.byteOffset,
        G.byteOffset,
        stride,
        positive ? 1 : 0,
        factors.byteOffset,
        offsets.byteOffset,
      ),
    forward: (rows, stride, size, b, at) => {
      forward(rows.byteOffset, stride, size, b.byteOffset + 8 * at)
    },
    backward: (rows, stride, size, b, at) => {
      backward(rows.byteOffset, stride, size, b.byteOffset + 8 * at)
    },
  }
}

import type { DType } from '../../../types/index.js'
import type { Library } from '../../library.js'
import {
  callValue,
  type FunctionBuilder,
  type FunctionRef,
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i8x16,
  i32,
  i32x4,
  type Local,
  v128,
} from '../../wasm/index.js'
import { constants, entry, inLanes, type Kernel } from '../kernel.js'
import { checkIndices, layoutOf } from './indices.js'

// Sums of updates that meet in one entry. The interpreter adds in double, in the order of the indices, and rounds
// once; all functions here do the same, so they agree bit for bit. For float64 and integers the sums can be made in
// place. For float32 there are two ways: short rows are added in a double copy of one [n, post] block; long ones are
// collected by entry first, so that each entry is summed once and an entry without updates costs only its zero.

const params = {
  to: 'i32',
  u: 'i32',
  idx: 'i32',
  batch: 'i32',
  pre: 'i32',
  n: 'i32',
  count: 'i32',
  scratch: 'i32',
} as const
type Params = { readonly [K in keyof typeof params]: Local<'i32'> }

/** A function with these parameters whose body runs once the indices are known to be good. */
const checked = (lib: Library, name: string, body: (f: FunctionBuilder, p: Params) => void): FunctionRef =>
  lib.get(name, (m) =>
    m.function(name, params, ['i32'], (f, p) => {
      const wrong = f.let(callValue(checkIndices(lib), 'i32', [p.idx, i32.mul(p.batch, p.count), p.n]))
      f.if(wrong, () => f.return(wrong))
      body(f, p)
      f.result(i32.const(0))
    }),
  )

/** Runs over the blocks [n, post] of the result, with `each` at its updates [count, post]. */
const eachBlock = (
  f: FunctionBuilder,
  { to, idx, batch, pre, n, count }: Params,
  rowBytes: number,
  blocks: { readonly first?: () => void; readonly each: () => void },
): void => {
  const [b, p] = [f.local('i32'), f.local('i32')]
  f.for(b, 0, batch, 1, () => {
    blocks.first?.()
    f.for(p, 0, pre, 1, () => {
      blocks.each()
      f.increase(to, i32.mul(n, rowBytes))
    })
    f.set(idx, entry(idx, count, 2))
  })
}

type Summed = Exclude<DType, 'float32'>
const LOG: Readonly<Record<Summed, number>> = { bool: 0, int32: 2, float64: 3 }

/** Sums in place: float64, int32 and bool (as bytes). */
const scatterInPlace = (lib: Library, dtype: Summed, post: number): FunctionRef =>
  checked(lib, `scatter_${dtype}_${post}`, (f, p) => {
    const log = LOG[dtype]
    const row = post << log
    f.fillMemory(p.to, 0, i32.mul(i32.mul(i32.mul(p.batch, p.pre), p.n), row))
    const i = f.local('i32')
    eachBlock(f, p, row, {
      each: () =>
        f.for(i, 0, p.count, 1, () => {
          const to = f.let(i32.add(p.to, i32.mul(i32.load(entry(p.idx, i, 2)), row)))
          const scalar = (q: I32): void => {
            const [y, x] = [f.let(entry(to, q, log)), entry(p.u, q, log)]
            if (dtype === 'float64') f.store('f64', y, f64.add(f64.load(y), f64.load(x)))
            else if (dtype === 'int32') f.store('i32', y, i32.add(i32.load(y), i32.load(x)))
            else f.store('i8', y, i32.add(i32.load8U(y), i32.load8U(x)))
          }
          if (dtype === 'bool') {
            const q = f.local('i32')
            f.for(q, 0, post, 1, () => scalar(q))
          } else {
            const add = dtype === 'float64' ? f64x2.add : i32x4.add
            const vector = (q: I32): void => {
              const y = f.let(entry(to, q, log))
              f.storeVector(y, add(v128.load(y), v128.load(entry(p.u, q, log))))
            }
            inLanes(f, post, dtype === 'float64' ? 2 : 4, vector, scalar)
          }
          f.increase(p.u, row)
        }),
    })
  })

/** Rounds `size` doubles to float32. */
const roundRow = (
  f: FunctionBuilder,
  to: Local<'i32'>,
  from: Local<'i32'>,
  size: Local<'i32'> | number,
): void =>
  inLanes(
    f,
    size,
    4,
    (q) => {
      const x = f.let(entry(from, q, 3))
      const half = (offset: number) => f32x4.demoteF64x2Zero(v128.load(x, offset))
      f.storeVector(
        entry(to, q, 2),
        i8x16.shuffle(half(0), half(16), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]),
      )
    },
    (q) => f.store('f32', entry(to, q, 2), f32.demoteF64(f64.load(entry(from, q, 3)))),
  )

/** float32 with short rows: sums in a double copy of a block. */
const scatterShort = (lib: Library, post: number): FunctionRef =>
  checked(lib, `scatter_float32_${post}`, (f, p) => {
    const i = f.local('i32')
    const size = f.let(i32.mul(p.n, post))
    eachBlock(f, p, 4 * post, {
      each: () => {
        f.fillMemory(p.scratch, 0, i32.shl(size, 3))
        f.for(i, 0, p.count, 1, () => {
          const to = f.let(i32.add(p.scratch, i32.mul(i32.load(entry(p.idx, i, 2)), 8 * post)))
          for (let q = 0; q < post; q++)
            f.store('f64', to, f64.add(f64.load(to, 8 * q), f64.promoteF32(f32.load(p.u, 4 * q))), 8 * q)
          f.increase(p.u, 4 * post)
        })
        roundRow(f, p.to, p.scratch, size)
      },
    })
  })

/** float32 with long rows. Scratch: the sum of one row, then for each entry the list of its updates. */
const scatterLong = (lib: Library, post: number): FunctionRef =>
  checked(lib, `scatter_float32_${post}`, (f, p) => {
    const row = 4 * post
    const head = f.let(i32.add(p.scratch, 8 * post))
    const next = f.let(entry(head, p.n, 2))
    const [i, r] = [f.local('i32'), f.local('i32')]
    f.fillMemory(p.to, 0, i32.mul(i32.mul(i32.mul(p.batch, p.pre), p.n), row))

    // Lists count from 1, and 0 ends them; built from the last update on, so that they run in order.
    const collect = (): void => {
      f.fillMemory(head, 0, i32.shl(p.n, 2))
      f.set(i, p.count)
      f.while(i32.gtS(i, 0), () => {
        const first = f.let(entry(head, i32.load(i32.sub(entry(p.idx, i, 2), 4)), 2))
        f.store('i32', i32.sub(entry(next, i, 2), 4), i32.load(first))
        f.store('i32', first, i)
        f.increase(i, -1)
      })
    }
    const follow = (): void => f.set(i, i32.load(i32.sub(entry(next, i, 2), 4)))

    eachBlock(f, p, row, {
      first: collect,
      each: () => {
        const [to, from] = [f.local('i32'), f.local('i32')]
        const update = (): void => f.set(from, i32.add(p.u, i32.mul(i32.sub(i, 1), row)))
        const addTo = (start: boolean): void =>
          inLanes(
            f,
            post,
            4,
            (q) => {
              const s = f.let(entry(p.scratch, q, 3))
              const x = f.let(v128.load(entry(from, q, 2)))
              const high = i8x16.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])
              const old = (offset: number) => (start ? f64x2.const(0) : v128.load(s, offset))
              f.storeVector(s, f64x2.add(old(0), f64x2.promoteLowF32x4(x)))
              f.storeVector(s, f64x2.add(old(16), f64x2.promoteLowF32x4(high)), 16)
            },
            (q) => {
              const s = f.let(entry(p.scratch, q, 3))
              const old = start ? f64.const(0) : f64.load(s)
              f.store('f64', s, f64.add(old, f64.promoteF32(f32.load(entry(from, q, 2)))))
            },
          )
        f.for(r, 0, p.n, 1, () => {
          f.set(i, i32.load(entry(head, r, 2)))
          f.if(i, () => {
            f.set(to, i32.add(p.to, i32.mul(r, row)))
            update()
            follow()
            f.if(
              i,
              () => {
                addTo(true)
                f.while(i, () => {
                  update()
                  addTo(false)
                  follow()
                })
                roundRow(f, to, p.scratch, post)
              },
              // A single update is the sum, but for -0, which becomes 0.
              () =>
                inLanes(
                  f,
                  post,
                  4,
                  (q) =>
                    f.storeVector(entry(to, q, 2), f32x4.add(f32x4.const(0), v128.load(entry(from, q, 2)))),
                  (q) => f.store('f32', entry(to, q, 2), f32.add(0, f32.load(entry(from, q, 2)))),
                ),
            )
          })
        })
        f.increase(p.u, i32.mul(p.count, row))
      },
    })
  })

/** Rows below this length are summed in a double copy of the block. */
const SHORT = 4

const scatterRows = (lib: Library, dtype: DType, post: number): FunctionRef => {
  if (dtype !== 'float32') return scatterInPlace(lib, dtype, post)
  return post < SHORT ? scatterShort(lib, post) : scatterLong(lib, post)
}

/** Sums of updates at the indices, along one axis. */
export const scatterKernel: Kernel = {
  scratch: (node) => {
    const out = node.outputs[0]!
    const { n, post, count } = layoutOf(node, out.shape)
    if (out.dtype !== 'float32') return 0
    return post < SHORT ? 8 * n * post : 8 * post + 4 * n + 4 * count
  },
  emit: (f, lib, node, at) => {
    const out = node.outputs[0]!
    const { batch, pre, n, post, count } = layoutOf(node, out.shape)
    const [u, idx] = at.inputs
    return f.let(
      callValue(scatterRows(lib, out.dtype, post), 'i32', [
        at.outputs[0]!,
        u!,
        idx!,
        ...constants(batch, pre, n, count),
        at.scratch,
      ]),
    )
  },
}

import type { Library } from '../../library.js'
import { type FunctionBuilder, type FunctionRef, type Local, type V128, v128 } from '../../wasm/index.js'
import type { Element } from './element.js'

/** Vectors of B that stay in registers while rows of A pass. */
const HELD = 8

/** Static facts of a product whose B fits into registers; strides in elements. */
export interface SlimShape {
  readonly n: number
  readonly k: number
  readonly rowA: number
  readonly columnA: number
  readonly rowB: number
  readonly columnB: number
  readonly rowC: number
  /** From one product of the batch to the next. */
  readonly itemA: number
  readonly itemB: number
  readonly accumulate: boolean
}

/** Columns of B, for k steps, that fit into registers; 0 where there are none, or nothing to sum. */
export const slimColumns = (e: Element, k: number): number =>
  k > 0 && k <= HELD ? Math.floor(HELD / k) * e.lanes : 0

/** Stores the first `count` lanes. */
const storeFirst = (
  f: FunctionBuilder,
  e: Element,
  to: Local<'i32'>,
  x: V128,
  count: number,
  offset: number,
): void => {
  if (count >= e.lanes) f.storeVector(to, x, offset)
  else if (e.bytes === 8) f.storeLane(64, to, x, 0, offset)
  else {
    if (count >= 2) f.storeLane(64, to, x, 0, offset)
    if (count !== 2) f.storeLane(32, to, x, count - 1, offset + 4 * (count - 1))
  }
}

/**
 * C[i, m, n] (+)= A[i, m, k]·B[i, k, n] for i < items (items of C one behind the other), where B is so small that it stays in registers: all sizes but the
 * number of rows and of items, and all strides, are constants of the code. Arguments: a, b, c, m (rows of each item), items.
 * Sums run in the order of k. Up to 15 bytes behind B's and C's entries are read.
 */
export const slim = (lib: Library, e: Element, shape: SlimShape): FunctionRef => {
  const { n, k, rowA, columnA, rowB, columnB, rowC, itemA, itemB, accumulate } = shape
  const key = [n, k, rowA, columnA, rowB, columnB, rowC, itemA, itemB, Number(accumulate)].join('_')
  return lib.get(`gemm.slim.${e.name}.${key}`, (module, name) =>
    module.function(
      name,
      { a: 'i32', b: 'i32', c: 'i32', m: 'i32', items: 'i32' },
      [],
      (f, { a, b, c, m, items }) => {
        const s = e.bytes
        const vectors = Math.ceil(n / e.lanes)
        const vector = (p: number, j: number): V128 => {
          const offset = p * rowB + j * e.lanes * columnB
          if (columnB === 1) return v128.load(b, offset * s)
          if (columnB === 0) return e.splat(b, offset * s)
          let x: V128 = e.splat(b, offset * s)
          for (let lane = 1; lane < Math.min(e.lanes, n - j * e.lanes); lane++)
            x = e.loadLane(x, lane, b, (offset + lane * columnB) * s)
          return x
        }
        const held = Array.from({ length: k }, () => Array.from({ length: vectors }, () => f.local('v128')))
        const sums = Array.from({ length: vectors }, () => f.local('v128'))
        const [x, i, r, from] = [f.local('v128'), f.local('i32'), f.local('i32'), f.local('i32')]
        f.for(i, 0, items, 1, () => {
          for (const [p, list] of held.entries()) for (const [j, v] of list.entries()) f.set(v, vector(p, j))
          f.set(from, a)
          f.for(r, 0, m, 1, () => {
            for (let p = 0; p < k; p++) {
              f.set(x, e.splat(from, p * columnA * s))
              for (const [j, sum] of sums.entries()) {
                if (p === 0) f.set(sum, v128.xor(sum, sum))
                f.set(sum, e.madd(lib, x, held[p]![j]!, sum))
              }
            }
            for (const [j, sum] of sums.entries()) {
              if (accumulate) f.set(sum, e.addVectors(v128.load(c, 16 * j), sum))
              storeFirst(f, e, c, sum, n - j * e.lanes, 16 * j)
            }
            f.increase(from, rowA * s)
            f.increase(c, rowC * s)
          })
          f.increase(a, itemA * s)
          f.increase(b, itemB * s)
        })
      },
    ),
  )
}

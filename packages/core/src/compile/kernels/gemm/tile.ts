import type { Library } from '../../library.js'
import { type FunctionRef, i32, v128 } from '../../wasm/index.js'
import type { Element } from './element.js'

/**
 * k steps written out in the inner loop, so that pointers move once for all of them. Each step may leave the loop: without
 * these exits V8's scheduler (Node 20) moves the loads of all steps to the front and spills.
 */
const UNROLL = 4

/**
 * The innermost kernel: a tile of C of `mr` rows and `nv` vectors lives in registers while k runs,
 * C[r, :] (+)= Σₚ A[r, p]·B[p, :]. A's rows are `rowA` bytes apart and contiguous in k; B's rows are `rowB` bytes apart and
 * contiguous in n (a packed panel or a matrix in place). Every entry is summed in the order of k, whatever the tile, so
 * the way rows and columns are cut into tiles does not show in the result.
 */
export const tile = (lib: Library, e: Element, mr: number, nv: number): FunctionRef =>
  lib.get(`gemm.tile.${e.name}.${mr}x${nv}`, (m, name) =>
    m.function(
      name,
      { a: 'i32', rowA: 'i32', b: 'i32', rowB: 'i32', c: 'i32', rowC: 'i32', k: 'i32', accumulate: 'i32' },
      [],
      (f, { a, rowA, b, rowB, c, rowC, k, accumulate }) => {
        const rows = [a, ...Array.from({ length: mr - 1 }, () => f.local('i32'))]
        for (let r = 1; r < mr; r++) f.set(rows[r]!, i32.add(rows[r - 1]!, rowA))
        const sums = rows.map(() => Array.from({ length: nv }, () => f.local('v128')))
        const row = Array.from({ length: nv }, () => f.local('v128'))
        const x = f.local('v128')
        const end = f.let(i32.add(b, i32.mul(k, rowB)))
        f.block((leave) => {
          leave(i32.eqz(k))
          f.loop((again) => {
            for (let p = 0; p < UNROLL; p++) {
              for (const [j, v] of row.entries()) f.set(v, v128.load(b, 16 * j))
              f.increase(b, rowB)
              for (const [r, at] of rows.entries()) {
                f.set(x, e.splat(at, p * e.bytes))
                for (const [j, sum] of sums[r]!.entries()) f.set(sum, e.madd(lib, x, row[j]!, sum))
              }
              if (p < UNROLL - 1) leave(i32.eq(b, end))
            }
            for (const at of rows) f.increase(at, UNROLL * e.bytes)
            again(i32.ne(b, end))
          })
        })

        const to = [c, ...Array.from({ length: mr - 1 }, () => f.local('i32'))]
        for (let r = 1; r < mr; r++) f.set(to[r]!, i32.add(to[r - 1]!, rowC))
        const entries = sums.flatMap((list, r) => list.map((sum, j) => ({ sum, at: to[r]!, offset: 16 * j })))
        f.if(accumulate, () => {
          for (const { sum, at, offset } of entries) f.set(sum, e.addVectors(v128.load(at, offset), sum))
        })
        for (const { sum, at, offset } of entries) f.storeVector(at, sum, offset)
      },
    ),
  )

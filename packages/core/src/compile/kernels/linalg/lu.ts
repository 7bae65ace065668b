import type { Library } from '../../library.js'
import { callValue, choose, type FunctionRef, f64, type I32, i32 } from '../../wasm/index.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { eachMatrix, sizesOf } from './matrices.js'
import { product } from './product.js'
import { fill, maxAbsFinite, rowOf, swap } from './rows.js'

const BLOCK = 16

/** (a, n, s): the row of the first entry of largest magnitude in column s from row s on, or -1 if all are 0. */
const pivotOf = (lib: Library): FunctionRef =>
  lib.get('lu_pivot', (m, name) =>
    m.function(name, { a: 'i32', n: 'i32', s: 'i32' }, ['i32'], (f, { a, n, s }) => {
      const [i, best, max, next] = [f.local('i32'), f.let(i32.const(-1)), f.local('f64'), f.local('f64')]
      const at = f.let(entry(rowOf(a, s, n), s, 3))
      f.for(i, s, n, 1, () => {
        f.set(next, f64.abs(f64.load(at)))
        f.if(f64.gt(next, max), () => {
          f.set(max, next)
          f.set(best, i)
        })
        f.increase(at, i32.shl(n, 3))
      })
      f.result(best)
    }),
  )

/**
 * (a, n, pivots, permutation): overwrites A by L and U, with row pivoting. Columns are eliminated in blocks; the rest
 * of the matrix is updated once for each block, in the order of its columns.
 */
const factor = (lib: Library): FunctionRef =>
  lib.get('lu', (m, name) =>
    m.function(
      name,
      { a: 'i32', n: 'i32', pivots: 'i32', permutation: 'i32' },
      [],
      (f, { a, n, pivots, permutation }) => {
        const [s, c, i, end, pivot] = [
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
        ]
        f.for(i, 0, n, 1, () => {
          f.store('i32', entry(pivots, i, 2), i)
          f.store('i32', entry(permutation, i, 2), i)
        })
        const max = f.let(callValue(maxAbsFinite(lib), 'f64', [a, i32.mul(n, n)]))
        f.if(f64.ne(max, max), () => {
          f.call(fill(lib), [a, i32.mul(n, n), f64.const(Number.NaN)])
          f.return()
        })

        const row = f.let(i32.shl(n, 3))
        const step = i32.const(8)
        const place = (r: I32, col: I32): I32 => entry(rowOf(a, r, n), col, 3)
        /** Rows from r on lose the products of the columns `from` to `to` of L, in the columns from col on. */
        const update = (r: I32, rows: I32, from: I32, to: I32, col: I32, cols: I32): void =>
          f.call(product(lib, 'subtract'), [
            ...[place(r, col), row, place(r, from), row, step, place(from, col), row],
            ...[rows, i32.sub(to, from), cols],
          ])

        f.for(s, 0, n, BLOCK, () => {
          const left = i32.sub(n, s)
          f.set(end, i32.add(s, choose(i32.ltS(left, BLOCK), left, i32.const(BLOCK))))
          f.for(c, s, end, 1, () => {
            f.set(pivot, callValue(pivotOf(lib), 'i32', [a, n, c]))
            f.if(i32.geS(pivot, 0), () => {
              f.store('i32', entry(pivots, c, 2), pivot)
              f.call(swap(lib), [rowOf(a, c, n), rowOf(a, pivot, n), n])
              const [mine, other] = [f.let(entry(permutation, c, 2)), f.let(entry(permutation, pivot, 2))]
              const t = f.let(i32.load(mine))
              f.store('i32', mine, i32.load(other))
              f.store('i32', other, t)

              const d = f.let(f64.load(place(c, c)))
              const at = f.let(i32.add(place(c, c), row))
              f.for(i, i32.add(c, 1), n, 1, () => {
                f.store('f64', at, f64.div(f64.load(at), d))
                f.increase(at, row)
              })
              const next = i32.add(c, 1)
              update(next, i32.sub(n, next), c, next, next, i32.sub(end, next))
            })
          })
          const rest = i32.sub(n, end)
          f.for(i, i32.add(s, 1), end, 1, () => update(i, i32.const(1), s, i, end, rest))
          update(end, rest, s, end, end, rest)
        })
      },
    ),
  )

/** P A = L U: the interpreter's bits, but for the signs of zeros, unless entries overflow. */
export const luKernel: Kernel = eachMatrix({
  scratch: () => 0,
  emit: (f, lib, { inputs }, at) => {
    const [n] = sizesOf(inputs[0]!)
    const [a, pivots, permutation] = at.outputs
    if (n === 0) return
    f.copyMemory(a!, at.inputs[0]!, 8 * n * n)
    f.call(factor(lib), [a!, ...constants(n), pivots!, permutation!])
  },
})

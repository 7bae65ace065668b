import type { Library } from '../../library.js'
import { callValue, choose, type FunctionRef, f64, i32 } from '../../wasm/index.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { eachMatrix, sizesOf } from './matrices.js'
import { product } from './product.js'
import { fill, rescale, rowOf, symmetrize, transpose } from './rows.js'

const BLOCK = 16
/** Rows of the rest that are updated together; the part of them left of the diagonal is written in vain. */
const STRIP = 8

/**
 * (u, n): overwrites the upper triangle of a symmetric matrix by U = Lᵀ with Uᵀ U = A. Returns 0 if it is not positive
 * definite. Row p of U is final once the products of the rows before it are subtracted; they are subtracted from
 * every entry in their order.
 */
export const factorUpper = (lib: Library): FunctionRef =>
  lib.get('cholesky', (m, name) =>
    m.function(name, { u: 'i32', n: 'i32' }, ['i32'], (f, { u, n }) => {
      const [s, i, end, rows] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
      const row = f.let(i32.shl(n, 3))
      const diagonal = (k: typeof i) => f.let(entry(rowOf(u, k, n), k, 3))
      const min = (a: ReturnType<typeof i32.add>, b: number) => choose(i32.ltS(a, b), a, i32.const(b))
      const step = i32.const(8)
      f.for(s, 0, n, BLOCK, () => {
        f.set(end, i32.add(s, min(i32.sub(n, s), BLOCK)))
        const top = f.let(rowOf(u, s, n))
        f.for(i, s, end, 1, () => {
          const at = diagonal(i)
          const column = f.let(entry(top, i, 3))
          const [ranks, cols] = [i32.sub(i, s), i32.sub(n, i)]
          f.call(product(lib, 'subtract'), [
            ...[at, row, column, step, row, column, row],
            ...[i32.const(1), ranks, cols],
          ])
          const pivot = f.let(f64.load(at))
          // Written so that NaN fails as well.
          f.if(i32.eqz(i32.and(f64.gt(pivot, 0), f64.lt(pivot, Number.POSITIVE_INFINITY))), () =>
            f.return(i32.const(0)),
          )
          const root = f.let(f64.sqrt(pivot))
          f.store('f64', at, root)
          f.call(rescale(lib, 'div'), [i32.add(at, 8), i32.sub(cols, 1), root])
        })
        f.for(i, end, n, STRIP, () => {
          f.set(rows, min(i32.sub(n, i), STRIP))
          const column = f.let(entry(top, i, 3))
          f.call(product(lib, 'subtract'), [
            ...[diagonal(i), row, column, step, row, column, row],
            ...[rows, i32.sub(end, s), i32.sub(n, i)],
          ])
        })
      })
      f.result(i32.const(1))
    }),
  )

/** (l, a, n, work) */
const cholesky = (lib: Library): FunctionRef =>
  lib.get('cholesky_lower', (m, name) =>
    m.function(name, { l: 'i32', a: 'i32', n: 'i32', work: 'i32' }, [], (f, { l, a, n, work }) => {
      f.call(symmetrize(lib), [work, a, n])
      const i = f.local('i32')
      f.if(
        callValue(factorUpper(lib), 'i32', [work, n]),
        () => {
          f.call(transpose(lib), [l, work, n, n])
          f.for(i, 0, n, 1, () => {
            const rest = i32.shl(i32.sub(i32.sub(n, i), 1), 3)
            f.fillMemory(i32.add(entry(rowOf(l, i, n), i, 3), 8), 0, rest)
          })
        },
        () => f.call(fill(lib), [l, i32.mul(n, n), f64.const(Number.NaN)]),
      )
    }),
  )

/** L with L Lᵀ = (A + Aᵀ)/2, NaN if that is not positive definite: the interpreter's bits. */
export const choleskyKernel: Kernel = eachMatrix({
  scratch: ({ inputs }) => 8 * sizesOf(inputs[0]!)[0] ** 2,
  emit: (f, lib, { inputs }, at) => {
    const [n] = sizesOf(inputs[0]!)
    f.call(cholesky(lib), [at.outputs[0]!, at.inputs[0]!, ...constants(n), at.scratch])
  },
})

import type { TriangularSolveParams } from '../../../primitives/linalg/triangularSolve.js'
import type { Library } from '../../library.js'
import { choose, type FunctionRef, f64, i32 } from '../../wasm/index.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { eachMatrix, sizesOf } from './matrices.js'
import { product } from './product.js'
import { rescale } from './rows.js'

const BLOCK = 16

/**
 * (x, xRow, a, aRow, aStep, n, k, unit): solves op(A) X = B from the first row on, B [n, k] being overwritten. `aRow`
 * and `aStep` are the bytes between rows and columns of op(A): transposed systems swap them, and systems that are
 * solved from the end begin there with negative steps.
 *
 * A row loses the products with the rows before it in their order: first those of the blocks before, many rows at a
 * time, then those of its own block.
 */
export const substitute = (lib: Library): FunctionRef =>
  lib.get('substitute', (m, name) =>
    m.function(
      name,
      {
        x: 'i32',
        xRow: 'i32',
        a: 'i32',
        aRow: 'i32',
        aStep: 'i32',
        n: 'i32',
        k: 'i32',
        unit: 'i32',
      },
      [],
      (f, { x, xRow, a, aRow, aStep, n, k, unit }) => {
        const [s, i, rows] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const [xs, as, xi, ai] = [f.let(x), f.let(a), f.local('i32'), f.local('i32')]
        f.for(s, 0, n, BLOCK, () => {
          const left = i32.sub(n, s)
          f.set(rows, choose(i32.ltS(left, BLOCK), left, i32.const(BLOCK)))
          f.call(product(lib, 'subtract'), [xs, xRow, as, aRow, aStep, x, xRow, rows, s, k])
          f.set(xi, xs)
          f.set(ai, i32.add(as, i32.mul(s, aStep)))
          f.for(i, 0, rows, 1, () => {
            f.call(product(lib, 'subtract'), [
              ...[xi, xRow, ai, aRow, aStep, xs, xRow],
              ...[i32.const(1), i, k],
            ])
            f.if(i32.eqz(unit), () =>
              f.call(rescale(lib, 'div'), [xi, k, f64.load(i32.add(ai, i32.mul(i, aStep)))]),
            )
            f.increase(xi, xRow)
            f.increase(ai, aRow)
          })
          f.set(xs, xi)
          f.increase(as, i32.mul(aRow, rows))
        })
      },
    ),
  )

/** X with op(A) X = B for triangular A: the interpreter's bits. */
export const triangularSolveKernel: Kernel = eachMatrix({
  scratch: () => 0,
  emit: (f, lib, node, at) => {
    const [n, k] = sizesOf(node.inputs[1]!)
    const { lower, transpose, unitDiagonal } = node.params as unknown as TriangularSolveParams
    const [a, b] = at.inputs
    const x = at.outputs[0]!
    if (n * k === 0) return
    f.copyMemory(x, b!, 8 * n * k)
    const forward = lower !== transpose
    const sign = forward ? 1 : -1
    const [row, step] = transpose ? [8, 8 * n] : [8 * n, 8]
    f.call(substitute(lib), [
      forward ? x : entry(x, (n - 1) * k, 3),
      ...constants(sign * 8 * k),
      forward ? a! : entry(a!, n * n - 1, 3),
      ...constants(sign * row, sign * step, n, k, Number(unitDiagonal)),
    ])
  },
})

import { sizeOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { type FunctionRef, i32, i32x4, v128 } from '../../wasm/index.js'
import { entry, type KernelNode } from '../kernel.js'

// The layout of gather and scatterAdd, as the interpreter has it: operand [batch, pre, n, post], indices
// [batch, count], result or updates [batch, pre, count, post].

export interface Layout {
  readonly batch: number
  readonly pre: number
  readonly n: number
  readonly post: number
  readonly count: number
}

/** The layout of a node from the shape of the operand (or of the sums of a scatter). */
export const layoutOf = ({ inputs, params }: KernelNode, operand: readonly number[]): Layout => {
  const { axis, batchDims } = params as { readonly axis: number; readonly batchDims: number }
  return {
    batch: sizeOf(operand.slice(0, batchDims)),
    pre: sizeOf(operand.slice(batchDims, axis)),
    n: operand[axis]!,
    post: sizeOf(operand.slice(axis + 1)),
    count: sizeOf(inputs[1]!.shape.slice(batchDims)),
  }
}

/** (idx, count, n): 0, or 1 + the position of the first of `count` int32 indices outside [0, n). */
export const checkIndices = (lib: Library): FunctionRef =>
  lib.get('checkIndices', (m, name) =>
    m.function(name, { idx: 'i32', count: 'i32', n: 'i32' }, ['i32'], (f, { idx, count, n }) => {
      const i = f.local('i32')
      const limit = f.let(i32x4.splat(n))
      f.for(i, 0, i32.and(count, -4), 4, (leave) =>
        // A negative index is a large unsigned one.
        leave(i32.eqz(i32x4.allTrue(i32x4.ltU(v128.load(entry(idx, i, 2)), limit)))),
      )
      f.for(i, i, count, 1, () => f.if(i32.geU(i32.load(entry(idx, i, 2)), n), () => f.return(i32.add(i, 1))))
      f.result(i32.const(0))
    }),
  )

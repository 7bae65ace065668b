import { BYTES } from '../../../dtype.js'
import type { Library } from '../../library.js'
import { callValue, type FunctionRef, i32 } from '../../wasm/index.js'
import { copyRow } from '../copy.js'
import { constants, entry, type Kernel, noScratch } from '../kernel.js'
import { checkIndices, layoutOf } from './indices.js'

/**
 * (to, x, idx, batch, pre, n, count): copies rows of `row` bytes, y[b, p, i] = x[b, p, idx[b, i]]. Returns 0, or
 * 1 + the position of the first index that is out of range, before anything is copied.
 */
export const gatherRows = (lib: Library, row: number): FunctionRef =>
  lib.get(`gather${row}`, (m, name) =>
    m.function(
      name,
      { to: 'i32', x: 'i32', idx: 'i32', batch: 'i32', pre: 'i32', n: 'i32', count: 'i32' },
      ['i32'],
      (f, { to, x, idx, batch, pre, n, count }) => {
        const wrong = f.let(callValue(checkIndices(lib), 'i32', [idx, i32.mul(batch, count), n]))
        f.if(wrong, () => f.return(wrong))
        const [b, p, i] = [f.local('i32'), f.local('i32'), f.local('i32')]
        f.for(b, 0, batch, 1, () => {
          f.for(p, 0, pre, 1, () => {
            f.for(i, 0, count, 1, () => {
              const from = f.let(i32.add(x, i32.mul(i32.load(entry(idx, i, 2)), row)))
              copyRow(f, to, from, row)
              f.increase(to, row)
            })
            f.increase(x, i32.mul(n, row))
          })
          f.set(idx, entry(idx, count, 2))
        })
        f.result(i32.const(0))
      },
    ),
  )

/** Entries of the operand at the indices, along one axis. */
export const gatherKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, node, at) => {
    const x = node.inputs[0]!
    const { batch, pre, n, post, count } = layoutOf(node, x.shape)
    const [a, idx] = at.inputs
    return f.let(
      callValue(gatherRows(lib, post * BYTES[x.dtype]), 'i32', [
        at.outputs[0]!,
        a!,
        idx!,
        ...constants(batch, pre, n, count),
      ]),
    )
  },
}

import { BYTES } from '../../../dtype.js'
import type { Aval } from '../../../graph/ir.js'
import { sizeOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { type FunctionBuilder, type FunctionRef, type I32, i32, type Local } from '../../wasm/index.js'
import { about } from '../axis.js'
import { copyRow } from '../copy.js'
import { constants, type Kernel, noScratch } from '../kernel.js'

/** (to, from, rows, toStep, fromStep): copies rows of a static number of bytes that lie some bytes apart. */
const copyRows = (lib: Library, bytes: number): FunctionRef =>
  lib.get(`copyRows${bytes}`, (m, name) =>
    m.function(
      name,
      { to: 'i32', from: 'i32', rows: 'i32', toStep: 'i32', fromStep: 'i32' },
      [],
      (f, { to, from, rows, toStep, fromStep }) => {
        const r = f.local('i32')
        f.for(r, 0, rows, 1, () => {
          copyRow(f, to, from, bytes)
          f.increase(to, toStep)
          f.increase(from, fromStep)
        })
      },
    ),
  )

/** 0 if `size` entries from `start` lie on an axis of length n, otherwise 1. */
const outside = (f: FunctionBuilder, start: I32, n: number, size: number): Local<'i32'> =>
  // A negative start is a large unsigned number.
  f.let(size > n ? i32.const(1) : i32.gtU(start, n - size))

/** The part of a tensor along an axis that begins where the second operand says. */
export const dynamicSliceKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, { inputs, params }, at) => {
    const { shape, dtype } = inputs[0]!
    const { axis, size } = params as { readonly axis: number; readonly size: number }
    const { outer, n, inner } = about(shape, axis)
    const unit = inner * BYTES[dtype]
    const start = f.let(i32.load(at.inputs[1]!))
    const wrong = outside(f, start, n, size)
    const from = i32.add(at.inputs[0]!, i32.mul(start, unit))
    f.if(i32.eqz(wrong), () =>
      f.call(copyRows(lib, size * unit), [at.outputs[0]!, from, ...constants(outer, size * unit, n * unit)]),
    )
    return wrong
  },
}

const bytesOf = ({ shape, dtype }: Aval): number => sizeOf(shape) * BYTES[dtype]

/**
 * A tensor with a part replaced. If output and first operand are one place, only the part is written, so that a loop
 * can update a tensor without copying it.
 */
export const dynamicUpdateKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, { inputs, params }, at) => {
    const [x, u] = inputs
    const { axis } = params as { readonly axis: number }
    const { outer, n, inner } = about(x!.shape, axis)
    const size = u!.shape[axis]!
    const unit = inner * BYTES[x!.dtype]
    const start = f.let(i32.load(at.inputs[2]!))
    const wrong = outside(f, start, n, size)
    const to = at.outputs[0]!
    f.if(i32.eqz(wrong), () => {
      f.if(i32.ne(to, at.inputs[0]!), () =>
        f.call(copyRows(lib, bytesOf(x!)), [to, at.inputs[0]!, ...constants(1, 0, 0)]),
      )
      f.call(copyRows(lib, size * unit), [
        i32.add(to, i32.mul(start, unit)),
        at.inputs[1]!,
        ...constants(outer, n * unit, size * unit),
      ])
    })
    return wrong
  },
}

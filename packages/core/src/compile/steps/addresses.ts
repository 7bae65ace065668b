import { BYTES } from '../../dtype.js'
import type { Buffer } from '../buffer.js'
import type { Emission } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { type FunctionBuilder, type I32, i32, type Local } from '../wasm/index.js'

/** The address of the first element of a dense view. */
export const addressOfView = ({ f, addressOf }: Pick<Emission, 'f' | 'addressOf'>, v: View): Local<'i32'> =>
  f.let(i32.add(addressOf(f, v.buffer), v.offset * BYTES[v.buffer.dtype]))

/** Tells a procedure where one of its arguments or results is. */
export const bindCell = (unit: Unit, f: FunctionBuilder, buffer: Buffer, address: I32): void => {
  if (buffer.place.kind !== 'cell') throw new Error('compile: only cells are bound')
  f.store('i32', i32.const(unit.cellAddress(buffer.place.cell)), address)
}

export const byteSize = ({ dtype, size }: Buffer): number => size * BYTES[dtype]

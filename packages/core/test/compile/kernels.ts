import { KERNELS } from '../../src/compile/kernels/table.js'
import { i32 } from '../../src/compile/wasm/index.js'
import { allocate, BYTES } from '../../src/dtype.js'
import type { Params } from '../../src/graph/ir.js'
import { PRIMITIVES } from '../../src/primitives/registry.js'
import { sizeOf } from '../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../src/tensor.js'
import type { DType } from '../../src/types/index.js'
import { assemble } from './harness.js'

const GUARD = 0xa5

/** A tensor of numbers, of any dtype. */
export const make = (shape: readonly number[], dtype: DType, entries: (i: number) => number): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = entries(i)
  return fromData(data, shape, dtype)
}

/** Pseudo-random integers in [0, n), the same in every run. */
export const dice = (seed: number): ((n: number) => number) => {
  let state = seed >>> 0
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

/**
 * Runs a kernel on tensors at odd addresses: outputs and status. The memory around each output and behind the scratch
 * memory, all of which starts as rubbish, must not change.
 */
export const run = (
  name: string,
  inputs: readonly Tensor[],
  params: Params,
  options: { readonly relaxed?: boolean } = {},
): { readonly outputs: readonly Tensor[]; readonly status: number } => {
  const outputs = PRIMITIVES.get(name)!.shape(inputs, params)
  const node = { inputs, outputs, params }
  const kernel = KERNELS[name]!
  const scratchBytes = kernel.scratch(node)
  let top = 1024
  const place = (bytes: number, shift: number): number => {
    const at = top + shift
    top = (at + bytes + 64 + 63) & -64
    return at
  }
  const bytesOf = (t: { readonly shape: readonly number[]; readonly dtype: DType }): number =>
    sizeOf(t.shape) * BYTES[t.dtype]
  const at = {
    inputs: inputs.map((t) => place(bytesOf(t), BYTES[t.dtype])),
    outputs: outputs.map((t) => place(bytesOf(t), BYTES[t.dtype])),
    scratch: place(scratchBytes, 0),
  }
  const pages = Math.ceil(top / 65536) + 1
  const { call, u8 } = assemble(
    (lib) =>
      lib.module.function(
        'run',
        {},
        ['i32'],
        (f) => {
          const status = kernel.emit(f, lib, node, {
            inputs: at.inputs.map(i32.const),
            outputs: at.outputs.map(i32.const),
            scratch: i32.const(at.scratch),
          })
          f.result(status ?? i32.const(0))
        },
        { export: true },
      ),
    { pages, relaxed: options.relaxed ?? false },
  )
  u8.fill(GUARD)
  inputs.forEach((t, i) => {
    const data = dataOf(t)
    u8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at.inputs[i]!)
  })
  const before = u8.slice()
  const status = call.run!()
  const results = outputs.map((t, i) => {
    const data = allocate(t.dtype, sizeOf(t.shape))
    new Uint8Array(data.buffer).set(u8.subarray(at.outputs[i]!, at.outputs[i]! + data.byteLength))
    return fromData(data, t.shape, t.dtype)
  })
  for (const [from, size] of [
    ...outputs.map((t, i) => [at.outputs[i]!, bytesOf(t)] as const),
    [at.scratch, scratchBytes] as const,
  ])
    u8.set(before.subarray(from, from + size), from)
  const changed = u8.findIndex((b, i) => b !== before[i])
  if (changed >= 0)
    throw new Error(`${name} wrote to byte ${changed}, which is not its own: ${JSON.stringify(at)}`)
  return { outputs: results, status }
}

/** The interpreter's outputs. */
export const interpret = (name: string, inputs: readonly Tensor[], params: Params): readonly Tensor[] => {
  const row = PRIMITIVES.get(name)!
  return row.kernel(inputs, params, row.shape(inputs, params))
}

/** The entries; `toEqual` tells -0 from 0. */
export const entries = (t: Tensor): number[] => Array.from(dataOf(t))

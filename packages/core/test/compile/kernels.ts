import { expect } from 'vitest'
import { KERNELS } from '../../src/compile/kernels/table.js'
import { Library } from '../../src/compile/library.js'
import { i32, ModuleBuilder } from '../../src/compile/wasm/index.js'
import { allocate, BYTES } from '../../src/dtype.js'
import type { Aval, Params } from '../../src/graph/ir.js'
import { PRIMITIVES } from '../../src/primitives/registry.js'
import { sizeOf } from '../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../src/tensor.js'
import type { DType } from '../../src/types/index.js'

const RUBBISH = 0xa5

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

/** One memory for all modules: a new one for each would cost more than the kernels. */
const PAGES = { initial: 16, maximum: 4096, shared: false }
const memory = new WebAssembly.Memory({ initial: PAGES.initial, maximum: PAGES.maximum })

interface Placed {
  readonly at: Readonly<Record<'inputs' | 'outputs', readonly number[]>> & { readonly scratch: number }
  readonly outputs: readonly Aval[]
  readonly scratchBytes: number
  readonly top: number
  readonly call: () => number
}

const sizeInBytes = (t: Aval): number => sizeOf(t.shape) * BYTES[t.dtype]

const assemble = (name: string, inputs: readonly Aval[], params: Params, relaxed: boolean): Placed => {
  const outputs = PRIMITIVES.get(name)!.shape(inputs, params)
  const node = { inputs, outputs, params }
  const kernel = KERNELS[name]!
  let top = 1024
  const place = (bytes: number, shift: number): number => {
    const at = top + shift
    top = (at + bytes + 64 + 63) & -64
    return at
  }
  // Not aligned to vectors, so that nothing relies on it.
  const odd = (t: Aval): number => place(sizeInBytes(t), BYTES[t.dtype])
  const at = { inputs: inputs.map(odd), outputs: outputs.map(odd), scratch: place(kernel.scratch(node), 0) }
  const m = new ModuleBuilder(PAGES)
  const lib = new Library(m, { relaxed })
  m.function(
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
  )
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.encode()), { env: { memory } })
  return { at, outputs, scratchBytes: kernel.scratch(node), top, call: exports.run as () => number }
}

const known = new Map<string, Placed>()

/**
 * Runs a kernel: outputs and status. The memory around each output and behind the scratch memory, all of which starts
 * as rubbish, must not change.
 */
export const run = (
  name: string,
  inputs: readonly Tensor[],
  params: Params,
  { relaxed = false }: { readonly relaxed?: boolean } = {},
): { readonly outputs: readonly Tensor[]; readonly status: number } => {
  const avals = inputs.map(({ shape, dtype }) => ({ shape, dtype }))
  const key = JSON.stringify([name, avals, params, relaxed])
  const placed = known.get(key) ?? assemble(name, avals, params, relaxed)
  known.set(key, placed)
  const { at, outputs, scratchBytes, top } = placed

  const missing = Math.ceil(top / 65536) - memory.buffer.byteLength / 65536
  if (missing > 0) memory.grow(missing)
  const bytes = new Uint8Array(memory.buffer, 0, top).fill(RUBBISH)
  inputs.forEach((t, i) => {
    const data = dataOf(t)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at.inputs[i]!)
  })
  const before = bytes.slice()
  const status = placed.call()
  const results = outputs.map((t, i) => {
    const data = allocate(t.dtype, sizeOf(t.shape))
    new Uint8Array(data.buffer).set(bytes.subarray(at.outputs[i]!, at.outputs[i]! + data.byteLength))
    return fromData(data, t.shape, t.dtype)
  })
  const own: (readonly [from: number, size: number])[] = outputs.map((t, i) => [
    at.outputs[i]!,
    sizeInBytes(t),
  ])
  for (const [from, size] of [...own, [at.scratch, scratchBytes] as const])
    bytes.set(before.subarray(from, from + size), from)
  const changed = Buffer.compare(bytes, before) && bytes.findIndex((b, i) => b !== before[i])
  if (changed)
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

/** Values for a dtype: few different ones, many, or many with infinities, NaN and both zeros between them. */
export const values = (
  dtype: DType,
  roll: (n: number) => number,
  kind: 'few' | 'many' | 'special',
): (() => number) => {
  if (dtype === 'bool') return () => roll(2)
  if (kind === 'few') return () => roll(5) - 2
  if (dtype === 'int32') return () => roll(2 ** 32) - 2 ** 31
  const number = (): number => (roll(2 ** 32) / 2 ** 31 - 1) * 10 ** (roll(9) - 4)
  if (kind === 'many') return number
  const special = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e-42, -1e-310]
  return () => special[roll(28)] ?? number()
}

/** Expects a kernel to give the interpreter's outputs bit for bit, and to report an error where that throws. */
export const agree = (name: string, inputs: readonly Tensor[], params: Params): void => {
  const { outputs, status } = run(name, inputs, params)
  let expected: readonly Tensor[]
  try {
    expected = interpret(name, inputs, params)
  } catch {
    expect(status).toBe(1)
    return
  }
  expect(status).toBe(0)
  outputs.forEach((y, k) => {
    expect(entries(y)).toEqual(entries(expected[k]!))
  })
}

import { isFloat } from '@cotangent/core/internal'
import { compare, trunc } from '../arithmetic.js'
import { at, emptyFloats, fromTensor, ofIntegers } from '../tensor.js'
import { type Entry, type Kernel, moveWords, moving } from './kernel.js'

// Operations that move elements move both words of them.

const identity: Kernel = ({ inputs }) => inputs

/** Indices are decisions of whoever computed them; they are recorded where they take effect. */
const indexed =
  (operand: number): Kernel =>
  (call) => {
    for (const i of call.inputs[operand]!.hi) call.decide(i)
    return moving(call)
  }

const convert: Kernel = ({ row, inputs, params, outs, decide }) => {
  const [x, out] = [inputs[0]!, outs[0]!]
  if (!isFloat(x.dtype)) {
    if (!isFloat(out.dtype)) return moveWords(row, inputs, params, outs)
    const y = emptyFloats(out)
    y.hi.set(x.hi)
    return [y]
  }
  // Float to float is no rounding here: both are held to 106 bits.
  if (isFloat(out.dtype)) return [{ ...x, dtype: out.dtype }]
  const n = x.hi.length
  const bits = out.dtype === 'bool' ? new Uint8Array(n) : new Int32Array(n)
  for (let i = 0; i < n; i++) {
    const [hi, lo] = trunc(at(x, i))
    bits[i] =
      out.dtype === 'bool'
        ? Number(compare(at(x, i), [0, 0]) !== 0)
        : Number.isNaN(hi)
          ? 0
          : Math.min(Math.max(hi + lo, -2147483648), 2147483647)
    decide(bits[i]!)
  }
  return [ofIntegers(out, bits)]
}

export const structural = {
  constant: ({ params }) => [fromTensor(params.value as Parameters<typeof fromTensor>[0])],
  reshape: moving,
  permute: moving,
  broadcast: moving,
  slice: moving,
  pad: ({ row, inputs, params, outs }) => moveWords(row, inputs, params, outs, { ...params, value: 0 }),
  reverse: moving,
  concat: moving,
  select: (call) => {
    for (const bit of call.inputs[0]!.hi) call.decide(bit)
    return moving(call)
  },
  convert,
  stopGradient: identity,
  tag: identity,
  gather: indexed(1),
  dynamicSlice: indexed(1),
  dynamicUpdate: indexed(2),
  // Integers to integers: the float64 meaning.
  randomBits: moving,
  randomSplit: moving,
  foldIn: moving,
} as const satisfies Readonly<Record<string, Entry>>

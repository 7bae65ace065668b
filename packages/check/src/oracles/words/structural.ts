import { type Entry, type Kernel, moveWords, moving } from './kernel.js'
import { fromTensor } from './tensor.js'

// Operations that move elements move both words of them.

const identity: Kernel = ({ inputs }) => inputs

/** Indices are decisions of whoever computed them; they are recorded where they take effect. */
const indexed =
  (operand: number): Kernel =>
  (call) => {
    for (const i of call.inputs[operand]!.hi) call.decide(i)
    return moving(call)
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

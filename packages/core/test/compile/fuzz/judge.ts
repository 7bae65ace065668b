import { endlessError } from '../../../src/control/endless.js'
import { isFloat } from '../../../src/dtype.js'
import { CotangentError } from '../../../src/errors.js'
import type { GraphIR, Node, Params, Sym } from '../../../src/graph/ir.js'
import { opParams } from '../../../src/graph/nested.js'
import { dataOf, filled, fromData, type Tensor } from '../../../src/tensor.js'
import { firstDifference } from './data.js'
import type { Random } from './random.js'

// The interpreter once more, node by node, with two questions to each value: must a compiled program give its very
// bits, and how far would it move if every value that may be rounded differently were?

/** A value of a graph. */
export interface Value {
  readonly tensor: Tensor
  /** Nothing that made it depends on the order of additions or on a transcendental function. */
  readonly exact: boolean
  /** So too here, but for the signs of zeros. */
  readonly unsigned?: boolean
  /** It depends on a convolution with a weight that is not finite: padding, multiplied as zeros, may make it NaN. */
  readonly open?: boolean
}

export const exactly = (tensor: Tensor): Value => ({ tensor, exact: true })

const isOpen = (node: Node, inputs: readonly Value[]): boolean =>
  inputs.some((v) => v.open) ||
  (node.op.name === 'conv' && !dataOf(inputs[1]!.tensor).every((x) => Number.isFinite(x)))

const opened = <T extends Value>(value: T, open: boolean): T => (open ? { ...value, open } : value)

const UNIT = { float32: 2 ** -23, float64: 2 ** -52 } as const
const DIGITS = { float32: 24, float64: 53 } as const
type Real = keyof typeof UNIT

/** The largest power of two of which all finite entries are multiples, and the sum of their sizes. */
const grain = (t: Tensor): { readonly unit: number; readonly total: number; readonly largest: number } => {
  let [unit, total, largest] = [2 ** 60, 0, 0]
  for (const x of dataOf(t)) {
    if (x === 0 || !Number.isFinite(x)) continue
    const size = Math.abs(x)
    total += size
    largest = Math.max(largest, size)
    while (size % unit !== 0) {
      unit /= 2
      if (unit < 2 ** -200) return { unit: 0, total, largest }
    }
  }
  return { unit, total, largest }
}

const fits = (dtype: Real, unit: number, bound: number): boolean => bound <= unit * 2 ** DIGITS[dtype]

/** Are all sums of entries exact, in every order? */
const sumsExactly = (x: Tensor): boolean => {
  if (!isFloat(x.dtype)) return true
  const { unit, total } = grain(x)
  return total === 0 || (unit > 0 && fits(x.dtype as Real, unit, total))
}

/** Are all sums of `terms` products of entries exact? */
const multipliesExactly = (x: Tensor, y: Tensor, terms: number): boolean => {
  if (!isFloat(x.dtype)) return true
  const [a, b] = [grain(x), grain(y)]
  const bound = Math.min(a.largest * b.total, a.total * b.largest, terms * a.largest * b.largest)
  return bound === 0 || (a.unit * b.unit > 0 && fits(x.dtype as Real, a.unit * b.unit, bound))
}

type Test = (inputs: readonly Tensor[], params: Params) => boolean
const always: Test = () => true
const first: Test = ([x]) => sumsExactly(x!)
const products: Test = ([x, y]) => multipliesExactly(x!, y!, Math.max(x!.size, y!.size))

const names = (list: string): [string, Test][] => list.split(' ').map((name) => [name, always])

/** Primitives of which the very bits are asked, and on which operands; all others are rounded as they like. */
const EXACT: Readonly<Record<string, Test>> = Object.fromEntries([
  ...names('constant reshape permute broadcast slice pad reverse concat select convert tag stopGradient'),
  ...names('neg add sub mul strongMul div max min clamp abs sqrt relu sign floor ceil trunc round fma mod'),
  ...names('isFinite isNaN equal notEqual less lessEqual greater greaterEqual'),
  ...names('logicalAnd logicalOr logicalNot reduceMax reduceMin argmax argmin sort gather'),
  ...names('dynamicSlice dynamicUpdate randomBits randomSplit foldIn'),
  ...(['sum', 'cumsum', 'scatterAdd'] as const).map((name): [string, Test] => [name, first]),
  ...(['dot', 'conv'] as const).map((name): [string, Test] => [name, products]),
])

// Unless multiplications and additions may be fused.
const SEPARATE = new Set(['cholesky', 'triangularSolve'])
const UNSIGNED = new Set(['lu', 'qr', 'eigh'])

/** What the compiler promises of a node, given the same operands: the interpreter's bits, or its numbers, or neither. */
export const promiseOf = (
  { op, params }: Node,
  inputs: readonly Tensor[],
  relaxed: boolean,
): 'bits' | 'numbers' | undefined => {
  if (SEPARATE.has(op.name)) return relaxed ? undefined : 'bits'
  if (UNSIGNED.has(op.name)) return relaxed ? undefined : 'numbers'
  return EXACT[op.name]?.(inputs, params) ? 'bits' : undefined
}

/** Moves every float by a few units in the last place. */
const shaken = (t: Tensor, r: Random): Tensor => {
  if (!isFloat(t.dtype)) return t
  const data = dataOf(t).slice()
  const u = 4 * UNIT[t.dtype as Real]
  for (let i = 0; i < data.length; i++) data[i]! *= 1 + (2 * r.next() - 1) * u
  return fromData(data, t.shape, t.dtype)
}

/** How a graph is evaluated. */
export interface Manner {
  /** Multiplications and additions may be fused by the compiler. */
  readonly relaxed: boolean
  /** Moves operands and results of inexact nodes a little. */
  readonly shake?: Random | undefined
  /** What a node that refuses its operands gives instead; without it the error is thrown. */
  readonly instead?: number
}

/** Evaluates a graph. */
export const interpret = (
  graph: GraphIR,
  args: readonly Value[],
  manner: Manner,
  seen?: Map<Sym, Value>,
): Value[] => {
  const env = seen ?? new Map<Sym, Value>()
  graph.inputs.forEach((s, i) => {
    env.set(s, args[i]!)
  })
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((s) => env.get(s)!)
    const outs = NESTED[node.op.name]?.(node, inputs, manner) ?? plainly(node, inputs, manner)
    node.outputs.forEach((s, i) => {
      env.set(s, outs[i]!)
    })
  }
  return graph.outputs.map((s) => env.get(s)!)
}

const computed = (
  node: Node,
  operands: readonly Tensor[],
  instead: number | undefined,
): readonly Tensor[] => {
  try {
    return node.op.kernel(operands, node.params, node.outputs)
  } catch (error) {
    if (instead === undefined || !(error instanceof CotangentError)) throw error
    return node.outputs.map((s) => filled(instead, s.shape, s.dtype))
  }
}

const plainly = (node: Node, inputs: readonly Value[], { relaxed, shake, instead }: Manner): Value[] => {
  const tensors = inputs.map((v) => v.tensor)
  if (node.op.name === 'constant') return [exactly(node.params.value as Tensor)]
  const promise = promiseOf(node, tensors, relaxed)
  const moved = promise === undefined ? shake : undefined
  const operands = moved ? tensors.map((t) => shaken(t, moved)) : tensors
  const known = promise !== undefined && inputs.every((v) => v.exact)
  const exact = known && promise === 'bits'
  const unsigned = known && promise === 'numbers'
  const open = isOpen(node, inputs)
  return computed(node, operands, instead).map((tensor) =>
    opened({ tensor: moved ? shaken(tensor, moved) : tensor, exact, ...(unsigned && { unsigned }) }, open),
  )
}

type Rule = (node: Node, inputs: readonly Value[], manner: Manner) => Value[]

/** Values that a control decision made are no more exact than the decision. */
const under = (decision: Value, values: readonly Value[]): Value[] =>
  values.map(({ unsigned, ...v }) =>
    opened(
      { ...v, exact: v.exact && decision.exact, ...(unsigned && decision.exact && { unsigned }) },
      decision.open ?? false,
    ),
  )

const stacked = (rows: readonly Value[], shape: readonly number[], like: Sym): Value => {
  const size = rows[0]?.tensor.size ?? 0
  const zero = like.dtype === 'float64' ? Float64Array : like.dtype === 'float32' ? Float32Array : undefined
  const data = new (zero ?? (like.dtype === 'int32' ? Int32Array : Uint8Array))(
    shape.reduce((n, d) => n * d, 1),
  )
  rows.forEach((v, i) => {
    data.set(dataOf(v.tensor), i * size)
  })
  return opened(
    {
      tensor: fromData(data, shape, like.dtype),
      exact: rows.every((v) => v.exact),
      ...(rows.every((v) => v.exact || v.unsigned) && { unsigned: true }),
    },
    rows.some((v) => v.open),
  )
}

const row = (value: Value, i: number): Value => {
  const { tensor } = value
  const shape = tensor.shape.slice(1)
  const n = shape.reduce((m, d) => m * d, 1)
  return { ...value, tensor: fromData(dataOf(tensor).slice(i * n, (i + 1) * n), shape, tensor.dtype) }
}

const NESTED: Readonly<Record<string, Rule>> = {
  op: (node, inputs, manner) => interpret(opParams(node)!.graph(), inputs, manner),
  cond: ({ params }, [p, ...inputs], manner) => {
    const branches = params.branches as readonly GraphIR[]
    return under(p!, interpret(branches[dataOf(p!.tensor)[0] ? 0 : 1]!, inputs, manner))
  },
  scan: ({ params, outputs }, inputs, manner) => {
    const p = params as unknown as {
      body: GraphIR
      consts: number
      carry: number
      length: number
      reverse: boolean
    }
    const consts = inputs.slice(0, p.consts)
    const xs = inputs.slice(p.consts + p.carry)
    let state = inputs.slice(p.consts, p.consts + p.carry)
    const ys: Value[][] = outputs.slice(p.carry).map(() => [])
    for (let k = 0; k < p.length; k++) {
      const i = p.reverse ? p.length - 1 - k : k
      const outs = interpret(p.body, [...consts, ...state, ...xs.map((x) => row(x, i))], manner)
      state = outs.slice(0, p.carry)
      outs.slice(p.carry).forEach((y, j) => {
        ys[j]![i] = y
      })
    }
    return [
      ...state,
      ...ys.map((rows, j) => stacked(rows, outputs[p.carry + j]!.shape, outputs[p.carry + j]!)),
    ]
  },
  while: ({ params }, inputs, manner) => {
    const p = params as unknown as { test: GraphIR; body: GraphIR; testConsts: number; bodyConsts: number }
    const forTest = inputs.slice(0, p.testConsts)
    const forBody = inputs.slice(p.testConsts, p.testConsts + p.bodyConsts)
    let state = inputs.slice(p.testConsts + p.bodyConsts)
    let sure: Value | undefined
    for (let k = 0; k < 3000; k++) {
      const [go] = interpret(p.test, [...forTest, ...state], manner)
      sure = under(sure ?? go!, [go!])[0]!
      if (!dataOf(go!.tensor)[0]) break
      const next = interpret(p.body, [...forBody, ...state], manner)
      if (!manner.shake && next.every((v, i) => firstDifference(v.tensor, state[i]!.tensor) === undefined))
        throw endlessError(state.some((v) => isFloat(v.tensor.dtype) && dataOf(v.tensor).some(Number.isNaN)))
      state = next
    }
    return under(sure!, state)
  },
}

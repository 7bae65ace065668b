import { type Aval, type GraphIR, isFloat, sizeOf } from '@cotangent/core/internal'
import type { Entry, Kernel } from './kernel.js'
import { emptyFloats, ofIntegers, type WordTensor } from './tensor.js'

const cond: Kernel = ({ inputs: [p, ...operands], params, decide, evaluate }) => {
  const [yes, no] = params.branches as readonly [GraphIR, GraphIR]
  const taken = p!.hi[0] ? 1 : 0
  decide(taken)
  return evaluate(taken ? yes : no, operands)
}

interface ScanParams {
  readonly body: GraphIR
  readonly consts: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
}

const rowOf = (x: WordTensor, i: number): WordTensor => {
  const shape = x.shape.slice(1)
  const n = sizeOf(shape)
  const cut = <A extends Float64Array | WordTensor['hi']>(a: A) => a.slice(i * n, (i + 1) * n) as A
  return { shape, dtype: x.dtype, hi: cut(x.hi), lo: cut(x.lo) }
}
const emptyLike = (o: Aval): WordTensor =>
  isFloat(o.dtype)
    ? emptyFloats(o)
    : ofIntegers(o, o.dtype === 'bool' ? new Uint8Array(sizeOf(o.shape)) : new Int32Array(sizeOf(o.shape)))

const scan: Kernel = ({ inputs, params, outs, evaluate }) => {
  const { body, consts, carry, length, reverse } = params as unknown as ScanParams
  const constants = inputs.slice(0, consts)
  const rows = inputs.slice(consts + carry)
  let state: readonly WordTensor[] = inputs.slice(consts, consts + carry)
  const ys = outs.slice(carry).map(emptyLike)
  for (let k = 0; k < length; k++) {
    const i = reverse ? length - 1 - k : k
    const result = evaluate(body, [...constants, ...state, ...rows.map((x) => rowOf(x, i))])
    state = result.slice(0, carry)
    result.slice(carry).forEach((y, j) => {
      ys[j]!.hi.set(y.hi, i * y.hi.length)
      ys[j]!.lo.set(y.lo, i * y.hi.length)
    })
  }
  return [...state, ...ys]
}

interface WhileParams {
  readonly test: GraphIR
  readonly body: GraphIR
  readonly testConsts: number
  readonly bodyConsts: number
}

const whileLoop: Kernel = ({ inputs, params, decide, evaluate }) => {
  const { test, body, testConsts, bodyConsts } = params as unknown as WhileParams
  const forTest = inputs.slice(0, testConsts)
  const forBody = inputs.slice(testConsts, testConsts + bodyConsts)
  let state: readonly WordTensor[] = inputs.slice(testConsts + bodyConsts)
  let count = 0
  for (; evaluate(test, [...forTest, ...state])[0]!.hi[0]; count++)
    state = evaluate(body, [...forBody, ...state])
  decide(count)
  return state
}

/** An operation with rules of its own is evaluated by its meaning. */
const op: Kernel = ({ inputs, params, evaluate }) => evaluate((params.graph as () => GraphIR)(), inputs)

export const control = { cond, scan, while: whileLoop, op } as const satisfies Readonly<Record<string, Entry>>

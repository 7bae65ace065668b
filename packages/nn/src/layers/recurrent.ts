import {
  add,
  CotangentError,
  cast,
  concat,
  div,
  matmul,
  mul,
  scan,
  type Tensor,
  transpose,
  zeros,
} from '@cotangent/core'
import { type Initializer, orthogonal, xavierUniform, zeros as zeroInit } from '../init.js'
import type { Context, Empty, Layer } from '../layer.js'
import { keyOf } from '../path.js'
import { keepMask } from './dropout.js'
import { checkRate, keyFor } from './stochastic.js'

// What the recurrent layers share: everything but the formula of a step.

/** Options of the recurrent layers. */
export interface RecurrentOptions {
  /** All hidden states `[batch, time, units]` instead of the last one `[batch, units]`. Default false. */
  readonly returnSequences?: boolean
  /** From the last step to the first; sequences keep the order of the input. Default false. */
  readonly reverse?: boolean
  /** Rate at which features of the input are dropped, the same at every step. Default 0. */
  readonly dropout?: number
  /** Rate at which hidden units are dropped on their way into the next step, the same at every step. Default 0. */
  readonly recurrentDropout?: number
  /** Of the block of each gate. Default `init.xavierUniform`. */
  readonly kernelInit?: Initializer
  /** Of the block of each gate. Default `init.orthogonal()`. */
  readonly recurrentInit?: Initializer
  /** Default `init.zeros`. */
  readonly biasInit?: Initializer
}

/** `kernel` `[in, gates·units]`, `recurrent` `[units, gates·units]` and `bias` `[gates·units]` (of a gru `[2, 3·units]`). */
export interface RecurrentParams {
  readonly kernel: Tensor
  readonly recurrent: Tensor
  readonly bias: Tensor
}

/** What a step hands to the next one; the hidden state is what the layer returns. */
export interface Carry {
  readonly hidden: Tensor
}

/** A layer over time: besides its output it can give, and be given, its carry. */
export interface RecurrentLayer<C extends Carry = Carry> extends Layer<RecurrentParams> {
  /** The hidden states `[batch, time, units]` and the carry after the last step; `initial` is zero unless given. */
  run(
    params: RecurrentParams,
    x: Tensor,
    context: Context,
    initial?: C,
  ): { readonly sequence: Tensor; readonly final: C }
  /** The same layer in the other direction of time. */
  reversed(): RecurrentLayer<C>
}

/** The formula of a recurrent layer. */
export interface Cell<C extends Carry> {
  readonly kind: string
  readonly gates: number
  /** Rows of the bias: 1, or 2 when the recurrent part has one of its own. */
  readonly biases: 1 | 2
  /** The first carry from zeros `[batch, units]`. */
  readonly start: (zero: Tensor) => C
  /** What is added to x·kernel. */
  readonly inputBias: (bias: Tensor) => Tensor
  /** The next carry, from x·kernel + bias and from the hidden state as dropout left it. */
  readonly step: (input: Tensor, hidden: Tensor, carry: C, params: RecurrentParams) => C
}

const swapTime = (x: Tensor): Tensor => transpose(x, [1, 0, 2])

/** A mask without an axis of time, scaled so that the mean stays; undefined when nothing is dropped. */
const mask = (
  op: string,
  name: string,
  rate: number,
  shape: readonly number[],
  context: Context,
  like: Tensor,
): Tensor | undefined => {
  if (!context.train || rate === 0) return undefined
  const kept = keepMask(keyOf(keyFor(op, context), name), shape, rate)
  return div(cast(kept, like.dtype), 1 - rate)
}

/** A recurrent layer from the formula of its step. */
export const recurrent = <C extends Carry>(
  cell: Cell<C>,
  units: number,
  options: RecurrentOptions,
): RecurrentLayer<C> => {
  const { kind, gates, biases, start, inputBias, step } = cell
  const { returnSequences = false, reverse = false, dropout = 0, recurrentDropout = 0 } = options
  const { kernelInit = xavierUniform, recurrentInit = orthogonal(), biasInit = zeroInit } = options
  const op = `${kind}(${units})`
  if (!Number.isInteger(units) || units < 1)
    throw new CotangentError('Value', `${kind}: ${units} units. Give a positive integer.`, { op: kind })
  checkRate(kind, dropout)
  checkRate(kind, recurrentDropout)

  const wrong = (shape: readonly number[], why: string): never => {
    throw new CotangentError('Shape', `${op}: the input [${shape.join(', ')}] ${why}`, {
      op: kind,
      shapes: [shape],
    })
  }
  const check = (shape: readonly number[]): readonly [number, number, number] =>
    shape.length === 3
      ? [shape[0]!, shape[1]!, shape[2]!]
      : wrong(shape, 'is not a sequence. Shapes are [batch, time, features].')

  const run: RecurrentLayer<C>['run'] = (params, x, context, initial) => {
    const [batch, , features] = check(x.shape)
    const expected = params.kernel.shape[0]!
    if (features !== expected)
      wrong(
        x.shape,
        `has ${features} features, but the kernel was initialised for ${expected}. Call init with the shape that apply is given.`,
      )
    const inputMask = mask(kind, 'dropout', dropout, [batch, 1, features], context, x)
    const seen = inputMask === undefined ? x : mul(x, inputMask)
    // What does not depend on the hidden state is one product for all steps.
    const inputs = swapTime(add(matmul(seen, params.kernel), inputBias(params.bias)))
    const first = initial ?? start(zeros([batch, units], inputs.dtype))
    if (first.hidden.shape.join() !== [batch, units].join())
      wrong(x.shape, `needs an initial state [${batch}, ${units}], not [${first.hidden.shape.join(', ')}].`)
    const hiddenMask = mask(kind, 'recurrentDropout', recurrentDropout, [batch, units], context, first.hidden)
    const [final, sequence] = scan(
      (carry: C, input: Tensor) => {
        const hidden = hiddenMask === undefined ? carry.hidden : mul(carry.hidden, hiddenMask)
        const next = step(input, hidden, carry, params)
        return [next, next.hidden] as const
      },
      first,
      inputs,
      { reverse },
    )
    return { sequence: swapTime(sequence), final }
  }

  return {
    kind: op,
    init: (key, inputShape) => {
      const [batch, time, features] = check(inputShape)
      const blocks = (name: string, init: Initializer, rows: number): Tensor =>
        concat(
          Array.from({ length: gates }, (_, i) => init(keyOf(key, `${name}/${i}`), [rows, units])),
          { axis: 1 },
        )
      const params = {
        kernel: blocks('kernel', kernelInit, features),
        recurrent: blocks('recurrent', recurrentInit, units),
        bias: biasInit(keyOf(key, 'bias'), biases === 1 ? [gates * units] : [biases, gates * units]),
      }
      const state: Empty = {}
      return { params, state, outputShape: returnSequences ? [batch, time, units] : [batch, units] }
    },
    apply: (params, state, x, context) => {
      const { sequence, final } = run(params, x, context)
      return { y: returnSequences ? sequence : final.hidden, state }
    },
    run,
    reversed: () => recurrent(cell, units, { ...options, reverse: !reverse }),
  }
}

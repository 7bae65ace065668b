import { add, concat, type Tensor } from '@cotangent/core'
import type { Empty, Layer } from '../layer.js'
import { applyPart, initPart } from '../path.js'
import type { Carry, RecurrentLayer, RecurrentParams } from './recurrent.js'

/** Options of {@link bidirectional}. */
export interface BidirectionalOptions {
  /** How the two outputs become one: side by side (default) or added. */
  readonly merge?: 'concat' | 'sum'
}

/** The parameters of both directions. */
export interface BidirectionalParams {
  readonly forward: RecurrentParams
  readonly backward: RecurrentParams
}

const EMPTY: Empty = {}

/**
 * A recurrent layer in both directions of time, each with its own parameters; their outputs stand side by side on the last
 * axis, in the order of the input. Schuster & Paliwal 1997, https://doi.org/10.1109/78.650093
 *
 * @example
 * const layer = bidirectional(gru(3, { returnSequences: true }))
 * const { params, outputShape } = layer.init(random.key(0), [2, 5, 4])
 * outputShape // => [2, 5, 6]
 * params.backward.kernel.shape // => [4, 9]
 */
export const bidirectional = <C extends Carry>(
  forward: RecurrentLayer<C>,
  { merge = 'concat' }: BidirectionalOptions = {},
): Layer<BidirectionalParams> => {
  const backward = forward.reversed()
  const join = (a: Tensor, b: Tensor): Tensor => (merge === 'sum' ? add(a, b) : concat([a, b], { axis: -1 }))
  return {
    kind: `bidirectional(${forward.kind ?? 'layer'})`,
    init: (key, inputShape) => {
      const [there, back] = [
        initPart('forward', forward, key, inputShape),
        initPart('backward', backward, key, inputShape),
      ]
      const features = there.outputShape.at(-1)! * (merge === 'sum' ? 1 : 2)
      return {
        params: { forward: there.params, backward: back.params },
        state: {},
        outputShape: [...there.outputShape.slice(0, -1), features],
        parts: [there.part, back.part],
      }
    },
    apply: (params, state, x, context) => {
      const there = applyPart('forward', forward, params.forward, EMPTY, x, context)
      const back = applyPart('backward', backward, params.backward, EMPTY, x, context)
      return { y: join(there.y, back.y), state }
    },
  }
}

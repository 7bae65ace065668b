import { add, matmul, type Tensor, tanh } from '@cotangent/core'
import { type Carry, type Cell, type RecurrentLayer, type RecurrentOptions, recurrent } from './recurrent.js'

/** Options of {@link rnn}. */
export interface RnnOptions extends RecurrentOptions {
  /** Default `tanh`. */
  readonly activation?: (x: Tensor) => Tensor
}

/**
 * The simple recurrent layer, h' = φ(x·kernel + h·recurrent + bias), over `[batch, time, features]`. The bias is the sum of
 * PyTorch's two. Dropout draws one mask for all steps (Gal & Ghahramani 2016, https://arxiv.org/abs/1512.05287).
 *
 * @example
 * const layer = rnn(3, { returnSequences: true })
 * const { params, state, outputShape } = layer.init(random.key(0), [2, 5, 4])
 * outputShape // => [2, 5, 3]
 * layer.apply(params, state, zeros([2, 5, 4]), { train: false }).y.shape // => [2, 5, 3]
 */
export const rnn = (units: number, { activation = tanh, ...options }: RnnOptions = {}): RecurrentLayer => {
  const cell: Cell<Carry> = {
    kind: 'rnn',
    gates: 1,
    biases: 1,
    start: (zero) => ({ hidden: zero }),
    inputBias: (bias) => bias,
    step: (input, hidden, _, params) => ({
      hidden: activation(add(input, matmul(hidden, params.recurrent))),
    }),
  }
  return recurrent(cell, units, options)
}

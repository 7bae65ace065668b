import { add, matmul, mul, sigmoid, split, type Tensor, tanh } from '@cotangent/core'
import { type Carry, type Cell, type RecurrentLayer, type RecurrentOptions, recurrent } from './recurrent.js'

/** What an {@link lstm} carries. */
export interface LstmCarry extends Carry {
  readonly cell: Tensor
}

const CELL: Cell<LstmCarry> = {
  kind: 'lstm',
  gates: 4,
  biases: 1,
  start: (zero) => ({ hidden: zero, cell: zero }),
  inputBias: (bias) => bias,
  step: (input, hidden, carry, params) => {
    const [i, f, g, o] = split(add(input, matmul(hidden, params.recurrent)), 4, { axis: 1 })
    const cell = add(mul(sigmoid(f!), carry.cell), mul(sigmoid(i!), tanh(g!)))
    return { hidden: mul(sigmoid(o!), tanh(cell)), cell }
  },
}

/**
 * Long short-term memory over `[batch, time, features]`: with [i f g o] = x·kernel + h·recurrent + bias,
 * c' = σ(f)c + σ(i)tanh(g) and h' = σ(o)tanh(c'). The order of the gates is PyTorch's; the bias is the sum of its two.
 * Dropout draws one mask for all steps and gates. Hochreiter & Schmidhuber 1997, Gers et al. 2000,
 * Gal & Ghahramani 2016, https://arxiv.org/abs/1512.05287
 *
 * @example
 * const layer = lstm(3)
 * const { params, state, outputShape } = layer.init(random.key(0), [2, 5, 4])
 * outputShape // => [2, 3]
 * params.recurrent.shape // => [3, 12]
 * layer.run(params, zeros([2, 5, 4]), { train: false }).final.cell.shape // => [2, 3]
 */
export const lstm = (units: number, options: RecurrentOptions = {}): RecurrentLayer<LstmCarry> =>
  recurrent(CELL, units, options)

import { add, matmul, mul, sigmoid, split, sub, take, tanh } from '@cotangent/core'
import { type Carry, type Cell, type RecurrentLayer, type RecurrentOptions, recurrent } from './recurrent.js'

const CELL: Cell<Carry> = {
  kind: 'gru',
  gates: 3,
  biases: 2,
  start: (zero) => ({ hidden: zero }),
  inputBias: (bias) => take(bias, 0, { axis: 0 }),
  step: (input, hidden, carry, params) => {
    const [xr, xz, xn] = split(input, 3, { axis: 1 })
    const own = add(matmul(hidden, params.recurrent), take(params.bias, 1, { axis: 0 }))
    const [hr, hz, hn] = split(own, 3, { axis: 1 })
    const reset = sigmoid(add(xr!, hr!))
    const update = sigmoid(add(xz!, hz!))
    const proposal = tanh(add(xn!, mul(reset, hn!)))
    return { hidden: add(proposal, mul(update, sub(carry.hidden, proposal))) }
  },
}

/**
 * The gated recurrent unit over `[batch, time, features]`: with [xr xz xn] = x·kernel + bias[0] and
 * [hr hz hn] = h·recurrent + bias[1], h' = (1 - z)n + z·h where r = σ(xr + hr), z = σ(xz + hz), n = tanh(xn + r·hn). The
 * order of the gates and the place of the reset gate are PyTorch's. Dropout draws one mask for all steps and gates.
 * Cho et al. 2014, https://arxiv.org/abs/1406.1078; Gal & Ghahramani 2016, https://arxiv.org/abs/1512.05287
 *
 * @example
 * const layer = gru(3)
 * const { params, outputShape } = layer.init(random.key(0), [2, 5, 4])
 * outputShape // => [2, 3]
 * params.bias.shape // => [2, 9]
 */
export const gru = (units: number, options: RecurrentOptions = {}): RecurrentLayer =>
  recurrent(CELL, units, options)

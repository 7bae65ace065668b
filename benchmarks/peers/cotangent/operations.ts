import {
  add,
  exp,
  grad,
  jit,
  matmul,
  mul,
  softmax,
  sqrt,
  square,
  sum,
  type Tensor,
  tanh,
} from '@cotangent/core'
import { layerNorm } from '@cotangent/nn'
import type { Given, Kinds, Task } from '../task.js'
import { inputs, repeated } from './inputs.js'

type Operation = (...args: Tensor[]) => unknown

/** One compiled function of the row's inputs. */
const compiled =
  (f: Operation) =>
  (given: Given): Task => {
    const g = jit(f, { threads: given.threads })
    const args = Object.values(inputs(given))
    return repeated(() => g(...args))
  }

const norm = layerNorm()

export const operations: Kinds = {
  matmul: compiled((a, b) => matmul(a!, b!)),
  sum: compiled((x) => sum(x!)),
  exp: compiled((x) => exp(x!)),
  tanh: compiled((x) => tanh(x!)),
  softmax: compiled((x, c) => grad((z: Tensor) => sum(mul(softmax(z), c!)))(x!)),
  layernorm: compiled((x, c, s, b) =>
    grad(
      (z: Tensor, scale: Tensor, bias: Tensor) =>
        sum(mul(norm.apply({ scale, bias }, {}, z, { train: true }).y, c!)),
      { argnums: [0, 1, 2] },
    )(x!, s!, b!),
  ),
  identity: compiled((x) => x),
  five: compiled((x) => mul(sqrt(add(mul(square(x!), 0.5), 1)), x!)),
}

// The smallest useful page: a compiled derivative. Its size is stated in docs/compiler.md.
import { grad, jit, mul, square, sum, type Tensor, tensor } from '@cotangent/core'

/** The derivative of Σx³. */
export const derivative = (x: readonly number[]): unknown =>
  jit(grad((x: Tensor) => sum(mul(x, square(x)))))(tensor([...x])).toArray()

import type { Tensor } from '../tensor.js'
import type { GradientOf } from '../types/index.js'

/** The gradient's tree: that of the argument, numbers become scalar tensors. */
export type Gradient<T> = GradientOf<T, Tensor<[], 'float32'>>

/** The arguments of a function written without annotations are tensors. */
export type Args = readonly unknown[]

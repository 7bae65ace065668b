import type { Primitive } from '../graph/ir.js'
import type { Tensor } from '../tensor.js'

/** A value known when the graph was made. */
export const constantP: Primitive<{ readonly value: Tensor }> = {
  name: 'constant',
  shape: (_, { value }) => [value],
  kernel: (_, { value }) => [value],
  jvp: () => [null],
  transpose: 'nonlinear',
  batch: (_, __, { value }) => [value],
  domain: [],
  kinks: 'none',
  derivation: 'd c = 0',
  flops: () => 0,
}

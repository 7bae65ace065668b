import { add, mean, mul, rsqrt, square, sub, type Tensor } from '@cotangent/core'
import { ones, zeros } from '../init.js'
import { keyOf } from '../path.js'

/** The scale and the offset that follow a normalisation. */
export interface NormParams {
  readonly scale: Tensor
  readonly bias: Tensor
}

/** Scale 1 and offset 0. */
export const freshNorm = (key: Tensor, shape: readonly number[]): NormParams => ({
  scale: ones(keyOf(key, 'scale'), shape),
  bias: zeros(keyOf(key, 'bias'), shape),
})

/** y·scale + bias, unless there are none. */
export const affineMap = (y: Tensor, params: Partial<NormParams>): Tensor =>
  params.scale === undefined ? y : add(mul(y, params.scale), params.bias!)

/** The mean and the biased variance over the axes, which stay with extent 1. */
export const moments = (
  x: Tensor,
  axis: readonly number[],
): { readonly mean: Tensor; readonly variance: Tensor } => {
  const centre = mean(x, { axis, keepDims: true })
  return { mean: centre, variance: mean(square(sub(x, centre)), { axis, keepDims: true }) }
}

/** (x - mean)/√(variance + ε). */
export const standardise = (x: Tensor, centre: Tensor, variance: Tensor, epsilon: number): Tensor =>
  mul(sub(x, centre), rsqrt(add(variance, epsilon)))

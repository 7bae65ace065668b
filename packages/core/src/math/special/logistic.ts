import { tanh } from './hyperbolic.js'

/**
 * The logistic sigmoid `1 / (1 + exp(-x))`, from 0 to 1. Within 2 ulp.
 *
 * Three forms of one function, each where it rounds least: about zero `(1 + tanh(x/2)) / 2`; on the left
 * `e - e^2 / (1 + e)` with `e = exp(x)`, down to the subnormals.
 */
export function sigmoid(x: number): number {
  if (x > 1) return 1 / (1 + Math.exp(-x))
  if (!(x < -1)) return 0.5 + 0.5 * tanh(x / 2)
  const e = Math.exp(x)
  return e - e * (e / (1 + e))
}

/**
 * `softplus(x) = log(1 + exp(x))`, which tends to `x` on the right and to `exp(x)` on the left. Within 2 ulp.
 *
 * With `exp(-|x|)` nothing overflows: `softplus(x) = max(x, 0) + log1p(exp(-|x|))`.
 */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** `logSigmoid(x) = log(sigmoid(x)) = -softplus(-x)`. Within 2 ulp. */
export function logSigmoid(x: number): number {
  return -softplus(-x)
}

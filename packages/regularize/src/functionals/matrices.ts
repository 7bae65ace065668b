import { CotangentError, type Num } from '@cotangent/core'
import { linfBall } from './balls.js'
import type { Constraint } from './indicator.js'
import { l1 } from './l1.js'
import { linf } from './linf.js'
import { logSum } from './logSum.js'
import { lp } from './powers.js'
import { l1Ball } from './simplex.js'
import { singularValues } from './singularValues.js'
import { l0Ball } from './sparse.js'
import { squaredLinf } from './squaredLinf.js'
import { show, strength } from './strength.js'

/**
 * R(X) = λ·Σσᵢ, the nuclear norm: low rank. The prox is the soft threshold of the singular values; the conjugate the
 * spectral ball. Fazel 2002; Cai, Candès & Shen 2010, https://doi.org/10.1137/080738970
 *
 * @example
 * nuclear(2).value(tensor([[3, 0], [0, -4]])) // => 14
 * nuclear(1).prox(tensor([[1, 2, 3], [4, 5, 6]]), 1) // => [[1.4089, 1.8613, 2.3137], [3.364, 4.4441, 5.5242]]
 */
export const nuclear = (lambda: Num) => {
  strength('nuclear', lambda)
  return singularValues(l1(lambda), `nuclear(${show(lambda)})`)
}

/**
 * R(X) = λ·Σσᵢᵖ, the p-th power of the Schatten norm: for p below 1 nearer to the rank than {@link nuclear}, for p = 2 the
 * square of the Frobenius norm. The prox is that of the power on the singular values, whatever the step.
 *
 * @example
 * schatten(1, 0.5).value(tensor([[4, 0], [0, 9]])) // => 5
 * schatten(1, 2).prox(tensor([[3, 0], [0, 6]]), 1) // => [[1, 0], [0, 2]]
 */
export const schatten = (lambda: Num, p: number) => {
  strength('schatten', lambda)
  return singularValues(lp(lambda, p), `schatten(${show(lambda)}, ${p})`)
}

/**
 * R(X) = λ·Σlog(1 + σᵢ/ε): the concave surrogate of the rank, log det of (XᵀX)^½ + εI up to a constant. Fazel, Hindi & Boyd
 * 2003, https://doi.org/10.1109/ACC.2003.1243393
 *
 * @example
 * logDet(1, 1).value(tensor([[1, 0], [0, 3]])) // => 2.0794
 */
export const logDet = (lambda: Num, epsilon: Num) => {
  strength('logDet', lambda)
  return singularValues(logSum(lambda, epsilon), `logDet(${show(lambda)}, ${show(epsilon)})`)
}

/** How {@link spectral} counts. */
export interface SpectralOptions {
  /** λ/2·σ₁² instead of λ·σ₁. Default false. */
  readonly squared?: boolean
}

/**
 * R(X) = λ·σ₁(X), the largest singular value, or λ/2·σ₁² with `squared`, which is the spectral norm regularisation of
 * Yoshida & Miyato 2017, https://arxiv.org/abs/1705.10941. The prox clips the singular values to one size; of equal largest
 * ones each has its share of the gradient.
 *
 * @example
 * spectral(2).value(tensor([[3, 0], [0, -4]])) // => 8
 * spectral(2, { squared: true }).value(tensor([[3, 0], [0, -4]])) // => 16
 * spectral(1).prox(tensor([[3, 0], [0, 4]]), 2) // => [[2.5, 0], [0, 2.5]]
 */
export const spectral = (lambda: Num, { squared = false }: SpectralOptions = {}) => {
  strength('spectral', lambda)
  const name = `spectral(${show(lambda)}${squared ? ', squared' : ''})`
  return singularValues(squared ? squaredLinf(lambda) : linf(lambda), name)
}

/**
 * The set of X with σ₁(X) ≤ c. The projection clips the singular values. A layer x ↦ xW with W in it has the Lipschitz
 * constant c.
 *
 * @example
 * spectralBall(1).prox(tensor([[3, 0], [0, 0.5]]), 1) // => [[1, 0], [0, 0.5]]
 */
export const spectralBall = (c: Num = 1): Constraint => {
  strength('spectralBall', c)
  return singularValues(linfBall(c), `spectralBall(${show(c)})`)
}

/**
 * The set of X with Σσᵢ ≤ radius. The projection is that of {@link l1Ball} on the singular values.
 *
 * @example
 * nuclearBall(2).prox(tensor([[3, 0], [0, 2]]), 1) // => [[1.5, 0], [0, 0.5]]
 */
export const nuclearBall = (radius: Num): Constraint => {
  strength('nuclearBall', radius)
  return singularValues(l1Ball(radius), `nuclearBall(${show(radius)})`)
}

/**
 * The set of X of rank at most k; it is not convex. The projection keeps the k largest singular values. Eckart & Young 1936.
 *
 * @example
 * rank(1).prox(tensor([[3, 0], [0, 2]]), 1) // => [[3, 0], [0, 0]]
 */
export const rank = (k: number): Constraint => {
  if (!Number.isInteger(k) || k < 0)
    throw new CotangentError('Value', `rank: k is ${k}. Give a whole number that is not negative.`, {
      op: 'rank',
    })
  return singularValues(l0Ball(k), `rank(${k})`)
}

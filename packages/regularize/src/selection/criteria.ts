import { CotangentError } from '@cotangent/core'

/** What criteria ask of a fit: a fit of {@link lambdaPath} with {@link leastSquares} has it all but n. */
export interface Scored {
  /** The mean loss: half the mean square, or the mean negative log-likelihood. */
  readonly loss: number
  readonly df: number
}

const samples = (op: string, n: number): void => {
  if (!Number.isInteger(n) || n < 1)
    throw new CotangentError('Value', `${op}: n is ${n}. Give the number of samples.`, { op })
}
const positive = (op: string, variance: number): void => {
  if (!(variance > 0))
    throw new CotangentError('Value', `${op}: the variance is ${variance}. Give one above 0.`, { op })
}

/**
 * Twice the negative log-likelihood of Gaussian residuals: with known variance σ² it is n·log(2πσ²) + RSS/σ², else, up to
 * a constant, n·log(RSS/n).
 */
const deviance = (op: string, { loss }: Scored, n: number, variance: number | undefined): number => {
  samples(op, n)
  if (variance === undefined) return n * Math.log(2 * loss)
  positive(op, variance)
  return n * Math.log(2 * Math.PI * variance) + (2 * n * loss) / variance
}

/**
 * Akaike's criterion for least squares: n·log(2πσ²) + RSS/σ² + 2·df, or without the variance n·log(RSS/n) + 2·df. The
 * variance is that of the noise, best estimated by {@link noiseVariance}. Akaike 1974; Zou, Hastie, Tibshirani 2007.
 *
 * @example
 * aic({ loss: 0.5, df: 3 }, 100) // => 6
 */
export const aic = (fit: Scored, n: number, variance?: number): number =>
  deviance('aic', fit, n, variance) + 2 * fit.df

/**
 * Schwarz's criterion for least squares: as {@link aic}, with log(n)·df. Schwarz 1978.
 *
 * @example
 * bic({ loss: 0.5, df: 3 }, 100) // => 13.8155
 */
export const bic = (fit: Scored, n: number, variance?: number): number =>
  deviance('bic', fit, n, variance) + Math.log(n) * fit.df

/**
 * Mallows' Cp: RSS/σ² - n + 2·df, an estimate of the prediction error over σ². Mallows 1973; Efron et al. 2004.
 *
 * @example
 * cp({ loss: 0.5, df: 3 }, 100, 1) // => 6
 */
export const cp = (fit: Scored, n: number, variance: number): number => {
  samples('cp', n)
  positive('cp', variance)
  return (2 * n * fit.loss) / variance - n + 2 * fit.df
}

/**
 * Generalised cross-validation: (RSS/n)/(1 - df/n)², with an intercept counted in df where there is one. Craven & Wahba 1979.
 *
 * @example
 * gcv({ loss: 0.5, df: 50 }, 100) // => 4
 */
export const gcv = (fit: Scored, n: number): number => {
  samples('gcv', n)
  return (2 * fit.loss) / (1 - fit.df / n) ** 2
}

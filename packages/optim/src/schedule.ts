import {
  add,
  cast,
  clip,
  cos,
  div,
  less,
  mul,
  type Num,
  pow,
  sub,
  Tensor,
  tensor,
  where,
} from '@cotangent/core'

/** A hyper-parameter as a function of the number of updates made so far, computed on tensors so that it compiles. */
export type Schedule = (step: Num) => Num

// In doubles: the result is rounded once, to the dtype of the parameters.
const real = (step: Num): Tensor =>
  step instanceof Tensor ? cast(step, 'float64') : tensor(step, { dtype: 'float64' })
/** step/steps, held between 0 and 1. */
const progress = (step: Num, steps: number): Tensor => clip(div(real(step), Math.max(steps, 1)), 0, 1)

/**
 * The same value at every step.
 *
 * @example
 * schedule.constant(0.1)(5) // => 0.1
 */
export const constant =
  (value: Num): Schedule =>
  () =>
    value

/**
 * From `from` to `to` on a straight line over `steps`, then `to`.
 *
 * @example
 * schedule.linear({ from: 1, to: 0, steps: 10 })(5) // => 0.5
 */
export const linear =
  ({ from, to, steps }: { readonly from: number; readonly to: number; readonly steps: number }): Schedule =>
  (step) =>
    add(mul(progress(step, steps), to - from), from)

/**
 * Half a cosine from `peak` to `floor` over `steps`, then `floor`. Loshchilov & Hutter 2017,
 * https://arxiv.org/abs/1608.03983
 *
 * @example
 * schedule.cosine({ peak: 1, steps: 10 })(5) // => 0.5
 */
export const cosine =
  ({
    peak,
    steps,
    floor = 0,
  }: {
    readonly peak: number
    readonly steps: number
    readonly floor?: number
  }): Schedule =>
  (step) => {
    const wave = cos(mul(progress(step, steps), Math.PI))
    return add(mul(add(wave, 1), (peak - floor) / 2), floor)
  }

/**
 * `initial`·rate^(step/every), smooth; in stairs with `staircase`.
 *
 * @example
 * schedule.exponential({ initial: 1, rate: 0.5, every: 10 })(20) // => 0.25
 */
export const exponential =
  ({
    initial,
    rate,
    every = 1,
  }: {
    readonly initial: number
    readonly rate: number
    readonly every?: number
  }): Schedule =>
  (step) =>
    mul(pow(rate, div(real(step), every)), initial)

/**
 * From 0 to `peak` on a line over `warmup` steps, then half a cosine to `floor` at `steps`.
 *
 * @example
 * schedule.warmupCosine({ peak: 1, warmup: 10, steps: 110 })(5) // => 0.5
 * schedule.warmupCosine({ peak: 1, warmup: 10, steps: 110 })(60) // => 0.5
 */
export const warmupCosine = ({
  peak,
  steps,
  warmup = Math.ceil(steps / 10),
  floor = 0,
}: {
  readonly peak: number
  readonly steps: number
  readonly warmup?: number
  readonly floor?: number
}): Schedule => {
  const rise = linear({ from: 0, to: peak, steps: warmup })
  const fall = cosine({ peak, steps: steps - warmup, floor })
  return (step) => where(less(real(step), warmup), rise(step), fall(sub(real(step), warmup)))
}

import {
  add,
  CotangentError,
  cast,
  clip,
  cos,
  div,
  greaterEqual,
  less,
  mul,
  type Num,
  pow,
  sub,
  Tensor,
  tensor,
  where,
  floor as wholeNumber,
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
 * schedule.exponential({ initial: 1, rate: 0.5, every: 10, staircase: true })(19) // => 0.5
 */
export const exponential =
  ({
    initial,
    rate,
    every = 1,
    staircase = false,
  }: {
    readonly initial: number
    readonly rate: number
    readonly every?: number
    readonly staircase?: boolean
  }): Schedule =>
  (step) => {
    const periods = div(real(step), every)
    return mul(pow(rate, staircase ? wholeNumber(periods) : periods), initial)
  }

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

/**
 * From `from` to `to` over `steps` as (to - from)·(1 - (1 - step/steps)^power) falls or rises, then `to`.
 *
 * @example
 * schedule.polynomial({ from: 1, to: 0, power: 2, steps: 10 })(5) // => 0.25
 */
export const polynomial =
  ({
    from,
    to,
    power,
    steps,
  }: {
    readonly from: number
    readonly to: number
    readonly power: number
    readonly steps: number
  }): Schedule =>
  (step) =>
    add(mul(pow(sub(1, progress(step, steps)), power), from - to), to)

/**
 * One schedule after another: from the i-th boundary on the (i+1)-th, which counts its own steps from there.
 *
 * @example
 * const joined = schedule.join([schedule.constant(1), schedule.linear({ from: 1, to: 0, steps: 4 })], [10])
 * joined(12) // => 0.5
 */
export const join = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  if (schedules.length !== boundaries.length + 1)
    throw new CotangentError(
      'Value',
      `schedule.join: ${schedules.length} schedules need ${schedules.length - 1} boundaries, not ${boundaries.length}.`,
      { op: 'schedule.join' },
    )
  return (step) =>
    boundaries.reduce<Num>(
      (before, boundary, i) =>
        where(
          greaterEqual(real(step), boundary),
          real(schedules[i + 1]!(sub(real(step), boundary))),
          real(before),
        ),
      schedules[0]!(step),
    )
}

/**
 * One value after another: from the i-th boundary on the (i+1)-th.
 *
 * @example
 * schedule.piecewise({ values: [1, 0.5, 0.25], boundaries: [10, 20] })(10) // => 0.5
 */
export const piecewise = ({
  values,
  boundaries,
}: {
  readonly values: readonly number[]
  readonly boundaries: readonly number[]
}): Schedule => join(values.map(constant), boundaries)

/**
 * From `from` to the first value of `then` on a line over `steps`, and `then` from there.
 *
 * @example
 * schedule.warmup({ steps: 10, then: schedule.constant(2) })(5) // => 1
 */
export const warmup = ({
  steps,
  then,
  from = 0,
}: {
  readonly steps: number
  readonly then: Schedule
  readonly from?: number
}): Schedule => {
  const rise: Schedule = (step) => add(mul(sub(real(then(0)), from), progress(step, steps)), from)
  return join([rise, then], [steps])
}

/**
 * Half a cosine up to `peak` over the share `rise` of the steps, and one down to `initial`/`last`; it starts from
 * `initial` = `peak`/`first`. Smith & Topin 2019, https://arxiv.org/abs/1708.07120
 *
 * @example
 * schedule.oneCycle({ peak: 1, steps: 100 })(30) // => 1
 * schedule.oneCycle({ peak: 1, steps: 100 })(0) // => 0.04
 */
export const oneCycle = ({
  peak,
  steps,
  rise = 0.3,
  first = 25,
  last = 1e4,
}: {
  readonly peak: number
  readonly steps: number
  readonly rise?: number
  readonly first?: number
  readonly last?: number
}): Schedule => {
  const top = Math.floor(rise * steps)
  const initial = peak / first
  return join(
    [
      cosine({ peak: initial, floor: peak, steps: top }),
      cosine({ peak, floor: initial / last, steps: steps - top }),
    ],
    [top],
  )
}

/**
 * Cosines from `peak` to `floor`, one after another with the given lengths; `floor` after the last. Loshchilov & Hutter
 * 2017, https://arxiv.org/abs/1608.03983
 *
 * @example
 * schedule.restarts({ peak: 1, lengths: [10, 20, 40] })(20) // => 0.5
 */
export const restarts = ({
  peak,
  lengths,
  floor = 0,
}: {
  readonly peak: number
  readonly lengths: readonly number[]
  readonly floor?: number
}): Schedule =>
  join(
    lengths.map((steps) => cosine({ peak, steps, floor })),
    lengths.slice(0, -1).map((_, i) => lengths.slice(0, i + 1).reduce((sum, n) => sum + n, 0)),
  )

/**
 * k times a schedule.
 *
 * @example
 * schedule.scale(0.5, schedule.linear({ from: 1, to: 0, steps: 10 }))(5) // => 0.25
 */
export const scale =
  (k: Num, of: Schedule): Schedule =>
  (step) =>
    mul(real(of(step)), k)

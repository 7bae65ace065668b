import { abs, add, div, maximum, mul, type Num, sqrt, square, type Tensor } from '@cotangent/core'
import { chain } from './chain.js'
import { addDecayedWeights } from './decay.js'
import { type Hyper, like } from './hyper.js'
import { scaleByLearningRate } from './learningRate.js'
import { average, complement, correction, ratio, root, scaled } from './numeric.js'
import { type Rule, type ScaleState, scaleBy } from './scaleBy.js'
import type { Transform } from './transform.js'

/** The constants of Adam and its relatives. */
export interface AdamConstants {
  /** Decay of the mean of gradients. Default 0.9. */
  readonly b1?: Hyper
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly b2?: Hyper
  /** Default 1e-8. */
  readonly eps?: Hyper
}

/** Options of {@link adam} and its relatives. */
export interface AdamOptions extends AdamConstants {
  /** Default 0.001. */
  readonly learningRate?: Hyper
}

/** Options of {@link adamw}. */
export interface AdamwOptions extends AdamOptions {
  /** Default 0.01. */
  readonly weightDecay?: Hyper
}

/** How many updates were made, and the running means of gradients and of their squares. */
export type AdamState = ScaleState<'mu' | 'nu'>

/** x/c for a correction c, in the dtype of x: one division for all entries. */
const corrected = (x: Tensor, c: Tensor): Tensor => mul(x, like(div(1, c), x))
/** √(v/c) + ε. */
const spread = (v: Tensor, c: Tensor, eps: Num): Tensor => add(corrected(root(v), sqrt(c)), like(eps, v))

type Row<M extends string> = (constants: AdamConstants) => Rule<M, 'b1' | 'b2' | 'eps'>
const constants = ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }: AdamConstants) => ({ b1, b2, eps })

// m ← b₁m + (1-b₁)g, v ← b₂v + (1-b₂)g², D = √v̂ + ε, update m̂/D; hats divide by 1 - bᵗ.
const adamRule: Row<'mu' | 'nu'> = (options) => ({
  hyper: constants(options),
  memory: ['mu', 'nu'],
  rule: ({ b1, b2, eps }, t) => {
    const [c1, c2] = [correction(b1, t), correction(b2, t)]
    return (g, memory) => {
      const mu = average(b1, memory.mu, g)
      const nu = average(b2, memory.nu, square(g))
      const metric = spread(nu, c2, eps)
      return { memory: { mu, nu }, metric, update: ratio(corrected(mu, c1), metric, eps) }
    }
  },
})

// As Adam with m̂ one step ahead: b₁·m/(1-b₁ᵗ⁺¹) + (1-b₁)·g/(1-b₁ᵗ).
const nadamRule: Row<'mu' | 'nu'> = (options) => ({
  hyper: constants(options),
  memory: ['mu', 'nu'],
  rule: ({ b1, b2, eps }, t) => {
    const [c1, ahead, c2] = [correction(b1, t), correction(b1, add(t, 1)), correction(b2, t)]
    return (g, memory) => {
      const mu = average(b1, memory.mu, g)
      const nu = average(b2, memory.nu, square(g))
      const metric = spread(nu, c2, eps)
      const mean = add(scaled(corrected(mu, ahead), b1), scaled(corrected(g, c1), complement(b1)))
      return { memory: { mu, nu }, metric, update: ratio(mean, metric, eps) }
    }
  },
})

// As Adam with the largest v so far in the metric, which then never shrinks but for the correction.
const amsgradRule: Row<'mu' | 'nu' | 'largest'> = (options) => ({
  hyper: constants(options),
  memory: ['mu', 'nu', 'largest'],
  rule: ({ b1, b2, eps }, t) => {
    const [c1, c2] = [correction(b1, t), correction(b2, t)]
    return (g, memory) => {
      const mu = average(b1, memory.mu, g)
      const nu = average(b2, memory.nu, square(g))
      const largest = maximum(memory.largest, nu)
      const metric = spread(largest, c2, eps)
      return { memory: { mu, nu, largest }, metric, update: ratio(corrected(mu, c1), metric, eps) }
    }
  },
})

// As Adam with the decaying largest |g|: u ← max(b₂u, |g| + ε), D = u.
const adamaxRule: Row<'mu' | 'nu'> = (options) => ({
  hyper: constants(options),
  memory: ['mu', 'nu'],
  rule: ({ b1, b2, eps }, t) => {
    const c1 = correction(b1, t)
    return (g, memory) => {
      const mu = average(b1, memory.mu, g)
      const nu = maximum(scaled(memory.nu, b2), add(abs(g), like(eps, g)))
      return { memory: { mu, nu }, metric: nu, update: ratio(corrected(mu, c1), nu, eps) }
    }
  },
})

type Direction<M extends string> = (constants?: AdamConstants) => Transform<ScaleState<M>>

/** The direction of {@link adam}, without a learning rate. */
export const scaleByAdam: Direction<'mu' | 'nu'> = (options = {}) => scaleBy(adamRule(options))
/** The direction of {@link nadam}, without a learning rate. */
export const scaleByNadam: Direction<'mu' | 'nu'> = (options = {}) => scaleBy(nadamRule(options))
/** The direction of {@link amsgrad}, without a learning rate. */
export const scaleByAmsgrad: Direction<'mu' | 'nu' | 'largest'> = (options = {}) =>
  scaleBy(amsgradRule(options))
/** The direction of {@link adamax}, without a learning rate. */
export const scaleByAdamax: Direction<'mu' | 'nu'> = (options = {}) => scaleBy(adamaxRule(options))

/**
 * Adam: m ← b₁m + (1-b₁)g, v ← b₂v + (1-b₂)g², update = -η·m̂/(√v̂ + ε) with the bias corrections
 * m̂ = m/(1-b₁ᵗ), v̂ = v/(1-b₂ᵗ). As in PyTorch. It reports its metric D = √v̂ + ε.
 * Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 *
 * @example
 * const optimizer = adam({ learningRate: 0.1 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.1, 0.1]
 */
export const adam = ({ learningRate = 0.001, ...rest }: AdamOptions = {}) =>
  chain(scaleByAdam(rest), scaleByLearningRate(learningRate))

/**
 * Adam with decoupled weight decay: the update has -η·λ·p beside Adam's, and λ does not enter the means. As in PyTorch,
 * so that a schedule of η is one of the decay too. To decay some parameters only, chain {@link scaleByAdam},
 * {@link addDecayedWeights} with `on`, and {@link scaleByLearningRate}.
 * Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101
 *
 * @example
 * const optimizer = adamw({ learningRate: 0.1, weightDecay: 0.5 })
 * optimizer.update(tensor([2, 0]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.15, -0.05]
 */
export const adamw = ({ learningRate = 0.001, weightDecay = 0.01, ...rest }: AdamwOptions = {}) =>
  chain(scaleByAdam(rest), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))

/**
 * Adam with Nesterov's momentum, without the schedule of momentum that PyTorch has: as in Optax.
 * Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
 *
 * @example
 * const optimizer = nadam({ learningRate: 0.1, b1: 0 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.1, 0.1]
 */
export const nadam = ({ learningRate = 0.001, ...rest }: AdamOptions = {}) =>
  chain(scaleByNadam(rest), scaleByLearningRate(learningRate))

/**
 * Adam with the largest v so far in place of v. As in PyTorch.
 * Reddi, Kale & Kumar 2018, https://arxiv.org/abs/1904.09237
 *
 * @example
 * const optimizer = amsgrad({ learningRate: 0.1 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.1, 0.1]
 */
export const amsgrad = ({ learningRate = 0.001, ...rest }: AdamOptions = {}) =>
  chain(scaleByAmsgrad(rest), scaleByLearningRate(learningRate))

/**
 * Adam in the maximum norm: u ← max(b₂u, |g| + ε), update = -η·m̂/u. As in PyTorch.
 * Kingma & Ba 2015, section 7.1, https://arxiv.org/abs/1412.6980
 *
 * @example
 * const optimizer = adamax({ learningRate: 0.1 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.1, 0.1]
 */
export const adamax = ({ learningRate = 0.002, ...rest }: AdamOptions = {}) =>
  chain(scaleByAdamax(rest), scaleByLearningRate(learningRate))

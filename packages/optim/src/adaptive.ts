import { add, div, maximum, mul, sign, sqrt, square, sub, type Tensor } from '@cotangent/core'
import { chain } from './chain.js'
import { addDecayedWeights } from './decay.js'
import { type Hyper, like } from './hyper.js'
import { scaleByLearningRate } from './learningRate.js'
import { average, ratio, root, scaled } from './numeric.js'
import { scaleBy } from './scaleBy.js'

/** Options of {@link rmsprop}. */
export interface RmspropOptions {
  /** Default 0.01. */
  readonly learningRate?: Hyper
  /** Decay of the mean of squares. Default 0.99. */
  readonly decay?: Hyper
  /** Default 1e-8. */
  readonly eps?: Hyper
  /** Takes the variance of gradients in place of their mean square. Default false. */
  readonly centered?: boolean
  /** Default 0. */
  readonly momentum?: Hyper
}

/** The direction of {@link rmsprop}, without a learning rate. */
export const scaleByRms = ({
  decay = 0.99,
  eps = 1e-8,
  centered = false,
  momentum = 0,
}: Omit<RmspropOptions, 'learningRate'> = {}) =>
  scaleBy({
    hyper: { decay, eps, momentum },
    memory: ['nu', 'mean', 'momentum'],
    rule: (h) => (g: Tensor, memory: Readonly<Record<'nu' | 'mean' | 'momentum', Tensor>>) => {
      const nu = average(h.decay, memory.nu, square(g))
      const mean = centered ? average(h.decay, memory.mean, g) : memory.mean
      // Rounding may leave a variance just below 0.
      const power = centered ? maximum(sub(nu, square(mean)), 0) : nu
      const metric = add(root(power), like(h.eps, g))
      const update = add(scaled(memory.momentum, h.momentum), ratio(g, metric, h.eps))
      return { memory: { nu, mean, momentum: update }, metric, update }
    },
  })

/**
 * RMSProp: v ← αv + (1-α)g², update = -η·g/(√v + ε), with momentum on the quotient; centred: √(v - mean²). As in PyTorch.
 * Hinton, lecture 6e; Graves 2013, https://arxiv.org/abs/1308.0850
 *
 * @example
 * const optimizer = rmsprop({ learningRate: 0.1, decay: 0.75 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.2, 0.2]
 */
export const rmsprop = ({ learningRate = 0.01, ...rest }: RmspropOptions = {}) =>
  chain(scaleByRms(rest), scaleByLearningRate(learningRate))

/** Options of {@link adagrad}. */
export interface AdagradOptions {
  /** Default 0.01. */
  readonly learningRate?: Hyper
  /** Default 1e-10. */
  readonly eps?: Hyper
}

/** The direction of {@link adagrad}, without a learning rate. */
export const scaleByAdagrad = ({ eps = 1e-10 }: Omit<AdagradOptions, 'learningRate'> = {}) =>
  scaleBy({
    hyper: { eps },
    memory: ['sum'],
    rule: (h) => (g: Tensor, memory: Readonly<Record<'sum', Tensor>>) => {
      const sum = add(memory.sum, square(g))
      const metric = add(root(sum), like(h.eps, g))
      return { memory: { sum }, metric, update: ratio(g, metric, h.eps) }
    },
  })

/**
 * AdaGrad: s ← s + g², update = -η·g/(√s + ε). As in PyTorch. Duchi, Hazan & Singer 2011,
 * https://jmlr.org/papers/v12/duchi11a.html
 *
 * @example
 * const optimizer = adagrad({ learningRate: 0.1 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.1, 0.1]
 */
export const adagrad = ({ learningRate = 0.01, ...rest }: AdagradOptions = {}) =>
  chain(scaleByAdagrad(rest), scaleByLearningRate(learningRate))

/** Options of {@link adadelta}. */
export interface AdadeltaOptions {
  /** Default 1. */
  readonly learningRate?: Hyper
  /** Decay of both means. Default 0.9. */
  readonly decay?: Hyper
  /** Default 1e-6; it sets the size of the first steps, and 0 would not move. */
  readonly eps?: Hyper
}

/** The direction of {@link adadelta}, without a learning rate. */
export const scaleByAdadelta = ({ decay = 0.9, eps = 1e-6 }: Omit<AdadeltaOptions, 'learningRate'> = {}) =>
  scaleBy({
    hyper: { decay, eps },
    memory: ['nu', 'moved'],
    rule: (h) => (g: Tensor, memory: Readonly<Record<'nu' | 'moved', Tensor>>) => {
      const nu = average(h.decay, memory.nu, square(g))
      const size = (x: Tensor): Tensor => sqrt(add(x, like(h.eps, x)))
      const metric = div(size(nu), size(memory.moved))
      const update = mul(div(size(memory.moved), size(nu)), g)
      return { memory: { nu, moved: average(h.decay, memory.moved, square(update)) }, metric, update }
    },
  })

/**
 * AdaDelta: v ← ρv + (1-ρ)g², Δ = √(a + ε)/√(v + ε)·g, a ← ρa + (1-ρ)Δ², update = -η·Δ. As in PyTorch.
 * Zeiler 2012, https://arxiv.org/abs/1212.5701
 *
 * @example
 * const optimizer = adadelta({ learningRate: 1, eps: 1, decay: 0 })
 * optimizer.update(tensor([0]), optimizer.init(tensor([1])), { params: tensor([1]) }).updates // => [0]
 */
export const adadelta = ({ learningRate = 1, ...rest }: AdadeltaOptions = {}) =>
  chain(scaleByAdadelta(rest), scaleByLearningRate(learningRate))

/** Options of {@link lion}. */
export interface LionOptions {
  /** Default 1e-4. */
  readonly learningRate?: Hyper
  /** Share of the mean in the direction. Default 0.9. */
  readonly b1?: Hyper
  /** Decay of the mean. Default 0.99. */
  readonly b2?: Hyper
  /** Decoupled. Default 0. */
  readonly weightDecay?: Hyper
}

/** The direction of {@link lion}, without decay and learning rate. */
export const scaleByLion = ({ b1 = 0.9, b2 = 0.99 }: Pick<LionOptions, 'b1' | 'b2'> = {}) =>
  scaleBy({
    hyper: { b1, b2 },
    memory: ['mu'],
    rule:
      (h) =>
      (g: Tensor, { mu }: Readonly<Record<'mu', Tensor>>) => ({
        memory: { mu: average(h.b2, mu, g) },
        update: sign(average(h.b1, mu, g)),
      }),
  })

/**
 * Lion: update = -η·(sign(b₁m + (1-b₁)g) + λp), then m ← b₂m + (1-b₂)g. A sign has no metric, so it reports none.
 * Chen et al. 2023, https://arxiv.org/abs/2302.06675
 *
 * @example
 * const optimizer = lion({ learningRate: 0.1, weightDecay: 1 })
 * optimizer.update(tensor([2, 0]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.2, -0.1]
 */
export const lion = ({ learningRate = 1e-4, weightDecay = 0, ...rest }: LionOptions = {}) =>
  chain(scaleByLion(rest), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))

import {
  add,
  cast,
  div,
  mul,
  type Num,
  neg,
  pow,
  sqrt,
  square,
  sub,
  type Tensor,
  tree,
} from '@cotangent/core'
import { type Hyper, hyper, like } from './hyper.js'
import { noUpdates, zerosLike } from './sgd.js'
import type { Transform } from './transform.js'

/** Options of {@link adam}. */
export interface AdamOptions {
  /** Default 0.001. */
  readonly learningRate?: Hyper
  /** Decay of the mean of gradients. Default 0.9. */
  readonly b1?: number
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly b2?: number
  /** Default 1e-8. */
  readonly eps?: number
}

/** How many updates were made, and the running means of gradients and of their squares. */
export interface AdamState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/** b·mean + (1 - b)·x. */
const average = (b: number) => (mean: Tensor, x: Tensor) => add(mul(mean, b), mul(x, 1 - b))
/** 1 - b^t, in doubles: in single precision 1 - 0.999 is already off by 5e-5. */
const correction = (b: number, t: Tensor): Num => sub(1, pow(b, t))

/**
 * Adam: m ← b₁m + (1-b₁)g, v ← b₂v + (1-b₂)g², update = -η·m̂/(√v̂ + ε) with the bias corrections
 * m̂ = m/(1-b₁ᵗ), v̂ = v/(1-b₂ᵗ). As in PyTorch. It reports its metric D = √v̂ + ε.
 * Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 *
 * @example
 * const optimizer = adam({ learningRate: 0.1 })
 * optimizer.update(tensor([2, -3]), optimizer.init(tensor([1, 1])), { params: tensor([1, 1]) }).updates // => [-0.1, 0.1]
 */
export const adam = ({
  learningRate = 0.001,
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
}: AdamOptions = {}): Transform<AdamState> => ({
  init: (params) => ({ count: noUpdates(), mu: zerosLike(params), nu: zerosLike(params) }),
  update: (grads, state) => {
    const eta = hyper(learningRate, state.count)
    const count = add(state.count, 1)
    const t = cast(count, 'float64')
    const mu = tree.map(average(b1), state.mu, grads)
    const nu = tree.map((v: Tensor, g: Tensor) => average(b2)(v, square(g)), state.nu, grads)
    const [c1, c2] = [correction(b1, t), sqrt(correction(b2, t)) as Num]
    const metric = tree.map((v: Tensor) => add(div(sqrt(v), like(c2, v)), eps), nu)
    const factor = neg(div(eta, c1))
    const updates = tree.map((m: Tensor, d: Tensor) => div(mul(m, like(factor, m)), d), mu, metric)
    return {
      updates: updates as typeof grads,
      state: { count, mu, nu },
      info: { learningRate: eta, metric, count: state.count },
    }
  },
})

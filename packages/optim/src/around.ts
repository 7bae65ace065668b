import {
  add,
  cast,
  clip,
  div,
  equal,
  mul,
  type Num,
  square,
  sub,
  type Tensor,
  tree,
  where,
} from '@cotangent/core'
import { type Hyper, hyper } from './hyper.js'
import { descend } from './learningRate.js'
import { globalNorm, scaled } from './numeric.js'
import { noUpdates } from './state.js'
import { required, type Transform, type ValueAndGrad } from './transform.js'

type Counted<C> = Transform<{ readonly count: Tensor }, C>

/** Options of {@link polyak}. */
export interface PolyakOptions {
  /** The least value of the objective. Default 0. */
  readonly least?: Hyper
  /** The longest step. Default 1. */
  readonly max?: Hyper
}

/**
 * Gradient descent with the step length of Polyak: η = min(max, (f - f*)/‖g‖²), 0 where g is 0. Needs the `value` of the
 * objective in the context. Polyak 1987; Loizou et al. 2021, https://arxiv.org/abs/2002.10542
 *
 * @example
 * const optimizer = polyak()
 * optimizer.update(tensor([4]), optimizer.init(tensor([2])), { params: tensor([2]), value: 4 }).updates // => [-1]
 */
export const polyak = ({ least = 0, max = 1 }: PolyakOptions = {}): Counted<{ readonly value: Num }> => ({
  init: () => ({ count: noUpdates() }),
  update: (grads, { count }, context) => {
    const value = required('polyak', context, 'value')
    const values = { least: hyper(least, count), max: hyper(max, count) }
    const size = square(globalNorm(grads))
    const zero = equal(size, 0)
    const gap = sub(cast(value, 'float64'), values.least)
    const learningRate = where(zero, 0, clip(div(gap, where(zero, 1, size)), 0, values.max))
    return {
      updates: descend(grads, learningRate),
      state: { count: add(count, 1) },
      info: { learningRate, count, hyper: { ...values, learningRate } },
    }
  },
})

/**
 * Sharpness-aware minimisation: the gradient at p + ρ·g/‖g‖ in place of g, for the optimiser after it in the chain. Needs
 * `valueAndGrad` in the context and evaluates it once per update; at g = 0 it is ∇f(p).
 * Foret et al. 2021, https://arxiv.org/abs/2010.01412
 *
 * @example
 * const optimizer = chain(sam(0.5), sgd({ learningRate: 1 }))
 * const valueAndGradOf = valueAndGrad((w: Tensor) => mul(sum(square(w)), 0.5))
 * const context = { params: tensor([2]), valueAndGrad: valueAndGradOf }
 * optimizer.update(tensor([2]), optimizer.init(tensor([2])), context).updates // => [-2.5]
 */
export const sam = (rho: Hyper): Counted<{ readonly valueAndGrad: ValueAndGrad }> => ({
  init: () => ({ count: noUpdates() }),
  update: (grads, { count }, context) => {
    const valueAndGrad = required('sam', context, 'valueAndGrad')
    const radius = hyper(rho, count)
    const size = globalNorm(grads)
    const zero = equal(size, 0)
    const far = where(zero, 0, mul(div(1, where(zero, 1, size)), radius))
    const near = tree.map((p: Tensor, g: Tensor) => add(p, scaled(g, far)), context.params, grads)
    const [, updates] = valueAndGrad(near as never)
    return {
      updates: updates as typeof grads,
      state: { count: add(count, 1) },
      info: { hyper: { rho: radius } },
    }
  },
})

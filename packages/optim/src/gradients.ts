import {
  add,
  cast,
  div,
  isNaN,
  mean,
  mul,
  type Num,
  pow,
  random,
  sqrt,
  sub,
  type Tensor,
  tree,
  where,
} from '@cotangent/core'
import { unitAxes } from './clip.js'
import { type Hyper, hyper } from './hyper.js'
import { scaled } from './numeric.js'
import { noUpdates } from './state.js'
import { required, type Transform } from './transform.js'

/** A transform without memory: the same function for every leaf. */
const leafwise = (f: (g: Tensor) => Tensor): Transform<readonly []> => ({
  init: () => [],
  update: (grads) => ({ updates: tree.map(f, grads) as typeof grads, state: [], info: {} }),
})

/**
 * 0 in place of NaN; infinities stay.
 *
 * @example
 * zeroNans().update(tensor([NaN, 2]), [], { params: tensor([0, 0]) }).updates // => [0, 2]
 */
export const zeroNans = (): Transform<readonly []> => leafwise((g) => where(isNaN(g), 0, g))

/** Options of {@link centralize}. */
export interface CentralizeOptions {
  /** The axes over which a unit's weights lie. Default: all but the last. */
  readonly axis?: number | readonly number[]
}

/**
 * The gradient of each unit's weights less its mean; vectors stay as they are. Yong et al. 2020,
 * https://arxiv.org/abs/2004.01461
 *
 * @example
 * centralize().update(tensor([[1, 2], [3, 2]]), [], { params: zeros([2, 2]) }).updates // => [[-1, 0], [1, 0]]
 */
export const centralize = ({ axis }: CentralizeOptions = {}): Transform<readonly []> =>
  leafwise((g) => (g.rank < 2 ? g : sub(g, mean(g, { axis: axis ?? unitAxes(g), keepDims: true }))))

/** Options of {@link addNoise}. */
export interface NoiseOptions {
  /** Variance of the first update's noise. */
  readonly eta: Hyper
  /** Decay of the variance. Default 0.55. */
  readonly gamma?: Hyper
}

/**
 * g + N(0, η/tᵞ), t counting from 1. Needs a `key` in the context: the count of updates is folded into it, so one key
 * serves a whole training. Neelakantan et al. 2015, https://arxiv.org/abs/1511.06807
 *
 * @example
 * const noisy = addNoise({ eta: 0 })
 * noisy.update(tensor([1]), noisy.init(tensor([0])), { params: tensor([0]), key: random.key(0) }).updates // => [1]
 */
export const addNoise = ({
  eta,
  gamma = 0.55,
}: NoiseOptions): Transform<{ readonly count: Tensor }, { readonly key: Tensor }> => ({
  init: () => ({ count: noUpdates() }),
  update: (grads, { count }, context) => {
    const key = random.foldIn(required('addNoise', context, 'key'), count)
    const values = { eta: hyper(eta, count), gamma: hyper(gamma, count) }
    const next = add(count, 1)
    const deviation = sqrt(div(wide(values.eta), pow(cast(next, 'float64'), values.gamma)))
    let i = 0
    const updates = tree.map((g: Tensor) => {
      const dtype = g.dtype === 'float64' ? 'float64' : 'float32'
      const draw: Tensor = random.normal(random.foldIn(key, i++), g.shape, { dtype })
      return add(g, scaled(draw, deviation))
    }, grads)
    return { updates: updates as typeof grads, state: { count: next }, info: { hyper: values } }
  },
})

const wide = (x: Num): Tensor => (typeof x === 'number' ? cast(x, 'float64') : mul(x, 1))

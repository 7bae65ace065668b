import { add, CotangentError, div, type Num, reshape, sub, type Tensor, vjp } from '@cotangent/core'
import type { Functional, Traits } from './functional.js'
import { euclidean } from './functionals/grouped.js'
import { keepDtype } from './functionals/keepDtype.js'
import { times } from './functionals/scalars.js'

/** A researcher's own functional: the value, and what else is known of it. */
export interface OwnFunctional extends Omit<Partial<Functional>, 'traits' | 'value'> {
  /** R(x), a differentiable scalar. */
  readonly value: (x: Tensor) => Tensor
  /** What is claimed and `checkPenalty` tests. Default: nothing. */
  readonly traits?: Partial<Traits>
}

/**
 * A penalty of one's own: write the value and get the rest by differentiation; add a prox for exact zeros, a conjugate or
 * traits, and `checkPenalty` proves them. Without a prox it is added to the loss.
 *
 * @example
 * const bowl = functional({ name: 'bowl', value: (w) => sum(log1p(square(w))) })
 * bowl.value(tensor([3, 0])) // => 2.3026
 * checkPenalty(bowl)._tag // => 'Right'
 * // Hoyer's ratio is 0/0 at 0, and that is what checkPenalty says of it: law 11, finiteness.
 * const hoyer = functional({ name: 'hoyer', value: (w) => div(square(sum(abs(w))), sum(square(w))) })
 * checkPenalty(hoyer)._tag // => 'Left'
 */
export const functional = ({ name = 'functional', traits, ...rest }: OwnFunctional): Functional => {
  if (typeof rest.value !== 'function')
    throw new CotangentError(
      'Value',
      'functional: the value is missing. Give a function of a tensor to a scalar.',
      {
        op: 'functional',
      },
    )
  return { name, traits: { convex: false, smooth: false, separable: 'block', ...traits }, ...rest }
}

/** What is known of the linear map of {@link precompose}. */
export interface PrecomposeOptions {
  /** The α with A·Aᵀ = α·I: then the prox has a closed form. */
  readonly tight?: Num
}

/**
 * R(x) = f(A·x) for a linear map A. With A·Aᵀ = α·I (a tight frame: rotations, wavelets, selections, scalings) its prox is
 * x + Aᵀ(prox_{αt·f}(A·x) - A·x)/α; otherwise it has none. Beck 2017, "First-Order Methods in Optimization", theorem 6.15.
 *
 * @example
 * const sums = (x: Tensor) => matmul(tensor([[0.6, 0.8]]), x)
 * precompose(sums, l1(1), { tight: 1 }).prox!(tensor([3, 4]), 1) // => [2.4, 3.2]
 */
export const precompose = (
  map: (x: Tensor) => Tensor,
  f: Functional,
  { tight }: PrecomposeOptions = {},
): Functional => {
  const { prox } = f
  const { convex, indicator, homogeneous } = f.traits
  return keepDtype({
    name: `precompose(${f.name})`,
    traits: {
      convex,
      smooth: f.traits.smooth,
      separable: 'block',
      ...(indicator ? { indicator } : {}),
      ...(homogeneous ? { homogeneous } : {}),
    },
    value: (x) => f.value(map(x)),
    ...(prox === undefined || tight === undefined
      ? {}
      : {
          prox: (x, step, metric) => {
            euclidean('precompose', metric)
            const [y, back] = vjp(map, x) as [Tensor, (ct: Tensor) => readonly Tensor[]]
            const moved = back(sub(prox(y, times(tight, step)), y))[0]!
            return add(x, reshape(div(moved, tight), x.shape))
          },
        }),
  })
}

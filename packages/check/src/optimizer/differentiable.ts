import { type Tensor, tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { checkGrad } from '../checkGrad.js'
import { render } from '../report/render.js'
import { run } from './advance.js'
import type { OptimizerLaw } from './claim.js'

/**
 * The loss after a few steps is a differentiable function of the learning rate and of the parameters in the beginning, with the right
 * derivatives: what is learned by learning to learn. Roots of moments and clipped norms at 0 break it.
 */
export const differentiable: OptimizerLaw = (k) => {
  const after = ({ rate, params }: { readonly rate: Tensor; readonly params: unknown }): Tensor =>
    k.loss(run(k, rate, params).params)
  const at = { rate: tensor(k.learningRate, { dtype: 'float64' }) as Tensor, params: k.params }
  const found = checkGrad(after, [at], { seed: k.seed, modes: ['rev'], opinions: [] })
  return E.isLeft(found) ? render(found.left[0]) : k.steps
}

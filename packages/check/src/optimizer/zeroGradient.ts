import { mul, type Tensor, tensor, tree } from '@cotangent/core'
import { numbers, updated } from './advance.js'
import type { OptimizerLaw } from './claim.js'

/**
 * At a gradient of 0 the first update is finite, as quotients of moments must not be 0/0; and it is 0, unless the
 * parameters are pulled by something else, such as decay.
 */
export const zeroGradient: OptimizerLaw = (k) => {
  const optimizer = k.make(k.learningRate)
  const zero = tree.map((p: Tensor) => mul(p, 0) as Tensor, k.params as never)
  const state = (optimizer.init as (p: unknown) => unknown)(k.params)
  const flat = (): readonly unknown[] => [tensor(0), zero]
  const { updates } = updated(k, optimizer, zero, state, k.params, tensor(0), flat)
  const got = numbers(updates)
  const bad = got.find((u) => !Number.isFinite(u)) ?? (k.restless ? undefined : got.find((u) => u !== 0))
  return bad === undefined ? 1 : `an update of ${bad} at a gradient of 0`
}

import { difference, kinds, run } from './advance.js'
import type { OptimizerLaw } from './claim.js'

/**
 * The state is a fixed point of structure: after any number of updates it has the leaves, shapes and dtypes that it began with, so that a loop can carry it,
 * a compiled step can be called again and a checkpoint can be read; updates have those of the parameters.
 */
export const structure: OptimizerLaw = (k) => {
  const before = run(k, k.learningRate, k.params, 0)
  for (let steps = 1; steps <= k.steps; steps++) {
    const after = run(k, k.learningRate, k.params, steps)
    const state = difference(kinds(before.state), kinds(after.state))
    if (state) return `after ${steps} updates the state has ${state}`
    const updates = difference(kinds(k.params), kinds(after.updates))
    if (updates) return `update ${steps} has ${updates}`
  }
  return k.steps
}

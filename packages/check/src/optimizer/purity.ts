import { difference, numbers, run } from './advance.js'
import type { OptimizerLaw } from './claim.js'

/** An update is a function: from the same parameters, state and gradient come the same bits, whatever was run in between. */
export const purity: OptimizerLaw = (k) => {
  const before = numbers(k.params).map(String)
  const bits = (): string[] => {
    const { params, state } = run(k, k.learningRate, k.params)
    return numbers([params, state]).map(String)
  }
  const first = bits()
  run(k, 2 * k.learningRate, k.params, 1)
  const off = difference(first, bits())
  if (off) return `a second run from the same start has ${off}`
  const changed = difference(before, numbers(k.params).map(String))
  return changed ? `the parameters that were given have ${changed}` : 2
}

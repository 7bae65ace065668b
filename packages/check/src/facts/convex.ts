import { inner } from '../oracles/direction.js'
import { type FactLaw, search, slack } from './fact.js'

/**
 * f is convex if and only if its gradient supports it: f(y) ≥ f(x) + ⟨∇f(x), y - x⟩ for all x and y (where f has a kink, with
 * any subgradient). Adding the inequality with x and y exchanged, the gradient is monotone.
 */
export const convex: FactLaw<true> = (k) => {
  const [fx, g] = [k.value(k.x), k.gradient(k.x)]
  return search(k, (y) => {
    const step = y.map((v, i) => v - k.x[i]!)
    const [fy, rise, back] = [k.value(y), inner(g, step), inner(k.gradient(y), step)]
    const room = slack(k, fx, fy, rise, back)
    if (fy < fx + rise - room) return `f is ${fy} there, below ${fx + rise} of the supporting plane`
    if (back < rise - room) return `the slope towards it is ${rise}, and ${back} there: it must not fall`
    return null
  })
}

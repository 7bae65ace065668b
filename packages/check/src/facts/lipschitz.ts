import { inner } from '../oracles/direction.js'
import { type FactLaw, search, slack } from './fact.js'

/** |f(y) - f(x)| ≤ L‖y - x‖ for all x and y, if and only if ‖∇f‖ ≤ L wherever f is differentiable (Rademacher: almost everywhere). */
export const lipschitz: FactLaw<number> = (k, bound) => {
  const fx = k.value(k.x)
  return search(k, (y) => {
    const size = Math.sqrt(inner(k.gradient(y), k.gradient(y)))
    if (size > bound + slack(k, bound)) return `the gradient has the length ${size} there, more than ${bound}`
    const step = y.map((v, i) => v - k.x[i]!)
    const [change, reach] = [Math.abs(k.value(y) - fx), bound * Math.sqrt(inner(step, step))]
    if (change > reach + slack(k, fx, reach))
      return `f changes by ${change} on the way there, more than ${reach}`
    return null
  })
}

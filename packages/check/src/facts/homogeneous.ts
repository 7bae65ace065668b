import { inner } from '../oracles/direction.js'
import { type FactLaw, search, slack } from './fact.js'

/** f(tx) = tᵏ f(x) for t > 0. Differentiated by t at 1, this is Euler's identity ⟨∇f(x), x⟩ = k f(x). */
export const homogeneous: FactLaw<number> = (k, degree) =>
  search(k, (y) => {
    const [f, twice, slope] = [k.value(y), k.value(y.map((v) => 2 * v)), inner(k.gradient(y), y)]
    if (Math.abs(twice - 2 ** degree * f) > slack(k, twice, 2 ** degree * f))
      return `f(2x) is ${twice}, not ${2 ** degree * f} = 2^${degree} f(x)`
    if (Math.abs(slope - degree * f) > slack(k, slope, f))
      return `⟨∇f(x), x⟩ is ${slope}, not ${degree * f} = ${degree} f(x)`
    return null
  })

import { everywhere, minus, type ProxLaw, squared } from './claim.js'

/** The prox of the indicator of a set is the projection: it lies in the set, and projecting again, with any step, changes nothing. */
export const projection: ProxLaw = (k) => {
  if (!k.indicator) return 'R is not the indicator of a set'
  return everywhere(k, (x, _, p) => {
    if (k.value(p) !== 0) return `its value at the projection of [${Array.from(x)}] is ${k.value(p)}`
    for (const step of k.steps)
      if (!(Math.sqrt(squared(minus(k.prox(p, step), p))) <= 1e-10 * (1 + Math.sqrt(squared(p)))))
        return `projecting twice gives [${Array.from(k.prox(p, step))}]`
    return null
  })
}

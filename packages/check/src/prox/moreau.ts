import { everywhere, minus, type ProxLaw, squared } from './claim.js'

/** Moreau's decomposition, with a conjugate that is written down apart: x = prox(x, t) + t·prox*(x/t, 1/t), prox* that of R*. */
export const moreau: ProxLaw = (k) => {
  const { conjugate } = k
  if (!conjugate) return 'no prox of a conjugate is given'
  return everywhere(k, (x, step, p) => {
    const q = conjugate(
      x.map((v) => v / step),
      1 / step,
    )
    const sum = p.map((v, i) => v + step * q[i]!)
    return Math.sqrt(squared(minus(sum, x))) <= 1e-10 * (1 + Math.sqrt(squared(x)))
      ? null
      : `the proxes of R and of its conjugate add up to [${Array.from(sum)}]`
  })
}

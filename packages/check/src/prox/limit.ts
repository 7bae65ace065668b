import { minus, type ProxLaw, squared } from './claim.js'

const SMALL = 1e-8

/**
 * As t → 0 the prox tends to x, where R is finite there: t·R(p) + ½‖p - x‖² ≤ t·R(x), so that ‖p - x‖² ≤ 2t (R(x) - R(p)).
 */
export const limit: ProxLaw = (k) => {
  const finite = k.points.filter((x) => Number.isFinite(k.value(x)))
  if (finite.length === 0) return 'R is infinite at all points'
  for (const x of finite) {
    const p = k.prox(x, SMALL)
    const bound = 2 * SMALL * (k.value(x) - k.value(p)) + 1e-14 * (1 + squared(x))
    const off = squared(minus(p, x))
    if (!(off <= bound)) return { text: `at the step ${SMALL} it moves by ${Math.sqrt(off)}`, x, step: SMALL }
  }
  return finite.length
}

// A function along a line. Every estimate asks for values at powers of 2, so each is computed once.

/** φ(t) for t = ±2^-k and 0; NaN where the function is not defined or throws. */
export interface Line {
  readonly at0: number
  readonly probe: (k: number, sign: 1 | -1) => number
  /** φ(h) - φ(-h) at h = 2^-k, where it is known to more digits than those of its terms. */
  readonly odd?: (k: number) => number
  /** The size of rounding errors in φ, as far as they show at distances up to `reach`; default 2^-30. */
  readonly noise: (reach?: number) => number
}

/** `floor` is what rounding must at least amount to near 0. */
export const lineOf = (phi: (t: number) => number, eps: number, spread = 0): Line => {
  const safe = (t: number): number => {
    try {
      const y = phi(t)
      return Number.isFinite(y) ? y : Number.NaN
    } catch {
      return Number.NaN
    }
  }
  const at0 = safe(0)
  const seen = new Map<number, number>()
  // From where values can first be told apart to 2^-12, in proportion to the digits there are.
  const nearest = Math.log2(32 * eps)
  const steps = STEPS.map((part) => 2 ** Math.round(nearest + part * (-12 - nearest)))
  const known: number[] = []
  return {
    at0,
    probe: (k, sign) => {
      const t = sign * 2 ** -k
      const old = seen.get(t)
      if (old !== undefined) return old
      const y = safe(t)
      seen.set(t, y)
      return y
    },
    noise: (reach = 2 ** -30) => {
      let most = 0
      steps.forEach((step, i) => {
        if (i > 0 && step > reach) return
        known[i] ??= scatter(safe, step)
        if (known[i]! < Number.POSITIVE_INFINITY) most = Math.max(most, known[i]!)
      })
      return Math.max(2 * most, eps * Math.abs(at0), eps * spread, 1e-300)
    },
  }
}

/** Rounding repeats itself at points closer than an intermediate result can tell apart, hence several distances. */
const STEPS = [0, 6, 12, 17, 23, 29, 35].map((k) => k / 35)

/**
 * Rounding noise from a table of differences at a few very close points: smooth variation disappears in higher
 * differences, noise does not (Moré and Wild 2011, ECnoise). One side at a time, and without 0: a step or a kink at 0
 * itself is not noise.
 */
const scatter = (phi: (t: number) => number, step: number): number =>
  Math.min(oneSided(phi, step), oneSided(phi, -step))

const oneSided = (phi: (t: number) => number, step: number): number => {
  const m = 7
  let row = Array.from({ length: m + 1 }, (_, i) => phi((i + 1) * step))
  if (row.some(Number.isNaN)) return Number.POSITIVE_INFINITY
  const levels: number[] = []
  let gamma = 1
  for (let k = 1; k <= 5; k++) {
    row = row.slice(1).map((v, i) => v - row[i]!)
    gamma *= k / (2 * (2 * k - 1))
    levels.push(Math.sqrt((gamma * row.reduce((s, v) => s + v * v, 0)) / row.length))
  }
  // A steep function still varies at the lower levels; the higher ones see the noise alone.
  return Math.min(levels[2]!, levels[3]!, levels[4]!)
}

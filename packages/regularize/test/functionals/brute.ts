type Fn = (z: number) => number

const GOLDEN = (Math.sqrt(5) - 1) / 2

const refine = (f: Fn, from: number, to: number): number => {
  let [a, b] = [from, to]
  for (let i = 0; i < 60; i++) {
    const [c, d] = [b - GOLDEN * (b - a), a + GOLDEN * (b - a)]
    if (f(c) < f(d)) b = d
    else a = c
  }
  return (a + b) / 2
}

/** The least value of f over [from, to]: a dense grid, refined by golden section around its best points; and at `extra`. */
export const bruteMinimum = (
  f: Fn,
  from: number,
  to: number,
  extra: readonly number[] = [],
  n = 2000,
): number => {
  const h = (to - from) / n
  let best = Math.min(...extra.map(f))
  let at = from
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i <= n; i++) {
    const v = f(from + i * h)
    if (v < least) [least, at] = [v, from + i * h]
  }
  best = Math.min(best, least)
  for (const [a, b] of [
    [at - h, at],
    [at, at + h],
    [at - h, at + h],
  ] as const)
    best = Math.min(best, f(refine(f, a, b)))
  return best
}

/** The least of f at random points: around `center` on scales of many magnitudes, and on coordinate subspaces. */
export const randomMinimum = (
  f: (z: readonly number[]) => number,
  center: readonly number[],
  random: () => number,
  n = 400,
): number => {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < n; i++) {
    const scale = 10 ** (-7 * random())
    const z = center.map((v) => (random() < 0.2 ? v : v + 3 * scale * (2 * random() - 1)))
    best = Math.min(best, f(z), f(z.map((v) => (random() < 0.3 ? 0 : v))))
  }
  return best
}

/** A small generator of reproducible numbers in [0, 1). */
export const numbers = (seed: number): (() => number) => {
  let s = seed >>> 0
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return s / 2 ** 32
  }
}

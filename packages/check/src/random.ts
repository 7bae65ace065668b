// Directions: signed, so that the set where two errors cancel has measure zero; seeded, so that a failure replays.

export interface Rng {
  /** Uniform in (0, 1). */
  readonly uniform: () => number
  readonly normal: () => number
  readonly normals: (n: number) => Float64Array
}

/** Mulberry32. */
export const rngOf = (seed: number): Rng => {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal, normals: (n) => Float64Array.from({ length: n }, normal) }
}

export const freshSeed = (): number => Math.floor(Math.random() * 2 ** 31)

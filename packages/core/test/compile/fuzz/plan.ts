import type { Target } from '../../../src/compile/library.js'
import type { Wish } from './program.js'
import { Random } from './random.js'

/** How a program is compiled and run. */
export interface Plan {
  readonly target: Target
  /** The passes of `jit` come first. */
  readonly optimised: boolean
  /** Calls in which results are handed on to donated arguments, and other arguments change or come again. */
  readonly rounds: number
  /** All values are asked for, and each node is held to the interpreter with the operands that it had. */
  readonly nodes: boolean
  /** It is run on several threads, whose results must be those of one. */
  readonly shared: boolean
}

/** Plans in turn, by seed and by what the program wants. */
export const planOf = (seed: number, { relaxed = false } = {}, wish: Wish = {}): Plan => {
  const { rounds, nodes } = wish
  const r = new Random(seed ^ 0x5bd1e995)
  const sweeps = new Random(seed ^ 0x2c1b3c6d)
  const swept = sweeps.chance(0.5)
  const fused = relaxed && r.chance(0.5)
  const helped = r.chance(0.2)
  return {
    target: {
      relaxed: fused,
      ...((wish.threads ?? helped) && { threads: 2, worthSharing: 0 }),
      ...((wish.sweeps ?? swept) && { worthSweeping: 0, sweepBytes: sweeps.chance(0.5) ? 0 : 4096 }),
    },
    optimised: r.chance(0.5),
    rounds:
      rounds ??
      r.weighted([
        [4, 1],
        [3, 3],
      ]),
    nodes: nodes ?? r.chance(0.2),
    shared: wish.shared ?? false,
  }
}

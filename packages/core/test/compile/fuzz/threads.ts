import { Program as Compiled } from '../../../src/compile/program.js'
import { optimise } from '../../../src/optimise/optimise.js'
import { copyOf } from './data.js'
import { attempt, other } from './outcome.js'
import type { Plan } from './plan.js'
import type { Program } from './program.js'
import { Random } from './random.js'
import { spoil } from './spoil.js'

const CALLS = 3 // helpers come when they have started: some calls have them, some do not

/** Runs a program on one thread, then on two and now and then on three in turns: says what is not the same, bit by bit. */
export const threadsDiffer = ({ graph, args }: Program, plan: Plan, seed: number): string | undefined => {
  const lean = plan.optimised ? optimise(graph) : graph
  const random = new Random(seed ^ 0x6b43a9b5)
  const worthSharing = random.pick([0, 1000, 10_000])
  const programs = (random.chance(0.4) ? [1, 2, 3] : [1, 2]).map((threads) => ({
    threads,
    compiled: new Compiled(lean, { ...plan.target, threads, worthSharing }, { explained: true }),
  }))
  const run = (compiled: Compiled) => {
    spoil(compiled, 'nan')
    return attempt(() => compiled.run(args).map(copyOf))
  }
  try {
    const [alone, ...several] = programs
    const want = run(alone!.compiled)
    for (let call = 0; call < CALLS; call++)
      for (const { threads, compiled } of several) {
        const what = other(run(compiled), want)
        if (what !== undefined) return `call ${call}, on ${threads} threads: ${what}`
      }
    return undefined
  } finally {
    for (const { compiled } of programs) compiled.release()
  }
}

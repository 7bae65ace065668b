import { Program as Compiled } from '../../../src/compile/program.js'
import { optimise } from '../../../src/optimise/optimise.js'
import { prune } from '../../../src/optimise/prune.js'
import { sameShape } from '../../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../../src/tensor.js'
import { compare, shakes } from './compare.js'
import { copyOf, firstDifference } from './data.js'
import { exactly, interpret } from './judge.js'
import { attempt, type Outcome, other, textOf } from './outcome.js'
import type { Plan } from './plan.js'
import type { Program } from './program.js'
import { Random } from './random.js'
import { spoil, type Unread } from './spoil.js'

// Calls of a compiled program: results are handed on to donated arguments, other arguments change or come again. What is
// not given away must stay as it is, in the memory of programs too, and the first call must give the same once more.

/** Which arguments may be given away: those for which a result of the same kind comes back. */
const heirs = ({ graph }: Program): Map<number, number> => {
  const pairs = new Map<number, number>()
  const taken = new Set<number>()
  graph.inputs.forEach((s, i) => {
    const o = graph.outputs.findIndex(
      (out, k) => !taken.has(k) && out.dtype === s.dtype && sameShape(out.shape, s.shape),
    )
    if (o < 0 || i % 3 === 2) return
    pairs.set(i, o)
    taken.add(o)
  })
  return pairs
}

/** Other elements of the same sort, so that indices stay in range: the same ones backwards. */
const backwards = (t: Tensor): Tensor => fromData(dataOf(t).slice().reverse(), t.shape, t.dtype)

interface Runner {
  /** Runs in memory that was filled with what no program may read. */
  run(args: readonly Tensor[], unread?: Unread): Tensor[]
  release(): void
}

/** A program that makes its results in an order that begins elsewhere, and gives them in the usual one. */
const runnerOf = (
  { graph }: Program,
  { target, optimised }: Pick<Plan, 'target' | 'optimised'>,
  donated: readonly boolean[],
  from = 0,
): Runner => {
  const n = graph.outputs.length
  const turned = { ...graph, outputs: graph.outputs.map((_, k) => graph.outputs[(k + from) % n]!) }
  const compiled = new Compiled(optimised ? optimise(turned) : turned, target, { donated, explained: true })
  return {
    run: (args, unread = 'nan') => {
      spoil(compiled, unread)
      const got = compiled.run(args)
      return got.map((_, k) => got[(k + n - from) % n]!)
    },
    release: () => compiled.release(),
  }
}

/** Calls a program, and says what is wrong. */
export const callsDiffer = (program: Program, plan: Plan, seed: number): string | undefined => {
  const { graph, args } = program
  const pairs = plan.rounds > 1 ? heirs(program) : new Map<number, number>()
  const donated = graph.inputs.map((_, i) => pairs.has(i))
  const random = new Random(seed ^ 0x2545f491)
  const one = runnerOf(program, plan, donated)
  // Another program takes what the first has made, and the other way round.
  const two =
    plan.rounds > 2 && random.chance(0.3)
      ? runnerOf(program, { ...plan, optimised: !plan.optimised }, donated, 1)
      : undefined
  const needed = prune(graph)
  const others = args.map(backwards)
  // What is not given away any more, and what it held.
  const kept: [Tensor, Tensor][] = args.map((t) => [t, copyOf(t)])
  let first: Outcome<readonly Tensor[]> | undefined
  try {
    let now = [...args]
    for (let round = 0; round < plan.rounds; round++) {
      const given = now.map(copyOf)
      const want = attempt(() => interpret(needed, given.map(exactly), plan.target))
      const runner = two && round > 0 && random.chance(0.4) ? two : one
      const got = attempt(() => runner.run(now))
      if ('error' in got) {
        first ??= got
        if ('values' in want) return `round ${round}: refused: ${got.error.message}`
        if (textOf(got.error) !== textOf(want.error))
          return `round ${round}: says ${textOf(got.error)} and should say ${textOf(want.error)}`
        const lost = now.findIndex((t, i) => firstDifference(copyOf(t), given[i]!) !== undefined)
        if (lost >= 0) return `round ${round}: argument ${lost} changed though the call failed`
        // The next call has some of the arguments once more.
        const stays = now.map(() => random.chance(0.3))
        now.forEach((t, i) => {
          if (!stays[i]) kept.push([t, given[i]!])
        })
        now = now.map((t, i) => (stays[i] ? t : args[i]!))
        continue
      }
      const results = got.values.map(copyOf)
      first ??= { values: results }
      // What nothing depends on need not be computed, and is not refused then.
      const values =
        'values' in want
          ? [want.values]
          : [0, 1].map((instead) => interpret(needed, given.map(exactly), { ...plan.target, instead }))
      const wrong = values
        .map((v, instead) => compare(results, v, () => shakes(needed, given, plan.target, seed, instead)))
        .find((w) => w !== undefined)
      if (wrong !== undefined && !('values' in want))
        return `round ${round}: should have been refused: ${textOf(want.error)}`
      if (wrong !== undefined) return `round ${round}, ${wrong}`
      const fresh = now.map((_, i) => (random.chance(0.4) ? others : args)[i]!)
      const handedOn = now.map((_, i) => (random.chance(0.8) ? pairs.get(i) : undefined))
      got.values.forEach((t, k) => {
        if (!handedOn.includes(k) && plan.rounds > 1) kept.push([t, results[k]!])
      })
      now = fresh.map((t, i) => (handedOn[i] === undefined ? t : got.values[handedOn[i]]!))
    }
    const again = attempt(() => one.run(args, 'zero').map(copyOf))
    const changed = kept.findIndex(([t, was]) => firstDifference(copyOf(t), was) !== undefined)
    if (changed >= 0)
      return changed < args.length ? `argument ${changed} was written to` : 'a result of another call changed'
    const unsteady = other(again, first!)
    return unsteady && `called again: ${unsteady}`
  } finally {
    one.release()
    two?.release()
  }
}

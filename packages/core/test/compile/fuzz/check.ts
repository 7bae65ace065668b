import { theHeap } from '../../../src/compile/heap.js'
import type { Target } from '../../../src/compile/library.js'
import { Program as Compiled } from '../../../src/compile/program.js'
import { isFloat } from '../../../src/dtype.js'
import { CotangentError } from '../../../src/errors.js'
import type { GraphIR } from '../../../src/graph/ir.js'
import { optimise } from '../../../src/optimise/optimise.js'
import { prune } from '../../../src/optimise/prune.js'
import { sameShape } from '../../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../../src/tensor.js'
import { copyOf, firstDifference, firstOtherNumber } from './data.js'
import { exactly, interpret, type Manner, type Value } from './judge.js'
import type { Program, Wish } from './program.js'
import { Random } from './random.js'
import { boundOf, worstOf } from './ulps.js'

/** How a program is compiled and run. */
export interface Plan {
  readonly target: Target
  /** The passes of `jit` come first. */
  readonly optimised: boolean
  /** Calls in which results are handed on to donated arguments, and other arguments change or come again. */
  readonly rounds: number
  /** All values are asked for, and each node is held to the interpreter with the operands that it had. */
  readonly nodes: boolean
}

const SAMPLES = 6
const FACTOR = 16 // times the largest movement of a shaken interpreter

const shakes = (
  graph: GraphIR,
  args: readonly Tensor[],
  { relaxed }: Target,
  seed: number,
): readonly (readonly Tensor[])[] =>
  Array.from({ length: SAMPLES }, (_, k) =>
    interpret(graph, args.map(exactly), { relaxed, shake: new Random(seed + 7919 * k) }).map((v) => v.tensor),
  )

/** Is a result as near as shaking says it must be? Entries that shaking moves to another kind of number are left out. */
const near = (got: Tensor, want: Tensor, moved: readonly Tensor[]): number | undefined => {
  const [x, y] = [dataOf(got), dataOf(want)]
  const others = moved.map((t) => dataOf(t))
  const settled = (i: number): boolean =>
    others.every(
      (o) => Number.isFinite(o[i]!) === Number.isFinite(y[i]!) && Number.isNaN(o[i]!) === Number.isNaN(y[i]!),
    )
  let [spread, size] = [0, 0]
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]!)) continue
    size = Math.max(size, Math.abs(y[i]!))
    for (const o of others) if (Number.isFinite(o[i]!)) spread = Math.max(spread, Math.abs(o[i]! - y[i]!))
  }
  const tiny = got.dtype === 'float32' ? 2 ** -126 : 2 ** -1022
  const bound = isFloat(got.dtype)
    ? FACTOR * spread + (got.dtype === 'float32' ? 2 ** -21 : 2 ** -50) * size + tiny
    : spread
  // The largest float and infinity are neighbours.
  const top = got.dtype === 'float32' ? 2 ** 128 * (1 - 2 ** -24) : Number.MAX_VALUE
  const within = (x: number): number => Math.max(-top, Math.min(top, x))
  for (let i = 0; i < y.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i] || !settled(i)) continue
    const d = isFloat(got.dtype) ? within(x[i]!) - within(y[i]!) : x[i]! - y[i]!
    if (!(Math.abs(d) <= bound)) return i
  }
  return undefined
}

const show = (got: Tensor, want: Tensor, i: number): string =>
  i < 0
    ? `${got.dtype}[${got.shape}] for ${want.dtype}[${want.shape}]`
    : `entry ${i} of ${want.dtype}[${want.shape}] is ${dataOf(got)[i]} and should be ${dataOf(want)[i]}`

/** Compares results; says what is wrong with them. */
const compare = (
  got: readonly Tensor[],
  want: readonly Value[],
  moved: () => readonly (readonly Tensor[])[],
): string | undefined => {
  let others: ReturnType<typeof moved> | undefined
  for (const [k, { tensor, exact, unsigned, open }] of want.entries()) {
    const at = (unsigned ? firstOtherNumber : firstDifference)(got[k]!, tensor)
    if (at === undefined || (open && at >= 0)) continue
    if (exact || unsigned || at < 0)
      return `result ${k}: ${show(got[k]!, tensor, at)}, ${unsigned ? 'but for zeros' : 'bit by bit'}`
    others ??= moved()
    const far = near(
      got[k]!,
      tensor,
      others.map((o) => o[k]!),
    )
    if (far !== undefined) return `result ${k}: ${show(got[k]!, tensor, far)}, roughly`
  }
  return undefined
}

/** Fills the memory that programs share with what no program may read: NaN. */
const poison = (bytes: number): void => {
  const at = theHeap().needArena(bytes)
  theHeap().views.bool.fill(0xff, at, at + bytes)
}

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

type Outcome = { readonly values: Value[] } | { readonly error: CotangentError }
const attempt = (f: () => Value[]): Outcome => {
  try {
    return { values: f() }
  } catch (error) {
    if (error instanceof CotangentError) return { error }
    throw error
  }
}

const textOf = ({ kind, message, op, shapes }: CotangentError): string =>
  JSON.stringify([kind, message, op, shapes])

/** Other elements of the same sort, so that indices stay in range: the same ones backwards. */
const backwards = (t: Tensor): Tensor => fromData(dataOf(t).slice().reverse(), t.shape, t.dtype)

/** Runs a program compiled and interpreted; undefined if they agree, otherwise what is wrong. */
export const disagreement = (program: Program, plan: Plan, seed = 0): string | undefined =>
  (plan.rounds > 0 ? differs(program, plan, seed) : undefined) ??
  (plan.nodes ? nodeByNode(program, plan.target, seed) : undefined)

const differs = (program: Program, plan: Plan, seed: number): string | undefined => {
  const { graph, args } = program
  const pairs = plan.rounds > 1 ? heirs(program) : new Map<number, number>()
  const donated = graph.inputs.map((_, i) => pairs.has(i))
  const compiled = new Compiled(plan.optimised ? optimise(graph) : graph, plan.target, {
    donated,
    explained: true,
  })
  const needed = prune(graph)
  const before = args.map(copyOf)
  const others = args.map(backwards)
  const random = new Random(seed ^ 0x2545f491)
  // What is not given away any more has to stay as it is.
  const last: [Tensor, Tensor][] = args.map((t, i) => [t, before[i]!])
  try {
    let now = [...args]
    for (let round = 0; round < plan.rounds; round++) {
      const given = now.map(copyOf)
      const want = attempt(() => interpret(needed, given.map(exactly), plan.target))
      poison(compiled.plan!.procedure.arena)
      let got: Tensor[]
      try {
        got = compiled.run(now)
      } catch (error) {
        if (!(error instanceof CotangentError)) throw error
        if ('values' in want) return `round ${round}: refused: ${error.message}`
        if (textOf(error) !== textOf(want.error))
          return `round ${round}: says ${textOf(error)} and should say ${textOf(want.error)}`
        const lost = now.findIndex((t, i) => firstDifference(t, given[i]!) !== undefined)
        if (lost >= 0) return `round ${round}: argument ${lost} changed though the call failed`
        now.forEach((t, i) => {
          last.push([t, given[i]!])
        })
        now = [...args]
        continue
      }
      // What nothing depends on need not be computed, and is not refused then.
      const values =
        'values' in want
          ? [want.values]
          : [0, 1].map((instead) => interpret(needed, given.map(exactly), { ...plan.target, instead }))
      const wrong = values
        .map((v) => compare(got, v, () => shakes(needed, given, plan.target, seed)))
        .find((w) => w !== undefined)
      if (wrong !== undefined && !('values' in want))
        return `round ${round}: should have been refused: ${textOf(want.error)}`
      if (wrong !== undefined) return `round ${round}, ${wrong}`
      const fresh = now.map((_, i) => (random.chance(0.4) ? others : args)[i]!)
      const heirsOf = now.map((_, i) => (random.chance(0.8) ? pairs.get(i) : undefined))
      got.forEach((t, k) => {
        if (!heirsOf.includes(k) && plan.rounds > 1) last.push([t, copyOf(t)])
      })
      now = fresh.map((t, i) => (heirsOf[i] === undefined ? t : got[heirsOf[i]]!))
    }
    const changed = last.findIndex(([t, was]) => firstDifference(t, was) !== undefined)
    if (changed >= 0)
      return changed < args.length ? `argument ${changed} was written to` : 'a result of another call changed'
    return undefined
  } finally {
    compiled.release()
  }
}

/** Each node alone: with the operands that the compiled program had, the interpreter must come to the same. */
const nodeByNode = ({ graph, args }: Program, target: Target, seed: number): string | undefined => {
  const nodes = graph.nodes.filter((n) => n.op.name !== 'constant')
  const all = nodes.flatMap((n) => n.outputs)
  if (all.length === 0) return undefined
  const whole = { ...graph, outputs: all }
  const compiled = new Compiled(whole, target)
  let got: Tensor[]
  try {
    got = compiled.run(args)
  } catch (error) {
    if (error instanceof CotangentError) return undefined // seen above if it matters
    throw error
  } finally {
    compiled.release()
  }
  const values = new Map(all.map((s, i) => [s, got[i]!] as const))
  for (const [i, s] of graph.inputs.entries()) values.set(s, args[i]!)
  for (const n of graph.nodes)
    if (n.op.name === 'constant') values.set(n.outputs[0]!, n.params.value as Tensor)
  const random = new Random(seed)
  const manner: Manner = { relaxed: target.relaxed }
  for (const [k, node] of nodes.entries()) {
    const operands = node.inputs.map((s) => values.get(s)!)
    const alone = { inputs: node.inputs.map((s, i) => ({ ...s, id: -1 - i })), outputs: node.outputs }
    const single: GraphIR = { ...alone, nodes: [{ ...node, inputs: alone.inputs }] }
    const attempted = attempt(() => interpret(single, operands.map(exactly), manner))
    if (!('values' in attempted)) continue // a fault inside of the node that no result depends on
    const want = attempted.values
    const outputs = node.outputs.map((s) => values.get(s)!)
    const where = `node ${k} alone (${node.op.name})`
    const bound = boundOf(node)
    if (bound !== undefined) {
      const { ulps, at } = worstOf(node, operands, outputs[0]!, want[0]!.tensor, random)
      if (!(ulps <= bound)) return `${where}: ${show(outputs[0]!, want[0]!.tensor, at)}, off by ${ulps} ulp`
      continue
    }
    const wrong = compare(outputs, want, () => shakes(single, operands, target, seed))
    if (wrong !== undefined) return `${where}: ${wrong}`
  }
  return undefined
}

/** Plans in turn, by seed and by what the program wants. */
export const planOf = (seed: number, { relaxed = false } = {}, { rounds, nodes }: Wish = {}): Plan => {
  const r = new Random(seed ^ 0x5bd1e995)
  const sweeps = new Random(seed ^ 0x2c1b3c6d)
  return {
    target: {
      relaxed: relaxed && r.chance(0.5),
      ...(r.chance(0.2) && { threads: 2, worthSharing: 0 }),
      ...(sweeps.chance(0.5) && { worthSweeping: 0, sweepBytes: sweeps.chance(0.5) ? 0 : 4096 }),
    },
    optimised: r.chance(0.5),
    rounds:
      rounds ??
      r.weighted([
        [4, 1],
        [3, 3],
      ]),
    nodes: nodes ?? r.chance(0.2),
  }
}

import { theHeap } from '../../../src/compile/heap.js'
import type { Target } from '../../../src/compile/library.js'
import { Program as Compiled } from '../../../src/compile/program.js'
import { isFloat } from '../../../src/dtype.js'
import { CotangentError } from '../../../src/errors.js'
import type { GraphIR } from '../../../src/graph/ir.js'
import { optimise } from '../../../src/optimise/optimise.js'
import { prune } from '../../../src/optimise/prune.js'
import { sameShape } from '../../../src/shape.js'
import { dataOf, type Tensor } from '../../../src/tensor.js'
import { copyOf, firstDifference } from './data.js'
import { exactly, interpret, isExact, type Value } from './judge.js'
import type { Program } from './program.js'
import { Random } from './random.js'

/** How a program is compiled and run. */
export interface Plan {
  readonly target: Target
  /** The passes of `jit` come first. */
  readonly optimised: boolean
  /** Calls in which results are handed on to donated arguments. */
  readonly rounds: number
  /** All values are asked for, and each node is held to the interpreter with the operands that it had. */
  readonly nodes: boolean
}

const SAMPLES = 6
const FACTOR = 16 // times the largest movement of a shaken interpreter

const shakes = (graph: GraphIR, args: readonly Tensor[], seed: number): readonly (readonly Tensor[])[] =>
  Array.from({ length: SAMPLES }, (_, k) =>
    interpret(graph, args.map(exactly), new Random(seed + 7919 * k)).map((v) => v.tensor),
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
  for (let i = 0; i < y.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i] || !settled(i)) continue
    if (!(Math.abs(x[i]! - y[i]!) <= bound)) return i
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
  for (const [k, { tensor, exact, open }] of want.entries()) {
    const at = firstDifference(got[k]!, tensor)
    if (at === undefined || (open && at >= 0)) continue
    if (exact || at < 0) return `result ${k}: ${show(got[k]!, tensor, at)}, bit by bit`
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

type Outcome = { readonly values: Value[] } | { readonly error: unknown }
const attempt = (f: () => Value[]): Outcome => {
  try {
    return { values: f() }
  } catch (error) {
    return { error }
  }
}

/** Runs a program compiled and interpreted; undefined if they agree, otherwise what is wrong. */
export const disagreement = (program: Program, plan: Plan, seed = 0): string | undefined => {
  const { graph, args } = program
  const pairs = plan.rounds > 1 ? heirs(program) : new Map<number, number>()
  const donated = graph.inputs.map((_, i) => pairs.has(i))
  const compiled = new Compiled(plan.optimised ? optimise(graph) : graph, plan.target, {
    donated,
    explained: true,
  })
  const needed = prune(graph)
  const before = args.map(copyOf)
  try {
    let now = [...args]
    for (let round = 0; round < plan.rounds; round++) {
      const given = now.map(copyOf)
      const want = attempt(() => interpret(needed, given.map(exactly)))
      poison(compiled.plan!.procedure.arena)
      let got: Tensor[]
      try {
        got = compiled.run(now)
      } catch (error) {
        if (!(error instanceof CotangentError)) throw error
        if ('values' in want) return `round ${round}: refused: ${error.message}`
        const kept = now.findIndex((t, i) => firstDifference(t, given[i]!) !== undefined)
        return kept < 0 ? undefined : `argument ${kept} changed though the call failed`
      }
      if (!('values' in want)) return `round ${round}: should have been refused: ${String(want.error)}`
      const wrong = compare(got, want.values, () => shakes(needed, given, seed))
      if (wrong !== undefined) return `round ${round}, ${wrong}`
      now = now.map((t, i) => (pairs.has(i) ? got[pairs.get(i)!]! : t))
    }
    const changed = args.findIndex((t, i) => firstDifference(t, before[i]!) !== undefined)
    if (changed >= 0) return `argument ${changed} was written to`
  } finally {
    compiled.release()
  }
  return plan.nodes ? nodeByNode(program, plan.target, seed) : undefined
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
  for (const [k, node] of nodes.entries()) {
    const operands = node.inputs.map((s) => values.get(s)!)
    if (
      isExact(node, operands) &&
      node.op.name !== 'dot' &&
      node.op.name !== 'conv' &&
      node.op.name !== 'sum'
    )
      continue
    const alone = {
      inputs: node.inputs.map((s, i) => ({ ...s, id: -1 - i })),
      nodes: [] as typeof graph.nodes,
      outputs: node.outputs,
    }
    const single: GraphIR = { ...alone, nodes: [{ ...node, inputs: alone.inputs }] }
    const want = interpret(single, operands.map(exactly))
    const wrong = compare(
      node.outputs.map((s) => values.get(s)!),
      want,
      () => shakes(single, operands, seed),
    )
    if (wrong !== undefined) return `node ${k} alone (${node.op.name}): ${wrong}`
  }
  return undefined
}

/** Plans in turn, by seed. */
export const planOf = (seed: number, { relaxed = false } = {}): Plan => {
  const r = new Random(seed ^ 0x5bd1e995)
  return {
    target: {
      relaxed: relaxed && r.chance(0.5),
      ...(r.chance(0.2) && { threads: 2, worthSharing: 0 }),
    },
    optimised: r.chance(0.5),
    rounds: r.weighted([
      [4, 1],
      [3, 3],
    ]),
    nodes: r.chance(0.3),
  }
}

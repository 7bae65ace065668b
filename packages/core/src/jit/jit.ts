import { callerSite } from '../errors.js'
import { Graph } from '../graph/graph.js'
import type { GraphIR } from '../graph/ir.js'
import { optimise } from '../optimise/optimise.js'
import { dataOf, markDonated, symOf, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { evaluate } from '../transforms/evaluate.js'
import { countLeaves, flatten, type TreeDef, unflatten } from '../tree/tree.js'
import { type Argument, donatedLeaves, flattenArguments } from './arguments.js'
import { type Executable, makeExecutable } from './execute.js'
import { dynamicKey, StaticKeys } from './key.js'
import { Lru } from './lru.js'
import { checkPositions, type JitOptions, readOptions } from './options.js'

export type { JitOptions } from './options.js'

const CAPACITY = 64 // programs kept for one function

/** A function traced at one structure, with what runs it. */
interface Program {
  /** As traced: this is what transforms see, rules of operations included. */
  readonly graph: GraphIR
  readonly captured: readonly Tensor[]
  readonly outDef: TreeDef
  /** Made at the first call on values. */
  ready?: { readonly graph: GraphIR; readonly executable: Executable }
}

/** A compiled function. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: A): R
  /** How many programs are kept: one for each structure, shapes, dtypes and static arguments seen lately. */
  cacheSize(): number
  /** Forgets all programs. */
  clearCache(): void
  /** The optimised graph that a call with these arguments runs. For a graph to differentiate use `trace`. */
  graph(...args: A): Graph
}

/**
 * Compiles a function: it is traced once for each structure of arguments (shapes, dtypes, static values), optimised,
 * and from then on only the graph runs. Values are not known while tracing, so branch with `where` or `cond`. Under
 * another transform the graph is part of that transform's program, so `grad(jit(f))` and `jit(grad(f))` agree.
 *
 * Numbers are traced too: they become scalar tensors in the dtype of the tensors passed with them. With `donate`,
 * arguments are given away: using them after the call throws.
 *
 * @throws CotangentError of kind `TracedValue` for a branch on a traced value, `Donated` for a tensor that was given
 * away or is passed twice, `Value` for options that do not fit the arguments.
 * @example
 * const f = jit((x: Tensor) => sum(square(x)))
 * f(tensor([1, 2, 3])) // => 14
 * grad(f)(tensor([1, 2, 3])) // => [2, 4, 6]
 */
export const jit = <A extends readonly unknown[] = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  options: JitOptions = {},
): Jitted<A, R> => {
  const positions = readOptions(options)
  const programs = new Lru<Program>(CAPACITY, (program) => program.ready?.executable.release())
  const statics = new StaticKeys()

  const keyOf = (args: readonly unknown[], flat: readonly Argument[]): string => {
    let at = 0
    return args
      .map((arg, i) => {
        if (positions.fixed.has(i)) return statics.of(arg)
        const { def, leaves } = flat[at++]!
        return dynamicKey(def, leaves)
      })
      .join('|')
  }

  const traceProgram = (args: readonly unknown[], flat: readonly Argument[]): Program => {
    let outDef: TreeDef | undefined
    const leaves = flat.flatMap((x) => [...x.leaves])
    const { graph, captured } = build(
      'jit',
      leaves.map((t) => ({ shape: t.shape, dtype: t.dtype })),
      (...symbols) => {
        const trees = [...args]
        let from = 0
        for (const { index, def } of flat) {
          const n = countLeaves(def)
          trees[index] = unflatten(def, symbols.slice(from, from + n))
          from += n
        }
        const out = flatten(f(...(trees as unknown as A)), 'jit: the result')
        outDef = out.def
        return out.leaves
      },
    )
    return { graph, captured, outDef: outDef! }
  }

  const programFor = (args: readonly unknown[], flat: readonly Argument[]): Program => {
    const key = keyOf(args, flat)
    const known = programs.get(key)
    if (known) return known
    const program = traceProgram(args, flat)
    // What it captured belongs to the transform around this very call.
    if (program.captured.length === 0) programs.set(key, program)
    return program
  }

  const readyOf = (program: Program): NonNullable<Program['ready']> => {
    if (!program.ready) {
      const graph = optimise(program.graph)
      program.ready = { graph, executable: makeExecutable(graph, positions) }
    }
    return program.ready
  }

  const prepare = (args: readonly unknown[]): Argument[] => {
    checkPositions(positions, args.length)
    return flattenArguments(args, positions)
  }

  const run = (...args: A): R => {
    const flat = prepare(args)
    const leaves = flat.flatMap((x) => [...x.leaves])
    const donated = donatedLeaves(flat, positions)
    const symbolic = leaves.some((t) => symOf(t) !== undefined)
    // Donated tensors are refused here, before anything is traced.
    for (const t of leaves) if (symOf(t) === undefined) dataOf(t)
    const program = programFor(args, flat)
    const all = [...leaves, ...program.captured]
    const outs =
      symbolic || program.captured.length > 0
        ? evaluate(program.graph, all)
        : readyOf(program).executable.run(leaves)
    // A symbol has no storage to give away: only calls on values donate.
    if (donated.length > 0 && !symbolic && program.captured.length === 0) {
      const site = callerSite()
      const where = `${f.name || 'jit'}${site === '' ? '' : ` (${site})`}`
      for (const t of donated) markDonated(t, where)
    }
    return unflatten(program.outDef, outs) as R
  }

  return Object.assign(run, {
    cacheSize: () => programs.size,
    clearCache: () => programs.clear(),
    graph: (...args: A): Graph => {
      const flat = prepare(args)
      const program = programFor(args, flat)
      return new Graph(
        readyOf(program).graph,
        { args: flat.map((x) => x.def), result: program.outDef },
        program.captured,
      )
    },
  })
}

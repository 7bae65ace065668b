import { explainProgram, hasSimd } from '../compile/index.js'
import { callerSite, fail } from '../errors.js'
import { Graph } from '../graph/graph.js'
import type { GraphIR } from '../graph/ir.js'
import { printGraph } from '../graph/print.js'
import { optimise } from '../optimise/optimise.js'
import { dataOf, donatedTo, markDonated, stamped, symOf, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { installAccelerator } from '../trace/trace.js'
import { evaluate } from '../transforms/evaluate.js'
import { countLeaves, flatten, type TreeDef, unflatten } from '../tree/tree.js'
import { numberLeaves } from '../tree/weak.js'
import { type Argument, donatedLeaves, flattenArguments } from './arguments.js'
import { accelerate } from './eager.js'
import { type Executable, makeExecutable, targetOf } from './execute.js'
import { dynamicKey, StaticKeys } from './key.js'
import { Lru } from './lru.js'
import { checkPositions, type JitOptions, readOptions } from './options.js'
import { type LeafType, Recall, rebuild } from './recall.js'

export type { JitOptions } from './options.js'

// Whoever uses jit has the compiler; large operations outside of programs use it too.
installAccelerator(accelerate)

const CAPACITY = 64 // programs kept for one function

/** A function traced at one structure, with what runs it. */
interface Program {
  /** As traced: this is what transforms see, rules of operations included. */
  readonly graph: GraphIR
  readonly captured: readonly Tensor[]
  readonly outDef: TreeDef
  /** For each leaf of the arguments: is it given away? */
  readonly donated: readonly boolean[]
  /** Made at the first call on values. */
  ready?: { readonly graph: GraphIR; readonly executable: Executable }
}

/** A call on values, so that the next one like it is recognised without a key. */
interface Memory {
  readonly defs: readonly TreeDef[]
  /** For each leaf: is it given away? */
  readonly donated: readonly boolean[]
  readonly types: readonly LeafType[]
  readonly outDef: TreeDef
  readonly executable: Executable
}

const REMEMBERED = 4 // the calls seen last; others are found by their key

let calls = 0

/** A compiled function. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: A): R
  /** How many programs are kept: one for each structure, shapes, dtypes and static arguments seen lately. */
  cacheSize(): number
  /** Forgets all programs. */
  clearCache(): void
  /** The optimised graph that a call with these arguments runs. For a graph to differentiate use `trace`. */
  graph(...args: A): Graph
  /**
   * What a call with these arguments is compiled to, as a text to read: what the passes did, each step with its work and
   * its predicted and measured time, and the memory. The function is run a few times; nothing is given away.
   */
  explain(...args: A): string
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
  const forget = (program: Program): void => {
    const executable = program.ready?.executable
    executable?.release()
    const at = memories.findIndex((m) => m.executable === executable)
    if (at >= 0) memories.splice(at, 1)
  }
  const programs = new Lru<Program>(CAPACITY, forget)
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
    const donated = flat.flatMap((x) => x.leaves.map(() => positions.donate.has(x.index)))
    return { graph, captured, outDef: outDef!, donated }
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
      program.ready = { graph, executable: makeExecutable(graph, positions, program.donated) }
    }
    return program.ready
  }

  const prepare = (args: readonly unknown[]): Argument[] => {
    checkPositions(positions, args.length)
    return flattenArguments(args, positions)
  }

  // Where it was made is where its name leads; found when the first tensor is given away.
  const site = positions.donate.size > 0 ? callerSite() : ''
  const place = `${f.name || 'jit'}${site === '' ? '' : ` (${site})`}`
  const memories: Memory[] = []

  const again = (args: readonly unknown[]): { readonly result: R } | undefined => {
    for (let m = 0; m < memories.length; m++) {
      const memory = memories[m]!
      const { defs, types } = memory
      if (defs.length !== args.length) continue
      const recall = new Recall(types, ++calls)
      let same = true
      for (let i = 0; same && i < defs.length; i++)
        same = recall.follow(args[i], defs[i]!, positions.donate.has(i))
      if (!same || !distinct(recall, memory.donated)) continue
      if (m > 0) {
        memories.splice(m, 1)
        memories.unshift(memory)
      }
      const outs = memory.executable.run(recall.leaves)
      give(recall.leaves, memory.donated)
      return { result: rebuild(memory.outDef, outs) as R }
    }
    return undefined
  }

  /** No argument that stays is one that is given away. */
  const distinct = ({ leaves, call }: Recall, donated: readonly boolean[]): boolean => {
    if (positions.donate.size === 0) return true
    for (let i = 0; i < leaves.length; i++) {
      const x = leaves[i]!
      if (!donated[i] && typeof x !== 'number' && stamped(x, call)) return false
    }
    return true
  }

  const give = (leaves: readonly (Tensor | number)[], donated: readonly boolean[]): void => {
    if (positions.donate.size === 0) return
    for (let i = 0; i < leaves.length; i++) {
      const x = leaves[i]!
      if (donated[i] && typeof x !== 'number') markDonated(x, place)
    }
  }

  const remember = (program: Program, flat: readonly Argument[], args: readonly unknown[]): void => {
    if (positions.fixed.size > 0) return
    const weak = args.flatMap((arg) => numberLeaves(arg).map((x) => x !== undefined))
    const leaves = flat.flatMap((x) => [...x.leaves])
    memories.unshift({
      defs: flat.map((x) => x.def),
      types: leaves.map(({ shape, dtype }, i) => ({ shape, dtype, weak: weak[i]! })),
      donated: program.donated,
      outDef: program.outDef,
      executable: readyOf(program).executable,
    })
    if (memories.length > REMEMBERED) memories.pop()
  }

  const run = (...args: A): R => {
    const known = again(args)
    if (known) return known.result
    return slowly(args)
  }

  const slowly = (args: A): R => {
    const flat = prepare(args)
    const leaves = flat.flatMap((x) => [...x.leaves])
    const donated = donatedLeaves(flat, positions)
    const symbolic = leaves.some((t) => symOf(t) !== undefined)
    // Donated tensors are refused here, before anything is traced.
    for (const t of leaves) if (donatedTo(t) !== undefined) dataOf(t)
    const program = programFor(args, flat)
    const all = [...leaves, ...program.captured]
    const outs =
      symbolic || program.captured.length > 0
        ? evaluate(program.graph, all)
        : readyOf(program).executable.run(leaves)
    if (!symbolic && program.captured.length === 0) {
      // A symbol has no storage to give away: only calls on values donate.
      for (const t of donated) markDonated(t, place)
      remember(program, flat, args)
    }
    return unflatten(program.outDef, outs) as R
  }

  return Object.assign(run, {
    cacheSize: () => programs.size,
    clearCache: () => programs.clear(),
    explain: (...args: A): string => {
      const flat = prepare(args)
      const leaves = flat.flatMap((x) => [...x.leaves])
      if (leaves.some((t) => symOf(t) !== undefined))
        fail('TracedValue', 'jit: explain measures calls, so it needs values, not traced tensors.', {
          op: 'jit',
        })
      const program = programFor(args, flat)
      if (positions.backend === 'interpreter' || !hasSimd())
        return `interpreted, node by node:\n${printGraph(readyOf(program).graph)}`
      return explainProgram(
        program.graph,
        readyOf(program).graph,
        targetOf(positions),
        program.donated,
        leaves,
      )
    },
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

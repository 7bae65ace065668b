import { defaultThreads, hasRelaxedMadd, hasSimd, Program, theHeap } from '../compile/index.js'
import type { Target } from '../compile/library.js'
import type { GraphIR } from '../graph/ir.js'
import { filled, type Tensor } from '../tensor.js'
import { planGraph, runPlan } from './plan.js'

/** An optimised graph made ready to run. */
export interface Executable {
  run(args: readonly (Tensor | number)[]): Tensor[]
  /** Gives back the memory that it holds. */
  release(): void
}

/** What code may be made of a graph. */
export interface ExecuteOptions {
  /** Results do not depend on whether the engine fuses multiplication and addition. */
  readonly deterministic: boolean
  readonly backend: 'auto' | 'interpreter'
  readonly threads: number | undefined
}

const interpreted = (graph: GraphIR): Executable => {
  const plan = planGraph(graph)
  return {
    run: (args) =>
      runPlan(
        plan,
        args.map((x, i) => (typeof x === 'number' ? filled(x, [], graph.inputs[i]!.dtype) : x)),
      ),
    release: () => {},
  }
}

let warned = false

const canCompile = (simd: () => boolean): boolean => {
  if (simd()) return true
  if (!warned) {
    warned = true
    console.warn(
      'jit: this engine has no WebAssembly with 128-bit vectors; programs run on the interpreter, which is slow.',
    )
  }
  return false
}

/** Memory is given back when nobody can run the program any more. */
const abandoned = new FinalizationRegistry<Program['holdings']>((holdings) => holdings.release())

/** For what code is made. */
export const targetOf = ({ deterministic, threads }: ExecuteOptions): Target => ({
  relaxed: !deterministic && hasRelaxedMadd(),
  threads: threads ?? defaultThreads(),
})

const compiled = (graph: GraphIR, options: ExecuteOptions, donated: readonly boolean[]): Executable => {
  const program = new Program(graph, targetOf(options), { donated })
  let spare: Executable | undefined
  const executable: Executable = {
    run: (args) => {
      // Inside a program the arena is taken: what the interpreter calls from there is interpreted.
      if (theHeap().busy) {
        spare ??= interpreted(graph)
        return spare.run(args)
      }
      return program.run(args)
    },
    release: () => {
      abandoned.unregister(executable)
      program.release()
    },
  }
  abandoned.register(executable, program.holdings, executable)
  return executable
}

/** Compiles a graph where the engine allows it. */
export const makeExecutable = (
  graph: GraphIR,
  options: ExecuteOptions,
  donated: readonly boolean[],
  simd: () => boolean = hasSimd,
): Executable =>
  options.backend === 'auto' && canCompile(simd) ? compiled(graph, options, donated) : interpreted(graph)

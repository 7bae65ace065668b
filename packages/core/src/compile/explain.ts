import { costOf } from '../graph/cost.js'
import type { GraphIR } from '../graph/ir.js'
import type { Tensor } from '../tensor.js'
import { bytesOf } from './buffer.js'
import type { Target } from './library.js'
import { prepare } from './passes/prepare.js'
import { swapTransposed } from './passes/swap.js'
import { unfold } from './passes/unfold.js'
import { Program } from './program.js'
import type { Step } from './step.js'

const RUNS = 12

const count = (n: number): string =>
  n >= 1e9
    ? `${(n / 1e9).toFixed(2)}G`
    : n >= 1e6
      ? `${(n / 1e6).toFixed(2)}M`
      : n >= 1e4
        ? `${(n / 1e3).toFixed(1)}k`
        : String(Math.round(n))
const bytes = (n: number): string =>
  n >= 1 << 20 ? `${(n / (1 << 20)).toFixed(1)} MiB` : n >= 1024 ? `${(n / 1024).toFixed(1)} KiB` : `${n} B`
const time = (ns: number): string =>
  ns >= 1e6
    ? `${(ns / 1e6).toFixed(2)} ms`
    : ns >= 1e3
      ? `${(ns / 1e3).toFixed(1)} µs`
      : `${Math.round(ns)} ns`

/** Rows of text as a table: the first column to the left, the others to the right, the last one free. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)))
  return rows
    .map((r) =>
      r
        .map((x, c) => (c === 0 ? x.padEnd(widths[c]!) : c === r.length - 1 ? x : x.padStart(widths[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[xs.length >> 1] ?? 0

/** Nanoseconds of each step and of all, medians of several runs. */
const measure = (
  graph: GraphIR,
  target: Target,
  args: readonly (Tensor | number)[],
): { steps: number[]; whole: number } => {
  const now = (): number => performance.now() * 1e6
  const times: number[][] = []
  let last = 0
  const program = new Program(
    graph,
    { ...target, threads: 1 },
    {
      onStep: (i) => {
        const t = now()
        times[i] ??= []
        times[i].push(t - last)
        last = now()
      },
    },
  )
  const whole = new Program(graph, target)
  const all: number[] = []
  try {
    for (let i = 0; i < RUNS; i++) {
      last = now()
      program.run(args)
      const from = now()
      whole.run(args)
      all.push(now() - from)
    }
  } finally {
    program.release()
    whole.release()
  }
  return { steps: times.map(median), whole: median(all) }
}

const moved = (step: Step): number =>
  [...new Set([...step.reads, ...step.writes])].reduce(
    (n, b) => n + b.size * (b.dtype === 'float64' ? 8 : b.dtype === 'bool' ? 1 : 4),
    0,
  )

/** A compiled program in words: what the passes did, its steps with predicted and measured times, its memory. */
export const explainProgram = (
  traced: GraphIR,
  optimised: GraphIR,
  target: Target,
  donated: readonly boolean[],
  args: readonly (Tensor | number)[],
): string => {
  const unfolded = unfold(optimised)
  const swapped = swapTransposed(unfolded)
  const prepared = prepare(optimised)
  const before = performance.now()
  const program = new Program(optimised, target, { donated, explained: true })
  const compiling = performance.now() - before
  const { steps, whole } = measure(optimised, target, args)
  const { facts, plan } = program
  const { procedure, unit } = plan!
  const isShared = (step: Step): boolean => step.divisible && unit.isShared(step)
  const cost = costOf(prepared)
  const rows = procedure.steps.map((step, i) => [
    String(i),
    isShared(step) ? `${step.kind}*` : step.kind,
    count(step.flops),
    bytes(moved(step)),
    time(step.work),
    time(steps[i] ?? 0),
    `${step.text}${step.path === '' ? '' : `  (${step.path})`}`,
  ])
  const temporaries = new Set(
    procedure.steps.flatMap((s) => s.writes.filter((b) => b.place.kind === 'arena')),
  )
  const separate = [...temporaries].reduce((n, b) => n + bytesOf(b), 0)
  const pairs = program.heirs
  const text = [
    `passes: ${traced.nodes.length} nodes traced, ${optimised.nodes.length} after folding, sharing, pruning and simplifying, ${unfolded.nodes.length} unfolded, ${swapped.nodes.length - prepared.nodes.length} dropped where a transposed product was written the other way round, ${procedure.steps.length} steps after fusion`,
    `work: ${count(cost.flops)} floating-point operations; ${bytes(procedure.steps.reduce((n, s) => n + moved(s), 0))} through memory in steps, ${bytes(cost.bytes)} if every node went alone`,
    '',
    table([['step', 'kind', 'flops', 'bytes', 'predicted', 'measured', 'what'], ...rows]),
    '',
    ...(procedure.steps.some((s) => isShared(s))
      ? [`* shared between ${unit.regions?.threads ?? 1} threads; measured on one`]
      : []),
    `memory: ${bytes(facts.arena)} of arena, of which ${bytes(procedure.arena)} for ${temporaries.size} temporary values (${bytes(separate)} if each had its own place); ${bytes(facts.frame)} for addresses and constants`,
    ...(pairs.length > 0
      ? [`donated: ${pairs.length} arguments, ${pairs.filter((p) => p.inPlace).length} overwritten in place`]
      : []),
    `module: ${bytes(program.bytes)} of WebAssembly, compiled in ${compiling.toFixed(1)} ms`,
    `whole call: predicted ${time(procedure.steps.reduce((n, s) => n + s.work, 0))}, measured ${time(whole)}`,
  ]
  program.release()
  return text.join('\n')
}

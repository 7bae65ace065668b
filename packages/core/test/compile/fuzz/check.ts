import type { Target } from '../../../src/compile/library.js'
import { Program as Compiled } from '../../../src/compile/program.js'
import type { GraphIR } from '../../../src/graph/ir.js'
import type { Tensor } from '../../../src/tensor.js'
import { callsDiffer } from './calls.js'
import { compare, shakes } from './compare.js'
import { show } from './data.js'
import { exactly, interpret, type Manner } from './judge.js'
import { attempt, type Outcome } from './outcome.js'
import type { Plan } from './plan.js'
import type { Program } from './program.js'
import { Random } from './random.js'
import { threadsDiffer } from './threads.js'
import { boundOf, worstOf } from './ulps.js'

/** Runs a program compiled and interpreted, or with more threads; undefined if all agree, otherwise what is wrong. */
export const disagreement = (program: Program, plan: Plan, seed = 0): string | undefined =>
  (plan.rounds > 0 ? callsDiffer(program, plan, seed) : undefined) ??
  (plan.nodes ? nodeByNode(program, plan.target, seed) : undefined) ??
  (plan.shared ? threadsDiffer(program, plan, seed) : undefined)

/** Each node alone: with the operands that the compiled program had, the interpreter must come to the same. */
const nodeByNode = ({ graph, args }: Program, target: Target, seed: number): string | undefined => {
  const nodes = graph.nodes.filter((n) => n.op.name !== 'constant')
  const all = nodes.flatMap((n) => n.outputs)
  if (all.length === 0) return undefined
  const whole = { ...graph, outputs: all }
  const compiled = new Compiled(whole, target)
  let run: Outcome<Tensor[]>
  try {
    run = attempt(() => compiled.run(args))
  } finally {
    compiled.release()
  }
  if ('error' in run) return undefined // seen above if it matters
  const got = run.values
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

import { allocate } from '../../../src/dtype.js'
import type { GraphIR, Node, Sym } from '../../../src/graph/ir.js'
import { printGraph } from '../../../src/graph/print.js'
import { prune } from '../../../src/optimise/prune.js'
import { sameShape } from '../../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../../src/tensor.js'
import { exactly, interpret, type Value } from './judge.js'
import type { Program } from './program.js'

type Bad = (program: Program) => boolean

const replaceSym = (graph: GraphIR, old: Sym, by: Sym): GraphIR => {
  const at = (s: Sym): Sym => (s === old ? by : s)
  return {
    inputs: graph.inputs,
    nodes: graph.nodes.map((n) => (n.inputs.includes(old) ? { ...n, inputs: n.inputs.map(at) } : n)),
    outputs: graph.outputs.map(at),
  }
}

/** Without nodes that nothing needs, and without inputs that nothing reads. */
const tidy = ({ graph, args }: Program): Program => {
  const lean = prune(graph)
  const used = new Set([...lean.nodes.flatMap((n) => n.inputs), ...lean.outputs])
  const kept = lean.inputs.map((s) => used.has(s))
  return {
    graph: { ...lean, inputs: lean.inputs.filter((_, i) => kept[i]) },
    args: args.filter((_, i) => kept[i]),
  }
}

const valuesOf = ({ graph, args }: Program): Map<Sym, Value> => {
  const seen = new Map<Sym, Value>()
  try {
    interpret(graph, args.map(exactly), { relaxed: false }, seen)
  } catch {
    // a refused index: what was computed before it is known
  }
  return seen
}

/** Programs with one thing less. */
function* smaller(program: Program): Generator<Program> {
  const { graph, args } = program
  if (graph.outputs.length > 1)
    for (const s of graph.outputs) yield tidy({ graph: { ...graph, outputs: [s] }, args })
  for (let i = 0; i < graph.outputs.length; i++)
    if (graph.outputs.length > 1)
      yield tidy({ graph: { ...graph, outputs: graph.outputs.filter((_, k) => k !== i) }, args })
  const values = valuesOf(program)
  for (const node of [...graph.nodes].reverse()) yield* without(program, node, values)
  for (const [i, t] of args.entries()) {
    for (const simple of [0, 1]) {
      if (dataOf(t).every((x) => x === simple)) continue
      const data = allocate(t.dtype, t.size).fill(simple)
      yield { graph, args: args.map((x, k) => (k === i ? fromData(data, t.shape, t.dtype) : x)) }
    }
  }
}

/** What a node makes becomes an argument, or one of the node's own operands. */
function* without({ graph, args }: Program, node: Node, values: ReadonlyMap<Sym, Value>): Generator<Program> {
  const known = node.outputs.map((s) => values.get(s)?.tensor)
  if (known.every((t): t is Tensor => t !== undefined))
    yield tidy({
      graph: {
        ...graph,
        inputs: [...graph.inputs, ...node.outputs],
        nodes: graph.nodes.filter((n) => n !== node),
      },
      args: [...args, ...known],
    })
  const [out] = node.outputs
  for (const s of new Set(node.inputs))
    if (node.outputs.length === 1 && s.dtype === out!.dtype && sameShape(s.shape, out!.shape))
      yield tidy({ graph: replaceSym(graph, out!, s), args })
}

/** The smallest program found that is still bad, by taking away one thing at a time. */
export const shrink = (program: Program, bad: Bad, tries = 3000): Program => {
  let now = program
  let left = tries
  for (let again = true; again && left > 0; ) {
    again = false
    for (const next of smaller(now)) {
      if (left-- <= 0) break
      if (next.graph.nodes.length > now.graph.nodes.length || !bad(next)) continue
      now = next
      again = true
      break
    }
  }
  return now
}

const showData = (t: Tensor): string => {
  const all = [...dataOf(t)].slice(0, 40).map((x) => (Object.is(x, -0) ? '-0' : String(x)))
  return `${t.dtype}[${t.shape.join(', ')}] ${all.join(' ')}${t.size > 40 ? ' ...' : ''}`
}

/** A program as text, its arguments included. */
export const describe = ({ graph, args }: Program): string =>
  [printGraph(graph), ...args.map((t, i) => `argument ${i}: ${showData(t)}`)].join('\n')

import { isFloat } from '../dtype.js'
import type { GraphIR, Maybe, Node, Sym } from '../graph/ir.js'
import { addMaybe } from '../primitives/arithmetic.js'
import { constantP } from '../primitives/constant.js'
import { zerosLike } from '../primitives/define.js'
import { batchAll } from '../primitives/structural.js'
import type { Tensor } from '../tensor.js'
import { openTrace } from '../trace/build.js'
import { bind, withPath, withValues } from '../trace/trace.js'

// Readers of a graph that work through `bind`: given values they compute, given symbols they write a new graph.
// Every transform is one of them, so transforms nest in any order and there is no second implementation to keep true.

const underPath = <R>(node: Node, f: () => R): R => (node.path === '' ? f() : withPath(node.path, f))

/** Inputs bound, each node applied in turn. */
export const evaluate = (graph: GraphIR, args: readonly Tensor[]): Tensor[] => {
  const env = new Map<Sym, Tensor>()
  graph.inputs.forEach((s, i) => {
    env.set(s, args[i]!)
  })
  for (const node of graph.nodes) applyNode(node, env)
  return graph.outputs.map((s) => env.get(s)!)
}

/** Evaluates one node into the environment. */
export const applyNode = (node: Node, env: Map<Sym, Tensor>): readonly Tensor[] => {
  const outs =
    node.op === (constantP as unknown)
      ? [node.params.value as Tensor]
      : underPath(node, () =>
          bind(
            node.op,
            node.inputs.map((s) => env.get(s)!),
            node.params,
          ),
        )
  node.outputs.forEach((s, i) => {
    env.set(s, outs[i]!)
  })
  return outs
}

/** Only floats carry tangents. */
const floatsOnly = (tangents: readonly Maybe[], outs: readonly Tensor[]): Maybe[] =>
  outs.map((o, i) => (isFloat(o.dtype) ? (tangents[i] ?? null) : null))

/** Values of inner symbols that are already known: their nodes are not computed again, only differentiated. */
export type Given = ReadonlyMap<Sym, Tensor>

const forward = (
  graph: GraphIR,
  primals: readonly Tensor[],
  tangents: readonly Maybe[],
  split: boolean,
  given?: Given,
): { readonly outs: readonly Tensor[]; readonly tangents: readonly Maybe[] } => {
  const env = new Map<Sym, Tensor>()
  return withValues(env, () => forwardIn(env, graph, primals, tangents, split, given))
}

const forwardIn = (
  env: Map<Sym, Tensor>,
  graph: GraphIR,
  primals: readonly Tensor[],
  tangents: readonly Maybe[],
  split: boolean,
  given?: Given,
): { readonly outs: readonly Tensor[]; readonly tangents: readonly Maybe[] } => {
  const dot = new Map<Sym, Tensor>()
  graph.inputs.forEach((s, i) => {
    env.set(s, primals[i]!)
    const t = tangents[i]
    if (t) dot.set(s, t)
  })
  const value = (node: Node): readonly Tensor[] => {
    if (!given || !node.outputs.every((s) => given.has(s))) return applyNode(node, env)
    for (const s of node.outputs) env.set(s, given.get(s)!)
    return node.outputs.map((s) => given.get(s)!)
  }
  for (const node of graph.nodes) {
    const ts = node.inputs.map((s) => dot.get(s) ?? null)
    if (ts.every((t) => t === null)) {
      value(node)
      continue
    }
    const ins = node.inputs.map((s) => env.get(s)!)
    let outs: readonly Tensor[]
    let dots: readonly Maybe[]
    if (split && node.op.linearize && !given?.has(node.outputs[0]!)) {
      const both = underPath(node, () => node.op.linearize!(ins, ts, node.params))
      outs = both.outs
      dots = both.tangents
      node.outputs.forEach((s, i) => {
        env.set(s, outs[i]!)
      })
    } else {
      outs = value(node)
      dots = underPath(node, () => node.op.jvp(ins, ts, outs, node.params))
    }
    floatsOnly(dots, outs).forEach((t, i) => {
      if (t) dot.set(node.outputs[i]!, t)
    })
  }
  return {
    outs: graph.outputs.map((s) => env.get(s)!),
    tangents: graph.outputs.map((s) => dot.get(s) ?? null),
  }
}

/** Forward mode: values and tangents together. */
export const pushForward = (
  graph: GraphIR,
  primals: readonly Tensor[],
  tangents: readonly Maybe[],
  given?: Given,
): { readonly outs: readonly Tensor[]; readonly tangents: readonly Maybe[] } =>
  forward(graph, primals, tangents, false, given)

/** A linear map as a graph: inputs are tangents, then residuals. */
export interface LinearMap {
  readonly graph: GraphIR
  readonly residuals: readonly Tensor[]
  /** Which outputs can be other than zero; the graph has only these. */
  readonly active: readonly boolean[]
}

/**
 * The value, and the derivative there as a linear graph. Tangents live in a scope inside that of the primals, so
 * what depends on primals alone is computed outside, once, and captured: those are the residuals.
 */
export const linearizeGraph = (
  graph: GraphIR,
  primals: readonly Tensor[],
  wanted: readonly boolean[],
  given?: Given,
): { readonly outs: readonly Tensor[]; readonly map: LinearMap } => {
  const trace = openTrace('linearize')
  try {
    const tangents = primals.map((p, i) =>
      wanted[i] ? trace.input({ shape: p.shape, dtype: p.dtype }) : null,
    )
    const { outs, tangents: dots } = forward(graph, primals, tangents, true, given)
    const active = dots.map((t) => t !== null)
    const linear = trace.close(dots.filter((t) => t !== null))
    return { outs, map: { graph: linear, residuals: trace.captured, active } }
  } finally {
    trace.closed = true
  }
}

/** Applies a linear map to tangents (all of its linear inputs, in order). */
export const applyLinear = (map: LinearMap, tangents: readonly Tensor[]): Maybe[] => {
  const outs = evaluate(map.graph, [...tangents, ...map.residuals])
  let at = 0
  return map.active.map((yes) => (yes ? outs[at++]! : null))
}

/**
 * Reverse mode: walks a linear graph from the end, handing cotangents to each node's transpose. `args` holds null
 * where the graph is linear; the result holds cotangents there.
 */
export const transposeGraph = (graph: GraphIR, args: readonly Maybe[], cts: readonly Maybe[]): Maybe[] => {
  const env = new Map<Sym, Tensor>()
  const linear = new Set<Sym>()
  graph.inputs.forEach((s, i) => {
    const value = args[i]
    if (value) env.set(s, value)
    else linear.add(s)
  })
  const chain: Node[] = []
  for (const node of graph.nodes)
    if (node.inputs.some((s) => linear.has(s))) {
      chain.push(node)
      for (const s of node.outputs) linear.add(s)
    } else applyNode(node, env)
  const ct = new Map<Sym, Maybe>()
  const accumulate = (s: Sym, value: Maybe): void => {
    if (value && linear.has(s)) ct.set(s, addMaybe(ct.get(s) ?? null, value))
  }
  graph.outputs.forEach((s, i) => {
    accumulate(s, cts[i] ?? null)
  })
  for (const node of chain.reverse()) {
    const outs = node.outputs.map((s) => ct.get(s) ?? null)
    if (outs.every((c) => c === null)) continue
    for (const s of node.outputs) ct.delete(s)
    if (node.op.transpose === 'nonlinear')
      throw new Error(`transpose: ${node.op.name} is not linear in its traced operands`)
    const rule = node.op.transpose
    const ins = node.inputs.map((s) => env.get(s) ?? null)
    const back = underPath(node, () => rule(outs, ins, node.params, node.inputs, node.outputs))
    node.inputs.forEach((s, i) => {
      accumulate(s, back[i] ?? null)
    })
  }
  return graph.inputs.map((s) => ct.get(s) ?? null)
}

/** The same graph over a leading batch axis that some inputs have. */
export const batchGraph = (
  graph: GraphIR,
  args: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
): { readonly outs: readonly Tensor[]; readonly batched: readonly boolean[] } => {
  const env = new Map<Sym, Tensor>()
  const flags = new Set<Sym>()
  graph.inputs.forEach((s, i) => {
    env.set(s, args[i]!)
    if (batched[i]) flags.add(s)
  })
  for (const node of graph.nodes) {
    if (!node.inputs.some((s) => flags.has(s))) {
      applyNode(node, env)
      continue
    }
    const outs = underPath(node, () =>
      node.op.batch(
        node.inputs.map((s) => env.get(s)!),
        node.inputs.map((s) => flags.has(s)),
        node.params,
        size,
      ),
    )
    node.outputs.forEach((s, i) => {
      env.set(s, outs[i]!)
      flags.add(s)
    })
  }
  return { outs: graph.outputs.map((s) => env.get(s)!), batched: graph.outputs.map((s) => flags.has(s)) }
}

/** `batchGraph` with every output batched. */
export const batchGraphAll = (
  graph: GraphIR,
  args: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
): Tensor[] => {
  const { outs, batched: flags } = batchGraph(graph, args, batched, size)
  return outs.map((o, i) => batchAll(o, flags[i]!, size))
}

/** Fills absent tangents or cotangents with zeros. */
export const instantiate = (
  maybe: readonly Maybe[],
  like: readonly { readonly shape: readonly number[]; readonly dtype: Tensor['dtype'] }[],
): Tensor[] => maybe.map((m, i) => m ?? zerosLike(like[i]!))

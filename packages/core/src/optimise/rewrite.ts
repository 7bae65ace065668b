import type { GraphIR, Node, Sym } from '../graph/ir.js'

/** Reads and writes of a graph that is being rewritten. */
export interface Rewriter {
  /** The symbol that stands for `sym` now. */
  readonly at: (sym: Sym) => Sym
  /** Keeps the node; its inputs are already those that stand for the old ones. */
  readonly keep: (node: Node) => void
  /** From here on, `sym` is `by`. */
  readonly replace: (sym: Sym, by: Sym) => void
  /** The kept node that makes a symbol; undefined for inputs. */
  readonly producer: (sym: Sym) => Node | undefined
}

/** Walks the nodes in order; `visit` keeps each node, or something in its place, or says what its results equal. */
export const rewrite = (graph: GraphIR, visit: (node: Node, r: Rewriter) => void): GraphIR => {
  const now = new Map<Sym, Sym>()
  const made = new Map<Sym, Node>()
  const nodes: Node[] = []
  const r: Rewriter = {
    at: (sym) => now.get(sym) ?? sym,
    keep: (node) => {
      nodes.push(node)
      for (const s of node.outputs) made.set(s, node)
    },
    replace: (sym, by) => {
      now.set(sym, by)
    },
    producer: (sym) => made.get(sym),
  }
  for (const node of graph.nodes) {
    const same = node.inputs.every((s) => r.at(s) === s)
    visit(same ? node : { ...node, inputs: node.inputs.map(r.at) }, r)
  }
  return { inputs: graph.inputs, nodes, outputs: graph.outputs.map(r.at) }
}

// Symbols that passes make count down, those of traces count up: they never meet.
let nextSym = -1

/** A new symbol like another. */
export const freshLike = (sym: Sym): Sym => ({ ...sym, id: nextSym-- })

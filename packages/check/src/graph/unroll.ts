import type { Tensor } from '@cotangent/core'
import {
  dataOf,
  fromData,
  type GraphIR,
  type Node,
  nestedGraphs,
  opParams,
  sizeOf,
} from '@cotangent/core/internal'

/** One evaluation of a graph inside a node. */
export interface Turn {
  /** What it is called: `softmax`, `scan[3]`, `cond: true`. */
  readonly name: string
  readonly graph: GraphIR
  readonly inputs: readonly Tensor[]
  /** Takes the results; whether there is a next turn. */
  readonly proceed: (outputs: readonly Tensor[]) => boolean
}

const once = (name: string, graph: GraphIR, inputs: readonly Tensor[]): Turn => ({
  name,
  graph,
  inputs,
  proceed: () => false,
})

const row = (x: Tensor, i: number): Tensor => {
  const n = sizeOf(x.shape.slice(1))
  return fromData(dataOf(x).slice(i * n, (i + 1) * n), x.shape.slice(1), x.dtype)
}

function* scanned(node: Node, inputs: readonly Tensor[]): Generator<Turn> {
  const { body, consts, carry, length, reverse } = node.params as unknown as {
    readonly body: GraphIR
    readonly consts: number
    readonly carry: number
    readonly length: number
    readonly reverse: boolean
  }
  const rows = inputs.slice(consts + carry)
  let state = inputs.slice(consts, consts + carry)
  for (let k = 0; k < length; k++) {
    const i = reverse ? length - 1 - k : k
    yield {
      name: `scan[${i}]`,
      graph: body,
      inputs: [...inputs.slice(0, consts), ...state, ...rows.map((x) => row(x, i))],
      proceed: (outputs) => {
        state = outputs.slice(0, carry)
        return true
      },
    }
  }
}

/** Turns of a loop that are looked at: one that never ends must not keep the report from coming. */
const TURNS = 1000

function* whiled(node: Node, inputs: readonly Tensor[]): Generator<Turn> {
  const { test, body, testConsts, bodyConsts } = node.params as unknown as {
    readonly test: GraphIR
    readonly body: GraphIR
    readonly testConsts: number
    readonly bodyConsts: number
  }
  const forTest = inputs.slice(0, testConsts)
  const forBody = inputs.slice(testConsts, testConsts + bodyConsts)
  let state = inputs.slice(testConsts + bodyConsts)
  for (let k = 0; k < TURNS; k++) {
    let goesOn = false
    yield {
      name: `whileLoop[${k}] test`,
      graph: test,
      inputs: [...forTest, ...state],
      proceed: ([p]) => {
        goesOn = p !== undefined && dataOf(p)[0] !== 0
        return goesOn
      },
    }
    if (!goesOn) return
    yield {
      name: `whileLoop[${k}]`,
      graph: body,
      inputs: [...forBody, ...state],
      proceed: (outputs) => {
        state = [...outputs]
        return true
      },
    }
  }
}

/** The evaluations that a node is made of: none for a plain primitive. */
export const unrolled = (node: Node, inputs: readonly Tensor[]): Iterable<Turn> => {
  const spec = opParams(node)?.spec
  if (spec) return nestedGraphs(node).map(({ graph }) => once(spec.name, graph, inputs))
  if (node.op.name === 'scan') return scanned(node, inputs)
  if (node.op.name === 'while') return whiled(node, inputs)
  if (node.op.name !== 'cond') return []
  const [p, ...operands] = inputs
  return p ? [branch(node, dataOf(p)[0] !== 0, operands)] : []
}

/** cond(p, …): the branches are stored as [taken when true, taken when false]. */
const branch = (node: Node, taken: boolean, operands: readonly Tensor[]): Turn => {
  const [whenTrue, whenFalse] = (node.params as unknown as { branches: readonly [GraphIR, GraphIR] }).branches
  return once(`cond: ${taken}`, taken ? whenTrue : whenFalse, operands)
}

import {
  dataOf,
  fromData,
  type GraphIR,
  isFloat,
  type Node,
  nestedGraphs,
  PRIMITIVES,
} from '@cotangent/core/internal'
import { interpret } from '../words/interpret.js'
import type { Call } from '../words/kernel.js'
import { KERNELS } from './kernels/index.js'
import { type DoubleDoubleTensor, ofIntegers } from './tensor.js'

/** What one node decided: the hash of all its signs, indices and truth values. */
export interface Decision {
  readonly node: Node
  readonly hash: number
}

export interface Evaluation {
  readonly outputs: readonly DoubleDoubleTensor[]
  /**
   * The hash of every discrete decision on the way. Points with one signature lie on one smooth piece of the function, as
   * far as the graph can tell.
   */
  readonly signature: number
  /** The decisions one by one, in order of evaluation: the first that differs between two points is the kink. */
  readonly decisions: readonly Decision[]
}

/** The oracle has no answer here, and another one is needed. */
export class DoubleDoubleUnavailable extends Error {
  override readonly name = 'DoubleDoubleUnavailable'
}

export interface Options {
  /** Called with each node, its operands and its results; graphs inside nodes are entered. */
  readonly onNode?: (
    node: Node,
    inputs: readonly DoubleDoubleTensor[],
    outputs: readonly DoubleDoubleTensor[],
  ) => void
}

/** Mixes a number into a hash of 53 bits, as two words (after MurmurHash3's mixing constants). */
class Hash {
  #a = 0x9e3779b9
  #b = 0x85ebca6b
  add(x: number): void {
    const [low, high] = Number.isFinite(x)
      ? [x | 0, Math.floor(x / 2 ** 32) | 0]
      : [Number.isNaN(x) ? 7 : x > 0 ? 11 : 13, 17]
    this.#a = Math.imul((this.#a ^ low) + high, 2654435761)
    this.#a ^= this.#a >>> 15
    this.#b = Math.imul((this.#b ^ high) + low, 1597334677)
    this.#b ^= this.#b >>> 13
  }
  get value(): number {
    return 2 ** 32 * (this.#b & 0x1fffff) + (this.#a >>> 0)
  }
}

/** The first node, here or in a graph inside, that has no meaning in double-double; undefined if all have. */
export const unavailableIn = (graph: GraphIR): Node | undefined => {
  for (const node of graph.nodes) {
    if (typeof KERNELS.get(node.op.name) !== 'function') return node
    for (const { graph: inner } of nestedGraphs(node)) {
      const found = unavailableIn(inner)
      if (found) return found
    }
  }
  return undefined
}

/**
 * Evaluates a graph with about 106 bits in place of 53, and says which decisions were taken on the way.
 *
 * Constants of the graph are the float64 numbers that they are: where a derivative rule multiplies with a rounded constant
 * such as 2/√π, its relative error of up to 2^-53 remains, and is the error of the rule.
 */
export const evaluateDoubleDouble = (
  graph: GraphIR,
  inputs: readonly DoubleDoubleTensor[],
  options: Options = {},
): Evaluation => {
  const decisions: Decision[] = []
  const total = new Hash()

  const run = (inner: GraphIR, args: readonly DoubleDoubleTensor[]): DoubleDoubleTensor[] =>
    interpret(inner, args, (node, operands) => {
      const outs = apply(node, operands)
      options.onNode?.(node, operands, outs)
      return outs
    })

  const apply = (node: Node, operands: readonly DoubleDoubleTensor[]): readonly DoubleDoubleTensor[] => {
    const { op, params, outputs } = node
    const hash = new Hash()
    let decided = false
    const call: Call = {
      row: op,
      inputs: operands,
      params,
      outs: outputs,
      decide: (what) => {
        hash.add(what)
        decided = true
      },
      evaluate: run,
    }
    const outs = meaning(call)
    if (decided) {
      decisions.push({ node, hash: hash.value })
      total.add(hash.value)
    }
    return outs
  }

  return { outputs: run(graph, inputs), signature: total.value, decisions }
}

/** Nodes with graphs inside, and constants, have their own kernels even over integers. */
const NESTED: ReadonlySet<string> = new Set(['constant', 'cond', 'scan', 'while', 'op'])

const meaning = (call: Call): readonly DoubleDoubleTensor[] => {
  const { row, inputs, params, outs } = call
  const exact = !NESTED.has(row.name) && [...inputs, ...outs].every((x) => !isFloat(x.dtype))
  // Integers and booleans are exact as they are: the float64 meaning is the meaning.
  if (exact && PRIMITIVES.has(row.name))
    return row
      .kernel(
        inputs.map((x) => fromData(x.hi, x.shape, x.dtype)),
        params,
        outs,
      )
      .map((y, k) => ofIntegers(outs[k]!, dataOf(y)))
  const kernel = KERNELS.get(row.name)
  if (typeof kernel !== 'function')
    throw new DoubleDoubleUnavailable(`${row.name} has no meaning in double-double.`)
  return kernel(call)
}

import { fail } from '../errors.js'
import { sameShape } from '../shape.js'
import { filled, type Tensor } from '../tensor.js'
import { evaluate } from '../transforms/evaluate.js'
import { traceAt } from '../transforms/functional.js'
import { countLeaves, flatten, pathsOf, sameDef, type TreeDef, unflatten } from '../tree/tree.js'
import { numberLeaves } from '../tree/weak.js'
import { type Cost, costOf } from './cost.js'
import { Decoder, decodeTree } from './decode.js'
import { dotGraph } from './dot.js'
import { Encoder, encodeTree } from './encode.js'
import type { Aval, GraphIR } from './ir.js'
import { nodeName } from './nested.js'
import { printGraph, showAval } from './print.js'
import { FORMAT, formatError, type GraphJSON, VERSION } from './schema.js'

/** The trees around a graph's flat inputs and outputs. */
export interface Signature {
  readonly args: readonly TreeDef[]
  readonly result: TreeDef
}

/** A leaf of the arguments or of the result. */
export interface Port extends Aval {
  /** Path in its tree, the position of the argument first. */
  readonly path: string
}

/** One step of a graph, for reading. */
export interface Step {
  readonly op: string
  readonly inputs: readonly Aval[]
  readonly outputs: readonly Aval[]
  readonly path: string
}

/**
 * A function as data: it prints, draws, counts its work, goes to JSON and back, and can still be called,
 * differentiated, mapped and compiled.
 *
 * @example
 * trace((x: Tensor) => mul(x, x), tensor([1, 2])).call(tensor([3, 4])) // => [9, 16]
 */
export class Graph<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  readonly #captured: readonly Tensor[]

  /** Use `trace` or `Graph.fromJSON`; the constructor is internal. */
  constructor(
    /** The nodes themselves. Internal. */
    readonly ir: GraphIR,
    readonly signature: Signature,
    captured: readonly Tensor[] = [],
  ) {
    this.#captured = captured
  }

  /** Leaves of the arguments. */
  get inputs(): Port[] {
    const paths = this.signature.args.flatMap((def, i) =>
      pathsOf(def).map((p) => (p === '' ? String(i) : `${i}/${p}`)),
    )
    return paths.map((path, i) => port(path, this.ir.inputs[i]!))
  }

  /** Leaves of the result. */
  get outputs(): Port[] {
    return pathsOf(this.signature.result).map((path, i) => port(path, this.ir.outputs[i]!))
  }

  /** Steps in order of evaluation. */
  get nodes(): Step[] {
    return this.ir.nodes.map((node) => ({
      op: nodeName(node),
      inputs: node.inputs.map(avalOf),
      outputs: node.outputs.map(avalOf),
      path: node.path,
    }))
  }

  /**
   * Evaluates the graph on arguments of the trees, shapes and dtypes it was traced with; numbers take the dtype of
   * their place. Works under every transform.
   */
  call(...args: A): R {
    if (args.length !== this.signature.args.length)
      fail(
        'Value',
        `Graph.call: got ${args.length} arguments, the graph takes ${this.signature.args.length}.`,
        {
          op: 'Graph.call',
        },
      )
    const ports = this.inputs
    let from = 0
    const leaves = args.flatMap((arg, i) => {
      const def = this.signature.args[i]!
      const here = ports.slice(from, from + countLeaves(def))
      from += here.length
      const flat = flatten(arg, 'Graph.call')
      sameDef(`Graph.call: argument ${i}`, def, flat.def)
      const numbers = numberLeaves(arg)
      return flat.leaves.map((leaf, k) => {
        const weak = numbers[k]
        return checkLeaf(weak === undefined ? leaf : filled(weak, [], here[k]!.dtype), here[k]!)
      })
    })
    return unflatten(this.signature.result, evaluate(this.ir, [...leaves, ...this.#captured])) as R
  }

  /** `call` as a function, for `grad(graph.toFunction())` and the like. */
  toFunction(): (...args: A) => R {
    return (...args) => this.call(...args)
  }

  /** Floating-point operations and bytes, in total and by primitive. */
  cost(): Cost {
    return costOf(this.ir)
  }

  /** A line for each node: result, dtype and shape, primitive, operands, parameters, path. */
  toString(): string {
    return printGraph(this.ir)
  }

  /** The graph for Graphviz. */
  toDot(): string {
    return dotGraph(this.ir)
  }

  /**
   * The graph as JSON: primitives by name, constants in base64, operations with rules of their own as their meaning
   * and their traced rules, so a loaded graph has the same derivatives.
   */
  toJSON(): GraphJSON {
    if (this.#captured.length > 0)
      fail(
        'Format',
        'Graph.toJSON: the function used values of a transform around it. Pass them as arguments.',
        { op: 'Graph.toJSON' },
      )
    const encoder = new Encoder()
    const graph = encoder.body(this.ir)
    return {
      format: FORMAT,
      version: VERSION,
      args: this.signature.args.map(encodeTree),
      result: encodeTree(this.signature.result),
      constants: encoder.constants,
      ops: encoder.ops,
      graph,
    }
  }

  /**
   * Reads what {@link Graph.toJSON} wrote, as a value or as text.
   *
   * @throws CotangentError of kind `Format` that names what is unknown or damaged.
   */
  static fromJSON(json: unknown): Graph {
    const value = typeof json === 'string' ? parse(json) : json
    if (typeof value !== 'object' || value === null || (value as Partial<GraphJSON>).format !== FORMAT)
      return formatError(`this is not a graph: its format must be '${FORMAT}'.`)
    const { version, args, result, constants, ops, graph } = value as Partial<GraphJSON>
    if (version !== VERSION)
      return formatError(
        `version ${JSON.stringify(version)} is not supported, only ${VERSION}. Load the graph with the version of Cotangent that wrote it.`,
      )
    const ir = new Decoder(constants, ops).body(graph, 'graph')
    if (!Array.isArray(args)) return formatError('args must be a list.')
    const signature: Signature = {
      args: args.map((x, i) => decodeTree(x, `args[${i}]`)),
      result: decodeTree(result, 'result'),
    }
    const leaves = signature.args.reduce((n, def) => n + countLeaves(def), 0)
    if (leaves !== ir.inputs.length || countLeaves(signature.result) !== ir.outputs.length)
      return formatError(
        `the trees have ${leaves} and ${countLeaves(signature.result)} leaves, the graph ${ir.inputs.length} inputs and ${ir.outputs.length} outputs.`,
      )
    return new Graph(ir, signature)
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return formatError('the text is not JSON.')
  }
}

const avalOf = ({ shape, dtype }: Aval): Aval => ({ shape, dtype })
const port = (path: string, aval: Aval): Port => ({ path, ...avalOf(aval) })

const checkLeaf = (leaf: Tensor, want: Port): Tensor =>
  sameShape(leaf.shape, want.shape) && leaf.dtype === want.dtype
    ? leaf
    : fail(
        'Shape',
        `Graph.call: the argument at ${want.path} is ${showAval(leaf)}, the graph was traced with ${showAval(want)}. Trace the function again for other shapes and dtypes.`,
        { op: 'Graph.call', shapes: [leaf.shape, want.shape], path: want.path },
      )

/**
 * The graph of a function at the shapes and dtypes of the examples, which are trees of tensors. The values of the
 * examples are not looked at.
 *
 * @example
 * trace((x: Tensor) => sin(x), tensor([1, 2])).nodes.map((n) => n.outputs[0]!.shape) // => [[2]]
 */
export const trace = <A extends readonly unknown[], R>(f: (...args: A) => R, ...examples: A): Graph<A, R> => {
  const { graph, args, outDef, defs, counts } = traceAt(
    'trace',
    f as unknown as (...args: never[]) => unknown,
    examples,
    false,
  )
  const leaves = counts.reduce((a, b) => a + b, 0)
  return new Graph<A, R>(graph, { args: defs, result: outDef }, args.slice(leaves))
}

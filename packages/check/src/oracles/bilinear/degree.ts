import { type GraphIR, type Node, nestedGraphs, opParams } from '@cotangent/core/internal'
import { interpret } from '../words/interpret.js'

/** The degree of a value as a polynomial in the inputs; infinite where it is none. Tensors of integers that do not depend have 0. */
export type Degree = number

/** An operation after which a value is no longer a polynomial in the input. */
export interface NotPolynomial {
  readonly op: string
  readonly path: string
}

const NONE = Number.POSITIVE_INFINITY
const most = (degrees: readonly Degree[]): Degree => Math.max(0, ...degrees)
const total = (degrees: readonly Degree[]): Degree => degrees.reduce((a, b) => a + b, 0)

type Rule = (degrees: readonly Degree[], node: Node) => Degree

/** Linear in all operands together; `fixed` ones, such as indices and predicates, must not depend on the input. */
const linear =
  (...fixed: readonly number[]): Rule =>
  (degrees) =>
    fixed.some((i) => degrees[i]! > 0) ? NONE : most(degrees)
/** Linear in each operand by itself. */
const multilinear: Rule = (degrees) => total(degrees)
/** Linear in the one operand where the other is constant. */
const linearIn =
  (operand: number): Rule =>
  (degrees) =>
    degrees.some((d, i) => i !== operand && d > 0) ? NONE : degrees[operand]!

interface ScanParams {
  readonly body: GraphIR
  readonly consts: number
  readonly carry: number
  readonly length: number
}
/** After so many turns the degree, if it grows at all, is beyond what matters. */
const TURNS = 8

/** How primitives change degrees; those that are not here make no polynomials. */
export const RULES: Readonly<Record<string, Rule>> = {
  reshape: linear(),
  permute: linear(),
  broadcast: linear(),
  slice: linear(),
  pad: linear(),
  reverse: linear(),
  concat: linear(),
  sum: linear(),
  cumsum: linear(),
  neg: linear(),
  add: linear(),
  sub: linear(),
  tag: linear(),
  stopGradient: linear(),
  gather: linear(1),
  scatterAdd: linear(1),
  dynamicSlice: linear(1),
  dynamicUpdate: linear(2),
  select: linear(0),
  convert: (degrees, { outputs: [y] }) => (y!.dtype.startsWith('float') ? degrees[0]! : NONE),
  mul: multilinear,
  strongMul: multilinear,
  dot: multilinear,
  conv: multilinear,
  fma: ([x, y, z]) => Math.max(x! + y!, z!),
  div: linearIn(0),
  triangularSolve: linearIn(1),
  integerPow: ([x], { params }) => ((params.n as number) >= 0 ? x! * (params.n as number) : NONE),
}

/** The degree of each output of a graph, or the first operation that makes no polynomial. */
export const degreesOf = (graph: GraphIR, inputs: readonly Degree[]): readonly Degree[] | NotPolynomial => {
  let culprit: NotPolynomial | undefined
  const apply = (node: Node, degrees: readonly Degree[]): readonly Degree[] => {
    if (degrees.every((d) => d === 0)) return node.outputs.map(() => 0)
    const spec = opParams(node)?.spec
    if (spec) return interpret(nestedGraphs(node)[0]!.graph, degrees, apply)
    if (node.op.name === 'cond' && degrees[0] === 0) return branches(node, degrees.slice(1))
    if (node.op.name === 'scan') return turns(node, degrees)
    const degree = RULES[node.op.name]?.(degrees, node) ?? NONE
    if (degree === NONE && degrees.every((d) => d < NONE)) culprit ??= { op: node.op.name, path: node.path }
    return node.outputs.map(() => degree)
  }
  const branches = (node: Node, degrees: readonly Degree[]): readonly Degree[] => {
    const each = nestedGraphs(node).map((branch) => interpret(branch.graph, degrees, apply))
    return node.outputs.map((_, i) => most(each.map((d) => d[i]!)))
  }
  // What is carried may gain a degree with each turn.
  const turns = (node: Node, degrees: readonly Degree[]): readonly Degree[] => {
    const { body, consts, carry, length } = node.params as unknown as ScanParams
    const [constants, rows] = [degrees.slice(0, consts), degrees.slice(consts + carry)]
    let state = degrees.slice(consts, consts + carry)
    let results: Degree[] = node.outputs.slice(carry).map(() => 0)
    for (let k = 0; k < Math.min(length, TURNS); k++) {
      const outs = interpret(body, [...constants, ...state, ...rows], apply)
      const next = outs.slice(0, carry)
      results = results.map((d, i) => Math.max(d, outs[carry + i]!))
      if (next.every((d, i) => d === state[i])) break
      state = next
    }
    return [...state, ...results]
  }
  const degrees = interpret(graph, inputs, apply)
  return degrees.some((d) => d === NONE) && culprit ? culprit : degrees
}

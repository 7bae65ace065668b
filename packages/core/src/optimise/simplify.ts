import { isFloat } from '../dtype.js'
import type { GraphIR, Node, Sym } from '../graph/ir.js'
import { sameShape } from '../shape.js'
import { sameEverywhere, type Tensor } from '../tensor.js'
import { type Rewriter, rewrite } from './rewrite.js'

/** The one value of a constant tensor, looked at through broadcasts; undefined if there is none. */
const uniform = (sym: Sym, r: Rewriter): number | undefined => {
  const node = r.producer(sym)
  if (node?.op.name === 'broadcast') return uniform(node.inputs[0]!, r)
  if (node?.op.name !== 'constant') return undefined
  return sameEverywhere(node.params.value as Tensor)
}

const is = (sym: Sym, value: number, r: Rewriter): boolean => Object.is(uniform(sym, r), value)

/** x + 0 is not x for x = -0; integers have one zero only. */
const addsNothing = (sym: Sym, r: Rewriter): boolean =>
  is(sym, -0, r) || (!isFloat(sym.dtype) && is(sym, 0, r))

type Identity = (node: Node, r: Rewriter) => Sym | undefined

const all = (xs: unknown, value: number): boolean => (xs as readonly number[]).every((x) => x === value)
const unchanged: Identity = ({ inputs: [x], outputs: [y] }) =>
  sameShape(x!.shape, y!.shape) && x!.dtype === y!.dtype ? x : undefined
const twice =
  (name: string): Identity =>
  ({ inputs: [x] }, r) => {
    const inner = r.producer(x!)
    return inner?.op.name === name ? inner.inputs[0] : undefined
  }

// Each holds for every float, NaN, infinities and both zeros included. What does not is left out on purpose: x·0 and
// x - x are not 0 for NaN and infinities, x + 0 turns -0 into 0.
const IDENTITIES: Readonly<Record<string, Identity>> = {
  mul: ({ inputs: [x, y] }, r) => (is(y!, 1, r) ? x : is(x!, 1, r) ? y : undefined),
  div: ({ inputs: [x, y] }, r) => (is(y!, 1, r) ? x : undefined),
  sub: ({ inputs: [x, y] }, r) => (is(y!, 0, r) ? x : undefined),
  add: ({ inputs: [x, y] }, r) => (addsNothing(y!, r) ? x : addsNothing(x!, r) ? y : undefined),
  neg: twice('neg'),
  logicalNot: twice('logicalNot'),
  convert: unchanged,
  reshape: unchanged,
  broadcast: unchanged,
  permute: (node) => ((node.params.perm as number[]).every((p, i) => p === i) ? node.inputs[0] : undefined),
  slice: (node, r) => (all(node.params.strides, 1) ? unchanged(node, r) : undefined),
  pad: ({ params, inputs: [x] }) =>
    all(params.lo, 0) && all(params.hi, 0) && all(params.interior, 0) ? x : undefined,
  sum: ({ params, inputs: [x] }) => ((params.axes as readonly number[]).length === 0 ? x : undefined),
}

type Merge = (node: Node, inner: Node) => Node['params']

// Two of the same kind in a row are one.
const MERGES: Readonly<Record<string, Merge>> = {
  reshape: (node) => node.params,
  permute: ({ params }, inner) => ({
    perm: (params.perm as readonly number[]).map((p) => (inner.params.perm as readonly number[])[p]!),
  }),
  broadcast: ({ params }, inner) => ({
    shape: params.shape,
    dims: (inner.params.dims as readonly number[]).map((d) => (params.dims as readonly number[])[d]!),
  }),
}

const merged = (node: Node, r: Rewriter): Node => {
  const merge = MERGES[node.op.name]
  const inner = merge && r.producer(node.inputs[0]!)
  return inner?.op === node.op ? { ...node, inputs: inner.inputs, params: merge!(node, inner) } : node
}

/** Replaces what is equal to something simpler for every value that floats can have. */
export const simplify = (graph: GraphIR): GraphIR =>
  rewrite(graph, (old, r) => {
    const node = merged(old, r)
    const same = IDENTITIES[node.op.name]?.(node, r)
    if (same) r.replace(node.outputs[0]!, same)
    else r.keep(node)
  })

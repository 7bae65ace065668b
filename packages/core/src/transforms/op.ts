import { fail, showShape } from '../errors.js'
import type { Aval, GraphIR, Linearized, Maybe, Node, Primitive } from '../graph/ir.js'
import { addMaybe } from '../primitives/arithmetic.js'
import { avalOf, definePrimitive, reals } from '../primitives/define.js'
import { sameShape } from '../shape.js'
import { symOf, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { bind, capturingEnvironment } from '../trace/trace.js'
import { evaluate, type Given, instantiate, linearizeGraph, pushForward, transposeGraph } from './evaluate.js'
import { batchOp } from './opBatch.js'
import type { FlatRule, OpSpec } from './opSpec.js'

export type { FlatRule, OpSpec } from './opSpec.js'

// Operations with rules of their own: a meaning (`expand`) and, where it pays, a hand-written derivative. The node
// keeps both, so a rule holds at every order, under vmap, and in both modes; rules that are absent derive from the
// meaning. Softmax, norms and the like are written this way, and so are the operations of users.

export interface OpParams {
  readonly [key: string]: unknown
  readonly spec: OpSpec
  /** The traced meaning; made when first asked for. */
  readonly graph: () => GraphIR
  readonly outs: readonly Aval[]
}

/** Applies an operation: at once on values, as one node on symbols. */
export const applyOp = (spec: OpSpec, inputs: readonly Tensor[]): readonly Tensor[] => {
  if (inputs.every((t) => symOf(t) === undefined)) return spec.expand(...inputs)
  // Symbols of known value stay forcible inside.
  const { graph, captured } = build(spec.name, inputs.map(avalOf), spec.expand, inputs)
  const outs = graph.outputs.map(avalOf)
  const params = {
    spec: captured.length === 0 ? spec : closeOver(spec, inputs.length, graph),
    graph: () => graph,
    outs,
  }
  return bind(opP, [...inputs, ...captured], params)
}

// Symbols that `expand` captured become trailing inputs. A given rule does not know them, so their part of the
// derivative is derived from the meaning.
const closeOver = (spec: OpSpec, n: number, graph: GraphIR): OpSpec => {
  const { jvp, reverse, batch: _, linear: __, ...rest } = spec
  return {
    ...rest,
    expand: (...args) => evaluate(graph, args),
    ...(jvp && {
      jvp: (primals, tangents, outs) => {
        const given = jvp(primals.slice(0, n), tangents.slice(0, n), outs)
        const derived = pushForward(
          graph,
          primals,
          tangents.map((t, i) => (i < n ? null : t)),
        ).tangents
        return given.map((t, i) => addMaybe(t, derived[i]!))
      },
    }),
    ...(reverse && {
      reverse: {
        forward: (primals) => {
          const { outs, residuals } = reverse.forward(primals.slice(0, n))
          return { outs, residuals: [...primals, ...residuals] }
        },
        backward: (residuals, cts) => {
          const primals = residuals.slice(0, graph.inputs.length)
          return [
            ...reverse.backward(residuals.slice(graph.inputs.length), cts),
            ...pull(
              graph,
              primals,
              primals.map((_p, i) => i >= n),
              cts,
            ).slice(n),
          ]
        },
      },
    }),
  }
}

/** Cotangents of the wanted inputs of a graph, from its linearisation there. */
const pull = (
  graph: GraphIR,
  primals: readonly Tensor[],
  wanted: readonly boolean[],
  cts: readonly Maybe[],
  given?: Given,
): Maybe[] => {
  const { map } = linearizeGraph(graph, primals, wanted, given)
  const count = wanted.filter((w) => w).length
  const args: Maybe[] = [...new Array<null>(count).fill(null), ...map.residuals]
  const back = transposeGraph(
    map.graph,
    args,
    cts.filter((_, i) => map.active[i]),
  )
  let at = 0
  return wanted.map((w) => (w ? back[at++]! : null))
}

export const opP: Primitive<OpParams> = definePrimitive<OpParams>({
  name: 'op',
  shape: (_, { outs }) => outs,
  kernel: (inputs, { spec }) => spec.expand(...inputs),
  jvp: (primals, tangents, outs, { spec, graph }) =>
    spec.jvp
      ? checkTangents(spec.name, spec.jvp(primals, instantiate(tangents, primals), outs), outs)
      : pushForward(graph(), primals, tangents).tangents,
  linearize: (primals, tangents, params) => {
    const { spec, graph } = params
    if (spec.recompute) return linearizeRecomputed(spec, graph(), spec.recompute, primals, tangents)
    if (spec.reverse) return linearizeByReverse(spec, params, spec.reverse, primals, tangents)
    if (spec.jvp || spec.linear) {
      const outs = bind(opP, primals, params)
      if (spec.linear && tangents.every((t, i) => t === null || i >= spec.linear!.from))
        return {
          outs,
          tangents: bind(
            opP,
            primals.map((p, i) => (i < spec.linear!.from ? p : instantiate([tangents[i]!], [p])[0]!)),
            params,
          ),
        }
      return { outs, tangents: opP.jvp(primals, tangents, outs, params) }
    }
    const { outs, map } = linearizeGraph(
      graph(),
      primals,
      tangents.map((t) => t !== null),
    )
    const dots = evaluate(map.graph, [...tangents.filter((t) => t !== null), ...map.residuals])
    let at = 0
    return { outs, tangents: map.active.map((yes) => (yes ? dots[at++]! : null)) }
  },
  transpose: (cts, inputs, { spec, graph, outs }) => {
    const linear = spec.linear
    if (linear && inputs.slice(0, linear.from).every((x) => x !== null)) {
      const fixed = inputs.slice(0, linear.from) as Tensor[]
      return [...fixed.map(() => null), ...linear.adjoint(fixed, instantiate(cts, outs))]
    }
    return transposeGraph(graph(), inputs, cts)
  },
  batch: (inputs, batched, { spec, graph }, size) =>
    spec.batch ? spec.batch(inputs, batched, size) : applyOp(batchOp(spec, graph(), batched, size), inputs),
  domain: [reals],
  kinks: { text: 'those of its meaning' },
  derivation: 'its own rule where given, otherwise that of its meaning',
  flops: (_, __, { graph }) => graphFlops(graph()),
})

/** Work of a graph: the sum over its nodes. */
export const graphFlops = (graph: GraphIR): number =>
  graph.nodes.reduce((n, node) => n + node.op.flops(node.inputs, node.outputs, node.params), 0)

/** A linear map with its adjoint, over residuals; a node that reverse mode turns around without tracing its inside. */
export interface LinearSpec {
  readonly name: string
  readonly forward: (residuals: readonly Tensor[], tangents: readonly Tensor[]) => readonly Tensor[]
  readonly adjoint: (residuals: readonly Tensor[], cts: readonly Tensor[]) => readonly Maybe[]
  readonly outs: readonly Aval[]
}

export const linearCall = (
  map: LinearSpec,
  residuals: readonly Tensor[],
  tangents: readonly Tensor[],
): readonly Tensor[] => {
  const from = residuals.length
  const inputs = [...residuals, ...tangents]
  const inPlace = capturingEnvironment()
  const spec: OpSpec = {
    name: map.name,
    expand: (...xs) => inPlace(() => map.forward(xs.slice(0, from), xs.slice(from))),
    linear: { from, adjoint: (fixed, cts) => inPlace(() => map.adjoint(fixed, cts)) },
  }
  const avals = inputs.map(avalOf)
  let graph: GraphIR | undefined
  const lazy = () => {
    graph ??= build(map.name, avals, spec.expand).graph
    return graph
  }
  return bind(opP, inputs, { spec, graph: lazy, outs: map.outs })
}

const liveOf = (tangents: readonly Maybe[]) => {
  const where = tangents.flatMap((t, i) => (t === null ? [] : [i]))
  return { where, live: where.map((i) => tangents[i]!) }
}
const place = (n: number, where: readonly number[], ts: readonly Tensor[]): Maybe[] => {
  const full = new Array<Maybe>(n).fill(null)
  where.forEach((i, k) => {
    full[i] = ts[k]!
  })
  return full
}

const linearizeByReverse = (
  spec: OpSpec,
  params: OpParams,
  reverse: NonNullable<OpSpec['reverse']>,
  primals: readonly Tensor[],
  tangents: readonly Maybe[],
): Linearized => {
  const { outs, residuals } = reverse.forward(primals)
  checkOutputs(spec.name, outs, params.outs)
  const { where, live } = liveOf(tangents)
  const n = primals.length
  const map: LinearSpec = {
    name: `linear ${spec.name}`,
    outs: outs.map(avalOf),
    // Forward mode has no rule here: it is derived from the meaning, or taken from the jvp that came along.
    forward: (res, ts) => {
      const ps = res.slice(0, n)
      const full = place(n, where, ts)
      const dots = spec.jvp
        ? spec.jvp(ps, instantiate(full, ps), res.slice(n, n + outs.length))
        : pushForward(params.graph(), ps, full).tangents
      return instantiate(dots, outs)
    },
    adjoint: (res, cts) => {
      const back = reverse.backward(res.slice(n + outs.length), cts)
      return where.map((i) => checkCotangent(spec.name, back[i] ?? null, res[i]!, i))
    },
  }
  return { outs, tangents: linearCall(map, [...primals, ...outs, ...residuals], live) }
}

const checkOutputs = (name: string, outs: readonly Tensor[], expected: readonly Aval[]): void => {
  if (outs.length !== expected.length || outs.some((o, i) => !sameShape(o.shape, expected[i]!.shape)))
    fail(
      'Rule',
      `${name}: its forward rule returned ${outs.map((o) => showShape(o.shape)).join(', ')} where the function returns ` +
        `${expected.map((o) => showShape(o.shape)).join(', ')}. Return the same value, and residuals beside it.`,
      { op: name },
    )
}

// The backward pass computes the inside again from the inputs and the values that the policy kept. It is one opaque
// node, so that sharing cannot merge it with the forward pass and undo it.
const linearizeRecomputed = (
  spec: OpSpec,
  graph: GraphIR,
  keep: (node: Node) => boolean,
  primals: readonly Tensor[],
  tangents: readonly Maybe[],
): Linearized => {
  const syms = graph.nodes
    .filter((node) => node.op.name !== 'constant' && keep(node))
    .flatMap((node) => [...node.outputs])
  const all = evaluate({ ...graph, outputs: [...graph.outputs, ...syms] }, primals)
  const [outs, kept] = [all.slice(0, graph.outputs.length), all.slice(graph.outputs.length)]
  const { where, live } = liveOf(tangents)
  const n = primals.length
  const givenBy = (values: readonly Tensor[]): Given => new Map(syms.map((s, i) => [s, values[i]!]))
  const map: LinearSpec = {
    name: `linear ${spec.name}`,
    outs: outs.map(avalOf),
    forward: (res, ts) =>
      instantiate(
        pushForward(graph, res.slice(0, n), place(n, where, ts), givenBy(res.slice(n))).tangents,
        outs,
      ),
    adjoint: (res, cts) => {
      const wanted = primals.map((_, i) => where.includes(i))
      const rule: FlatRule = (...xs) => {
        const back = pull(
          graph,
          xs.slice(0, n),
          wanted,
          xs.slice(n + syms.length),
          givenBy(xs.slice(n, n + syms.length)),
        )
        return where.map((i) => instantiate([back[i]!], [xs[i]!])[0]!)
      }
      return applyOp({ name: `recompute ${spec.name}`, expand: rule, opaque: true }, [...res, ...cts])
    },
  }
  return { outs, tangents: linearCall(map, [...primals, ...kept], live) }
}

const checkTangents = (
  name: string,
  tangents: readonly Maybe[],
  outs: readonly Tensor[],
): readonly Maybe[] => {
  if (tangents.length !== outs.length)
    fail(
      'Rule',
      `${name}: its jvp returned ${tangents.length} tangents for ${outs.length} outputs. Return one for each.`,
      { op: name },
    )
  tangents.forEach((t, i) => {
    if (t && !sameShape(t.shape, outs[i]!.shape))
      fail(
        'Rule',
        `${name}: its jvp returned a tangent of shape ${showShape(t.shape)} for an output of shape ${showShape(outs[i]!.shape)}. A tangent has the shape of its output.`,
        { op: name, shapes: [t.shape, outs[i]!.shape] },
      )
  })
  return tangents
}

const checkCotangent = (name: string, ct: Maybe, like: Tensor, i: number): Maybe =>
  ct && !sameShape(ct.shape, like.shape)
    ? fail(
        'Rule',
        `${name}: its vjp returned a cotangent of shape ${showShape(ct.shape)} for argument ${i} of shape ${showShape(like.shape)}. A cotangent has the shape of its argument.`,
        { op: name, shapes: [ct.shape, like.shape] },
      )
    : ct

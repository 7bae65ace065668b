import type { Aval, GraphIR } from '../graph/ir.js'
import { avalOf } from '../primitives/define.js'
import { sum } from '../primitives/structural.js'
import type { Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { batchGraphAll, instantiate } from './evaluate.js'
import type { FlatRule, OpSpec } from './opSpec.js'

/**
 * The operation over a batch axis is again an operation: its meaning and its rules, each mapped over the axis. Rules
 * are traced at the shapes of one example, exactly as they were written, so vmap never loses or bends them.
 */
export const batchOp = (spec: OpSpec, graph: GraphIR, batched: readonly boolean[], size: number): OpSpec => {
  const over = (
    rule: FlatRule,
    avals: readonly Aval[],
    args: readonly Tensor[],
    flags: readonly boolean[],
  ): Tensor[] => {
    const { graph: g, captured } = build(`vmap of ${spec.name}`, avals, rule)
    return batchGraphAll(g, [...args, ...captured], [...flags, ...captured.map(() => false)], size)
  }
  const ins = graph.inputs.map(avalOf)
  const outs = graph.outputs.map(avalOf)
  const all = outs.map(() => true)
  // An operand shared by the batch collects the cotangents of all examples.
  const collect = (cts: readonly Tensor[], from: number) =>
    cts.map((c, i) => (batched[from + i] ? c : sum(c, [0])))
  const { jvp, reverse, linear, batch: _, key, ...rest } = spec
  return {
    ...rest,
    ...(key !== undefined && { key: `${key} over ${size} ${batched.map(Number).join('')}` }),
    expand: (...args) => batchGraphAll(graph, args, batched, size),
    ...(jvp && {
      jvp: (primals, tangents, results) => {
        const n = ins.length
        const rule: FlatRule = (...xs) =>
          instantiate(jvp(xs.slice(0, n), xs.slice(n, 2 * n), xs.slice(2 * n)), outs)
        return over(
          rule,
          [...ins, ...ins, ...outs],
          [...primals, ...tangents, ...results],
          [...batched, ...batched, ...all],
        )
      },
    }),
    ...(reverse && {
      reverse: {
        forward: (primals) => {
          let count = 0
          const rule: FlatRule = (...xs) => {
            const r = reverse.forward(xs)
            count = r.outs.length
            return [...r.outs, ...r.residuals]
          }
          const results = over(rule, ins, primals, batched)
          return { outs: results.slice(0, count), residuals: results.slice(count) }
        },
        backward: (residuals, cts) => {
          const one = (t: Tensor): Aval => ({ shape: t.shape.slice(1), dtype: t.dtype })
          const k = residuals.length
          const rule: FlatRule = (...xs) => instantiate(reverse.backward(xs.slice(0, k), xs.slice(k)), ins)
          return collect(
            over(
              rule,
              [...residuals.map(one), ...outs],
              [...residuals, ...cts],
              [...residuals.map(() => true), ...all],
            ),
            0,
          )
        },
      },
    }),
    ...(linear && {
      linear: {
        from: linear.from,
        adjoint: (fixed, cts) => {
          const k = linear.from
          const rule: FlatRule = (...xs) =>
            instantiate(linear.adjoint(xs.slice(0, k), xs.slice(k)), ins.slice(k))
          const back = over(
            rule,
            [...ins.slice(0, k), ...outs],
            [...fixed, ...cts],
            [...batched.slice(0, k), ...all],
          )
          return collect(back, k)
        },
      },
    }),
  }
}

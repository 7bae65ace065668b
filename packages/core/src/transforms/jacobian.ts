import { allocate, isFloat } from '../dtype.js'
import { fail } from '../errors.js'
import { moveAxis, reshape } from '../primitives/structural.js'
import { range } from '../shape.js'
import { filled, fromData, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { unflatten } from '../tree/tree.js'
import { jvp } from './derivatives.js'
import { batchGraphAll, instantiate, linearizeGraph, transposeGraph } from './evaluate.js'
import { traceAt } from './functional.js'
import { grad } from './grad.js'
import type { Gradient } from './types.js'

/** How a Jacobian is computed: column by column, row by row, or whichever is fewer passes. */
export interface JacobianOptions {
  readonly mode?: 'fwd' | 'rev' | 'auto'
}

/** The tree of the result, and at each of its leaves the tree of the first argument. */
export type Jacobian<R, X> = R extends Tensor
  ? X extends Tensor | number
    ? Tensor
    : { readonly [K in keyof X]: Jacobian<R, X[K]> }
  : { readonly [K in keyof R]: Jacobian<R[K], X> }

/** Row i is the i-th basis vector in the shape of `like`. */
const basis = (like: Tensor): Tensor => {
  const n = like.size
  const out = allocate(like.dtype, n * n)
  for (let i = 0; i < n; i++) out[i * n + i] = 1
  return fromData(out, [n, ...like.shape], like.dtype)
}

/**
 * All partial derivatives of `f` in its first argument: for tensors, `J.shape = [...y.shape, ...x.shape]`; for trees,
 * the tree of the result with the tree of the argument at each leaf. One linearisation, then all directions at once.
 *
 * @example
 * jacobian((x: Tensor) => mul(x, x))(tensor([1, 2])) // => [[2, 0], [0, 4]]
 */
export const jacobian =
  <A extends readonly unknown[] = Tensor[], R = Tensor>(
    f: (...args: A) => R,
    { mode = 'auto' }: JacobianOptions = {},
  ): ((...args: A) => Jacobian<R, A[0]>) =>
  (...args: A): Jacobian<R, A[0]> => {
    const traced = traceAt('jacobian', f, args, true)
    const n = traced.counts[0] ?? 0
    const ins = traced.args.slice(0, n)
    for (const x of ins)
      if (!isFloat(x.dtype))
        fail(
          'Gradient',
          `jacobian: the first argument holds ${x.dtype}, which has no derivative. Use cast(x, 'float32').`,
          { op: 'jacobian', shapes: [x.shape] },
        )
    const { outs, map } = linearizeGraph(
      traced.graph,
      traced.args,
      traced.args.map((_, i) => i < n),
    )
    const total = (ts: readonly Tensor[]) => ts.reduce((s, t) => s + t.size, 0)
    const forward = mode === 'fwd' || (mode === 'auto' && total(ins) <= total(outs))
    const zero = (y: Tensor, x: Tensor): Tensor =>
      filled(0, [...y.shape, ...x.shape], isFloat(y.dtype) ? y.dtype : x.dtype)
    const table: Tensor[][] = outs.map((y) => ins.map((x) => zero(y, x)))
    const active = outs.flatMap((_, i) => (map.active[i] ? [i] : []))
    if (forward)
      ins.forEach((x, j) => {
        const tangents = ins.map((other, k) => (k === j ? basis(x) : filled(0, other.shape, other.dtype)))
        const flags = [...ins.map((_, k) => k === j), ...map.residuals.map(() => false)]
        const columns = batchGraphAll(map.graph, [...tangents, ...map.residuals], flags, x.size)
        columns.forEach((c, k) => {
          // [x.size, ...y.shape] -> [...y.shape, ...x.shape]
          const y = outs[active[k]!]!
          table[active[k]!]![j] = reshape(moveAxis(c, 0, y.rank), [...y.shape, ...x.shape])
        })
      })
    else
      active.forEach((i, k) => {
        const y = outs[i]!
        const cts = active.map((a) => outs[a]!)
        const { graph, captured } = build(
          'jacobian',
          cts.map((c) => ({ shape: c.shape, dtype: c.dtype })),
          (...symbols) => {
            const back = transposeGraph(map.graph, [...ins.map(() => null), ...map.residuals], symbols)
            return instantiate(back.slice(0, n), ins)
          },
        )
        const seeds = cts.map((c, m) => (m === k ? basis(y) : filled(0, c.shape, c.dtype)))
        const flags = [...range(cts.length).map((m) => m === k), ...captured.map(() => false)]
        const rows = batchGraphAll(graph, [...seeds, ...captured], flags, y.size)
        rows.forEach((r, j) => {
          table[i]![j] = reshape(r, [...y.shape, ...ins[j]!.shape])
        })
      })
    const inner = table.map((row) => unflatten(traced.defs[0]!, row))
    return unflatten(traced.outDef, inner) as Jacobian<R, A[0]>
  }

/**
 * Second derivatives of a scalar function in its first argument: `[...x.shape, ...x.shape]`, forward over reverse.
 *
 * @example
 * hessian((x: Tensor) => sum(mul(x, mul(x, x))))(tensor([1, 2])) // => [[6, 0], [0, 12]]
 */
export const hessian = <A extends readonly unknown[] = Tensor[]>(
  f: (...args: A) => Tensor | number,
): ((...args: A) => Jacobian<Gradient<A[0]>, A[0]>) =>
  jacobian(grad(f), { mode: 'fwd' }) as (...args: A) => Jacobian<Gradient<A[0]>, A[0]>

/**
 * The Hessian times a direction, without the Hessian: forward mode over the gradient.
 *
 * @example
 * hvp((x: Tensor) => sum(mul(x, mul(x, x))), [tensor([1, 2])], [tensor([1, 1])]) // => [6, 12]
 */
export const hvp = <A extends readonly unknown[] = Tensor[]>(
  f: (...args: A) => Tensor | number,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: unknown },
): Gradient<A[0]> => jvp(grad(f), primals, tangents)[1] as Gradient<A[0]>

import { isFloat } from '../dtype.js'
import type { Maybe } from '../graph/ir.js'
import { zerosLike } from '../primitives/define.js'
import { convert } from '../primitives/passing.js'
import type { Tensor } from '../tensor.js'
import { unflatten } from '../tree/tree.js'
import { applyLinear, instantiate, linearizeGraph, pushForward, transposeGraph } from './evaluate.js'
import { flattenLike, type TracedFunction, traceAt } from './functional.js'
import type { Gradient } from './types.js'

/** The tangents of the arguments, zeros for what was captured. */
const tangentsFor = (op: string, traced: TracedFunction, tangents: readonly unknown[]): Maybe[] => {
  let at = 0
  const flat = traced.defs.flatMap((def, i) => {
    const n = traced.counts[i]!
    const like = traced.args.slice(at, at + n)
    at += n
    return flattenLike(op, tangents[i], def, like).map((t, j) => t && convert(t, like[j]!.dtype))
  })
  return [...flat, ...traced.args.slice(flat.length).map(() => null)]
}

/**
 * Forward mode: the value and the derivative along a direction, in one pass.
 *
 * J(x)·v for `f` at `primals` along `tangents`, which has the same trees.
 *
 * @example
 * jvp((x: Tensor) => square(x), [tensor(3)], [tensor(1)]).map((t) => t.toArray()) // => [9, 6]
 */
export const jvp = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: unknown },
): [R, Gradient<R>] => {
  const traced = traceAt('jvp', f, primals, true)
  const ts = tangentsFor('jvp', traced, tangents as readonly unknown[])
  const { outs, tangents: dots } = pushForward(traced.graph, traced.args, ts)
  return [
    unflatten(traced.outDef, outs) as R,
    unflatten(traced.outDef, instantiate(dots, outs)) as Gradient<R>,
  ]
}

/**
 * The value, and the derivative there as a function of the tangents, to be applied many times.
 *
 * @example
 * const [y, dy] = linearize((x: Tensor) => exp(x), tensor(0))
 * dy(tensor(2)) // => 2
 */
export const linearize = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [R, (...tangents: { [K in keyof A]: unknown }) => Gradient<R>] => {
  const traced = traceAt('linearize', f, primals, true)
  const argCount = traced.counts.reduce((a, b) => a + b, 0)
  const wanted = traced.args.map((a, i) => i < argCount && isFloat(a.dtype))
  const { outs, map } = linearizeGraph(traced.graph, traced.args, wanted)
  const apply = (...tangents: readonly unknown[]): Gradient<R> => {
    const ts = tangentsFor('linearize', traced, tangents)
    const linear = ts.flatMap((t, i) => (wanted[i] ? [t ?? zerosLike(traced.args[i]!)] : []))
    return unflatten(traced.outDef, instantiate(applyLinear(map, linear), outs)) as Gradient<R>
  }
  return [unflatten(traced.outDef, outs) as R, apply]
}

/** Value and pullback over flat lists; the common root of `vjp`, `grad` and `jacobian`. */
export const pullbackOf = (
  traced: TracedFunction,
  wanted: readonly boolean[],
): { readonly outs: readonly Tensor[]; readonly pullback: (cts: readonly Maybe[]) => Maybe[] } => {
  const { outs, map } = linearizeGraph(traced.graph, traced.args, wanted)
  const pullback = (cts: readonly Maybe[]): Maybe[] => {
    const active = cts.filter((_, i) => map.active[i])
    const linearInputs = map.graph.inputs.length - map.residuals.length
    const args: Maybe[] = [...new Array<null>(linearInputs).fill(null), ...map.residuals]
    const back = transposeGraph(map.graph, args, active)
    let at = 0
    return wanted.map((w) => (w ? back[at++]! : null))
  }
  return { outs, pullback }
}

/**
 * Reverse mode: the value, and the pullback that takes a cotangent of the value to cotangents of the arguments,
 * one per argument. The pullback may be called again and gives the same answer.
 *
 * @example
 * const [y, pullback] = vjp((x: Tensor) => sin(x), tensor(0))
 * pullback(tensor(3))[0] // => 3
 */
export const vjp = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [R, (cotangent: unknown) => { -readonly [K in keyof A]: Gradient<A[K]> }] => {
  const traced = traceAt('vjp', f, primals, true)
  const argCount = traced.counts.reduce((a, b) => a + b, 0)
  const wanted = traced.args.map((a, i) => i < argCount && isFloat(a.dtype))
  const { outs, pullback } = pullbackOf(traced, wanted)
  const apply = (cotangent: unknown) => {
    const cts = flattenLike('vjp', cotangent, traced.outDef, outs).map(
      (c, i) => c && convert(c, outs[i]!.dtype),
    )
    const flat = instantiate(pullback(cts), traced.args)
    let at = 0
    return traced.defs.map((def, i) => {
      const n = traced.counts[i]!
      at += n
      return unflatten(def, flat.slice(at - n, at))
    }) as { -readonly [K in keyof A]: Gradient<A[K]> }
  }
  return [unflatten(traced.outDef, outs) as R, apply]
}

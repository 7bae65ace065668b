import { fail, showShape } from '../errors.js'
import type { Aval, GraphIR, Maybe, Primitive } from '../graph/ir.js'
import { logicalNot } from '../primitives/arithmetic.js'
import { avalOf, definePrimitive, reals, zerosLike } from '../primitives/define.js'
import { dynamicSlice } from '../primitives/indexing.js'
import { convert, select } from '../primitives/passing.js'
import { argmax, reduceMax } from '../primitives/reductions.js'
import { broadcast, reshape } from '../primitives/structural.js'
import { range, sameShape } from '../shape.js'
import { dataOf, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { bind } from '../trace/trace.js'
import {
  batchGraphAll,
  evaluate,
  instantiate,
  linearizeGraph,
  pushForward,
  transposeGraph,
} from '../transforms/evaluate.js'
import { graphFlops } from '../transforms/op.js'
import { flatten, sameDef, unflatten } from '../tree/tree.js'

interface CondParams {
  readonly [key: string]: unknown
  /** Taken when the predicate is true, and when it is false; both take the operands and give the same types. */
  readonly branches: readonly [GraphIR, GraphIR]
}

/** Traces several functions of the same operands; what either captured becomes an operand of all. */
const buildAll = (
  kind: string,
  avals: readonly Aval[],
  fs: readonly ((...xs: Tensor[]) => readonly Tensor[])[],
) => {
  const built = fs.map((f) => build(kind, avals, f))
  const captured = [...new Set(built.flatMap((b) => [...b.captured]))]
  const graphs = built.map(({ graph, captured: own }) => {
    const extra = captured.map((c) => {
      const i = own.indexOf(c)
      return i >= 0
        ? graph.inputs[avals.length + i]!
        : { id: 0, shape: c.shape, dtype: c.dtype, scope: graph.inputs[0]?.scope ?? graph.outputs[0]!.scope }
    })
    return { ...graph, inputs: [...graph.inputs.slice(0, avals.length), ...extra] }
  })
  return { graphs, captured }
}

export const condP: Primitive<CondParams> = definePrimitive<CondParams>({
  name: 'cond',
  shape: (_, { branches }) => branches[0].outputs.map(avalOf),
  kernel: ([p, ...operands], { branches }) => evaluate(branches[dataOf(p!)[0] ? 0 : 1], operands),
  jvp: ([p, ...operands], [, ...tangents], outs, { branches }) => {
    const live = tangents.flatMap((t, i) => (t ? [i] : []))
    const { graphs, captured } = buildAll(
      'cond',
      [...operands, ...live.map((i) => tangents[i]!)].map(avalOf),
      branches.map((branch) => (...xs: Tensor[]) => {
        const full = new Array<Maybe>(operands.length).fill(null)
        live.forEach((i, k) => {
          full[i] = xs[operands.length + k]!
        })
        return instantiate(pushForward(branch, xs.slice(0, operands.length), full).tangents, outs)
      }),
    )
    return bind(condP, [p!, ...operands, ...live.map((i) => tangents[i]!), ...captured], {
      branches: [graphs[0]!, graphs[1]!],
    })
  },
  linearize: ([p, ...operands], [, ...tangents], { branches }) => {
    const wanted = tangents.map((t) => t !== null)
    // Each branch computes its residuals; the other fills its places with zeros.
    const parts = branches.map((branch) => {
      let maps: ReturnType<typeof linearizeGraph>['map'] | undefined
      let outs: readonly Aval[] = []
      const { graph } = build('cond', operands.map(avalOf), (...xs) => {
        const both = linearizeGraph(branch, xs, wanted)
        maps = both.map
        outs = both.outs.map(avalOf)
        return [...both.outs, ...both.map.residuals]
      })
      return { graph, map: maps!, outs, residuals: maps!.residuals.map(avalOf) }
    })
    const [a, b] = [parts[0]!, parts[1]!]
    const residualAvals = [...a.residuals, ...b.residuals]
    const { graphs } = buildAll('cond', operands.map(avalOf), [
      (...xs) => [...evaluate(a.graph, xs), ...b.residuals.map(zerosLike)],
      (...xs) => {
        const all = evaluate(b.graph, xs)
        return [...all.slice(0, b.outs.length), ...a.residuals.map(zerosLike), ...all.slice(b.outs.length)]
      },
    ])
    const all = bind(condP, [p!, ...operands], { branches: [graphs[0]!, graphs[1]!] })
    const n = a.outs.length
    const [outs, residuals] = [all.slice(0, n), all.slice(n)]
    const active = outs.map((_, i) => a.map.active[i]! || b.map.active[i]!)
    const live = tangents.filter((t) => t !== null)
    const linear =
      (part: typeof a, from: number) =>
      (...xs: Tensor[]) => {
        const ts = xs.slice(residualAvals.length)
        const dots = evaluate(part.map.graph, [...ts, ...xs.slice(from, from + part.residuals.length)])
        let at = 0
        const maybe = part.map.active.map((yes) => (yes ? dots[at++]! : null))
        return instantiate(maybe, outs).filter((_, i) => active[i])
      }
    const { graphs: maps } = buildAll(
      'cond',
      [...residualAvals, ...live.map(avalOf)],
      [linear(a, 0), linear(b, a.residuals.length)],
    )
    const dots = bind(condP, [p!, ...residuals, ...live], { branches: [maps[0]!, maps[1]!] })
    let at = 0
    return { outs, tangents: active.map((yes) => (yes ? dots[at++]! : null)) }
  },
  transpose: (cts, [p, ...inputs], { branches }, [, ...avals], outs) => {
    const fixed = inputs.filter((x) => x !== null)
    const linear = inputs.flatMap((x, i) => (x === null ? [i] : []))
    const full = instantiate(cts, outs)
    const { graphs } = buildAll(
      'cond',
      [...fixed, ...full].map(avalOf),
      branches.map((branch) => (...xs: Tensor[]) => {
        let at = 0
        const args = inputs.map((x) => (x === null ? null : xs[at++]!))
        const back = transposeGraph(branch, args, xs.slice(fixed.length))
        return linear.map((i) => back[i] ?? zerosLike(avals[i]!))
      }),
    )
    const back = bind(condP, [p!, ...fixed, ...full], { branches: [graphs[0]!, graphs[1]!] })
    let at = 0
    return [null, ...inputs.map((x) => (x === null ? back[at++]! : null))]
  },
  batch: ([p, ...operands], [bp, ...batched], { branches }, size) => {
    if (!bp) {
      const { graphs } = buildAll(
        'cond',
        operands.map(avalOf),
        branches.map(
          (branch) =>
            (...xs: Tensor[]) =>
              batchGraphAll(branch, xs, batched, size),
        ),
      )
      return bind(condP, [p!, ...operands], { branches: [graphs[0]!, graphs[1]!] })
    }
    // Examples differ in the branch they take: both are computed, and each example keeps its own. A branch never meets
    // an example that does not take it: that example computes with the operands of one that does, so there is no index
    // out of range, no NaN and no endless loop that the example alone would not have met.
    const taken = [p!, logicalNot(p!)].map((mask, k) => {
      const safe = operands.map((x, i) => (batched[i] ? borrowed(x, mask) : x))
      const branch = branches[k]!
      const { graphs, captured } = buildAll('cond', safe.map(avalOf), [
        (...xs) => batchGraphAll(branch, xs, batched, size),
        () => branch.outputs.map((o) => zerosLike({ shape: [size, ...o.shape], dtype: o.dtype })),
      ])
      return bind(condP, [anyOf(mask), ...safe, ...captured], { branches: [graphs[0]!, graphs[1]!] })
    })
    return taken[0]!.map((y, i) => select(broadcast(p!, y.shape, [0]), y, taken[1]![i]!))
  },
  domain: [reals],
  kinks: { text: 'jumps where the predicate changes' },
  derivation: 'the derivative of the branch taken',
  flops: (_, __, { branches }) => Math.max(graphFlops(branches[0]), graphFlops(branches[1])),
})

/** Is any entry true? */
export const anyOf = (mask: Tensor): Tensor => reduceMax(mask, range(mask.rank))

/** The rows of a batch, those outside the mask replaced by the first row inside it. */
export const borrowed = (x: Tensor, mask: Tensor): Tensor => {
  const row = dynamicSlice(x, argmax(mask, 0), 0, 1)
  const everywhere = broadcast(
    reshape(row, x.shape.slice(1)),
    x.shape,
    range(x.rank - 1).map((i) => i + 1),
  )
  return select(broadcast(mask, x.shape, [0]), x, everywhere)
}

/**
 * Computes one of two functions of the same operands. Only the branch taken runs (under `vmap` over the predicate,
 * each branch that some example takes). The branches must return trees of the same structure, shapes and dtypes.
 *
 * @example
 * const f = (x: Tensor) => cond(less(x, 0), (v) => neg(v), (v) => square(v), x)
 * grad(f)(tensor(3)) // => 6
 */
export const cond = <A extends readonly unknown[], R>(
  pred: Tensor | boolean | number,
  onTrue: (...operands: A) => R,
  onFalse: (...operands: A) => R,
  ...operands: A
): R => {
  const [predicate] = flatten(pred, 'cond').leaves
  if (predicate!.size !== 1)
    fail(
      'Shape',
      `cond: the predicate has shape ${showShape(predicate!.shape)}. It must be one bool; use where(...) to choose entry by entry.`,
      { op: 'cond', shapes: [predicate!.shape] },
    )
  const flat = flatten(operands, 'cond')
  const defs: ReturnType<typeof flatten>['def'][] = []
  const run =
    (f: (...xs: A) => R) =>
    (...xs: Tensor[]): readonly Tensor[] => {
      const out = flatten(f(...(unflatten(flat.def, xs) as A)), 'cond: the result')
      defs.push(out.def)
      return out.leaves
    }
  const { graphs, captured } = buildAll('cond', flat.leaves.map(avalOf), [run(onTrue), run(onFalse)])
  sameDef('cond: the branches', defs[0]!, defs[1]!)
  graphs[0]!.outputs.forEach((a, i) => {
    const b = graphs[1]!.outputs[i]!
    if (!sameShape(a.shape, b.shape) || a.dtype !== b.dtype)
      fail(
        'Shape',
        `cond: one branch returns ${a.dtype}${showShape(a.shape)}, the other ${b.dtype}${showShape(b.shape)}. Both must return the same shapes and dtypes.`,
        { op: 'cond', shapes: [a.shape, b.shape] },
      )
  })
  const outs = bind(condP, [reshape(convert(predicate!, 'bool'), []), ...flat.leaves, ...captured], {
    branches: [graphs[0]!, graphs[1]!],
  })
  return unflatten(defs[0]!, outs) as R
}

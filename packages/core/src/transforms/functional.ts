import { isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { GraphIR, Maybe } from '../graph/ir.js'
import { sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { flatten, pathsOf, sameDef, type TreeDef, unflatten } from '../tree/tree.js'

/** A function of trees, traced at given arguments. */
export interface TracedFunction {
  readonly graph: GraphIR
  /** Flat arguments, then what the function captured from outside. */
  readonly args: readonly Tensor[]
  readonly outDef: TreeDef
  /** How many of `args` are arguments, per position. */
  readonly counts: readonly number[]
  readonly defs: readonly TreeDef[]
}

/** Traces `f` at `args`; with `known`, symbols can be forced, because the values are those of this very call. */
export const traceAt = (
  kind: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  known: boolean,
): TracedFunction => {
  const flats = args.map((a) => flatten(a, kind))
  const leaves = flats.flatMap((x) => [...x.leaves])
  let outDef: TreeDef | undefined
  const { graph, captured } = build(
    kind,
    leaves,
    (...symbols) => {
      const out = flatten(
        callWith(
          f,
          flats.map((x) => x.def),
          symbols,
        ),
        `${kind}: the result`,
      )
      outDef = out.def
      return out.leaves
    },
    known ? leaves : undefined,
  )
  return {
    graph,
    args: [...leaves, ...captured],
    outDef: outDef!,
    counts: flats.map((x) => x.leaves.length),
    defs: flats.map((x) => x.def),
  }
}

/** Calls `f` with trees rebuilt from a flat list of leaves. */
export const callWith = (
  f: (...args: never[]) => unknown,
  defs: readonly TreeDef[],
  leaves: readonly Tensor[],
): unknown => {
  let at = 0
  const trees = defs.map((def) => {
    const n = pathsOf(def).length
    at += n
    return unflatten(def, leaves.slice(at - n, at))
  })
  return (f as (...args: unknown[]) => unknown)(...trees)
}

/** Flattens tangents or cotangents and checks them against the values they belong to. */
export const flattenLike = (
  op: string,
  tree: unknown,
  def: TreeDef,
  like: readonly { readonly shape: readonly number[]; readonly dtype: string }[],
): Maybe[] => {
  const got = flatten(tree, op)
  sameDef(op, def, got.def)
  const paths = pathsOf(def)
  return got.leaves.map((leaf, i) => {
    const want = like[i]!
    if (!isFloat(want.dtype as Tensor['dtype'])) return null
    const value = leaf
    if (!sameShape(value.shape, want.shape))
      fail(
        'Shape',
        `${op}: ${paths[i] ? `at ${paths[i]}: ` : ''}shape ${showShape(value.shape)} does not match ${showShape(want.shape)}. Tangents and cotangents have the shape of what they belong to.`,
        { op, shapes: [value.shape, want.shape], path: paths[i]! },
      )
    return value
  })
}

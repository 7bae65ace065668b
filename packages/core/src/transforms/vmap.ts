import { fail, showShape } from '../errors.js'
import { batchAll, moveAxis } from '../primitives/structural.js'
import { normalAxis } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { countLeaves, flatten, type TreeDef, unflatten } from '../tree/tree.js'
import { batchGraph } from './evaluate.js'
import { callWith } from './functional.js'

/** An axis for every leaf below, `null` for leaves that are shared; trees of these follow the argument's tree. */
export type AxisSpec = number | null | readonly AxisSpec[] | { readonly [key: string]: AxisSpec }

/** Which axes are mapped. */
export interface VmapOptions {
  /** One entry for all arguments, or a list with one for each. Default 0. */
  readonly inAxes?: AxisSpec
  /** Where the mapped axis goes in the result. Default 0. */
  readonly outAxes?: AxisSpec
}

// A spec is a prefix of the tree: a number or null covers everything below it.
const spread = (name: string, spec: AxisSpec, def: TreeDef): (number | null)[] => {
  if (spec === null || typeof spec === 'number') return new Array<number | null>(countLeaves(def)).fill(spec)
  if (def.kind === 'array' && Array.isArray(spec) && spec.length === def.items.length)
    return def.items.flatMap((d, i) => spread(name, (spec as readonly AxisSpec[])[i]!, d))
  if (def.kind === 'record' && !Array.isArray(spec)) {
    const record = spec as { readonly [key: string]: AxisSpec }
    return def.items.flatMap((d, i) => spread(name, record[def.keys[i]!] ?? null, d))
  }
  return fail(
    'Axis',
    `vmap: ${name} does not follow the tree. Give a number, null, or the same structure with numbers and nulls.`,
    { op: 'vmap' },
  )
}

/**
 * Maps a function over an axis of its arguments, as one program: `vmap(f)(xs)` equals stacking `f` of each slice.
 * Nests, and composes with every derivative.
 *
 * @example
 * vmap((x: Tensor) => sum(x))(tensor([[1, 2], [3, 4]])) // => [3, 7]
 */
export const vmap =
  <A extends readonly unknown[] = Tensor[], R = Tensor>(
    f: (...args: A) => R,
    { inAxes = 0, outAxes = 0 }: VmapOptions = {},
  ): ((...args: A) => R) =>
  (...args: A): R => {
    const flats = args.map((a) => flatten(a, 'vmap'))
    const leaves = flats.flatMap((x) => [...x.leaves])
    const specs = Array.isArray(inAxes) ? (inAxes as readonly AxisSpec[]) : args.map(() => inAxes)
    if (specs.length !== args.length)
      fail(
        'Axis',
        `vmap: inAxes has ${specs.length} entries for ${args.length} arguments. Give one for each, null for those that are shared.`,
        { op: 'vmap' },
      )
    const axes = flats.flatMap((x, i) => spread('inAxes', specs[i]!, x.def))
    const normal = axes.map((a, i) => (a === null ? null : normalAxis('vmap', a, leaves[i]!.rank)))
    const sizes = normal.flatMap((a, i) => (a === null ? [] : [leaves[i]!.shape[a]!]))
    const size = sizes[0]
    if (size === undefined)
      return fail('Axis', 'vmap: no argument has a mapped axis. Give at least one inAxes that is not null.', {
        op: 'vmap',
      })
    if (sizes.some((s) => s !== size))
      fail(
        'Shape',
        `vmap: the mapped axes have different lengths: ${leaves.map((l) => showShape(l.shape)).join(', ')} along ${JSON.stringify(normal)}.`,
        { op: 'vmap', shapes: leaves.map((l) => l.shape) },
      )
    const front = leaves.map((l, i) => (normal[i] === null ? l : moveAxis(l, normal[i]!, 0)))
    let outDef: TreeDef | undefined
    const { graph, captured } = build(
      'vmap',
      front.map((l, i) => ({ shape: normal[i] === null ? l.shape : l.shape.slice(1), dtype: l.dtype })),
      (...symbols) => {
        const out = flatten(
          callWith(
            f,
            flats.map((x) => x.def),
            symbols,
          ),
          'vmap: the result',
        )
        outDef = out.def
        return out.leaves
      },
    )
    const flags = [...normal.map((a) => a !== null), ...captured.map(() => false)]
    const { outs, batched } = batchGraph(graph, [...front, ...captured], flags, size)
    const outSpec = spread('outAxes', outAxes, outDef!)
    const placed = outs.map((o, i): Tensor => {
      const axis = outSpec[i]!
      if (axis === null)
        return batched[i]
          ? fail(
              'Axis',
              'vmap: outAxes is null for a result that depends on the mapped axis. Give it an axis.',
              { op: 'vmap' },
            )
          : o
      const whole = batchAll(o, batched[i]!, size)
      return moveAxis(whole, 0, normalAxis('vmap', axis, whole.rank))
    })
    return unflatten(outDef!, placed) as R
  }

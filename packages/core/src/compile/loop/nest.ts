import { BYTES } from '../../dtype.js'
import type { DType } from '../../types/index.js'
import type { View } from '../view.js'
import { isWhole } from '../view.js'
import type { LoopSpec } from './spec.js'

/** One axis of the nest: its length, whether it is summed over, and each access's stride in bytes. */
export interface Axis {
  readonly size: number
  readonly reduced: boolean
  readonly strides: readonly number[]
}

/** A place in memory that the nest reads or writes. */
export interface Access {
  readonly view: View
  readonly dtype: DType
}

/** A nest in the order in which its loops are written. */
export interface Nest {
  readonly axes: readonly Axis[]
  /** Which of the axes is worked on several lanes at a time. */
  readonly vector: number
  readonly accesses: readonly Access[]
  /** Columns that are summed down together, in memory: the vector axis is kept, and innermost nevertheless. */
  readonly columns: boolean
  /** Lanes of a vector: 2 where a value has 8 bytes, otherwise 4. */
  readonly lanes: 2 | 4
  /** May the last vector run over the end, into the padding of its buffers? */
  readonly overrun: boolean
}

const isLeftOf = (a: Axis, b: Axis): boolean =>
  a.reduced === b.reduced && a.strides.every((s, k) => s === b.strides[k]! * b.size)

/** Merges neighbours that are walked as one. */
const collapse = (axes: readonly Axis[]): Axis[] => {
  const out: Axis[] = []
  for (const axis of axes) {
    const last = out[out.length - 1]
    if (last && isLeftOf(last, axis)) out[out.length - 1] = { ...axis, size: last.size * axis.size }
    else out.push(axis)
  }
  return out
}

// Lanes want neighbours in memory; stores count double, since they cannot be gathered from several places at once.
// What is summed is written once for many elements, and counts little.
const fitness = (axis: Axis, accesses: readonly Access[], weightOf: (k: number) => number): number => {
  const score = accesses.reduce((sum, { dtype }, k) => {
    const dense = axis.strides[k] === BYTES[dtype] ? 2 : axis.strides[k] === 0 ? 1 : 0
    return sum + dense * weightOf(k)
  }, 0)
  return axis.size >= 4 ? score + 0.5 : score
}

const FEW_ROWS = 8
const FEWEST_COLUMNS = 64

/** How many columns are summed together: a divisor of all, long enough to read memory in order; 0 if there is none. */
const blockOf = (columns: number): number => {
  if (columns < FEWEST_COLUMNS) return 0
  // At least two blocks where there are many, so that threads can share them.
  for (
    let block = Math.max(FEWEST_COLUMNS, Math.min(256, columns >> 1));
    block >= FEWEST_COLUMNS / 2;
    block--
  )
    if (columns % block === 0) return block
  return 0
}

/** A kept axis as blocks and what is inside of one. */
const split = (axis: Axis, block: number): readonly [Axis, Axis] => [
  { ...axis, size: axis.size / block, strides: axis.strides.map((s) => s * block) },
  { ...axis, size: block },
]

/** Finds the loops of a specification. Accesses are its loads, then its stores, then its reductions. */
export const nestOf = (spec: LoopSpec): Nest => {
  const reduced = new Set(spec.reductions[0]?.axes ?? [])
  const loads = spec.values.flatMap((v) => (v.kind === 'load' ? [v] : []))
  const accesses: Access[] = [
    ...loads.map(({ view, dtype }) => ({ view, dtype })),
    ...spec.stores.map(({ view }) => ({ view, dtype: view.buffer.dtype })),
    ...spec.reductions.map(({ view }) => ({ view, dtype: view.buffer.dtype })),
  ]
  const kept = spec.shape.flatMap((_, d) => (reduced.has(d) ? [] : [d]))
  const strideOf = (k: number, d: number): number => {
    const { view, dtype } = accesses[k]!
    const reduction = k >= loads.length + spec.stores.length
    const axis = reduction ? kept.indexOf(d) : d
    return axis < 0 ? 0 : view.strides[axis]! * BYTES[dtype]
  }
  const all = spec.shape.map((size, d) => ({
    size,
    reduced: reduced.has(d),
    strides: accesses.map((_, k) => strideOf(k, d)),
  }))
  const axes = collapse(all.filter((a) => a.size !== 1))
  if (axes.length === 0) axes.push({ size: 1, reduced: false, strides: accesses.map(() => 0) })

  const results = loads.length + spec.stores.length
  const weightOf = (k: number): number => (k < loads.length ? 1 : k < results ? 2 : 0.25)
  let inner = axes.length - 1
  axes.forEach((axis, d) => {
    if (fitness(axis, accesses, weightOf) > fitness(axes[inner]!, accesses, weightOf)) inner = d
  })
  const others = axes.filter((_, d) => d !== inner)
  const outer = others.filter((a) => !a.reduced)
  const summed = others.filter((a) => a.reduced)
  const rows = summed.reduce((n, a) => n * a.size, 1)
  const block = axes[inner]!.reduced || rows < FEW_ROWS ? 0 : blockOf(axes[inner]!.size)
  const columns = block > 0
  const [blocks, column] = columns ? split(axes[inner]!, block) : [axes[inner]!, axes[inner]!]
  // A reduced inner axis is innermost. A kept one stands outside of the reduced loops, so that sums stay in registers;
  // but where it is long, memory is read in its order and the sums of a block of columns lie in memory.
  const order = axes[inner]!.reduced
    ? [...outer, ...summed, axes[inner]!]
    : columns
      ? [...outer, blocks, ...summed, column]
      : [...outer, axes[inner]!, ...summed]

  const lanes = [...spec.values, ...accesses].some((v) => v.dtype === 'float64') ? 2 : 4
  return {
    axes: order,
    vector: columns ? order.length - 1 : order.indexOf(axes[inner]!),
    columns,
    accesses,
    lanes,
    overrun:
      order.length === 1 &&
      spec.reductions.length === 0 &&
      spec.stores.every(({ view }) => view.buffer.padded && isWhole(view)),
  }
}

import type { DotParams } from '../../../primitives/contraction.js'
import { range, sizeOf, stridesOf } from '../../../shape.js'

/** An operand in memory: strides in elements, row-major ones where none are given. */
export interface Strided {
  readonly shape: readonly number[]
  readonly strides?: readonly number[]
}

/** An outer axis, shared by both operands and the result; strides in elements. */
export interface BatchAxis {
  readonly size: number
  readonly strideA: number
  readonly strideB: number
}

/** A contraction as a batch of matrix products C[item, m, n] = Σₖ A[item, m, k]·B[item, k, n], C contiguous. */
export interface DotLayout {
  readonly m: number
  readonly n: number
  readonly k: number
  /** Strides in elements; for an operand that is copied first, those of the copy. */
  readonly rowA: number
  readonly columnA: number
  readonly rowB: number
  readonly columnB: number
  /** Outermost first; neighbours that have one stride are one axis. */
  readonly batch: readonly BatchAxis[]
  /** The permutation in which A must first be copied contiguously, because some of its axes have no common stride. */
  readonly copyA: readonly number[] | null
  /** The same for B. */
  readonly copyB: readonly number[] | null
}

interface Axis {
  readonly size: number
  readonly stride: number
}

/** The one stride of several axes, outermost first, or null. Axes of size 1 have any stride, empty ones too. */
const common = (axes: readonly Axis[]): number | null => {
  if (axes.some(({ size }) => size === 0)) return 1
  const long = axes.filter(({ size }) => size !== 1)
  for (let i = 0; i + 1 < long.length; i++)
    if (long[i]!.stride !== long[i + 1]!.stride * long[i + 1]!.size) return null
  return long.at(-1)?.stride ?? null
}

/** Orders of the contracted pairs worth trying: as given, as they lie in A, as they lie in B. */
const orders = ({ contract: [ca, cb] }: DotParams): number[][] => {
  const pairs = range(ca.length)
  return [pairs, [...pairs].sort((i, j) => ca[i]! - ca[j]!), [...pairs].sort((i, j) => cb[i]! - cb[j]!)]
}

/**
 * The matrix products that a `dot` consists of: free axes of A become m, those of B n, contracted ones k, where they have one
 * stride; an operand whose axes do not is to be copied in the order named. The order of contracted pairs is free, so one
 * is chosen that needs the fewest copies.
 */
export const dotLayout = (a: Strided, b: Strided, params: DotParams): DotLayout => {
  const [axesA, axesB] = [a, b].map(({ shape, strides = stridesOf(shape) }) =>
    shape.map((size, i) => ({ size, stride: strides[i]! })),
  ) as [Axis[], Axis[]]
  const free = (axes: readonly Axis[], side: 0 | 1): number[] =>
    range(axes.length).filter((i) => !params.contract[side].includes(i) && !params.batch[side].includes(i))
  const [freeA, freeB] = [free(axesA, 0), free(axesB, 1)]
  const of = (axes: readonly Axis[], which: readonly number[]): Axis[] => which.map((i) => axes[i]!)
  const size = (axes: readonly Axis[]): number => sizeOf(axes.map((x) => x.size))
  const m = size(of(axesA, freeA))
  const n = size(of(axesB, freeB))
  const k = size(of(axesA, params.contract[0]))

  const tries = orders(params).map((order) => {
    const side = (axes: readonly Axis[], outer: readonly number[], s: 0 | 1) => {
      const inner = order.map((i) => params.contract[s][i]!)
      const [stride, along] = [common(of(axes, outer)), common(of(axes, inner))]
      const trivial = (list: readonly number[]): boolean => size(of(axes, list)) === 1
      const fits = (stride !== null || trivial(outer)) && (along !== null || trivial(inner))
      // A copy is [batch, free, contracted], contiguous.
      if (!fits) return { stride: k, along: 1, copy: [...params.batch[s], ...outer, ...inner] }
      // Axes of size 1 get the stride that a contiguous matrix would have.
      return { stride: stride ?? k * (along ?? 1), along: along ?? 1, copy: null }
    }
    return { left: side(axesA, freeA, 0), right: side(axesB, freeB, 1) }
  })
  const cost = ({ left, right }: (typeof tries)[0]): number =>
    (left.copy ? size(axesA) : 0) + (right.copy ? size(axesB) : 0)
  const { left, right } = tries.reduce((best, next) => (cost(next) < cost(best) ? next : best))

  const batch: BatchAxis[] = []
  const sizes = params.batch[0].map((i) => axesA[i]!.size)
  const outer = (axes: readonly Axis[], copy: readonly number[] | null, inner: number, s: 0 | 1): number[] =>
    copy ? stridesOf(sizes).map((x) => x * inner) : params.batch[s].map((i) => axes[i]!.stride)
  const strideA = outer(axesA, left.copy, m * k, 0)
  const strideB = outer(axesB, right.copy, k * n, 1)
  for (const [i, length] of sizes.entries()) {
    if (length === 1) continue
    const last = batch.at(-1)
    const next = { size: length, strideA: strideA[i]!, strideB: strideB[i]! }
    if (last && last.strideA === next.strideA * length && last.strideB === next.strideB * length)
      batch[batch.length - 1] = { ...next, size: last.size * length }
    else batch.push(next)
  }
  return {
    m,
    n,
    k,
    rowA: left.stride,
    columnA: left.along,
    rowB: right.along,
    columnB: right.stride,
    batch,
    copyA: left.copy,
    copyB: right.copy,
  }
}

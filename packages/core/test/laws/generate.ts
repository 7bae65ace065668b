import fc from 'fast-check'
import type { Params, Primitive } from '../../src/graph/ir.js'
import { sizeOf } from '../../src/shape.js'
import { fromData, type Tensor } from '../../src/tensor.js'

// Dyadic numbers k/64: exact in float32, sums and products of a few are exact in float64, and they shrink well.

export type Float = 'float32' | 'float64'

/** One application of a primitive, drawn three times at the same shapes, so that a batch can be made of it. */
export interface Case {
  readonly draws: readonly (readonly Tensor[])[]
  readonly params: (dtype: Float) => Params
}

/** How a primitive is exercised. */
export interface Entry {
  readonly cases: fc.Arbitrary<Case>
  /** Sets of operands in which the operation is linear or affine together; `transpose` sees them as null. */
  readonly linear?: readonly (readonly number[])[]
  /** Units in the last place by which a float32 result may differ from the rounded float64 one. */
  readonly ulps?: number
  /** A constant to every derivative by definition, whatever differences say. */
  readonly stopped?: boolean
}

/** k/64 from `lo` to `hi`. */
export const dyadic = (lo = -4, hi = 4): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(lo * 64), max: Math.floor(hi * 64) }).map((k) => k / 64)

/** Lengths of axes: mostly 2 and 3, sometimes 1, rarely 0. */
export const axis: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(2) },
  { weight: 4, arbitrary: fc.constant(3) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
)
/** Lengths of axes that must have an element. */
export const fullAxis: fc.Arbitrary<number> = fc.integer({ min: 1, max: 3 })

export const shapes = (minRank = 0, maxRank = 4, length = axis): fc.Arbitrary<number[]> =>
  fc.array(length, { minLength: minRank, maxLength: maxRank }).filter((s) => sizeOf(s) <= 36)

export const f64 = (values: readonly number[], shape: readonly number[]): Tensor =>
  fromData(Float64Array.from(values), shape, 'float64')
export const i32 = (values: readonly number[], shape: readonly number[]): Tensor =>
  fromData(Int32Array.from(values), shape, 'int32')
export const bool = (values: readonly (number | boolean)[], shape: readonly number[]): Tensor =>
  fromData(Uint8Array.from(values, Number), shape, 'bool')

const listOf = <T>(n: number, one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: n, maxLength: n })

export const floats = (shape: readonly number[], one = dyadic()): fc.Arbitrary<Tensor> =>
  listOf(sizeOf(shape), one).map((v) => f64(v, shape))
export const bools = (shape: readonly number[]): fc.Arbitrary<Tensor> =>
  listOf(sizeOf(shape), fc.boolean()).map((v) => bool(v, shape))
export const ints = (shape: readonly number[], min: number, max: number): fc.Arbitrary<Tensor> =>
  listOf(sizeOf(shape), fc.integer({ min, max })).map((v) => i32(v, shape))
/** Distinct numbers at least 1/4 apart: no ties anywhere. */
export const distinct = (shape: readonly number[]): fc.Arbitrary<Tensor> => {
  const n = sizeOf(shape)
  const places = Array.from({ length: n }, (_, i) => i)
  return fc.shuffledSubarray(places, { minLength: n, maxLength: n }).chain((order) =>
    listOf(n, dyadic(0, 1 / 4)).map((jitter) =>
      f64(
        order.map((p, i) => (p - n / 2) / 2 + jitter[i]!),
        shape,
      ),
    ),
  )
}

/** A case from its structure: what fixes shapes and parameters, then operands at those shapes. */
export const caseOf = <S>(
  structure: fc.Arbitrary<S>,
  inputs: (s: S) => fc.Arbitrary<readonly Tensor[]>,
  params: (s: S, dtype: Float) => Params = () => ({}),
): fc.Arbitrary<Case> =>
  structure.chain((s) => {
    const one = inputs(s)
    return fc.tuple(one, one, one).map((draws) => ({ draws, params: (dtype: Float) => params(s, dtype) }))
  })

/** How far operands stay from kinks and singular points: far beyond the largest finite difference step. */
export const gap = 1 / 8

/** Entries of each operand from its own interval, away from the kinks that the row states. */
export const elementwise = (
  row: Primitive,
  intervals: readonly (readonly [number, number])[],
  {
    distance = row.kinks === 'none' ? undefined : row.kinks.distance,
    params,
    linear,
  }: {
    distance?: ((...x: readonly number[]) => number) | undefined
    params?: fc.Arbitrary<Params>
    linear?: Entry['linear']
  } = {},
): Entry => {
  const point = fc
    .tuple(...intervals.map(([lo, hi]) => dyadic(lo, hi)))
    .filter((x) => distance === undefined || Math.abs(distance(...x)) >= gap)
  const cases = caseOf(
    fc.record({ shape: shapes(), params: params ?? fc.constant<Params>({}) }),
    ({ shape }) =>
      listOf(sizeOf(shape), point).map((points) =>
        intervals.map((_, i) =>
          f64(
            points.map((p) => p[i]!),
            shape,
          ),
        ),
      ),
    (s) => s.params,
  )
  return { cases, ...(linear && { linear }) }
}

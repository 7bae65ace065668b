import { type DType, tensor as make, type Tensor } from '@cotangent/core'
import fc, { type Arbitrary } from 'fast-check'
import { type DyadicOptions, dyadic } from './dyadic.js'

export interface ShapeOptions {
  readonly minRank?: number
  readonly maxRank?: number
  readonly minSize?: number
  readonly maxSize?: number
}

/** Shapes: up to three axes of sizes 1 to 4. Shrinks to fewer axes, then to smaller ones. */
export const shape = ({
  minRank = 0,
  maxRank = 3,
  minSize = 1,
  maxSize = 4,
}: ShapeOptions = {}): Arbitrary<number[]> =>
  fc.array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank })

/** Two shapes that broadcast with each other: on each axis at most one of them has 1, and axes of 1 in front may be missing. */
export const broadcastable = (options: ShapeOptions = {}): Arbitrary<[number[], number[]]> =>
  shape(options).chain((whole) => {
    const n = whole.length
    const who = fc.array(fc.constantFrom('both', 'left', 'right'), { minLength: n, maxLength: n })
    return fc
      .tuple(who, fc.boolean(), fc.boolean())
      .map(([full, cutLeft, cutRight]): [number[], number[]] => [
        side(whole, full, 'right', cutLeft),
        side(whole, full, 'left', cutRight),
      ])
  })

const side = (whole: readonly number[], full: readonly string[], other: string, cut: boolean): number[] => {
  const all = whole.map((n, axis) => (full[axis] === other ? 1 : n))
  const first = all.findIndex((n) => n !== 1)
  return cut ? (first < 0 ? [] : all.slice(first)) : all
}

export interface TensorOptions extends DyadicOptions {
  /** A shape, or where shapes come from; default one to three axes. */
  readonly shape?: readonly number[] | Arbitrary<number[]>
  readonly dtype?: DType
  /** Where elements come from; default multiples of 1/64 between -4 and 4. */
  readonly elements?: Arbitrary<number>
}

export const sizeOf = (s: readonly number[]): number => s.reduce((a, b) => a * b, 1)

export const fromNumbers = (
  data: readonly number[],
  s: readonly number[],
  dtype: DType = 'float64',
): Tensor => make(Float64Array.from(data), { shape: [...s], dtype }) as Tensor

/**
 * Tensors of multiples of 1/64. Shrinks to fewer axes, smaller ones, and simpler numbers.
 */
export const tensor = (options: TensorOptions = {}): Arbitrary<Tensor> => {
  const {
    shape: s = shape({ minRank: 1, maxRank: 2 }),
    dtype = 'float64',
    elements = dyadic(options),
  } = options
  const of = (fixed: readonly number[]): Arbitrary<Tensor> => {
    const n = sizeOf(fixed)
    return fc.array(elements, { minLength: n, maxLength: n }).map((data) => fromNumbers(data, fixed, dtype))
  }
  return Array.isArray(s) ? of(s as readonly number[]) : (s as Arbitrary<number[]>).chain(of)
}

/** A tree of arbitraries as an arbitrary of trees. */
export type TreeOf<T> = T extends Arbitrary<infer R> ? R : { [K in keyof T]: TreeOf<T[K]> }

const isArbitrary = (x: unknown): x is Arbitrary<unknown> =>
  typeof x === 'object' && x !== null && 'generate' in x

/**
 * Trees: records and arrays of arbitraries, generated together.
 */
export const tree = <T>(spec: T): Arbitrary<TreeOf<T>> => {
  const visit = (x: unknown): Arbitrary<unknown> =>
    isArbitrary(x)
      ? x
      : Array.isArray(x)
        ? fc.tuple(...x.map(visit))
        : fc.record(Object.fromEntries(Object.entries(x as object).map(([k, v]) => [k, visit(v)])))
  return visit(spec) as Arbitrary<TreeOf<T>>
}

import { dataOf, type Tensor } from '../../../../src/tensor.js'
import type { DType } from '../../../../src/types/index.js'
import type { Random } from '../random.js'
import { made } from './aim.js'

// Numbers of every size: tiny, subnormal and huge ones, and neighbours of the places where functions change.

const PLACES = [
  0.25,
  0.5,
  0.55,
  1,
  1.46163214496836, // about the minimum of lgamma
  1.5,
  2,
  Math.PI / 2,
  Math.PI,
  4,
  6,
  10,
  16,
  20,
  22,
  27,
  88.72284,
  87.33655,
  103.97208,
  709.782712893384,
  745.1332191019411,
  2 ** 20,
  2 ** 53,
  2 ** -10,
  2 ** -28,
  2 ** -54,
  2 ** -126,
  2 ** -149,
  2 ** -1022,
  2 ** -1074,
]

/** A float of any bits. */
export const pattern = (r: Random, dtype: DType): number => {
  const words = Uint32Array.of(r.next() * 2 ** 32, r.next() * 2 ** 32)
  return dtype === 'float32' ? new Float32Array(words.buffer)[0]! : new Float64Array(words.buffer)[0]!
}

const sign = (r: Random): number => (r.chance(0.5) ? 1 : -1)

/** Subnormal numbers, the least normal ones, and those next to the largest. */
const edge = (r: Random, dtype: DType): number => {
  const single = dtype === 'float32'
  const [least, normal, largest] = single
    ? [2 ** -149, 2 ** -126, 2 ** 127]
    : [2 ** -1074, 2 ** -1022, 2 ** 1023]
  const size = r.pick([
    () => least * r.int(1, 4),
    () => normal * r.next(),
    () => normal * (1 + r.next()),
    () => largest * (1 + r.next()),
  ])
  return sign(r) * size()
}

/** Numbers at some distance of one of these places, down to neighbours. */
const about = (r: Random, dtype: DType, places: readonly number[]): (() => number) => {
  const [place, log] = [r.pick(places), r.int(1, dtype === 'float32' ? 24 : 53)]
  return () => place * (1 + (2 * r.next() - 1) * 2 ** -log)
}

/** Numbers next to a zero of a function; the few float64 that are closest are not asked for, as nothing is promised of them. */
const beside = (r: Random, zeros: readonly number[]): (() => number) => {
  const [zero, log] = [r.pick(zeros), r.int(4, 46)]
  return () => zero * (1 + sign(r) * (1 - r.next() / 2) * 2 ** -log)
}

const MODES: readonly ((r: Random, dtype: DType) => () => number)[] = [
  (r, dtype) => () => pattern(r, dtype),
  (r, dtype) => {
    const next = about(r, dtype, PLACES)
    return () => sign(r) * next()
  },
  (r) => {
    const reach = r.pick([1, 1, 2, 4, 10, 30, 100, 1000])
    return () => reach * (2 * r.next() - 1)
  },
  (r) => {
    const [lo, hi] = [r.int(-40, 0), r.int(0, 40)]
    return () => sign(r) * 2 ** (lo + (hi - lo) * r.next())
  },
]

const SPECIAL = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

/**
 * Floats of one sort, and now and then a zero, an infinity, NaN, or what is next to them. Half of the time they lie about
 * the zeros that are given.
 */
export const magnitudes = (
  r: Random,
  n: number,
  dtype: DType,
  into: (x: number) => number = (x) => x,
  zeros?: readonly number[],
): Tensor => {
  const next = zeros && r.chance(0.5) ? beside(r, zeros) : r.pick(MODES)(r, dtype)
  const one = (): number => (r.chance(0.08) ? edge(r, dtype) : next())
  return made({ shape: [n], dtype }, () => (r.chance(0.03) ? r.pick(SPECIAL) : into(one())))
}

/** Whether a tensor holds a number that is not finite. */
export const hasHoles = (t: Tensor): boolean => !dataOf(t).every((x) => Number.isFinite(x))

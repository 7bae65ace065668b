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
const MODES: readonly ((r: Random, dtype: DType) => () => number)[] = [
  (r, dtype) => () => pattern(r, dtype),
  (r, dtype) => {
    const [place, log] = [r.pick(PLACES), r.int(1, dtype === 'float32' ? 24 : 53)]
    return () => sign(r) * place * (1 + (2 * r.next() - 1) * 2 ** -log)
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

/** Floats of one sort, and now and then a zero, an infinity or NaN. */
export const magnitudes = (
  r: Random,
  n: number,
  dtype: DType,
  into: (x: number) => number = (x) => x,
): Tensor => {
  const next = r.pick(MODES)(r, dtype)
  return made({ shape: [n], dtype }, () => (r.chance(0.03) ? r.pick(SPECIAL) : into(next())))
}

/** Whether a tensor holds a number that is not finite. */
export const hasHoles = (t: Tensor): boolean => !dataOf(t).every((x) => Number.isFinite(x))

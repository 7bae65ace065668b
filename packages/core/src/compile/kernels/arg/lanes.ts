import type { DType } from '../../../types/index.js'
import {
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i32,
  i32x4,
  i64,
  i64x2,
  type V128,
  type ValType,
  type Value,
  v128,
} from '../../wasm/index.js'

// What argmax and argmin need of each dtype. Positions are counted in lanes as wide as the elements.

interface Lanes {
  readonly n: 2 | 4
  /** Lanes of a whose element is strictly better, or is a NaN that meets a number. */
  readonly replaces: (a: V128, best: V128) => V128
  /** One position in all lanes. */
  readonly splat: (i: I32) => V128
  /** i, i + 1, ... */
  readonly positions: (i: I32) => V128
  readonly position: (v: V128, lane: number) => I32
  readonly element: (v: V128, lane: number) => Value
}

export interface Ordered {
  readonly log: number
  readonly type: ValType
  readonly load: (address: I32) => Value
  /** The same for one element. */
  readonly replaces: (a: Value, best: Value) => I32
  /** Neither is better than the other, or both are NaN. */
  readonly ties: (a: Value, b: Value) => I32
  /** Is it a NaN, which nothing can replace? */
  readonly final: (a: Value) => I32
  readonly lanes: Lanes | undefined
}

type Op<T extends ValType, R extends ValType> = (a: Value<T>, b: Value<T>) => Value<R>

const number = <T extends 'f32' | 'f64'>(
  s: { readonly ne: Op<T, 'i32'>; readonly eq: Op<T, 'i32'> },
  better: Op<T, 'i32'>,
): Pick<Ordered, 'replaces' | 'ties' | 'final'> => {
  const nan = (a: Value): I32 => s.ne(a as Value<T>, a as Value<T>)
  return {
    replaces: (a, best) =>
      i32.or(better(a as Value<T>, best as Value<T>), i32.and(nan(a), i32.eqz(nan(best)))),
    ties: (a, b) => i32.or(s.eq(a as Value<T>, b as Value<T>), i32.and(nan(a), nan(b))),
    final: nan,
  }
}

const integer = (better: Op<'i32', 'i32'>): Pick<Ordered, 'replaces' | 'ties' | 'final'> => ({
  replaces: (a, b) => better(a as I32, b as I32),
  ties: (a, b) => i32.eq(a as I32, b as I32),
  final: () => i32.const(0),
})

const numberLanes =
  (v: typeof f32x4 | typeof f64x2, better: (a: V128, b: V128) => V128) =>
  (a: V128, best: V128): V128 =>
    v128.or(better(a, best), v128.and(v.ne(a, a), v.eq(best, best)))

const words: Pick<Lanes, 'n' | 'splat' | 'positions' | 'position'> = {
  n: 4,
  splat: i32x4.splat,
  positions: (i) => i32x4.add(i32x4.splat(i), i32x4.const(0, 1, 2, 3)),
  position: (v, lane) => i32x4.extractLane(v, lane),
}

/** Elements in the order in which the largest, or the smallest, is the best. */
export const orderOf = (dtype: DType, largest: boolean): Ordered => {
  const pick = <T>(s: { readonly gt: T; readonly lt: T }): T => (largest ? s.gt : s.lt)
  switch (dtype) {
    case 'float32':
      return {
        log: 2,
        type: 'f32',
        load: (a) => f32.load(a),
        ...number<'f32'>(f32, pick(f32)),
        lanes: { ...words, replaces: numberLanes(f32x4, pick(f32x4)), element: f32x4.extractLane },
      }
    case 'float64':
      return {
        log: 3,
        type: 'f64',
        load: (a) => f64.load(a),
        ...number<'f64'>(f64, pick(f64)),
        lanes: {
          n: 2,
          replaces: numberLanes(f64x2, pick(f64x2)),
          splat: (i) => i64x2.splat(i64.extendI32U(i)),
          positions: (i) => i64x2.add(i64x2.splat(i64.extendI32U(i)), i64x2.const(0n, 1n)),
          position: (v, lane) => i32.wrapI64(i64x2.extractLane(v, lane)),
          element: f64x2.extractLane,
        },
      }
    case 'int32':
      return {
        log: 2,
        type: 'i32',
        load: (a) => i32.load(a),
        ...integer(largest ? i32.gtS : i32.ltS),
        lanes: { ...words, replaces: largest ? i32x4.gtS : i32x4.ltS, element: i32x4.extractLane },
      }
    case 'bool':
      return {
        log: 0,
        type: 'i32',
        load: (a) => i32.load8U(a),
        ...integer(largest ? i32.gtS : i32.ltS),
        lanes: undefined,
      }
  }
}

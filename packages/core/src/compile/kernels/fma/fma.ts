import type { Library } from '../../library.js'
import {
  callValue,
  type FunctionBuilder,
  type FunctionRef,
  f32x4,
  f64x2,
  i8x16,
  type Local,
  type V128,
  v128,
} from '../../wasm/index.js'

// x·y + z rounded once, in lanes: the functions of math/fma.ts, step by step. Relaxed instructions are no help, since
// the engine may round them twice.

const { add, sub, mul } = f64x2

/** The error of fl(x + y), exactly (Knuth). */
const sumError = (f: FunctionBuilder, x: V128, y: V128, sum: V128): Local<'v128'> => {
  const fromY = f.let(sub(sum, x))
  return f.let(add(sub(x, sub(sum, fromY)), sub(y, fromY)))
}

/** Both positive, or both negative. */
const sameSign = (a: V128, b: V128): V128 => {
  const zero = f64x2.const(0)
  return v128.or(
    v128.and(f64x2.gt(a, zero), f64x2.gt(b, zero)),
    v128.and(f64x2.lt(a, zero), f64x2.lt(b, zero)),
  )
}

const rounded32 = (x: V128): V128 => f64x2.promoteLowF32x4(f32x4.demoteF64x2Zero(x))

/** Two lanes of float32, as float64. */
const fmaPair = (f: FunctionBuilder, x: V128, y: V128, z: V128): V128 => {
  // Two factors of 24 bits: exact as a float64.
  const product = f.let(mul(x, y))
  const sum = f.let(add(product, z))
  const rounded = f.let(rounded32(sum))
  // Rounding twice goes wrong only where the first brings the sum to the middle of two float32 values.
  const rest = f.let(sub(sum, rounded))
  const beyond = f.let(add(rounded, add(rest, rest)))
  const tie = v128.and(f64x2.ne(beyond, rounded), f64x2.eq(rounded32(beyond), beyond))
  const wrong = v128.and(tie, sameSign(sumError(f, product, z, sum), rest))
  return f32x4.demoteF64x2Zero(v128.bitselect(beyond, rounded, wrong))
}

const three = { x: 'v128', y: 'v128', z: 'v128' } as const

const fma32Lanes = (lib: Library): FunctionRef =>
  lib.get('fma32', (m, name) =>
    m.function(name, three, ['v128'], (f, { x, y, z }) => {
      const low = f64x2.promoteLowF32x4
      const high = (a: V128): Local<'v128'> =>
        f.let(low(i8x16.shuffle(a, a, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])))
      const first = f.let(fmaPair(f, f.let(low(x)), f.let(low(y)), f.let(low(z))))
      const second = f.let(fmaPair(f, high(x), high(y), high(z)))
      f.result(i8x16.shuffle(first, second, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]))
    }),
  )

/** The two parts of a factor (Veltkamp), of 26 bits each. */
const split = (f: FunctionBuilder, x: V128): readonly [Local<'v128'>, Local<'v128'>] => {
  const scaled = f.let(mul(x, f64x2.const(134217729)))
  const high = f.let(sub(scaled, sub(scaled, x)))
  return [high, f.let(sub(x, high))]
}

/** The error of fl(x y), exactly (Dekker). */
const productError = (f: FunctionBuilder, x: V128, y: V128, product: V128): V128 => {
  const [xh, xl] = split(f, x)
  const [yh, yl] = split(f, y)
  return sub(mul(xl, yl), sub(sub(sub(product, mul(xh, yh)), mul(xl, yh)), mul(xh, yl)))
}

const fma64Lanes = (lib: Library): FunctionRef =>
  lib.get('fma64', (m, name) =>
    m.function(name, three, ['v128'], (f, { x, y, z }) => {
      const product = f.let(mul(x, y))
      const tail = f.let(productError(f, x, y, product))
      const inner = f.let(add(z, tail))
      const outer = f.let(add(product, inner))
      const innerError = sumError(f, z, tail, inner)
      const outerError = sumError(f, product, inner, outer)
      const correction = f.let(add(innerError, outerError))
      const rounded = f.let(add(outer, correction))
      const rest = sumError(f, outer, correction, rounded)
      const twice = f.let(add(rest, rest))
      const beyond = f.let(add(rounded, twice))
      const tie = v128.and(f64x2.ne(beyond, rounded), f64x2.eq(sub(beyond, rounded), twice))
      const wrong = v128.and(tie, sameSign(sumError(f, innerError, outerError, correction), rest))
      // Splitting overflows near the ends of the range.
      const limit = f64x2.const(2 ** 990)
      const inRange = v128.and(f64x2.lt(f64x2.abs(x), limit), f64x2.lt(f64x2.abs(y), limit))
      f.result(v128.bitselect(v128.bitselect(beyond, rounded, wrong), add(product, z), inRange))
    }),
  )

/** x·y + z in four float32 lanes, correctly rounded. The same bits as `fma32` of math/fma.ts. */
export const fma32 = (_: FunctionBuilder, lib: Library, x: V128, y: V128, z: V128): V128 =>
  callValue(fma32Lanes(lib), 'v128', [x, y, z])

/** x·y + z in two float64 lanes. The same bits as `fma64` of math/fma.ts, its bounds included. */
export const fma64 = (_: FunctionBuilder, lib: Library, x: V128, y: V128, z: V128): V128 =>
  callValue(fma64Lanes(lib), 'v128', [x, y, z])

import { LANE_FUNCTIONS } from '../../src/compile/kernels/math/index.js'
import { v128 } from '../../src/compile/wasm/index.js'
import * as special from '../../src/math/special/index.js'
import { assemble } from './harness.js'

// How far float32 functions of the compiler are from float64 ones.

const { exp, expm1, log, log1p, sin, cos, tan, asin, acos, atan, asinh, atanh, cbrt } = Math
export const references: Readonly<Record<string, (x: number) => number>> = {
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh: special.sinh,
  cosh: special.cosh,
  asinh,
  acosh: special.acosh,
  atanh,
  cbrt,
  tanh: special.tanh,
  sech2: special.sech2,
  sigmoid: special.sigmoid,
  softplus: special.softplus,
  erf: special.erf,
  erfc: special.erfc,
  erfInv: special.erfInv,
  lgamma: special.lgamma,
  digamma: special.digamma,
}

const word = new Float32Array(1)
const wordBits = new Uint32Array(word.buffer)
/** The spacing of float32 at x. */
const ulp = (x: number): number => {
  word[0] = x
  return 2 ** (Math.min(254, Math.max(1, (wordBits[0]! >>> 23) & 255)) - 150)
}

/** The distance of y from the value in ulp; NaN, infinity and a zero's sign agree or the distance is infinite. */
const distance = (y: number, value: number): number => {
  const rounded = Math.fround(value)
  if (Object.is(y, rounded) && !(Math.abs(y) > 0 && Number.isFinite(y))) return 0
  if (Number.isNaN(y) || Number.isNaN(rounded) || Object.is(y, -rounded)) return Number.POSITIVE_INFINITY
  const nearly = (v: number) => (Number.isFinite(v) ? v : Math.sign(v) * 2 ** 128)
  return Math.abs(nearly(y) - (Number.isFinite(rounded) ? value : nearly(value))) / ulp(value)
}

/** The error of a function on bit patterns, at most `atOnce` at a time, if it is above what is known already. */
export const errorOf = (name: string, relaxed: boolean, atOnce: number) => {
  const { call, f32, i32 } = assemble(
    (lib) =>
      lib.module.function(
        'run',
        { n: 'i32' },
        [],
        (f, p) => {
          const i = f.local('i32')
          f.for(i, 0, p.n, 16, () => f.storeVector(i, LANE_FUNCTIONS[name]!.f32x4(f, lib, v128.load(i))))
        },
        { export: true },
      ),
    { relaxed, pages: Math.ceil((atOnce * 4) / 65536) + 1 },
  )
  const reference = references[name]!
  const x = new Float32Array(atOnce)
  return (bits: Uint32Array, known = 0): { readonly worst: number; readonly at: number } => {
    const n = bits.length
    i32.set(bits)
    x.set(f32.subarray(0, n))
    call.run!(4 * n)
    let [worst, at] = [known, 0]
    for (let i = 0; i < n; i++) {
      const y = f32[i]!
      const value = reference(x[i]!)
      // an ulp is at least 2^-24 of the value, so this is no further off than the worst; it saves most of the time
      if (Math.abs(y - value) <= worst * 2 ** -24 * Math.abs(value)) continue
      const d = distance(y, value)
      if (d > worst) [worst, at] = [d, x[i]!]
    }
    return { worst, at }
  }
}

import { describe, expect, it } from 'vitest'
import { LANE_FUNCTIONS } from '../../src/compile/kernels/math/index.js'
import { hasRelaxedMadd, v128 } from '../../src/compile/wasm/index.js'
import * as special from '../../src/math/special/index.js'
import { assemble } from './harness.js'

// Float32 functions on every 4099th bit pattern and about the places where something changes, against float64.

const { exp, expm1, log, log1p, sin, cos, tan, asin, acos, atan, asinh, atanh, cbrt } = Math
const references: Readonly<Record<string, (x: number) => number>> = {
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
  sigmoid: special.sigmoid,
  softplus: special.softplus,
}

const stride = 4099
const places = [
  0,
  2 ** -149,
  2 ** -126,
  2 ** -30,
  2 ** -24,
  2 ** -12,
  0.25,
  0.5,
  0.55,
  1,
  1.5,
  2,
  Math.PI / 2,
  Math.PI,
  4,
  6,
  10,
  16,
  20,
  27,
  88.72284,
  87.33655,
  89,
  103.97208,
  105,
  2 ** 20,
  2 ** 24,
  2 ** 60,
  2 ** 127,
  3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NaN,
]
const patterns = (): Uint32Array => {
  const swept = Array.from({ length: Math.floor(2 ** 32 / stride) }, (_, i) => i * stride)
  const at = new Uint32Array(new Float32Array(places).buffer)
  const near = [...at].flatMap((bits) => Array.from({ length: 33 }, (_, i) => bits + i - 16))
  const all = [...swept, ...near, ...near.map((bits) => bits ^ 0x80000000)]
  return Uint32Array.from({ length: Math.ceil(all.length / 4) * 4 }, (_, i) => all[i] ?? 0)
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

const bits = patterns()

describe.each([false, true].filter((relaxed) => !relaxed || hasRelaxedMadd()))('relaxed: %s', (relaxed) => {
  it.each(Object.keys(references))('%s is within 2 ulp', (name) => {
    const n = bits.length
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
      { relaxed, pages: Math.ceil((n * 4) / 65536) + 1 },
    )
    i32.set(bits)
    const x = f32.slice(0, n)
    call.run!(4 * n)
    const reference = references[name]!
    let worst = 0
    let at = 0
    for (let i = 0; i < n; i++) {
      const d = distance(f32[i]!, reference(x[i]!))
      if (d > worst) [worst, at] = [d, x[i]!]
    }
    expect(worst, `at ${at}`).toBeLessThanOrEqual(2)
  })
})

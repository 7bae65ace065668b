import { describe, expect, it } from 'vitest'
import { PARAMETRIC_LANE_FUNCTIONS } from '../../src/compile/kernels/math/index.js'
import { hasRelaxedMadd, v128 } from '../../src/compile/wasm/index.js'
import { integerPow } from '../../src/primitives/elementary.js'
import { dataOf, fromData } from '../../src/tensor.js'
import { fractionOf, power, ulpsFrom } from './exact.js'
import { assemble } from './harness.js'
import { dice } from './kernels.js'

// Whole powers of float64 against exact fractions, where the result is subnormal or next to the largest number too.

/** Numbers of all sizes whose powers are neither 0 nor infinite, and many about the ends of the range. */
const samples = (n: number): Float64Array => {
  const roll = dice(n + 100)
  const uniform = (): number => roll(2 ** 32) / 2 ** 32
  const sign = (): number => (roll(2) ? 1 : -1)
  const all = Array.from({ length: 1050 }, (_, k) => (1 + uniform()) * 2 ** (2 * k - 1074))
  const ordinary = Array.from({ length: 1500 }, () => 1 + uniform())
  const ends = [1024, 1000, -1022, -1050, -1074].flatMap((end) =>
    Array.from({ length: 200 }, () => 2 ** (end / n) * (0.98 + 0.04 * uniform())),
  )
  // About where the square leaves the range.
  const squares = [-537, -512, -511, 511, 512].flatMap((end) =>
    Array.from({ length: 200 }, () => 2 ** end * (0.5 + 1.5 * uniform())),
  )
  const inRange = (x: number): boolean => {
    const size = n * Math.log2(x)
    return x < Number.POSITIVE_INFINITY && size < 1026 && size > -1076
  }
  return Float64Array.from([...all, ...ordinary, ...ends, ...squares].filter(inRange), (x) => sign() * x)
}

const compiled = (n: number, x: Float64Array, relaxed: boolean): Float64Array => {
  const bytes = 16 * Math.ceil(x.length / 2)
  const { call, f64 } = assemble(
    (lib) =>
      lib.module.function(
        'run',
        {},
        [],
        (f) => {
          const i = f.local('i32')
          const row = PARAMETRIC_LANE_FUNCTIONS.integerPow!({ n })
          f.for(i, 0, bytes, 16, () => f.storeVector(i, row.f64x2(f, lib, f.let(v128.load(i))), bytes))
        },
        { export: true },
      ),
    { relaxed },
  )
  f64.set(x)
  call.run!()
  return f64.slice(bytes / 8, bytes / 8 + x.length)
}

const interpreted = (n: number, x: Float64Array): ArrayLike<number> =>
  dataOf(integerPow(fromData(x, [x.length], 'float64'), n))

const WAYS: Readonly<Record<string, typeof interpreted>> = {
  interpreted,
  compiled: (n, x) => compiled(n, x, false),
  ...(hasRelaxedMadd() && { 'compiled, relaxed': (n, x) => compiled(n, x, true) }),
}

/** Products of few factors; `pow` for the others, which rounds subnormal results twice. */
const bounds: Readonly<Record<string, number>> = { '-2': 1.92, '-1': 0.5, 2: 0.5, 3: 1.3, 4: 1.92 }
const exponents = [-8, -7, -6, -5, -4, -3, -2, -1, 2, 3, 4, 5, 6, 7, 8]

describe.each(Object.entries(WAYS))('%s', (_, way) => {
  it.each(exponents.map((n) => [n, bounds[n] ?? 0.76] as const))('x^%s is within %s ulp', (n, bound) => {
    const x = samples(n)
    const y = way(n, x)
    let [worst, at] = [0, 0]
    x.forEach((v, i) => {
      const d = ulpsFrom(power(fractionOf(v), n), y[i]!)
      if (d > worst) [worst, at] = [d, v]
    })
    expect(worst, `of ${at}`).toBeLessThanOrEqual(bound)
  })

  it('x^-2 has the special values of 1 / x²', () => {
    const x = Float64Array.of(
      0,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      5e-324,
      1e200,
    )
    const inf = Number.POSITIVE_INFINITY
    expect([...(way(-2, x) as Float64Array)]).toEqual([inf, inf, 0, 0, Number.NaN, inf, 0])
  })
})

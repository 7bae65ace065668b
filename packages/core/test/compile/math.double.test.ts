import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LANE_FUNCTIONS, type LaneFunction } from '../../src/compile/kernels/math/index.js'
import { hasRelaxedMadd, v128 } from '../../src/compile/wasm/index.js'
import { assemble } from './harness.js'

// Float64 functions against mpmath: inputs and the nearest doubles of the true values, flat.

const read = (name: string): Record<string, number[]> =>
  JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8'))
const reference = { ...read('special'), ...read('elementary') }

const bits = new BigInt64Array(1)
const float = new Float64Array(bits.buffer)
/** The distance from |x| to the next larger double. */
const spacing = (x: number): number => {
  float[0] = Math.min(Math.abs(x), Number.MAX_VALUE)
  const here = float[0]
  bits[0] = bits[0]! + (here === Number.MAX_VALUE ? -1n : 1n)
  return Math.abs(float[0] - here)
}
const ulps = (actual: number, expected: number): number => {
  if (Object.is(actual, expected)) return 0
  const d = Math.abs(actual - expected) / spacing(expected)
  return d > 0 ? d : Number.POSITIVE_INFINITY
}

const columns = (name: string, arity: number): Float64Array[] => {
  const values = reference[name]!
  const n = values.length / (arity + 1)
  return Array.from({ length: arity + 1 }, (_, k) =>
    Float64Array.from({ length: n }, (_, i) => values[i * (arity + 1) + k] ?? Number.NaN),
  )
}

/** The function on float64 arrays. */
const apply = (row: LaneFunction, inputs: readonly Float64Array[], relaxed: boolean): Float64Array => {
  const n = 2 * Math.ceil(inputs[0]!.length / 2)
  const bytes = 8 * n
  const { call, f64 } = assemble(
    (lib) =>
      lib.module.function(
        'run',
        { n: 'i32' },
        [],
        (f, p) => {
          const i = f.local('i32')
          f.for(i, 0, p.n, 16, () =>
            f.storeVector(
              i,
              row.f64x2(f, lib, ...inputs.map((_, k) => f.let(v128.load(i, k * bytes)))),
              2 * bytes,
            ),
          )
        },
        { export: true },
      ),
    { relaxed },
  )
  inputs.forEach((x, k) => {
    f64.set(x, k * n)
  })
  call.run!(bytes)
  return f64.slice(2 * n, 2 * n + inputs[0]!.length)
}

/** How many ulp a function may be off the nearest double; half an ulp less than off the true value. */
const bounds: Readonly<Record<string, number>> = {
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  tanh: 1,
  sech2: 1,
  sigmoid: 1,
  softplus: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  asin: 1,
  acos: 1,
  atan: 1,
  sinh: 1,
  cosh: 1,
  asinh: 1,
  acosh: 1,
  atanh: 1,
  cbrt: 1,
  erf: 1,
  erfc: 1,
  erfInv: 1,
  lgamma: 1,
  digamma: 1,
}
const bounds2: Readonly<Record<string, number>> = { pow: 1, atan2: 1 }

describe.each([false, true].filter((relaxed) => !relaxed || hasRelaxedMadd()))('relaxed: %s', (relaxed) => {
  it.each([
    ...Object.entries(bounds).map(([name, bound]) => [name, bound, 1] as const),
    ...Object.entries(bounds2).map(([name, bound]) => [name, bound, 2] as const),
  ])('%s is within %s ulp of the nearest double', (name, bound, arity) => {
    const all = columns(name, arity)
    const inputs = all.slice(0, arity)
    const expected = all[arity]!
    const actual = apply(LANE_FUNCTIONS[name]!, inputs, relaxed)
    let worst = 0
    let text = ''
    expected.forEach((value, i) => {
      const d = ulps(actual[i]!, value)
      if (d > worst) {
        worst = d
        text = `${name}(${inputs.map((x) => x[i])}) = ${actual[i]}, not ${value}`
      }
    })
    expect(worst, text).toBeLessThanOrEqual(bound)
  })

  it.each(Object.keys(bounds))('%s of NaN is NaN', (name) => {
    expect([...apply(LANE_FUNCTIONS[name]!, [Float64Array.of(Number.NaN, 0.5)], relaxed)][0]).toBeNaN()
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as special from '../../src/math/special/index.js'

/** Inputs and nearest doubles from mpmath, flat: see special.py beside the file. */
const reference: Record<string, number[]> = JSON.parse(
  readFileSync(new URL('../reference/special.json', import.meta.url), 'utf8'),
)

const bits = new BigInt64Array(1)
const float = new Float64Array(bits.buffer)

/** The distance from `|x|` to the next larger double. */
function spacing(x: number): number {
  float[0] = Math.min(Math.abs(x), Number.MAX_VALUE)
  const here = float[0]
  bits[0] = (bits[0] as bigint) + (here === Number.MAX_VALUE ? -1n : 1n)
  return Math.abs(float[0] - here)
}

function ulps(actual: number, expected: number): number {
  return Object.is(actual, expected) ? 0 : Math.abs(actual - expected) / spacing(expected)
}

/** The function and how many ulp it may be off the nearest double: half an ulp less than off the true value. */
const unary: Record<string, readonly [f: (x: number) => number, bound: number]> = {
  erf: [special.erf, 1],
  erfc: [special.erfc, 1],
  erfInv: [special.erfInv, 1],
  lgamma: [special.lgamma, 1],
  digamma: [special.digamma, 1],
  sigmoid: [special.sigmoid, 1],
  softplus: [special.softplus, 1],
  logSigmoid: [special.logSigmoid, 1],
  tanh: [special.tanh, 1],
  sech2: [special.sech2, 1],
  sinh: [special.sinh, 1],
  cosh: [special.cosh, 1],
  acosh: [special.acosh, 1],
}

const binary: Record<string, readonly [f: (x: number, y: number) => number, bound: number]> = {
  hypot: [special.hypot, 0],
  pow: [special.pow, 0],
  polygamma: [special.polygamma, 0],
  zeta: [special.zeta, 0],
}

describe.each(Object.entries(unary))('%s', (name, [f, bound]) => {
  it(`is within ${bound} ulp of the nearest double`, () => {
    const values = reference[name] as number[]
    for (let i = 0; i < values.length; i += 2) {
      const [x, expected] = values.slice(i, i + 2) as [number, number]
      const actual = f(x)
      expect(ulps(actual, expected), `${name}(${x}) = ${actual}, not ${expected}`).toBeLessThanOrEqual(bound)
    }
  })

  it('gives NaN for NaN', () => {
    expect(f(Number.NaN)).toBeNaN()
  })
})

describe.each(Object.entries(binary))('%s', (name, [f, bound]) => {
  it(`is within ${bound} ulp of the nearest double`, () => {
    const values = reference[name] as number[]
    for (let i = 0; i < values.length; i += 3) {
      const [x, y, expected] = values.slice(i, i + 3) as [number, number, number]
      const actual = f(x, y)
      expect(ulps(actual, expected), `${name}(${x}, ${y}) = ${actual}, not ${expected}`).toBeLessThanOrEqual(
        bound,
      )
    }
  })

  it('gives NaN for NaN', () => {
    expect(f(Number.NaN, 3)).toBeNaN()
    expect(f(3, Number.NaN)).toBeNaN()
  })
})

it('has a bound for every function with reference values', () => {
  expect(Object.keys(reference).sort()).toEqual([...Object.keys(unary), ...Object.keys(binary)].sort())
})

describe('special values', () => {
  const inf = Number.POSITIVE_INFINITY
  const nan = Number.NaN

  const { erf, erfInv, tanh, sinh, roundEven } = special

  it.each(Object.entries({ erf, erfInv, tanh, sinh, roundEven }))('%s keeps the sign of zero', (_, f) => {
    expect(f(0)).toBe(0)
    expect(f(-0)).toBe(-0)
  })

  it.each([
    ['erfInv(1.5)', special.erfInv(1.5), nan],
    ['acosh(0.5)', special.acosh(0.5), nan],
    ['acosh(-Infinity)', special.acosh(-inf), nan],
    ['acosh(1)', special.acosh(1), 0],
    ['sigmoid(0)', special.sigmoid(0), 0.5],
    ['lgamma(0)', special.lgamma(0), inf],
    ['lgamma(-0)', special.lgamma(-0), inf],
    ['lgamma(-3)', special.lgamma(-3), inf],
    ['lgamma(-1e300)', special.lgamma(-1e300), inf],
    ['lgamma(-Infinity)', special.lgamma(-inf), inf],
    ['lgamma(1.7e308)', special.lgamma(1.7e308), inf],
    ['lgamma(1)', special.lgamma(1), 0],
    ['lgamma(2)', special.lgamma(2), 0],
    ['digamma(0)', special.digamma(0), -inf],
    ['digamma(-0)', special.digamma(-0), inf],
    ['digamma(-2)', special.digamma(-2), nan],
    ['digamma(-1e300)', special.digamma(-1e300), nan],
    ['digamma(Infinity)', special.digamma(inf), inf],
    ['digamma(-Infinity)', special.digamma(-inf), nan],
    ['polygamma(0, 2.5)', special.polygamma(0, 2.5), special.digamma(2.5)],
    ['polygamma(-1, 2)', special.polygamma(-1, 2), nan],
    ['polygamma(1.5, 2)', special.polygamma(1.5, 2), nan],
    ['polygamma(1, -2)', special.polygamma(1, -2), inf],
    ['polygamma(2, 0)', special.polygamma(2, 0), -inf],
    ['polygamma(2, -0)', special.polygamma(2, -0), inf],
    ['polygamma(2, -1)', special.polygamma(2, -1), nan],
    ['polygamma(1, Infinity)', special.polygamma(1, inf), 0],
    ['polygamma(2, Infinity)', special.polygamma(2, inf), -0],
    ['polygamma(1, -Infinity)', special.polygamma(1, -inf), nan],
    ['polygamma(1, 1e-320)', special.polygamma(1, 1e-320), inf],
    ['polygamma(1, 1e300)', special.polygamma(1, 1e300), 1e-300],
    ['polygamma(2, 1e-200)', special.polygamma(2, 1e-200), -inf],
    ['polygamma(4, 2e-307)', special.polygamma(4, 2e-307), -inf],
    ['polygamma(4, -2e-307)', special.polygamma(4, -2e-307), inf],
    ['polygamma(3, -5e-324)', special.polygamma(3, -5e-324), inf],
    ['zeta(1, 2)', special.zeta(1, 2), inf],
    ['zeta(0.5, 2)', special.zeta(0.5, 2), nan],
    ['zeta(2, -1)', special.zeta(2, -1), inf],
    ['zeta(2, -1.5)', special.zeta(2, -1.5), nan],
    ['zeta(2, Infinity)', special.zeta(2, inf), 0],
    ['zeta(Infinity, 1)', special.zeta(inf, 1), 1],
    ['zeta(1e300, 0.5)', special.zeta(1e300, 0.5), inf],
    ['zeta(1e300, 3)', special.zeta(1e300, 3), 0],
    ['hypot(Infinity, NaN)', special.hypot(inf, nan), inf],
    ['hypot(-0, -0)', special.hypot(-0, -0), 0],
    ['pow(NaN, 0)', special.pow(nan, 0), 1],
    ['pow(1, NaN)', special.pow(1, nan), 1],
    ['pow(-1, Infinity)', special.pow(-1, inf), 1],
    ['pow(-8, 1/3)', special.pow(-8, 1 / 3), nan],
    ['pow(-0, -3)', special.pow(-0, -3), -inf],
    ['pow(-0, 3)', special.pow(-0, 3), -0],
    ['pow(0, -0.5)', special.pow(0, -0.5), inf],
    ['pow(-Infinity, 3)', special.pow(-inf, 3), -inf],
    ['pow(0.5, Infinity)', special.pow(0.5, inf), 0],
    ['pow(2, -Infinity)', special.pow(2, -inf), 0],
    ['pow(-2, -1075)', special.pow(-2, -1075), -0],
  ])('%s', (_, actual, expected) => {
    expect(actual).toBe(expected)
  })
})

describe('roundEven', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [-0.2, -0],
    [0.49999999999999994, 0],
    [4503599627370495.5, 4503599627370496],
    [4503599627370497, 4503599627370497],
    [1e300, 1e300],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [Number.NaN, Number.NaN],
  ])('of %d is %d', (x, expected) => {
    expect(special.roundEven(x)).toBe(expected)
  })
})

describe('identities', () => {
  it('takes erfInv back with erf', () => {
    for (let x = -0.995; x < 1; x += 0.01) expect(special.erf(special.erfInv(x))).toBeCloseTo(x, 15)
  })

  it('steps the gamma family by its recurrences', () => {
    for (let x = -6.3; x < 30; x += 0.7) {
      const step = special.digamma(x + 1) - special.digamma(x)
      expect(step * x, `digamma at ${x}`).toBeCloseTo(1, 11)
      expect(special.lgamma(x + 1) - special.lgamma(x)).toBeCloseTo(Math.log(Math.abs(x)), 12)
    }
  })
})

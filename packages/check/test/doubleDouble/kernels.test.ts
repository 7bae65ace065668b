import type { Tensor } from '@cotangent/core'
import {
  type Aval,
  bind,
  dataOf,
  fromData,
  type GraphIR,
  isFloat,
  type Params,
  PRIMITIVES,
  type Primitive,
} from '@cotangent/core/internal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { build } from '../../../core/src/trace/build.js'
import { pushForward } from '../../../core/src/transforms/evaluate.js'
import type { Case } from '../../../core/test/laws/generate.js'
import { probeFrom } from '../../../core/test/laws/probe.js'
import { samples } from '../../../core/test/laws/samples.js'
import {
  type DoubleDoubleTensor,
  displaced,
  evaluateDoubleDouble,
  fromTensor,
  KERNELS,
  scaledDifference,
  unavailableIn,
} from '../../src/oracles/doubleDouble/index.js'

// Two laws over all primitives, on the samples of core's own laws: away from kinks, of all ranks, with empty axes.

const seed = Number(process.env.LAWS_SEED ?? 20260119)
const numRuns = Number(process.env.LAWS_RUNS ?? 12)

test('every primitive has a kernel, or says that it has none', () => {
  expect([...KERNELS.keys()].sort()).toEqual([...PRIMITIVES.keys()].sort())
})

const avalOf = (x: Tensor): Aval => ({ shape: x.shape, dtype: x.dtype })

/** A graph of one node, and of its jvp along all float operands. */
const graphsOf = (row: Primitive, inputs: readonly Tensor[], params: Params) => {
  const value = build('test', inputs.map(avalOf), (...xs) => bind(row, xs, params)).graph
  const floats = inputs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []))
  let active: readonly boolean[] = []
  const jvp = (): GraphIR =>
    build('test', [...inputs, ...floats.map((i) => inputs[i]!)].map(avalOf), (...xs) => {
      const tangents = inputs.map((_, i) => {
        const k = floats.indexOf(i)
        return k < 0 ? null : xs[inputs.length + k]!
      })
      const dots = pushForward(value, xs.slice(0, inputs.length), tangents).tangents
      active = dots.map((t) => t !== null)
      return dots.filter((t) => t !== null)
    }).graph
  return { value, floats, jvp, active: () => active }
}

const ulpOf = (x: number): number => {
  const size = Math.max(Math.abs(x), 2 ** -1022)
  return 2 ** (Math.floor(Math.log2(size)) - 52)
}

const check = (name: string, property: (c: Case, salt: number) => void) => {
  const entry = samples[name]!
  fc.assert(
    fc.property(entry.cases, fc.nat(), (c, salt) => property(c, salt)),
    { seed, numRuns },
  )
}

/** More than one rounding: backward stable algorithms, and graphs inside nodes, whose terms are near 1 in size. */
const conditioned: ReadonlySet<string> = new Set([
  ...['cholesky', 'eigh', 'lu', 'qr', 'svd', 'triangularSolve'],
  ...['cond', 'scan', 'while', 'op'],
])

describe('rounded to float64 it agrees with the float64 kernel', () => {
  for (const [name, row] of PRIMITIVES)
    test(name, () => {
      check(name, (c) => {
        const inputs = c.draws[0]!
        const params = c.params('float64')
        const { value } = graphsOf(row, inputs, params)
        expect(unavailableIn(value)).toBeUndefined()
        const { outputs } = evaluateDoubleDouble(value, inputs.map(fromTensor))
        const expected = bind(row, inputs, params)
        expected.forEach((e, k) => {
          const y = outputs[k]!
          expect([y.shape, y.dtype, y.hi.length]).toEqual([e.shape, e.dtype, e.size])
          const data = dataOf(e)
          const size = Math.max(0, ...Array.from(data, Math.abs))
          for (let i = 0; i < data.length; i++) {
            const [a, b] = [y.hi[i]!, data[i]!]
            if (Object.is(a, b) || a === b) continue
            const allowed = conditioned.has(name)
              ? 64 * ulpOf(Math.max(1, size))
              : 4 * ulpOf(b) + 2 ** -52 * 2 ** -6 * size
            if (!(Math.abs(a - b) <= allowed)) expect([i, a]).toEqual([i, b])
          }
        })
      })
    })
})

const STEP = 2 ** -34

/** Rules that multiply with a constant which is rounded to float64: 1/3, 2/√π, √π/2. */
const roundedConstants: Readonly<Record<string, number>> = {
  cbrt: 2 ** -52,
  erf: 2 ** -52,
  erfc: 2 ** -52,
  erfInv: 2 ** -52,
}

describe('its difference quotient agrees with the rule, evaluated in double-double', () => {
  for (const [name, row] of PRIMITIVES) {
    if (samples[name]?.stopped || name === 'constant') continue
    test(name, () => {
      check(name, (c, salt) => {
        const inputs = c.draws[0]!
        const graphs = graphsOf(row, inputs, c.params('float64'))
        const rule = graphs.jvp()
        const probe = probeFrom(salt)
        const directions = inputs.map((x, i) => (graphs.floats.includes(i) ? probe(avalOf(x)) : undefined))
        const evaluated = (h: number) =>
          evaluateDoubleDouble(
            graphs.value,
            inputs.map((x, i) => displaced(x, h, directions[i])),
          )
        const [below, here, above] = [evaluated(-STEP), evaluated(0), evaluated(STEP)]
        expect([below.signature, above.signature]).toEqual([here.signature, here.signature])
        const slopes = evaluateDoubleDouble(rule, [
          ...inputs.map(fromTensor),
          ...graphs.floats.map((i) => fromTensor(directions[i]!)),
        ]).outputs
        let at = 0
        above.outputs.forEach((y, k) => {
          if (!isFloat(y.dtype)) return
          const quotient = scaledDifference(y, below.outputs[k]!, 1 / (2 * STEP))
          const slope = graphs.active()[k] ? slopes[at++]! : undefined
          close(name, quotient, slope, y)
        })
      })
    })
  }
})

const close = (
  name: string,
  quotient: DoubleDoubleTensor,
  slope: DoubleDoubleTensor | undefined,
  value: DoubleDoubleTensor,
): void => {
  const size = Math.max(1, ...quotient.hi.map(Math.abs), ...value.hi.filter(Number.isFinite).map(Math.abs))
  for (let i = 0; i < quotient.hi.length; i++) {
    if (!Number.isFinite(value.hi[i]!)) continue
    const error = Math.abs(quotient.hi[i]! - (slope?.hi[i] ?? 0) + (quotient.lo[i]! - (slope?.lo[i] ?? 0)))
    const tolerance = Math.max(1e-18, roundedConstants[name] ?? 0) * size
    if (!(error <= tolerance)) expect(`${name}: off by ${error}`).toBe(`at most ${tolerance}`)
  }
}

// Infinities, NaN, signed zeros, overflow and underflow are those of the float64 kernel.
const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  1e-17,
  -1e-17,
  1e-310,
  5e-324,
  -5e-324,
  1e300,
  -1e300,
  1.7e308,
  -1.7e308,
  2 ** 997,
  -(2 ** 997),
  2 ** 1023,
  700,
  -700,
  750,
  -750,
  30,
  -30,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
]
const f64 = (x: readonly number[]): Tensor => fromData(Float64Array.from(x), [x.length], 'float64')
// fma in float64 rounds once; random bits and structure have no special values.
const unary = [
  'neg',
  'abs',
  'relu',
  'sign',
  'floor',
  'ceil',
  'trunc',
  'round',
  'isFinite',
  'isNaN',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sqrt',
  'rsqrt',
  'cbrt',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'sech2',
  'asinh',
  'acosh',
  'atanh',
  'sigmoid',
  'softplus',
  'erf',
  'erfc',
  'erfInv',
  'lgamma',
  'digamma',
]
const binary = [
  'add',
  'sub',
  'mul',
  'strongMul',
  'div',
  'mod',
  'max',
  'min',
  'pow',
  'atan2',
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
]

describe('special values are those of float64', () => {
  const pairs = special.flatMap((x) => special.map((y) => [x, y] as const))
  const operands: Readonly<Record<1 | 2, readonly Tensor[]>> = {
    1: [f64(special)],
    2: [f64(pairs.map((p) => p[0])), f64(pairs.map((p) => p[1]))],
  }
  for (const [names, arity] of [
    [unary, 1],
    [binary, 2],
  ] as const)
    for (const name of names)
      test(name, () => {
        const [row, inputs] = [PRIMITIVES.get(name)!, operands[arity]]
        const { value } = graphsOf(row, inputs, {})
        const y = evaluateDoubleDouble(value, inputs.map(fromTensor)).outputs[0]!
        const expected = dataOf(bind(row, inputs, {})[0]!)
        const wrong = [...expected].flatMap((e, i) => {
          const a = y.hi[i]!
          const agrees = Object.is(a, e) || Math.abs(a - e) <= 1e-14 * Math.abs(e) + 5e-323
          return agrees && Object.is(Math.sign(a), Math.sign(e))
            ? []
            : [[inputs.map((x) => dataOf(x)[i]), a, e]]
        })
        expect(wrong).toEqual([])
      })
})

import type { Tensor } from '@cotangent/core'
import { type Aval, bind, fromData, isFloat, PRIMITIVES, type Primitive } from '@cotangent/core/internal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { build } from '../../../core/src/trace/build.js'
import type { Case } from '../../../core/test/laws/generate.js'
import { probeFrom } from '../../../core/test/laws/probe.js'
import { samples } from '../../../core/test/laws/samples.js'
import { exactDifference } from '../../src/oracles/bilinear/index.js'
import { complexStepAlong } from '../../src/oracles/complexStep/index.js'
import { inner, moved } from '../../src/oracles/direction.js'
import { derivativeAlong } from '../../src/oracles/doubleDouble/index.js'
import { type Answer, isEstimate } from '../../src/oracles/oracle.js'

// Three oracles over the registry, at operands of core's own laws, which lie away from kinks. Where two of them answer they
// agree; where one has no answer it names the operation, and the lists of those are written down here.

const seed = Number(process.env.LAWS_SEED ?? 20260119)
const numRuns = Number(process.env.LAWS_RUNS ?? 8)

type Maybe = Tensor | undefined
const avalOf = ({ shape, dtype }: Tensor): Aval => ({ shape, dtype })
const floatsOf = (xs: readonly Maybe[]): Float64Array =>
  Float64Array.from(xs.flatMap((x) => (x && isFloat(x.dtype) ? [...x.toTypedArray()] : [])))

/** One primitive as a graph, with directions of its float operands and weights of its float results, all dyadic. */
const setUp = (row: Primitive, c: Case, salt: number) => {
  const [inputs, params] = [c.draws[0]!, c.params('float64')]
  const { graph } = build('test', inputs.map(avalOf), (...xs) => bind(row, xs, params))
  const probe = probeFrom(salt)
  const probes = (xs: readonly Aval[]): Maybe[] =>
    xs.map(({ shape, dtype }) => (isFloat(dtype) ? probe({ shape, dtype: 'float64' }) : undefined))
  const [directions, weights] = [probes(inputs), probes(graph.outputs)]
  const [x, d] = [floatsOf(inputs), floatsOf(directions)]
  /** ⟨w, f⟩ at x + td, in float64. */
  const at = (t: number): number => {
    const there = moved(x, d, t)
    let from = 0
    const operands = inputs.map((v) => {
      if (!isFloat(v.dtype)) return v
      from += v.size
      return fromData(there.slice(from - v.size, from), v.shape, 'float64')
    })
    return inner(floatsOf(bind(row, operands, params)), floatsOf(weights))
  }
  const truth = derivativeAlong(graph, inputs, directions, { weights })
  /** What rounding is measured by: the terms of the derivative, each entry by itself. */
  const size = Math.max(1, ...floatsOf(weights).map(Math.abs)) * (1 + floatsOf(directions).length)
  return { graph, inputs, directions, weights, at, truth, size, moving: d.length > 0 }
}

type SetUp = ReturnType<typeof setUp>

const names = [...PRIMITIVES.keys()].filter((name) => name !== 'constant')
const casesOf = (name: string): readonly SetUp[] =>
  fc
    .sample(fc.tuple(samples[name]!.cases, fc.nat()), { seed, numRuns })
    .map(([c, salt]) => setUp(PRIMITIVES.get(name)!, c, salt))
    .filter((s) => s.moving)

/** Asks an oracle about a primitive at all its cases: what it has no answer to, by reason. */
const compared = (name: string, ask: (s: SetUp) => Answer, exactly = false): readonly string[] =>
  casesOf(name).flatMap((s) => {
    const answer = ask(s)
    if (!isEstimate(answer)) return [answer.op ?? answer.unavailable]
    if (s.truth.kind !== 'smooth') throw new Error(`${name}: double-double sees a ${s.truth.kind}`)
    const off = Math.abs(answer.value - s.truth.value[0])
    if (exactly) expect(answer.value).toBe(s.truth.value[0])
    expect(off).toBeLessThanOrEqual(answer.error + 1e-14 * s.size * Math.max(1, Math.abs(answer.value)))
    expect(answer.error).toBeLessThan(1e-10 * s.size * Math.max(1, Math.abs(answer.value)))
    return []
  })

const NOT_HOLOMORPHIC: readonly string[] = [
  ...['abs', 'argmax', 'argmin', 'ceil', 'clamp', 'convert', 'eigh', 'equal', 'floor', 'greater'],
  ...['greaterEqual', 'isFinite', 'isNaN', 'less', 'lessEqual', 'max', 'min', 'mod', 'notEqual'],
  ...['reduceMax', 'reduceMin', 'relu', 'round', 'sign', 'sort', 'svd', 'trunc'],
]

describe('the complex step agrees with double-double', () => {
  const unavailable = new Set<string>()
  for (const name of names)
    test(name, () => {
      for (const op of compared(name, (s) => complexStepAlong(s.graph, s.inputs, s.directions, s.weights))) {
        expect(op).toBe(name)
        unavailable.add(op)
      }
    })
  test('and has no answer exactly where it says so', () => {
    expect([...unavailable].sort()).toEqual([...NOT_HOLOMORPHIC].sort())
  })
})

const BILINEAR: readonly string[] = [
  ...['add', 'broadcast', 'concat', 'conv', 'cumsum', 'dot', 'dynamicSlice', 'dynamicUpdate', 'gather'],
  ...['mul', 'neg', 'pad', 'permute', 'reshape', 'reverse', 'scatterAdd', 'select', 'slice', 'stopGradient'],
  ...['strongMul', 'sub', 'sum', 'tag'],
]

describe('exact differences agree with double-double, to the last bit', () => {
  const answered = new Set<string>()
  for (const name of names)
    test(name, () => {
      const ask = (s: SetUp): Answer =>
        exactDifference(
          { at: s.at, eps: 2 ** -52 },
          { graph: s.graph, inputs: s.inputs },
          s.directions.map((d) => d !== undefined),
        )
      // fma rounds once, and so does what is not a sum of products of dyadic numbers.
      if (compared(name, ask, BILINEAR.includes(name)).length === 0 && casesOf(name).length > 0)
        answered.add(name)
    })
  test('and answer for all that is bilinear', () => {
    expect(BILINEAR.filter((name) => !answered.has(name))).toEqual([])
    expect([...answered].filter((name) => !BILINEAR.includes(name)).sort()).toEqual(['fma'])
  })
})

import {
  abs,
  cast,
  exp,
  log,
  maximum,
  mul,
  relu,
  sin,
  sort,
  sqrt,
  square,
  type Tensor,
  tensor,
} from '@cotangent/core'
import { traceAt } from '@cotangent/core/internal'
import { expect, test } from 'vitest'
import { derivativeAlong } from '../../src/oracles/doubleDouble/index.js'

type Fun = (x: Tensor) => Tensor
const d = (x: number | readonly number[]): Tensor => tensor(x as number[], { dtype: 'float64' }) as Tensor
const along = (f: Fun, x: Tensor, direction: Tensor) => {
  const traced = traceAt('check', f as (...args: never[]) => unknown, [x], false)
  return derivativeAlong(traced.graph, traced.args, [direction])
}

const smooth: readonly (readonly [string, Fun, number, number])[] = [
  ['exp at 1', (x) => exp(x) as Tensor, 1, Math.E],
  ['log next to its pole', (x) => log(x) as Tensor, 2 ** -40, 2 ** 40],
  ['√ next to its pole', (x) => sqrt(x) as Tensor, 2 ** -60, 2 ** 29],
  ['relu close to its kink', (x) => relu(x) as Tensor, 2 ** -50, 1],
  ['sin of a large number', (x) => sin(x) as Tensor, 1e4, Math.cos(1e4)],
  ['a square of a large number', (x) => square(x) as Tensor, 1e10, 2e10],
  ['float32', (x) => sin(cast(x, 'float32')) as Tensor, 0.5, Math.cos(0.5)],
]
for (const [name, f, x, slope] of smooth)
  test(`${name}: the derivative, and a bound on its error`, () => {
    const found = along(f, d(x), d(1))
    if (found.kind !== 'smooth') throw new Error(found.kind)
    expect(Math.abs(found.value[0] - slope)).toBeLessThanOrEqual(2 ** -52 * Math.abs(slope))
    expect(found.error).toBeLessThan(1e-12 * Math.abs(slope))
  })

test('the measured error bounds the true one', () => {
  // d sin(40x) at 1/4, to 30 digits: 40 cos 10 as two words.
  const found = along((x) => sin(mul(x, 40)) as Tensor, d(0.25), d(1))
  if (found.kind !== 'smooth') throw new Error(found.kind)
  const [hi, lo] = found.value
  expect(Math.abs(hi - COSINE[0] + (lo - COSINE[1]))).toBeLessThanOrEqual(found.error)
})
const COSINE = [-33.562861163058095, -3.2304200586585126e-15] as const

const kinked: readonly (readonly [string, Fun, number | number[]])[] = [
  ['abs', (x) => abs(x) as Tensor, 0],
  ['max', (x) => maximum(x, 1) as Tensor, 1],
  ['sort', (x) => sort(x) as Tensor, [2, 2]],
]
for (const [name, f, x] of kinked)
  test(`at its kink, ${name} is named`, () => {
    const found = along(f, d(x), d(Array.isArray(x) ? [1, -1] : 1))
    expect(found.kind === 'decision' && found.decision.node.op.name).toBe(name)
  })

test('outside of the domain there is nothing to find', () => {
  expect(along((x) => log(x) as Tensor, d(-1), d(1)).kind).toBe('notFinite')
})

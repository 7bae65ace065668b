import '@cotangent/check/vitest'
import { cumsum, matmul, mul, sub, sum, type Tensor, transpose, vjp } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { d } from './helpers.js'

// Reports are golden: what a failing matcher says, word by word.

const said = (assert: () => void): string => {
  try {
    assert()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it passed')
}

describe('toConvergeAtRate', () => {
  const exp1 = (h: number) => Math.abs((Math.exp(h) - Math.exp(-h)) / (2 * h) - 1)
  test('central differences converge at rate 2, one-sided ones at rate 1', () => {
    expect(exp1).toConvergeAtRate(2)
    expect(exp1).not.toConvergeAtRate(3)
    const forward = (h: number) => (Math.exp(h) - 1) / h - 1
    expect(forward).toConvergeAtRate(1)
    expect(forward).not.toConvergeAtRate(2)
  })
  test('Taylor remainders of tensors', () => {
    const [x, u] = [d([0.5, -1]), d([1, 2])]
    const f = (z: Tensor) => sum(mul(z, mul(z, z)))
    const [y, pull] = vjp(f, x)
    const at = (h: number): Tensor => sub(f(sub(x, mul(u, -h)) as Tensor), y as Tensor) as Tensor
    const slope = sum(mul(pull(d(1))[0] as Tensor, u)) as Tensor
    expect(at).toConvergeAtRate(1)
    expect((h: number) => sub(at(h), mul(slope, h))).toConvergeAtRate(2)
    expect((h: number) => sub(at(h), mul(slope, 1.001 * h))).not.toConvergeAtRate(2, { halvings: 12 })
  })
  test('what is rounding from the start has converged', () => {
    expect(() => 1e-17).toConvergeAtRate(4)
    expect(() => 0).toConvergeAtRate(4)
  })
  test('the report', () => {
    expect(said(() => expect(exp1).toConvergeAtRate(3, { halvings: 3 }))).toMatchInlineSnapshot(`
      "it converges at the rate 2, not 3
        h           size        rate
        1.250e-1    2.606e-3
        6.250e-2    6.512e-4    2.00
        3.125e-2    1.628e-4    2.00
        1.563e-2    4.069e-5    2.00"
    `)
    expect(said(() => expect(() => Number.NaN).toConvergeAtRate(1, { halvings: 1 }))).toMatchInlineSnapshot(`
      "it is not finite everywhere
        h           size        rate
        1.250e-1    NaN
        6.250e-2    NaN"
    `)
    expect(said(() => expect(exp1).not.toConvergeAtRate(2, { halvings: 2 }))).toMatchInlineSnapshot(`
      "it converges at the rate 2, and should not at 2
        h           size        rate
        1.250e-1    2.606e-3
        6.250e-2    6.512e-4    2.00
        3.125e-2    1.628e-4    2.00"
    `)
    expect(said(() => expect(exp1).toConvergeAtRate(2, { halvings: 0 }))).toMatchInlineSnapshot(`
      "one step shows no rate: ask for more halvings
        h           size        rate
        1.250e-1    2.606e-3"
    `)
  })
})

describe('toSatisfyAdjointIdentity', () => {
  const A = d([
    [1, 2, 0],
    [3, 5, -1],
  ])
  const push = (x: Tensor) => matmul(A, x)
  const at = d([1, 2, 3])
  test('a matrix and its transpose, as a pair or by name', () => {
    const pull = (y: Tensor) => matmul(transpose(A), y)
    expect([push, pull]).toSatisfyAdjointIdentity({ at })
    expect({ forward: push, adjoint: pull }).toSatisfyAdjointIdentity({ at })
    expect([push, (y: Tensor) => mul(matmul(transpose(A), y), 1.000001)]).not.toSatisfyAdjointIdentity({ at })
  })
  test('plain arrays, trees, and what vjp gives', () => {
    const sums = (x: number[]) => [x[0]!, x[0]! + x[1]!]
    expect([sums, (y: number[]) => [y[0]! + y[1]!, y[1]!]]).toSatisfyAdjointIdentity({ at: [1, 2] })
    expect([sums, sums]).not.toSatisfyAdjointIdentity({ at: [1, 2] })
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({ c: cumsum(a), e: [mul(b, 3)] })
    const [, pull] = vjp(f, { a: at, b: at })
    expect([f, (ct: unknown) => pull(ct)[0]]).toSatisfyAdjointIdentity({ at: { a: at, b: at } })
  })
  test('the report', () => {
    const sums = (x: Tensor) => cumsum(x)
    expect(said(() => expect([sums, sums]).toSatisfyAdjointIdentity({ at }))).toMatchInlineSnapshot(
      `"⟨v, Au⟩ = 2.61678631799, but ⟨Aᵀv, u⟩ = -2.37424096438; entry 1 of Aᵀv is -0.690733752965, should be 2.03403804964, seed 1"`,
    )
    expect(
      said(() =>
        expect([push, push]).toSatisfyAdjointIdentity({
          at: d([
            [1, 2, 3],
            [1, 2, 3],
            [1, 2, 3],
          ]),
        }),
      ),
    ).toMatchInlineSnapshot(
      `"the adjoint threw at a cotangent: matmul: [2, 3] and [2, 3] do not fit: the last axis of the first (3) must equal the second to last of the second (2), seed 1"`,
    )
    const affine = (x: Tensor) => sub(x, 1)
    expect(said(() => expect([affine, affine]).toSatisfyAdjointIdentity({ at }))).toMatchInlineSnapshot(
      `"the map is not linear: entry 0 of A(2u - 3w) is not that of 2Au - 3Aw, seed 1"`,
    )
    expect(
      said(() => expect([push, (y: Tensor) => y]).toSatisfyAdjointIdentity({ at })),
    ).toMatchInlineSnapshot(`"the adjoint gives 2 numbers, the argument of the map has 3, seed 1"`)
    const same = (x: Tensor) => x
    expect(said(() => expect([same, same]).not.toSatisfyAdjointIdentity({ at }))).toMatchInlineSnapshot(
      `"it satisfies the adjoint identity, and should not"`,
    )
    expect(() => expect([same] as never).toSatisfyAdjointIdentity({ at })).toThrow(/give two functions/)
  })
})

describe('reports of the others', () => {
  const l1 = (x: number[]) => x.reduce((s, v) => s + Math.abs(v), 0)
  test('toBeSubgradientOf', () => {
    expect(said(() => expect([2, -1]).toBeSubgradientOf(l1, [1, 0], { points: 5 }))).toMatchInlineSnapshot(
      `"[2, -1] is no subgradient at [1, 0]: at [1.2821086, 0] the function is 1.2821086, below 1.5642172 of the supporting plane"`,
    )
    expect(said(() => expect([1]).toBeSubgradientOf(l1, [1, 0]))).toMatchInlineSnapshot(
      `"1 numbers are no subgradient at 2"`,
    )
  })
  test('toBeProxOf', () => {
    const shrink = (x: number[], t: number) => x.map((v) => Math.sign(v) * Math.max(Math.abs(v) - t, 0))
    expect(
      said(() => expect((x: number[]) => x).toBeProxOf(l1, { at: [2, -0.25], step: 0.5 })),
    ).toMatchInlineSnapshot(
      `"it is not the prox at [2, -1/4]: [2, 0] has the objective 33/32, less than 9/8"`,
    )
    expect(
      said(() => expect(shrink).not.toBeProxOf(l1, { at: [2, -0.25], step: 0.5 })),
    ).toMatchInlineSnapshot(`"it is the prox at [2, -1/4], and should not be"`)
  })
  test('toBeCloseToTensor', () => {
    expect(said(() => expect(d([1, 2])).toBeCloseToTensor(d([1, 2.5])))).toMatchInlineSnapshot(
      `"entry 1 of [2] is 2, not 5/2: 1125899906842624 ulps"`,
    )
    expect(said(() => expect(d([1, 2])).toBeCloseToTensor(d([[1, 2]])))).toMatchInlineSnapshot(
      `"shape [2] is not [1, 2]"`,
    )
  })
  test('toHaveCorrectGradient', () => {
    const pair = { f: l1, gradient: (x: number[]) => x.map((v) => 2 * Math.sign(v)) }
    const text = said(() => expect(pair).toHaveCorrectGradient({ at: [2, -0.25], seed: 1 }))
    expect(text.replace(/\(± [^)]*\)/, '(± e)')).toMatchInlineSnapshot(`
      "✗ l1: gradient is wrong: directional derivative, reverse mode, seed 1
        at               x = [2, -1/4]
        wrong entry      d/dx[1]   given -2   true -1 (± e)   relative 1.0e+0
        smooth here      yes
        replay           { seed: 1 }"
    `)
  })
})

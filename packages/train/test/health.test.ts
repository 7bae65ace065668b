import { grad, matmul, mean, mul, random, relu, square, type Tensor, tensor } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { gradientHealth } from '../src/index.js'

const layers = (norms: readonly number[]) =>
  Object.fromEntries(
    norms.map((n, i) => [`layer${i}`, { kernel: tensor([[0.6 * n, 0]]), bias: tensor([0.8 * n]) }]),
  )

describe('gradientHealth', () => {
  test('norms by layer are those of all its parameters together', () => {
    const { layers: found, norm } = gradientHealth(layers([3, 4]))
    expect(found.map(({ layer, parameters }) => [layer, parameters])).toEqual([
      ['layer0', 3],
      ['layer1', 3],
    ])
    for (const [i, layer] of found.entries()) expect(layer.norm).toBeCloseTo([3, 4][i]!, 5)
    expect(found[0]!.ratio).toBeCloseTo(0.75, 5)
    expect(norm).toBeCloseTo(5, 5)
  })

  test.each([
    [[1, 1, 1], 'healthy', /^healthy: .* factors from 1.00 to 1.00/],
    [[1e-2, 1], 'healthy', /^healthy/],
    [[1e-5, 1e-2, 1], 'vanishing', /gradient of layer0 has norm 1.00e-5, 1.00e-5 times that of layer2/],
    [[1e5, 1e2, 1], 'exploding', /gradient of layer0 .* clipByGlobalNorm/],
    [[1, 0, 1], 'vanishing', /gradient of layer1 is exactly 0: no unit is active/],
    [[0, 0], 'vanishing', /layer0, layer1 is exactly 0/],
    [[1, 0], 'vanishing', /layer1 is exactly 0/],
    [[1, Number.NaN, 1], 'exploding', /gradient of layer1\/kernel\[0, 0\] is NaN; it is the first/],
    [[1, Number.POSITIVE_INFINITY], 'exploding', /kernel\[0, 0\] is Infinity/],
  ] as const)('%j is %s', (norms, verdict, words) => {
    const health = gradientHealth(layers(norms))
    expect(health.verdict).toBe(verdict)
    expect(health.explain()).toMatch(words)
  })

  test('the limits can be set', () => {
    const grads = layers([0.05, 1])
    expect(gradientHealth(grads).verdict).toBe('healthy')
    expect(gradientHealth(grads, { vanishing: 0.1 }).verdict).toBe('vanishing')
    expect(gradientHealth(layers([30, 1]), { exploding: 10 }).verdict).toBe('exploding')
  })

  test('finite numbers whose squares overflow are not called infinite', () => {
    const health = gradientHealth({ a: tensor([1e30]), b: tensor([1]) })
    expect([health.verdict, health.nonFinite]).toEqual(['exploding', undefined])
  })

  // Backward norms of a deep relu network are (g/√2)^L: gain √2 keeps them, 0.5 loses them, 4 blows them up.
  test.each([
    [Math.SQRT2, 'healthy'],
    [0.5, 'vanishing'],
    [4, 'exploding'],
  ] as const)(
    'a relu network of 16 layers with gain %d is %s',
    (gain, verdict) => {
      const n = 16
      const keys = [...random.split(random.key(5), 17)] as Tensor[]
      const params = keys
        .slice(1)
        .map((k) => ({ kernel: mul(random.normal(k, [n, n]), gain / Math.sqrt(n)) as Tensor }))
      const x = random.normal(keys[0]!, [8, n]) as Tensor
      const delta = (l: number) => {
        const inner = (h: Tensor) => {
          let y = h
          for (const p of params.slice(l)) y = relu(matmul(y, p.kernel)) as Tensor
          return mean(square(y)) as Tensor
        }
        let h = x
        for (const p of params.slice(0, l)) h = relu(matmul(h, p.kernel)) as Tensor
        return grad(inner)(h)
      }
      const health = gradientHealth(Object.fromEntries([0, 8, 15].map((l) => [`h${l}`, delta(l) as Tensor])))
      expect(health.verdict).toBe(verdict)
    },
    30_000,
  )
})

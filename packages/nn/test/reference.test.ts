import { readFileSync } from 'node:fs'
import { mul, random, sum, type Tensor, tensor, vjp } from '@cotangent/core'
import * as nn from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

// Forward values, gradients and new state against numbers that PyTorch computed; reference/layers.py says how.

type Numbers = readonly number[]
type Made = Readonly<Record<string, Numbers>>
interface LayerRow {
  readonly layer: string
  readonly args: readonly unknown[]
  readonly inner?: readonly [string, readonly unknown[]]
  readonly train: boolean
  readonly x: Numbers
  readonly integers?: Numbers
  readonly params: Made
  readonly state: Made
  readonly out: Numbers
  readonly y: Numbers
  readonly dparams: Made
  readonly dx?: Numbers
  readonly after: Made
}
interface LossRow {
  readonly loss: string
  readonly shape: Numbers
  readonly spread: number
  readonly target: Numbers | readonly Numbers[]
  readonly options: Readonly<Record<string, unknown>>
  readonly value: Numbers
  readonly dx: Numbers
}
const read = <R>(name: string): { readonly torch: string; readonly rows: readonly R[] } =>
  JSON.parse(readFileSync(new URL(`./reference/${name}`, import.meta.url), 'utf8'))
const layers = read<LayerRow>('layers.json')
const losses = read<LossRow>('losses.json')

const SEEDS: Readonly<Record<string, number>> = {
  x: 367,
  kernel: 571,
  bias: 97,
  scale: 211,
  embedding: 433,
  mean: 149,
  variance: 733,
}
const COTANGENT = 619

const made = (shape: Numbers, seed: number): Tensor =>
  tensor(
    Float64Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => (((i * seed + 7) % 1009) - 504) / 256,
    ),
    { shape: [...shape] },
  )
const positive = (x: Tensor): Tensor =>
  tensor(
    x.toTypedArray().map((v) => Math.abs(v) + 0.25),
    { shape: [...x.shape] },
  )
const operands = (shapes: Made): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const value = made(shape, SEEDS[name]!)
      return [name, name === 'variance' ? positive(value) : value]
    }),
  )

/** Equal to 1e-10, relative to the larger of 1 and the largest entry. */
const close = (got: Tensor, expected: Numbers): void => {
  const values = got.toTypedArray()
  expect(values.length).toBe(expected.length)
  const size = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1)
  const worst = expected.reduce((a, b, i) => {
    const error = Math.abs(values[i]! - b) / size
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(a, error)
  }, 0)
  expect(worst).toBeLessThan(1e-10)
}

type AnyLayer = nn.Layer<unknown, unknown>
const build = (name: string, args: readonly unknown[]): AnyLayer =>
  (nn as unknown as Record<string, (...args: readonly unknown[]) => AnyLayer>)[name]!(...args)

const text = (row: LayerRow): string =>
  `${row.layer}(${row.inner?.[0] ?? ''}) ${JSON.stringify(row.args)} on [${row.x}]${row.train ? '' : ', eval'}`

describe('layers equal PyTorch: values, gradients, new state', () => {
  test('the reference is that of the stated version', () => {
    expect([layers.torch, losses.torch]).toEqual(['2.13.0', '2.13.0'])
    expect(new Set(layers.rows.map((row) => row.layer)).size).toBe(13)
  })
  test.each(layers.rows.map((row) => [text(row), row] as const))('%s', (_, row) => {
    const layer = row.inner
      ? build(row.layer, [build(...row.inner), ...row.args])
      : build(row.layer, row.args)
    const params = operands(row.params)
    const given = operands(row.state)
    const spectral = row.layer === 'spectralNorm'
    const state = spectral ? { layer: {}, u: given.mean, v: given.variance } : given
    const x = row.integers
      ? tensor(Int32Array.from(row.integers), { shape: [...row.x] })
      : made(row.x, SEEDS.x!)
    const apply = (p: unknown, v: Tensor) => layer.apply(p, state, v, { train: row.train })
    const objective = (p: unknown, v: Tensor): Tensor => {
      const { y } = apply(p, v)
      return sum(mul(y, made(y.shape, COTANGENT)))
    }
    const result = apply(params, x)
    expect(result.y.shape).toEqual(row.out)
    close(result.y, row.y)
    for (const [name, values] of Object.entries(row.after))
      close((result.state as Record<string, Tensor>)[name]!, values)
    const [, pull] = row.integers
      ? vjp((p: typeof params) => objective(p, x), params)
      : vjp((p: typeof params, v: Tensor) => objective(p, v), params, x)
    const [dparams, dx] = pull(tensor(1, { dtype: 'float64' })) as unknown as [Record<string, Tensor>, Tensor]
    for (const [name, values] of Object.entries(row.dparams)) close(dparams[name]!, values)
    if (row.dx) close(dx, row.dx)
    // The shape is known before anything is computed, and so are the names of the parameters.
    const fresh = layer.init(random.key(1), row.x)
    expect(fresh.outputShape).toEqual(row.out)
    expect(Object.keys(fresh.params as object).sort()).toEqual(Object.keys(row.params).sort())
  })
})

describe('losses equal PyTorch: values and gradients', () => {
  test.each(
    losses.rows.map((row) => [`${row.loss} ${JSON.stringify(row.options)} x ${row.spread}`, row] as const),
  )('%s', (_, row) => {
    const f = (nn.loss as unknown as Record<string, (x: Tensor, y: Tensor, o: unknown) => Tensor>)[row.loss]!
    const x = tensor(
      made(row.shape, SEEDS.x!)
        .toTypedArray()
        .map((v) => v * row.spread),
      { shape: [...row.shape] },
    )
    const classes = !Array.isArray(row.target[0])
    const target = tensor(row.target as number[], { dtype: classes ? 'int32' : 'float64' })
    const options = Object.fromEntries(
      Object.entries(row.options).map(([k, v]) => [
        k,
        Array.isArray(v) ? tensor(v as number[], { dtype: 'float64' }) : v,
      ]),
    )
    const value = f(x, target, options)
    close(value, row.value)
    const [, pull] = vjp((v: Tensor) => f(v, target, options), x)
    close(pull(made(value.shape, COTANGENT))[0]!, row.dx)
  })
})

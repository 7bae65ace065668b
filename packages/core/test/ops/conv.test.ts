import { readFileSync } from 'node:fs'
import {
  avgPool,
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  grad,
  maxPool,
  mul,
  stack,
  sum,
  type Tensor,
  vjp,
  vmap,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { at, distance, f64, fromIndices, gradientErrors, indicesOf, made, numbers } from './support.js'

interface Row {
  readonly kind: 'conv' | 'convTranspose'
  readonly x: number[]
  readonly w: number[]
  readonly out: number[]
  readonly options: ConvOptions & ConvTransposeOptions
  readonly y: number[]
  readonly dx: number[]
  readonly dw: number[]
}
const rows = JSON.parse(
  readFileSync(new URL('../reference/conv.json', import.meta.url), 'utf8'),
) as readonly Row[]

const apply = (row: Row, x: Tensor, w: Tensor): Tensor =>
  (row.kind === 'conv' ? conv(x, w, row.options) : convTranspose(x, w, row.options)) as Tensor

const operandsOf = (row: Row): readonly [Tensor, Tensor] => [made(row.x, 7, 3, 11), made(row.w, 5, 1, 7)]
const named = rows.map(
  (row) => [`${row.kind} ${row.x} * ${row.w} ${JSON.stringify(row.options)}`, row] as const,
)

describe('convolutions equal those of jax, values and gradients', () => {
  test('the reference has 40 combinations or more, of every rank', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
    expect(new Set(rows.map((r) => r.x.length - 2))).toEqual(new Set([1, 2, 3]))
  })
  test.each(named)('%s', (_, row) => {
    const [x, w] = operandsOf(row)
    const [y, pullback] = vjp((a: Tensor, b: Tensor) => apply(row, a, b), x, w)
    const sixteenths = (t: Tensor): number[] => numbers(t).map((v) => v * 16 + 0)
    expect(y.shape).toEqual(row.out)
    expect(sixteenths(y)).toEqual(row.y)
    const [dx, dw] = pullback(made(row.out, 3, 2, 13)) as readonly Tensor[]
    expect(sixteenths(dx!)).toEqual(row.dx)
    expect(sixteenths(dw!)).toEqual(row.dw)
  })
})

const some = named.filter((_, i) => i % 6 === 0)
describe('derivatives of first and second order by central differences', () => {
  test.each(some)('%s', (_, row) => {
    const [x, w] = operandsOf(row)
    for (const errors of [
      gradientErrors((v) => apply(row, v, w), x),
      gradientErrors((v) => apply(row, x, v), w),
    ]) {
      expect(errors[0]).toBeLessThan(1e-6)
      expect(errors[1]).toBeLessThan(1e-6)
    }
  })
  test('the mixed second derivative in input and kernel', () => {
    const [x, w] = [made([1, 5, 2]), made([3, 2, 2], 5, 1, 7)]
    const inner = (a: Tensor, b: Tensor): Tensor => sum(mul(conv(a, b), made([1, 3, 2], 3, 2, 13))) as Tensor
    const slope = (b: Tensor): Tensor => grad((a: Tensor) => inner(a, b))(x) as Tensor
    expect(gradientErrors(slope, w)[0]).toBeLessThan(1e-6)
  })
})

describe('vmap equals a loop', () => {
  const three = (shape: readonly number[], a: number): Tensor => made([3, ...shape], a, 3, 11)
  const slices = (t: Tensor): Tensor[] =>
    [0, 1, 2].map((i) => fromIndices(t.shape.slice(1), (index) => at(t, [i, ...index])))
  const loop = (f: (i: number) => Tensor): Tensor => stack([0, 1, 2].map(f)) as Tensor
  test.each(named.filter((_, i) => i % 5 === 0))('%s', (_, row) => {
    const [x, w] = operandsOf(row)
    const [xs, ws] = [three(row.x, 7), three(row.w, 5)]
    const f = (a: Tensor, b: Tensor): Tensor => apply(row, a, b)
    const [xi, wi] = [slices(xs), slices(ws)]
    expect(
      distance(
        vmap(f)(xs, ws),
        loop((i) => f(xi[i]!, wi[i]!)),
      ),
    ).toBe(0)
    expect(
      distance(
        vmap(f, { inAxes: [0, null] })(xs, w),
        loop((i) => f(xi[i]!, w)),
      ),
    ).toBe(0)
    expect(
      distance(
        vmap(f, { inAxes: [null, 0] })(x, ws),
        loop((i) => f(x, wi[i]!)),
      ),
    ).toBe(0)
    const slope = (a: Tensor, b: Tensor): Tensor =>
      grad((v: Tensor) => sum(mul(f(a, v), f(a, v))) as Tensor)(b) as Tensor
    expect(
      distance(
        vmap(slope)(xs, ws),
        loop((i) => slope(xi[i]!, wi[i]!)),
      ),
    ).toBe(0)
  })
})

describe('shapes of transposed convolutions', () => {
  test.each([
    { n: 4, k: 3, strides: 2, padding: 1, outputPadding: 1, out: 8 },
    { n: 4, k: 3, strides: 2, padding: 0, outputPadding: 0, out: 9 },
    { n: 5, k: 4, strides: 3, padding: 2, outputPadding: 0, out: 12 },
    { n: 3, k: 1, strides: 4, padding: 'same', outputPadding: 0, out: 12 },
  ] as const)('PyTorch: $n entries, kernel $k, stride $strides -> $out', ({ n, k, out, ...options }) => {
    expect(convTranspose(made([1, n, 2]), made([k, 2, 3]), options).shape).toEqual([1, out, 3])
  })
})

describe('pooling', () => {
  const x = made([2, 5, 6, 3], 37, 5, 101)
  const options = {
    window: [2, 3],
    strides: [2, 1],
    padding: [
      [1, 0],
      [1, 2],
    ],
    dilation: [1, 2],
  } as const
  const seen = ([n, i, j, c]: readonly number[]): number[] =>
    indicesOf(options.window)
      .map(([p, q]) => [i! * 2 + p! - 1, j! + q! * 2 - 1] as const)
      .filter(([r, s]) => r >= 0 && r < 5 && s >= 0 && s < 6)
      .map(([r, s]) => at(x, [n!, r, s, c!]))
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const shape = [2, 3, 5, 3]
  test('maxPool is the largest entry of each window', () => {
    expect(
      distance(
        maxPool(x, options),
        fromIndices(shape, (index) => Math.max(...seen(index))),
      ),
    ).toBe(0)
  })
  test('avgPool is the mean over entries of the input, or over the window', () => {
    const mean = fromIndices(shape, (index) => total(seen(index)) / seen(index).length)
    expect(distance(avgPool(x, options), mean)).toBeLessThan(1e-14)
    const counted = fromIndices(shape, (index) => total(seen(index)) / 6)
    expect(distance(avgPool(x, { ...options, countPadding: true }), counted)).toBeLessThan(1e-14)
  })
  test('windows tile by default, and ties share the gradient', () => {
    expect(maxPool(made([1, 4, 1]), { window: 2 }).shape).toEqual([1, 2, 1])
    const tied = f64([1, 1, 1, 0], [1, 4, 1])
    expect(numbers(grad((v: Tensor) => sum(maxPool(v, { window: 2 })) as Tensor)(tied))).toEqual([
      0.5, 0.5, 1, 0,
    ])
  })
  test('padding neither wins nor takes gradient', () => {
    const low = f64([-5, -7], [1, 2, 1])
    const f = (v: Tensor): Tensor => sum(maxPool(v, { window: 3, strides: 1, padding: 'same' })) as Tensor
    expect(numbers(maxPool(low, { window: 3, strides: 1, padding: 'same' }))).toEqual([-5, -5])
    expect(numbers(grad(f)(low))).toEqual([2, 0])
  })
  test('derivatives and vmap', () => {
    // Distinct entries, far from ties.
    const small = f64(
      [...Array(24).keys()].map((i) => ((i * 7) % 24) / 8),
      [1, 4, 3, 2],
    )
    const o = { window: 2, strides: [2, 1], padding: 'same' } as const
    for (const f of [(v: Tensor) => maxPool(v, o) as Tensor, (v: Tensor) => avgPool(v, o) as Tensor]) {
      const errors = gradientErrors(f, small)
      expect(errors[0]).toBeLessThan(1e-6)
      expect(errors[1]).toBeLessThan(1e-6)
      const both = stack([small, mul(small, -2) as Tensor]) as Tensor
      expect(distance(vmap(f)(both), stack([f(small), f(mul(small, -2) as Tensor)]) as Tensor)).toBe(0)
    }
  })
})

describe('errors', () => {
  const x = made([2, 8, 3])
  test.each([
    [
      'channels',
      () => conv(x, made([3, 4, 5])),
      'conv: [2, 8, 3] and [3, 4, 5] do not fit: the last axis of the first (3) must equal the second to last of the second (4)',
    ],
    ['rank', () => conv(x, made([3, 3, 3, 5])), 'the input is [batch, ...spatial, channels]'],
    [
      'groups',
      () => conv(x, made([3, 1, 4]), { groups: 3 }),
      '3 groups must divide the input channels (3) and the filters (4)',
    ],
    [
      'window',
      () => conv(x, made([9, 3, 1])),
      'conv: a window that reaches over 9 entries does not fit spatial axis 0 of [8]',
    ],
    [
      'strides',
      () => conv(x, made([3, 3, 1]), { strides: [1, 1] }),
      'conv: strides [1,1] does not fit 1 spatial axes',
    ],
    ['stride 0', () => conv(x, made([3, 3, 1]), { strides: 0 }), 'conv: strides 0 does not fit'],
    [
      'causal',
      () => conv(made([1, 4, 4, 1]), made([2, 2, 1, 1]), { padding: 'causal' }),
      'conv: padding "causal" does not fit 2',
    ],
    [
      'cut',
      () => convTranspose(x, made([1, 3, 1]), { padding: 9 }),
      'convTranspose: padding 9 and 9 cuts all',
    ],
    [
      'pool rank',
      () => maxPool(made([4, 4]), { window: 2 }),
      'maxPool: needs [batch, ...spatial, channels], not [4, 4]',
    ],
  ] as const)('%s', (_, f, message) => {
    expect(f).toThrowError(message)
  })
})

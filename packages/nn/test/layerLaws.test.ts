import {
  grad,
  jit,
  matmul,
  mul,
  random,
  relu,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  tree,
} from '@cotangent/core'
import {
  activation,
  batchNorm,
  compose,
  conv1d,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  groupNorm,
  init,
  type Layer,
  layerNorm,
  maxPool2d,
  parallel,
  residual,
  sequential,
  spectralNorm,
  summary,
  weightNorm,
} from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

const key = random.key(5)
const evaluate = { train: false }
const plain = (t: unknown): unknown => tree.leaves(t).map((leaf) => leaf.toArray())

describe('compose with the identity is a category', () => {
  const [f, g, h] = [
    dense(4),
    activation(tanh),
    sequential({ norm: batchNorm(), drop: dropout({ rate: 0.5 }) }),
  ]
  test('compose() is the identity, and compose(f) is f', () => {
    expect(compose(f)).toBe(f)
    expect(compose(compose(), f)).toBe(f)
    expect(compose(f, compose())).toBe(f)
    const x = tensor([[1, 2]])
    const none = compose()
    const made = none.init(key, [1, 2])
    expect(made.outputShape).toEqual([1, 2])
    expect(none.apply(made.params, made.state, x, evaluate).y).toBe(x)
  })
  test('composition is associative: parameters, state, keys and results', () => {
    const x = random.normal(key, [6, 3])
    const run = <P, S>(model: Layer<P, S>) => {
      const { params, state, outputShape } = model.init(key, [6, 3])
      const next = model.apply(params, state, x, { train: true, key })
      return [tree.paths(params), plain(params), outputShape, next.y.toArray(), plain(next.state)]
    }
    const flat = run(compose(f, g, h))
    expect(run(compose(compose(f, g), h))).toEqual(flat)
    expect(run(compose(f, compose(g, h)))).toEqual(flat)
    expect(run(compose(compose(f), compose(), compose(g, h)))).toEqual(flat)
  })
})

describe('branches', () => {
  test('residual takes a shortcut, and says where shapes differ', () => {
    const model = sequential({
      block: residual(sequential({ a: dense(5), b: activation(relu) }), {
        shortcut: dense(5, { bias: false }),
      }),
    })
    const { params, outputShape } = model.init(key, [2, 3])
    expect(outputShape).toEqual([2, 5])
    expect(tree.paths(params)).toEqual(['block/body/a/kernel', 'block/body/a/bias', 'block/shortcut/kernel'])
    expect(() => sequential({ block: residual(dense(4)) }).init(key, [2, 3])).toThrow(
      'layer block: residual: branches of [2, 4] and [2, 3] cannot be added. Give a shortcut',
    )
  })
  test('parallel merges by sum and mean', () => {
    const two = { a: activation((x: Tensor) => mul(x, 2)), b: activation((x: Tensor) => mul(x, 4)) }
    const at = (merge: 'sum' | 'mean') => {
      const layer = parallel(two, { merge })
      const { params, state } = layer.init(key, [1])
      return layer.apply(params, state, tensor([1]), evaluate).y.toArray()
    }
    expect(at('sum')).toEqual([6])
    expect(at('mean')).toEqual([3])
    expect(() => parallel({ a: dense(2), b: dense(3) }, { merge: 'sum' }).init(key, [1, 1])).toThrow(
      'parallel: branches of [1, 2] and [1, 3] cannot be added.',
    )
  })
})

test.each([
  [
    'conv2d',
    conv2d(2, { window: 3 }),
    [2, 5, 3],
    'layer at: conv2d(2): the input [2, 5, 3] must be [batch, height, width, channels].',
  ],
  [
    'conv1d',
    conv1d(2, { window: 3 }),
    [5, 3],
    'layer at: conv1d(2): the input [5, 3] must be [batch, time, channels].',
  ],
  ['conv2d', conv2d(2, { window: 9 }), [2, 5, 5, 3], 'layer at: conv'],
  ['maxPool2d', maxPool2d({ window: 2 }), [2, 5], 'layer at: maxPool2d: the input [2, 5] must be'],
  ['batchNorm', batchNorm(), [3], 'layer at: batchNorm: the input [3] must be [batch, ..., channels].'],
  ['groupNorm', groupNorm(2), [1, 3], 'layer at: groupNorm: the input [1, 3] must be'],
  [
    'layerNorm',
    layerNorm({ dims: 3 }),
    [1, 3],
    'layer at: layerNorm: the input [1, 3] has fewer than 3 axes.',
  ],
] as const)('%s: a shape error names the path of the layer', (_, layer, shape, message) => {
  expect(() => sequential({ at: layer as Layer<unknown, unknown> }).init(key, shape)).toThrow(message)
})

describe('batchNorm', () => {
  const x = tensor([[1], [2], [3], [4]], { dtype: 'float64' })
  test('tracks statistics by both conventions and leaves the state that was given', () => {
    for (const [convention, mean, variance] of [
      ['torch', 0.25, 1.0666666667],
      ['keras', 0.025, 1.0025],
    ] as const) {
      const layer = batchNorm({ convention })
      const { params, state } = layer.init(key, [4, 1])
      const next = layer.apply(params, state, x, { train: true }).state
      expect(next.mean.toTypedArray()[0]).toBeCloseTo(mean, 6)
      expect(next.variance.toTypedArray()[0]).toBeCloseTo(variance, 6)
      expect(state.mean.toArray()).toEqual([0])
      expect(layer.apply(params, state, x, evaluate).state).toBe(state)
    }
  })
  test('refuses to train on one value', () => {
    const layer = batchNorm()
    const { params, state } = layer.init(key, [1, 2])
    expect(() => layer.apply(params, state, tensor([[1, 2]]), { train: true })).toThrow(/Use a larger batch/)
  })
  test('what it normalises has no scale: ⟨w, ∇L(w)⟩ = 0', () => {
    const layer = sequential({
      lin: dense(3, { bias: false }),
      norm: batchNorm({ epsilon: 0, affine: false }),
    })
    const { params, state } = layer.init(key, [8, 2])
    const input = random.normal(key, [8, 2], { dtype: 'float64' })
    const weight = random.normal(random.key(9), [8, 3], { dtype: 'float64' })
    const w = init.heNormal(key, [2, 3], 'float64')
    const g = grad((kernel: Tensor) =>
      sum(mul(layer.apply({ ...params, lin: { kernel } }, state, input, { train: true }).y, weight)),
    )(w)
    expect(Math.abs(sum(mul(g, w)).item())).toBeLessThan(1e-12)
    expect(sum(mul(g, g)).item()).toBeGreaterThan(1e-3)
  })
})

test('weightNorm: the gradient in v is orthogonal to v, and the layer starts as it was', () => {
  const layer = weightNorm(dense(3))
  const { params, state } = layer.init(key, [1, 4])
  const x = random.normal(key, [5, 4])
  const y = layer.apply(params, state, x, evaluate).y.toTypedArray()
  dense(3)
    .apply(params, {}, x, evaluate)
    .y.toTypedArray()
    .forEach((v, i) => {
      expect(y[i]).toBeCloseTo(v, 5)
    })
  const wide = { ...params, kernel: init.heNormal(key, [4, 3], 'float64') }
  const g = grad((kernel: Tensor) => {
    const out = layer.apply({ ...wide, kernel }, state, x, evaluate).y
    return sum(mul(out, out))
  })(wide.kernel)
  for (const along of sum(mul(g, wide.kernel), { axis: 0 }).toTypedArray())
    expect(Math.abs(along)).toBeLessThan(1e-10)
})

test('spectralNorm: the largest singular value becomes 1, and outside of training nothing moves', () => {
  const layer = spectralNorm(dense(3, { bias: false }), { iterations: 60 })
  const { params, state } = layer.init(key, [1, 4])
  const identity = init.identity()(key, [4, 4])
  const next = layer.apply(params, state, identity, { train: true })
  const top = matmul(transpose(next.y), next.y)
  let v = init.ones(key, [3, 1])
  for (let i = 0; i < 200; i++) v = mul(matmul(top, v), 1 / Math.hypot(...matmul(top, v).toTypedArray()))
  expect(Math.hypot(...matmul(top, v).toTypedArray())).toBeCloseTo(1, 4)
  const still = layer.apply(params, next.state, identity, evaluate).state
  expect(plain(still)).toEqual(plain(next.state))
})

test('orthogonal kernels keep lengths, also of windows and of more units than inputs', () => {
  for (const shape of [
    [6, 3],
    [3, 6],
    [2, 2, 3, 5],
  ]) {
    const w = init.orthogonal({ gain: 2 })(key, shape, 'float64')
    const rows = w.size / shape.at(-1)!
    const m = tensor(w.toTypedArray(), { shape: [rows, shape.at(-1)!] })
    const gram = rows >= shape.at(-1)! ? matmul(transpose(m), m) : matmul(m, transpose(m))
    gram.toTypedArray().forEach((v, i) => {
      expect(v).toBeCloseTo(i % (gram.shape[0]! + 1) === 0 ? 4 : 0, 10)
    })
  }
})

test('uniform, normal and truncated normal have their moments', () => {
  const spread = (w: Tensor): number =>
    Math.sqrt([...w.toTypedArray()].reduce((n, v) => n + v * v, 0) / w.size)
  const shape = [200, 200]
  expect(spread(init.uniform({ min: -3, max: 3 })(key, shape)) / Math.sqrt(3)).toBeCloseTo(1, 1)
  expect(spread(init.normal({ std: 2 })(key, shape)) / 2).toBeCloseTo(1, 1)
  const cut = init.truncatedNormal({ std: 2 })(key, shape)
  expect(spread(cut) / 2).toBeCloseTo(0.8796, 2)
  expect(Math.max(...cut.toTypedArray())).toBeLessThanOrEqual(4)
})

test('a convolution has the fan-in of its window and its group', () => {
  const { params } = conv2d(64, { window: 3, groups: 2 }).init(key, [1, 8, 8, 16])
  const limit = Math.sqrt(6 / (3 * 3 * 8))
  const most = Math.max(...params.kernel.toTypedArray())
  expect(most).toBeLessThanOrEqual(limit)
  expect(most).toBeGreaterThan(0.98 * limit)
})

test('a model of many layers compiles, and its summary counts its parameters', () => {
  const model = sequential({
    conv: conv2d(4, { window: 3, padding: 'same' }),
    norm: batchNorm(),
    pool: maxPool2d({ window: 2 }),
    flat: flatten(),
    head: dense(2),
  })
  const { params, state } = model.init(key, [2, 4, 4, 1])
  const x = random.normal(key, [2, 4, 4, 1])
  const run = (p: typeof params, s: typeof state, v: Tensor) => model.apply(p, s, v, { train: true })
  const [eager, compiled] = [run(params, state, x), jit(run)(params, state, x)]
  compiled.y.toTypedArray().forEach((v, i) => {
    expect(v).toBeCloseTo(eager.y.toTypedArray()[i]!, 5)
  })
  expect(summary(model, [2, 4, 4, 1])).toMatchInlineSnapshot(`
    "layer               output shape  parameters
    model (sequential)  [2, 2]                82
      conv (conv2d)     [2, 4, 4, 4]          40
      norm (batchNorm)  [2, 4, 4, 4]           8
      pool (maxPool2d)  [2, 2, 2, 4]           0
      flat (flatten)    [2, 16]                0
      head (dense)      [2, 2]                34
    parameters: 82, state: 8"
  `)
  expect(tree.paths(embedding(3, 2).init(key, [1]).params)).toEqual(['embedding'])
})

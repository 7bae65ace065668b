import { random, relu, type Tensor, zeros } from '@cotangent/core'
import { activation, dense, dropout, flatten, init, sequential } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

const key = random.key(0)
const evaluate = { train: false }

describe('sequential', () => {
  const model = sequential({
    flat: flatten(),
    body: sequential([dense(5), activation(relu)]),
    head: dense(2, { bias: false }),
  })

  test('names the parameters, and the types know them', () => {
    const { params, outputShape } = model.init(key, [7, 2, 3])
    expect(outputShape).toEqual([7, 2])
    expect(params.body[0].kernel.shape).toEqual([6, 5])
    expect(params.body[0].bias.toArray()).toEqual([0, 0, 0, 0, 0])
    expect(Object.keys(params.head)).toEqual(['kernel'])
  })

  test('a new layer leaves the initial values of the others', () => {
    const wider = sequential({
      flat: flatten(),
      first: dense(6),
      body: sequential([dense(5)]),
      head: dense(2),
    })
    const [one, two] = [model.init(key, [1, 6]).params, wider.init(key, [1, 6]).params]
    expect(two.body[0].kernel.toArray()).toEqual(one.body[0].kernel.toArray())
    expect(two.head.kernel.toArray()).toEqual(one.head.kernel.toArray())
    expect(two.first.kernel.toArray()).not.toEqual(one.head.kernel.toArray())
  })

  test('errors name the path of the layer', () => {
    const { params, state } = model.init(key, [7, 2, 3])
    expect(() => model.apply(params, state, zeros([7, 5]) as Tensor, evaluate)).toThrow(
      'layer body/0: dense(5): the input [7, 5] has 5 features, but the kernel was initialised for 6.',
    )
  })

  test('is as good nested as flat', () => {
    const flat = sequential([dense(4), activation(relu), dense(1)])
    const { params, state } = flat.init(key, [2, 3])
    const nested = sequential([sequential([dense(4), activation(relu)]), dense(1)])
    const x = random.normal(key, [2, 3]) as Tensor
    const inner = [params[0], params[1]] as const
    expect(nested.apply([inner, params[2]], [[{}, {}], {}], x, evaluate).y.toArray()).toEqual(
      flat.apply(params, state, x, evaluate).y.toArray(),
    )
  })
})

describe('dropout', () => {
  const x = init.ones(key, [200, 50])
  const layer = dropout({ rate: 0.3 })
  test('keeps the mean, is 0 or 1/(1 - rate), and repeats under its key', () => {
    const y = layer.apply({}, {}, x, { train: true, key }).y.toTypedArray()
    expect(new Set(y).size).toBe(2)
    expect(Math.max(...y)).toBeCloseTo(1 / 0.7, 6)
    expect([...y].reduce((n, v) => n + v, 0) / y.length).toBeCloseTo(1, 1)
    expect(layer.apply({}, {}, x, { train: true, key }).y.toTypedArray()).toEqual(y)
  })
  test('is the identity outside of training, and says what is missing', () => {
    expect(layer.apply({}, {}, x, evaluate).y).toBe(x)
    expect(() => layer.apply({}, {}, x, { train: true })).toThrow(/training needs a key/)
    expect(() => dropout({ rate: 1 })).toThrow('dropout: rate is 1. Give a number in [0, 1).')
  })
})

test.each([
  ['xavierUniform', init.xavierUniform, 2 / (300 + 100)],
  ['xavierNormal', init.xavierNormal, 2 / (300 + 100)],
  ['heUniform', init.heUniform, 2 / 300],
  ['heNormal', init.heNormal, 2 / 300],
  ['lecunNormal', init.lecunNormal, 1 / 300],
] as const)('%s has mean 0 and its variance', (_, initializer, variance) => {
  const w = [...initializer(key, [300, 100]).toTypedArray()]
  const mean = w.reduce((n, v) => n + v, 0) / w.length
  expect(Math.abs(mean)).toBeLessThan(0.02 * Math.sqrt(variance))
  expect(w.reduce((n, v) => n + v * v, 0) / w.length / variance).toBeCloseTo(1, 1)
})

test('a kernel of a window counts its places: [3, 3, 4, 8] has fan-in 36', () => {
  const w = [...init.heUniform(key, [3, 3, 4, 8], 'float64').toTypedArray()]
  const limit = Math.sqrt(6 / 36)
  expect(Math.max(...w)).toBeLessThanOrEqual(limit)
  expect(Math.max(...w)).toBeGreaterThan(0.95 * limit)
})

test('an input without features is refused', () => {
  expect(() => dense(3).init(key, [])).toThrow(/dense\(3\): \[\] has no axis of features/)
  expect(() => dense(0)).toThrow('dense: 0 units. Give a positive integer.')
})

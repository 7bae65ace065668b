import { grad, mul, random, relu, slice, sum, type Tensor, tensor, tree, zeros } from '@cotangent/core'
import {
  bidirectional,
  gru,
  type Layer,
  lstm,
  multiHeadAttention,
  positionalEmbedding,
  type RecurrentLayer,
  type RecurrentOptions,
  rnn,
  sequential,
  transformerBlock,
} from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import reference from './reference/sequences.json' with { type: 'json' }

interface Stored {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
type StoredTree = Stored | { readonly [key: string]: StoredTree }
interface Record_ {
  readonly x: Stored
  readonly y: Stored
  readonly weights: Stored
  readonly dx: Stored
  readonly params: StoredTree
  readonly grads: StoredTree
  readonly hidden?: Stored
  readonly cell?: Stored
  readonly initial?: StoredTree
}
const records = reference as Readonly<Record<string, unknown>> as Readonly<Record<string, Record_>>

const isStored = (x: StoredTree): x is Stored => Array.isArray((x as Stored).data)
const stored = ({ shape, data }: Stored): Tensor => tensor(new Float64Array(data), { shape: [...shape] })
const restore = <P>(x: StoredTree): P =>
  (isStored(x) ? stored(x) : Object.fromEntries(Object.entries(x).map(([k, v]) => [k, restore(v)]))) as P

const close = (a: unknown, b: unknown): void => {
  const flat = new Map(tree.paths(b).map((path, i) => [path, tree.leaves(b)[i]!]))
  expect(tree.paths(a).sort()).toEqual([...flat.keys()].sort())
  tree.paths(a).forEach((path, n) => {
    const [got, expected] = [tree.leaves(a)[n]!, flat.get(path)!]
    expect(got.shape).toEqual(expected.shape)
    expect(got.dtype).toBe('float64')
    got.toTypedArray().forEach((v, i) => {
      expect(Math.abs(v - expected.toTypedArray()[i]!), `${path}[${i}]`).toBeLessThan(1e-10)
    })
  })
}

const evaluate = { train: false }

/** Value and both gradients of a layer against a record. */
const agrees = <P>(
  layer: Layer<P>,
  record: Record_,
  f = (p: P, x: Tensor) => layer.apply(p, {}, x, evaluate).y,
) => {
  const [params, x, weights] = [restore<P>(record.params), stored(record.x), stored(record.weights)]
  close(f(params, x), stored(record.y))
  const pulled = (p: P, v: Tensor): Tensor => sum(mul(f(p, v), weights))
  close(grad((p: P) => pulled(p, x))(params), restore(record.grads))
  close(grad((v: Tensor) => pulled(params, v))(x), stored(record.dx))
}

const makers: readonly (readonly [string, (options: RecurrentOptions) => RecurrentLayer])[] = [
  ['rnn', (options) => rnn(2, options)],
  ['relu', (options) => rnn(2, { ...options, activation: relu })],
  ['lstm', (options) => lstm(2, options) as RecurrentLayer],
  ['gru', (options) => gru(2, options)],
]

describe.each(makers)('%s is that of PyTorch', (name, make) => {
  const record = (mode: string) => records[`${name} ${mode}`]!
  const all = { returnSequences: true }
  test('forward', () => agrees(make(all), record('forward')))
  test('reverse', () => agrees(make({ ...all, reverse: true }), record('reverse')))
  test('last', () => agrees(make({}), record('last')))
  test('bidirectional', () => agrees(bidirectional(make(all)), record('bidirectional')))
  test('from a given state', () => {
    const layer = make(all)
    const initial = restore<{ hidden: Tensor }>(record('continued').initial!)
    agrees(layer, record('continued'), (p, x) => layer.run(p, x, evaluate, initial).sequence)
  })
  test.each(['forward', 'reverse', 'continued'])('the state after the last step, %s', (mode) => {
    const { params, x, hidden, cell, initial } = record(mode)
    const { final } = make({ reverse: mode === 'reverse' }).run(
      restore(params),
      stored(x),
      evaluate,
      mode === 'continued' ? restore(initial!) : undefined,
    )
    close(final, restore(cell === undefined ? { hidden: hidden! } : { hidden: hidden!, cell }))
  })

  test('a sequence in two pieces is the sequence', () => {
    const { params, x: whole, hidden } = record('forward')
    const [p, x] = [restore<never>(params), stored(whole)]
    const first = make(all).run(p, slice(x, [0, 0], [2, 2]), evaluate)
    close(make(all).run(p, slice(x, [0, 2], [2, 5]), evaluate, first.final).final.hidden, stored(hidden!))
  })
})

test.each([false, true])('attention and a transformer block are those of PyTorch; causal %s', (causal) => {
  const tail = causal ? ' causal' : ''
  agrees(multiHeadAttention(2, { causal }), records[`attention${tail}`]!)
  agrees(transformerBlock(2, { causal, hidden: 6 }), records[`transformer${tail}`]!)
})

describe('dropout of recurrent layers', () => {
  const key = random.key(3)
  const train = { train: true, key }
  const ones = (shape: readonly number[]) =>
    tensor(new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1), { shape: [...shape] })

  test('masks of the input are the same at every step', () => {
    // With the identity as a kernel, and no memory, the output is the masked input.
    const layer = rnn(8, { dropout: 0.5, returnSequences: true, activation: (x) => x })
    const eye = tensor(
      Float64Array.from({ length: 64 }, (_, i) => Number(i % 9 === 0)),
      { shape: [8, 8] },
    )
    const params = { kernel: eye, recurrent: zeros([8, 8], 'float64'), bias: zeros([8], 'float64') }
    const rows = layer.apply(params, {}, ones([3, 6, 8]), train).y.toArray() as number[][][]
    for (const steps of rows) for (const step of steps) expect(step).toEqual(steps[0])
    expect(new Set(rows.flat(2))).toEqual(new Set([0, 2]))
    expect(rows[0]![0]).not.toEqual(rows[1]![0])
  })

  test('masks of the hidden state are the same at every step', () => {
    // Counts: h' = mask·h + 1, so that a dropped unit stays at 1 and a kept one doubles and adds 1.
    const layer = rnn(8, { recurrentDropout: 0.5, returnSequences: true, activation: (x) => x })
    const eye = tensor(
      Float64Array.from({ length: 64 }, (_, i) => Number(i % 9 === 0)),
      { shape: [8, 8] },
    )
    const params = { kernel: eye, recurrent: eye, bias: zeros([8], 'float64') }
    const rows = layer.apply(params, {}, ones([3, 4, 8]), train).y.toArray() as number[][][]
    const columns = rows.flatMap((steps) => steps[0]!.map((_, j) => steps.map((step) => step[j]).join()))
    expect(new Set(columns)).toEqual(new Set(['1,1,1,1', '1,3,7,15']))
  })

  test.each(makers)('%s: the same key gives the same result; none is needed to evaluate', (_, make) => {
    const layer = make({ dropout: 0.3, recurrentDropout: 0.3 })
    const { params, state } = layer.init(key, [2, 4, 3])
    const x = random.normal(key, [2, 4, 3])
    const y = (context: Parameters<typeof layer.apply>[3]) =>
      layer.apply(params, state, x, context).y.toArray()
    expect(y(train)).toEqual(y(train))
    expect(y(train)).not.toEqual(y({ train: true, key: random.key(4) }))
    expect(y(evaluate)).toEqual(make({}).apply(params, state, x, evaluate).y.toArray())
    expect(() => y({ train: true })).toThrow(/training needs a key/)
  })
})

describe('shapes', () => {
  const key = random.key(0)
  test.each([
    ['rnn', rnn(4)],
    ['lstm', lstm(4)],
    ['gru', gru(4)],
    ['sequences', gru(4, { returnSequences: true })],
    ['both directions', bidirectional(lstm(4, { returnSequences: true }))],
    ['both added', bidirectional(lstm(4), { merge: 'sum' })],
    ['attention', multiHeadAttention(3, { dropout: 0.5 })],
    ['transformer', transformerBlock(3, { dropout: 0.5 })],
    ['positions', positionalEmbedding({ maxLength: 9 })],
    ['waves', positionalEmbedding({ kind: 'sinusoidal' })],
  ] as readonly (readonly [string, Layer<unknown>])[])('%s: init says what apply gives', (_, layer) => {
    const { params, state, outputShape } = layer.init(key, [2, 5, 6])
    const { y } = layer.apply(params, state, zeros([2, 5, 6]), { train: true, key })
    expect(y.shape).toEqual(outputShape)
    expect(y.dtype).toBe('float32')
  })

  test('errors name the path of the layer', () => {
    const model = sequential({ encoder: sequential([bidirectional(lstm(4))]), head: gru(2) })
    expect(() => model.init(key, [2, 5])).toThrow(
      'layer encoder/0/forward: lstm(4): the input [2, 5] is not a sequence. Shapes are [batch, time, features].',
    )
    expect(() => model.init(key, [2, 5, 3])).toThrow(
      'layer head: gru(2): the input [2, 8] is not a sequence.',
    )
    const inner = sequential({ block: transformerBlock(2) })
    const { params, state } = inner.init(key, [1, 5, 4])
    expect(() => inner.apply(params, state, zeros([1, 5, 6]), evaluate)).toThrow(
      /^layer block\/norm1: layerNorm: /,
    )
    expect(() => inner.init(key, [1, 5, 3])).toThrow(
      'layer block/attention: multiHeadAttention(2): the input [1, 5, 3] must be [batch, time, features]',
    )
    const { params: own } = gru(2).init(key, [1, 5, 4])
    expect(() => gru(2).apply(own, {}, zeros([1, 5, 3]), evaluate)).toThrow(
      'gru(2): the input [1, 5, 3] has 3 features, but the kernel was initialised for 4.',
    )
    const places = positionalEmbedding()
    expect(() => places.apply(places.init(key, [1, 5, 4]).params, {}, zeros([1, 6, 4]), evaluate)).toThrow(
      'at most 5 steps of 4 features. Raise maxLength.',
    )
    expect(() => lstm(0)).toThrow('lstm: 0 units. Give a positive integer.')
    expect(() => multiHeadAttention(0)).toThrow('0 heads')
  })
})

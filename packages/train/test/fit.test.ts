import { random, type Tensor, tensor, tree } from '@cotangent/core'
import { dense, loss, sequential } from '@cotangent/nn'
import { chain, sam, sgd } from '@cotangent/optim'
import { combine, l1, l2 } from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { type Callback, dataset, type Epoch, earlyStopping, fit, type TrainState } from '../src/index.js'
import { everything, linear } from './support/small.js'

const plain = { model: dense(1), loss: loss.mse, optimizer: sgd({ learningRate: 0.1 }), key: random.key(0) }
const bits = (state: TrainState<unknown, unknown, unknown>): unknown => [
  state.step,
  state.epoch,
  state.batch,
  ...tree.leaves([state.params, state.layers, state.opt, state.key]).map((t) => [...t.toTypedArray()]),
]
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('fit', () => {
  test('finds the solution of least squares by gradient descent on all of the data', async () => {
    const data = dataset.fromArrays(
      [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      [[1], [-2], [-1]],
    )
    const { state, loss: final } = await fit({ ...plain, data, batchSize: 'all', epochs: 300 }).last()
    expect(final).toBeLessThan(1e-4)
    expect(state.params.kernel.toTypedArray()[0]).toBeCloseTo(1, 1)
  })

  test('a step is the step of the formula: w - η·∇, by hand', async () => {
    const data = dataset.fromArrays([[2]], [[1]])
    const params = { kernel: tensor([[1]]) as Tensor, bias: tensor([0]) as Tensor }
    const { state, loss: before } = await fit({ ...plain, data, params, epochs: 1 }).last()
    // loss (2w + b - 1)² = 1 at w = 1, b = 0; ∂w = 2·(1)·2 = 4, ∂b = 2.
    expect(before).toBe(1)
    expect(state.params.kernel.item()).toBeCloseTo(0.6, 6)
    expect(state.params.bias.item()).toBeCloseTo(-0.2, 6)
  })

  test('the batch size makes it SGD, mini-batch or gradient descent', async () => {
    const data = linear(10)
    const stepsAt = async (batchSize: number | 'all') =>
      (await fit({ ...plain, data, batchSize, epochs: 2 }).last()).step
    expect(await Promise.all([stepsAt(1), stepsAt(4), stepsAt('all')])).toEqual([20, 6, 2])
  })

  test('reports the data loss and each penalty apart, and their sum', async () => {
    const data = linear()
    const penalty = combine(l1(0.1), l2(0.2))
    const epoch = await fit({
      ...plain,
      data,
      penalty,
      epochs: 2,
      terms: { zero: () => tensor(0.25) as Tensor },
    }).last()
    const [w] = [epoch.state.params.kernel.toTypedArray()]
    const [one, two] = [
      Math.abs(w[0]!) + Math.abs(w[1]!) + Math.abs(w[2]!),
      w[0]! ** 2 + w[1]! ** 2 + w[2]! ** 2,
    ]
    expect(epoch.penalties.map((row) => row.term)).toEqual(['l1(0.1)', 'l2(0.2)'])
    expect(epoch.penalties[0]!.value).toBeCloseTo(0.1 * one, 5)
    expect(epoch.penalties[1]!.value).toBeCloseTo(0.1 * two, 5)
    expect(epoch.terms.zero).toBe(0.25)
    expect(epoch.objective).toBeCloseTo(epoch.loss + 0.25 + epoch.penalty, 6)
  })

  test('means over an epoch weigh the last, smaller batch by its size', async () => {
    const data = dataset.fromArrays([[1], [1], [1]], [[0], [0], [3]])
    const params = { kernel: tensor([[0]]) as Tensor, bias: tensor([0]) as Tensor }
    const frozen = { ...plain, optimizer: sgd({ learningRate: 0 }) }
    const source = dataset.batches(data, { size: 2, shuffle: false })
    const epoch = await fit({ ...frozen, params, data: source, epochs: 1, metrics: { mae: loss.mae } }).last()
    expect([epoch.loss, epoch.metrics.mae]).toEqual([3, 1])
  })

  test('the same key gives the same run, another key another', async () => {
    const run = async (key: Tensor) => bits((await fit({ ...everything(), key }).last()).state)
    const first = await run(random.key(3))
    expect(await run(random.key(3))).toEqual(first)
    expect(await run(random.key(4))).not.toEqual(first)
  })

  test('steps() is the same run, step by step', async () => {
    const options = { ...everything(), epochs: 2 }
    const steps = await collect(fit(options).steps())
    const epochs = await collect(fit(options))
    expect(steps.map(({ epoch, batch, step, batches }) => [epoch, batch, step, batches])).toEqual(
      Array.from({ length: 8 }, (_, i) => [1 + (i >> 2), 1 + (i % 4), i + 1, 4]),
    )
    const sizes = [6, 6, 6, 2]
    const mean = steps.slice(0, 4).reduce((t, { loss }, i) => t + loss * sizes[i]!, 0) / 20
    expect(mean).toBeCloseTo(epochs[0]!.loss, 10)
  })

  test('states that were handed out keep their values while the run goes on', async () => {
    const seen: (readonly [Epoch, unknown])[] = []
    for await (const epoch of fit(everything())) seen.push([epoch, bits(epoch.state)])
    for (const [epoch, then] of seen) expect(bits(epoch.state)).toEqual(then)
  })

  test('optimisers that look around get the objective', async () => {
    const optimizer = chain(sam(0.05), sgd({ learningRate: 0.1 }))
    const epoch = await fit({ ...plain, optimizer, data: linear(), batchSize: 5, epochs: 20 }).last()
    expect(epoch.loss).toBeLessThan(0.2)
  })

  test('reads async streams, a new one in each epoch', async () => {
    const asked: number[] = []
    const data = dataset.stream(async function* ({ epoch }) {
      asked.push(epoch)
      for (let i = 0; i < 3; i++) yield { x: tensor([[i]]) as Tensor, y: tensor([[2 * i]]) as Tensor }
    })
    const { step } = await fit({ ...plain, data, epochs: 2 }).last()
    expect([asked, step]).toEqual([[1, 2], 6])
  })

  test('says where the first gradient is that is not finite', async () => {
    const data = dataset.fromArrays([[1], [1], [Number.NaN], [1]], [[0], [0], [0], [0]])
    const source = dataset.batches(data, { size: 1, shuffle: false })
    const { gradientHealth } = await fit({ ...plain, data: source, epochs: 1 }).last()
    expect(gradientHealth.verdict).toBe('exploding')
    expect(gradientHealth.nonFinite).toEqual({ path: 'kernel', step: 3 })
    expect(gradientHealth.explain()).toMatch(/gradient of kernel is not finite at step 3/)
  })
})

describe('resume', () => {
  test('from every step of a run, bit for bit', async () => {
    const states: TrainState[] = []
    const spy: Callback = {
      name: 'spy',
      onStep: ({ state }) => {
        if (states.length < 12) states.push(state())
      },
    }
    const whole = bits((await fit({ ...everything(), callbacks: [spy] }).last()).state)
    expect(states).toHaveLength(12)
    for (const state of [...states]) {
      const last = await fit({ ...everything(), callbacks: [spy], resume: state as never }).last()
      expect(bits(last.state)).toEqual(whole)
    }
  })

  test('the summary of a resumed epoch is that of the whole one', async () => {
    let half: TrainState | undefined
    const spy: Callback = {
      name: 'spy',
      onStep: ({ step, state }) => {
        if (step === 6) half = state()
      },
    }
    const rest = ({ seconds, state, ...summary }: Epoch) => JSON.stringify(summary)
    const whole = (await collect(fit({ ...everything(), callbacks: [spy] }))).map(rest)
    const resumed = (await collect(fit({ ...everything(), callbacks: [spy], resume: half as never }))).map(
      rest,
    )
    expect(resumed).toEqual(whole.slice(1))
  })

  test('a run that is over has nothing to do', async () => {
    const { state } = await fit(everything()).last()
    expect(await collect(fit({ ...everything(), resume: state }))).toEqual([])
    await expect(fit({ ...everything(), resume: state }).last()).rejects.toThrow(/a run that is over/)
  })

  test('more epochs go on where fewer ended', async () => {
    const { state } = await fit({ ...everything(), epochs: 2 }).last()
    const last = await fit({ ...everything(), resume: state }).last()
    expect(bits(last.state)).toEqual(bits((await fit(everything()).last()).state))
  })

  test('a state of another model is refused', async () => {
    const { state } = await fit({ ...plain, data: linear(), epochs: 1 }).last()
    const other = { ...plain, model: dense(2), data: linear(), epochs: 2, resume: state }
    await expect(fit(other).last()).rejects.toThrow(/kernel \[3, 1\] where the model has kernel \[3, 2\]/)
  })

  test('a state with memories of callbacks that are not there is refused', async () => {
    const options = { ...everything(), epochs: 1 }
    const { state } = await fit({ ...options, callbacks: [earlyStopping()] }).last()
    const again = fit({ ...options, epochs: 2, resume: state })
    await expect(again.last()).rejects.toThrow(/memory of earlyStopping, which is not among the callbacks/)
  })
})

describe('the end of a run', () => {
  const rising = (after: number) => {
    // A learning rate too large: the loss falls, then the noise of single examples takes over.
    let n = 0
    return () => (n++ < after ? 10 - n : 10 + n)
  }

  test('earlyStopping stops, says why, and puts the best parameters back', async () => {
    const monitor = rising(3)
    const stopper = earlyStopping({ patience: 2, restoreBest: true, monitor })
    const epochs = await collect(fit({ ...everything(), epochs: 50, callbacks: [stopper] }))
    expect(epochs).toHaveLength(5)
    expect(epochs[4]!.stopped).toMatch(/no improvement for 2 epochs; the best was epoch 3/)
    const same = (a: unknown, b: unknown) =>
      expect(bits({ ...epochs[0]!.state, ...(a as object) })).toEqual(
        bits({ ...epochs[0]!.state, ...(b as object) }),
      )
    const pick = ({ params, layers }: TrainState<unknown, unknown, unknown>) => ({ params, layers })
    same(pick(epochs[4]!.state), pick(epochs[2]!.state))
    expect(epochs[4]!.state.stopped).toBe(epochs[4]!.stopped)
  })

  test('restoreBest also acts where the epochs run out first', async () => {
    const stopper = earlyStopping({ patience: 9, restoreBest: true, monitor: rising(1) })
    const epochs = await collect(fit({ ...everything(), callbacks: [stopper] }))
    expect(tree.leaves(epochs[2]!.state.params)[0]!.toArray()).toEqual(
      tree.leaves(epochs[0]!.state.params)[0]!.toArray(),
    )
    expect(epochs[2]!.stopped).toBeUndefined()
  })

  test('an aborted signal ends it between two steps, with its reason', async () => {
    const abort = new AbortController()
    const ends: string[] = []
    const spy: Callback = {
      name: 'spy',
      onStep: ({ step }) => {
        if (step === 5) abort.abort(new Error('enough'))
      },
      onEnd: ({ how, state }) => {
        ends.push(`${how} ${state().step}`)
      },
    }
    const run = fit({ ...everything(), callbacks: [spy], signal: abort.signal })
    await expect(run.last()).rejects.toThrow('enough')
    expect(ends).toEqual(['aborted 5'])
  })

  test('a timer can abort a run of synchronous steps', async () => {
    const signal = AbortSignal.timeout(100)
    await expect(fit({ ...everything(), epochs: 1e6, signal }).last()).rejects.toThrow(/timeout/i)
  })

  test('leaving the loop tells the callbacks, and closes the data', async () => {
    const ends: string[] = []
    let closed = 0
    const data = dataset.stream(async function* () {
      try {
        for (;;) yield { x: tensor([[1]]) as Tensor, y: tensor([[1]]) as Tensor }
      } finally {
        closed++
      }
    })
    const spy: Callback = { name: 'spy', onEnd: ({ how }) => void ends.push(how) }
    for await (const { step } of fit({ ...plain, data, epochs: 2, callbacks: [spy] }).steps())
      if (step === 3) break
    expect([ends, closed]).toEqual([['left'], 1])
  })
})

describe('what cannot work is refused', () => {
  const data = linear()
  test.each([
    ['epochs', { data, epochs: 0 }, /epochs is 0/],
    ['the batch size', { data, epochs: 1, batchSize: 0 }, /batch size is 0/],
    ['data of another kind', { data: 5 as never, epochs: 1 }, /data is neither/],
    ['no batches', { data: dataset.stream(() => []), epochs: 1 }, /epoch 1 has no batches/],
    [
      'a second epoch of a generator',
      {
        data: (function* () {
          yield { x: data.x, y: data.y }
        })(),
        epochs: 2,
      },
      /generator, which can be read once/,
    ],
    [
      'a watched validation loss that is not there',
      { data, epochs: 1, callbacks: [earlyStopping()] },
      /no validation loss to watch/,
    ],
  ] as const)('%s', async (_, options, message) => {
    await expect(fit({ ...plain, ...options } as never).last()).rejects.toThrow(message)
  })

  test('shapes that do not fit name the layer', async () => {
    const model = sequential({ head: dense(2) })
    await expect(fit({ ...plain, model, data, epochs: 1 }).last()).rejects.toThrow(/mse: predictions/)
  })

  test('one number for each example, for a model of one output, is told to be a column', async () => {
    const flat = dataset.fromArrays([[1], [2]], [1, 2])
    await expect(fit({ ...plain, data: flat, epochs: 1 }).last()).rejects.toThrow(
      'mse: predictions [2, 1] and targets [2] differ. The model has one output for each example: give the targets as a column too',
    )
    const column = dataset.fromArrays([[1], [2]], [[1], [2]])
    expect((await fit({ ...plain, data: column, epochs: 1 }).last()).step).toBe(1)
  })
})

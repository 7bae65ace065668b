import { cast, grad, matmul, random, relu, type Tensor, tree } from '@cotangent/core'
import { accuracy, activation, batchNorm, dense, init, type Layer, loss, sequential } from '@cotangent/nn'
import { sgd } from '@cotangent/optim'
import { evaluate, figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { mean, spread } from './support/stats.js'
import { lower } from './support/verdict.js'

const DEPTH = 10
const RATES = [1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1]
type Kind = 'plain' | 'batch norm'
const KINDS: readonly Kind[] = ['plain', 'batch norm']
/** Where ⟨w, ∇L⟩ is looked at: the ε of the variance is what keeps it from being 0. */
const LENGTHS: readonly (readonly [string, Kind, number])[] = [
  ['plain', 'plain', 0],
  ['batch norm, ε = 1e-5', 'batch norm', 1e-5],
  ['batch norm, ε = 1e-12', 'batch norm', 1e-12],
]
/** Trained is what makes fewer errors on the test part than this, in per cent, with every seed. */
const TRAINED = 15

/** Ten hidden layers of relu with He's weights, with or without a normalisation before each relu. */
const deep = (width: number, kind: Kind, epsilon = 1e-5) => {
  const block = (): readonly Layer<never, never>[] =>
    [
      dense(width, { kernelInit: init.heNormal, bias: kind === 'plain' }),
      ...(kind === 'plain' ? [] : [batchNorm({ epsilon })]),
      activation((x: Tensor) => relu(x) as Tensor),
    ] as unknown as readonly Layer<never, never>[]
  return sequential([
    ...Array.from({ length: DEPTH }, block).flat(),
    dense(10) as unknown as Layer<never, never>,
  ]) as unknown as Layer<
    readonly Readonly<Record<string, Tensor>>[],
    readonly Readonly<Record<string, Tensor>>[]
  >
}

const double = <T>(t: T): T => tree.map((x: Tensor) => cast(x, 'float64') as Tensor, t) as T

/** ⟨w, ∇L⟩ of every hidden unit, w the weights into it, for one batch and fresh parameters. */
export const productsOf = (kind: Kind, width: number, seed: number, epsilon?: number): readonly number[] => {
  const { train } = parts(seed, { train: 50, noise: 0 })
  const model = deep(width, kind, epsilon)
  const fresh = model.init(random.key(seed), train.x.shape)
  const [params, state] = [double(fresh.params), double(fresh.state)]
  const x = cast(train.x, 'float64') as Tensor
  const slopes = grad((p: typeof params) =>
    loss.softmaxCrossEntropy(model.apply(p, state, x, { train: true }).y, train.y),
  )(params)
  const kernels = params.flatMap(({ kernel }, i) =>
    kernel === undefined ? [] : [[kernel, slopes[i]!.kernel!]],
  )
  return kernels.slice(0, -1).flatMap(([w, g]) => {
    const units = w!.shape[1]!
    const [ws, gs] = [w!.toTypedArray(), g!.toTypedArray()]
    return Array.from({ length: units }, (_, j) => {
      let product = 0
      for (let i = j; i < ws.length; i += units) product += ws[i]! * gs[i]!
      return product
    })
  })
}

/** How far the running statistics of the first layer are, after one batch, from 0.9·before + 0.1·(mean, unbiased variance). */
const runningOff = (width: number, seed: number): number => {
  const { train } = parts(seed, { train: 50, noise: 0 })
  const model = deep(width, 'batch norm')
  const { params, state } = model.init(random.key(seed), train.x.shape)
  const next = model.apply(params, state, train.x, { train: true }).state[1]!
  const z = (matmul(train.x, params[0]!.kernel!) as Tensor).toTypedArray()
  const [m, v] = [next.mean!.toTypedArray(), next.variance!.toTypedArray()]
  return Math.max(
    ...Array.from(m, (_, j) => {
      const column = Array.from({ length: 50 }, (_, i) => z[i * width + j]!)
      const centre = mean(column)
      const variance = column.reduce((s, c) => s + (c - centre) ** 2, 0) / 49
      return Math.max(Math.abs(m[j]! - 0.1 * centre), Math.abs(v[j]! - (0.9 + 0.1 * variance)))
    }),
  )
}

interface Run {
  readonly kind: Kind
  readonly rate: number
  readonly seed: number
  /** The training loss of the last epoch. */
  readonly loss: number
  readonly error: number
}

const train = async (kind: Kind, rate: number, seed: number, full: boolean): Promise<Run> => {
  const data = parts(seed, { train: 500, noise: 0 })
  const plain = { model: deep(full ? 256 : 64, kind), loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const last = await fit({
    ...plain,
    optimizer: sgd({ learningRate: rate }),
    data: data.train,
    batchSize: 50,
    epochs: 30,
    key: random.key(seed),
    health: false,
  }).last()
  const { params, layers } = last.state
  const found = await evaluate(plain, params, layers, data.test)
  return { kind, rate, seed, loss: last.loss, error: 100 * (1 - found.metrics.accuracy!) }
}

/** -9 for 3e-9; what is smaller than a rounding error counts as one. */
const decade = (v: number): number => Math.floor(Math.log10(Math.max(Math.abs(v), 1e-18)))

export const normalisation: Case = {
  id: 'E11',
  title: 'Batch normalisation lets a deep network take large steps',
  claim: 'Batch normalisation speeds up training and lets the rate be larger (section 3.6).',
  setting:
    'The network of E5 with ten hidden layers of 256 and He’s weights, on 500 digits with true labels, by plain stochastic gradient descent, batches of 50, 30 epochs; learning rates from 0.001 to 1. And two laws: what the running statistics are after a batch, and ⟨w, ∇L⟩ for the weights w into each unit, which is 0 where the loss does not depend on their length.',
  lesson:
    'Without normalisation the rate has to be found within a factor of ten, and a step too far ends in what is no number. With it the length of the weights into a unit does not matter: the gradient is perpendicular to them, a large step makes them longer and the next one smaller, and rates up to 1 train. At small rates it does not speed up anything: there the plain network learns faster.',
  async run({ full, seeds, log }): Promise<Measured> {
    const rates = full ? RATES : [1e-2, 3e-2, 0.3, 1]
    const width = full ? 256 : 64
    const runs: Run[] = []
    for (const kind of KINDS)
      for (const rate of rates)
        for (const seed of seeds) {
          log?.(`${kind}, rate ${rate}, seed ${seed}`)
          runs.push(await train(kind, rate, seed, full))
        }
    const products = LENGTHS.map(([name, kind, epsilon]) => ({
      name,
      values: seeds.map((seed) => productsOf(kind, full ? 64 : 32, seed, epsilon)),
    }))
    const of = (kind: Kind, rate: number) => runs.filter((r) => r.kind === kind && r.rate === rate)
    const errors = (kind: Kind, rate: number) => of(kind, rate).map((r) => r.error)
    const losses = (kind: Kind, rate: number) => of(kind, rate).map((r) => r.loss)
    const decades = Array.from({ length: 19 }, (_, i) => i - 19)
    const share = (values: readonly (readonly number[])[], d: number) => {
      const all = values.flat()
      return (100 * all.filter((v) => decade(v) === d).length) / all.length
    }
    const lossText = (values: readonly number[]) =>
      values.every(Number.isFinite) ? spread(values, 4) : 'no number'
    return {
      head: ['learning rate', ...KINDS.flatMap((k) => [`${k}: loss`, `${k}: test error %`])],
      rows: rates.map((rate) => [
        String(rate),
        ...KINDS.flatMap((k) => [lossText(losses(k, rate)), spread(errors(k, rate))]),
      ]),
      raw: [
        ['part', 'network', 'rate', 'seed', 'loss', 'test error'],
        ...runs.map((r) => ['training', r.kind, r.rate, r.seed, r.loss, r.error]),
        ...products.flatMap(({ name, values }) =>
          values.map((v, i) => ['largest product', name, '', seeds[i]!, Math.max(...v.map(Math.abs)), '']),
        ),
        ...seeds.map((seed) => [
          'running statistics off by',
          'batch norm',
          '',
          seed,
          runningOff(width, seed),
          '',
        ]),
      ],
      figures: {
        loss: await figure.lines({
          title: 'Training loss after 30 epochs; no line where some seed ends in what is no number',
          x: { name: 'learning rate', log: true },
          y: { name: 'loss', log: true },
          lines: KINDS.map((name) => ({
            name,
            points: rates.map((rate) => [rate, mean(losses(name, rate))] as const),
          })),
          width: 760,
        }),
        error: await figure.lines({
          title: 'Test error',
          x: { name: 'learning rate', log: true },
          y: { name: 'error, %', min: 0, max: 100 },
          lines: KINDS.map((name) => ({
            name,
            points: rates.map((rate) => [rate, mean(errors(name, rate))] as const),
          })),
          width: 760,
        }),
        products: await figure.bars({
          title: '|⟨w, ∇L⟩| of the hidden units, in powers of ten',
          categories: decades.map((d) => `1e${d}`),
          y: { name: 'units, %' },
          groups: products.map(({ name, values }) => ({
            name,
            values: decades.map((d) => share(values, d)),
          })),
          width: 760,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const training = rows.where({ part: 'training' })
    const rates = training.each('rate').map(Number)
    const at = (network: Kind, rate: number) => training.where({ network, rate })
    const trains = (network: Kind, rate: number) =>
      at(network, rate)
        .of('test error')
        .every((e) => e < TRAINED)
    const largest = (network: Kind) => Math.max(...rates.filter((rate) => trains(network, rate)))
    const small = 0.01
    const best = (network: Kind) =>
      rates.map((rate) => at(network, rate).of('test error')).reduce((a, b) => (mean(b) < mean(a) ? b : a))
    const products = LENGTHS.map(([network]) =>
      Math.max(...rows.where({ part: 'largest product', network }).of('loss')),
    ) as [number, number, number]
    const off = Math.max(...rows.where({ part: 'running statistics off by' }).of('loss'))
    const [plain, normal] = [largest('plain'), largest('batch norm')]
    return [
      {
        text: `With normalisation it trains (test error below ${TRAINED} % for every seed) at a rate ten times as large`,
        measured: `up to ${normal} with, ${plain} without`,
        holds: normal >= 9.99 * plain,
      },
      {
        text: 'It speeds up training at small rates too',
        measured: `loss at ${small}: ${spread(at('plain', small).of('loss'), 2)} without, ${spread(at('batch norm', small).of('loss'), 2)} with`,
        holds: lower(at('batch norm', small).of('loss'), at('plain', small).of('loss')),
      },
      {
        text: 'At the best rate of each its test error is lower',
        measured: `${spread(best('plain'))} % without, ${spread(best('batch norm'))} % with`,
        holds: lower(best('batch norm'), best('plain'), { count: 1097 }),
      },
      {
        text: '⟨w, ∇L⟩ is below 1e-6 for every unit with normalisation, up to the ε in its variance, and not without',
        measured: `at most ${products[2].toExponential(1)} with ε = 1e-12, ${products[1].toExponential(1)} with ε = 1e-5, ${products[0].toExponential(1)} without`,
        holds: products[2] < 1e-6 && products[0] > 1e-6,
      },
      {
        text: 'A batch moves the running statistics to 0.9 of what they were and 0.1 of its mean and unbiased variance',
        measured: `off by ${off.toExponential(1)}`,
        holds: off < 1e-5,
      },
    ]
  },
}

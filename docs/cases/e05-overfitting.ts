import { argmax, random, type Tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam, adamw } from '@cotangent/optim'
import { type Functional, l1, l2, maxNorm, on, type Penalty } from '@cotangent/regularize'
import { augment, type dataset, evaluate, figure, fit } from '@cotangent/train'
import type { Case, Effort, Outcome } from './support/case.js'
import { network, parts } from './support/digits.js'
import { mean, spread } from './support/stats.js'

type Options = Parameters<typeof fit>[0]

/** One cure for overfitting. What is left out is as without any. */
interface Method {
  readonly name: string
  /** The test error that was measured elsewhere with the same protocol, in per cent. */
  readonly pilot: number
  readonly penalty?: Functional | Penalty
  readonly optimizer?: Options['optimizer']
  readonly drop?: readonly [number, number, number]
  readonly augment?: Options['augment']
  readonly smoothing?: number
  readonly stop?: boolean
}

const LEARNING_RATE = 1e-3
const kernels = '*/kernel'

const METHODS: readonly Method[] = [
  { name: 'none', pilot: 22.5 },
  { name: 'L2 in the loss, 0.01', pilot: 9.6, penalty: on(kernels, l2(1e-2), { mode: 'coupled' }) },
  {
    name: 'AdamW, decay 1',
    pilot: 19.1,
    optimizer: adamw({ learningRate: LEARNING_RATE, weightDecay: 1 }),
  },
  { name: 'L1 by prox, Euclidean, 0.2', pilot: 15.9, penalty: on(kernels, l1(0.2), { mode: 'decoupled' }) },
  { name: 'max-norm 1.5', pilot: 18.7, penalty: on(kernels, maxNorm(1.5, { axis: 0 })) },
  { name: 'dropout 0.2/0.5/0.5', pilot: 6.8, drop: [0.2, 0.5, 0.5] },
  { name: 'input noise 0.2', pilot: 12.9, augment: augment.noise({ std: 0.2 }) },
  { name: 'shift by a pixel', pilot: 10.9, augment: augment.asImages([8, 8], augment.shift({ max: 1 })) },
  { name: 'mixup 0.4', pilot: 18.9, augment: augment.mixup({ alpha: 0.4, classes: 10 }) },
  { name: 'label smoothing 0.1', pilot: 20.8, smoothing: 0.1 },
  { name: 'early stopping', pilot: 11.8, stop: true },
]

interface Run {
  readonly method: string
  readonly seed: number
  readonly testError: number
  /** Of the training images against their true labels. */
  readonly trainError: number
  /** The share of wrong labels that were learnt by heart. */
  readonly memorised: number
  readonly norm: number
  readonly zeros: number
  readonly curve: readonly { readonly epoch: number; readonly train: number; readonly validation: number }[]
}

const weightsOf = (params: Readonly<Record<string, unknown>>): readonly number[] =>
  Object.values(params).flatMap((layer) => {
    const { kernel } = layer as { readonly kernel?: Tensor }
    return kernel === undefined ? [] : [...kernel.toTypedArray()]
  })

/** One training run. The validation part chooses the epoch of early stopping and nothing else. */
export const runMethod = async (
  method: Method,
  seed: number,
  {
    train,
    noise,
    width,
    epochs,
  }: { readonly train: number; readonly noise: number; readonly width: number; readonly epochs: number },
): Promise<Run> => {
  const data = parts(seed, { train, noise })
  const model = network(width, method.drop)
  const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const curve: { epoch: number; train: number; validation: number }[] = []
  let best = { error: Number.POSITIVE_INFINITY, state: undefined as unknown }
  let last: unknown
  const run = fit({
    ...plain,
    loss: (y, labels) => loss.softmaxCrossEntropy(y, labels, { labelSmoothing: method.smoothing ?? 0 }),
    ...(method.penalty !== undefined && { penalty: method.penalty }),
    optimizer: (method.optimizer ?? adam({ learningRate: LEARNING_RATE })) as ReturnType<typeof adam>,
    ...(method.augment !== undefined && { augment: method.augment }),
    data: data.train,
    validation: data.validation,
    epochs,
    batchSize: 50,
    key: random.key(seed),
    health: false,
  })
  type State = Awaited<ReturnType<typeof run.last>>['state']
  const errorOn = async (state: State, on: ReturnType<typeof dataset.fromArrays>): Promise<number> =>
    100 * (1 - (await evaluate(plain, state.params, state.layers, on)).metrics.accuracy!)
  for await (const epoch of run) {
    const validation = 100 * (1 - epoch.validation!.metrics.accuracy!)
    curve.push({ epoch: epoch.epoch, train: 100 * (1 - epoch.metrics.accuracy!), validation })
    if (epoch.validation!.loss < best.error) best = { error: epoch.validation!.loss, state: epoch.state }
    last = epoch.state
  }
  const state = (method.stop ? best.state : last) as State
  const learnt = model.apply(state.params, state.layers, data.train.x, { train: false }).y
  const wrongRows = new Set(data.wrong)
  const predicted = argmax(learnt, { axis: -1 }).toTypedArray()
  const given = data.train.y.toTypedArray()
  const memorised = [...wrongRows].filter((i) => predicted[i] === given[i]).length
  const weights = weightsOf(state.params)
  return {
    method: method.name,
    seed,
    testError: await errorOn(state, data.test),
    trainError: await errorOn(state, data.clean),
    memorised: data.wrong.length === 0 ? 0 : (100 * memorised) / data.wrong.length,
    norm: Math.sqrt(weights.reduce((s, w) => s + w * w, 0)),
    zeros: (100 * weights.filter((w) => w === 0).length) / weights.length,
    curve,
  }
}

/** The protocol with and without noise in the labels: E5 and E5b. */
export const compare = async (
  { full, seeds, log }: Effort,
  setting: { readonly train: number; readonly noise: number },
  names: readonly string[] | undefined,
) => {
  const size = full ? { width: 256, epochs: 120 } : { width: 64, epochs: 60 }
  const methods = METHODS.filter(({ name }) => names === undefined || names.includes(name))
  const runs: Run[] = []
  for (const method of methods)
    for (const seed of seeds) {
      log?.(`${method.name}, seed ${seed}`)
      runs.push(await runMethod(method, seed, { ...setting, ...size }))
    }
  const of = (name: string, value: (run: Run) => number) =>
    runs.filter((run) => run.method === name).map(value)
  return { runs, of, methods }
}

export const overfitting: Case = {
  id: 'E5',
  title: 'Overfitting, and eleven cures',
  claim: 'Regularisation prevents overfitting (the whole of the article’s chapter 3).',
  setting:
    '500 digits to train, of which 30 % have a label drawn anew, 200 to validate, 1097 to test. A network 64-256-256-10 with relu, Adam at 0.001, batches of 50, 120 epochs.',
  lesson:
    'Without a cure the network learns the wrong labels by heart. What disturbs the network while it trains (dropout, noise, shifts), a strong penalty in the loss and stopping early all help; dropout helps most. Decay that is decoupled from the gradient is weak at this strength, and so is label smoothing: they do not know which labels are wrong.',
  async run(effort): Promise<Outcome> {
    const fast = ['none', 'L2 in the loss, 0.01', 'dropout 0.2/0.5/0.5', 'early stopping']
    const { runs, of, methods } = await compare(
      effort,
      { train: 500, noise: 0.3 },
      effort.full ? undefined : fast,
    )
    const test = (name: string) => mean(of(name, (run) => run.testError))
    const names = methods.map(({ name }) => name)
    const first = (name: string) => runs.find((run) => run.method === name)!
    const shown = names.filter((name) =>
      ['none', 'L2 in the loss, 0.01', 'dropout 0.2/0.5/0.5'].includes(name),
    )
    return {
      head: ['method', 'test error %', 'elsewhere %', 'wrong labels learnt %', '‖W‖', 'zeros %'],
      rows: methods.map(({ name, pilot }) => [
        name,
        spread(of(name, (run) => run.testError)),
        pilot.toFixed(1),
        spread(of(name, (run) => run.memorised)),
        spread(of(name, (run) => run.norm)),
        spread(of(name, (run) => run.zeros)),
      ]),
      raw: [
        ['method', 'seed', 'test error', 'train error, true labels', 'memorised', 'norm', 'zeros'],
        ...runs.map((r) => [r.method, r.seed, r.testError, r.trainError, r.memorised, r.norm, r.zeros]),
      ],
      figures: {
        errors: await figure.bars({
          title: 'Test error, 30 % of the training labels drawn anew',
          categories: names,
          y: { name: 'test error, %' },
          groups: [
            {
              name: 'test error',
              values: names.map(test),
              errors: names.map((name) => Math.sqrt(mean(of(name, (r) => (r.testError - test(name)) ** 2)))),
            },
          ],
          width: 760,
          height: 380,
        }),
        curves: await figure.lines({
          title: 'Error while training, one seed',
          x: { name: 'epoch', min: 1 },
          y: { name: 'error, %' },
          lines: shown.flatMap((name, i) => [
            {
              name: `${name}: training`,
              colour: i,
              dashed: true,
              points: first(name).curve.map((p) => [p.epoch, p.train] as const),
            },
            {
              name: `${name}: validation`,
              colour: i,
              points: first(name).curve.map((p) => [p.epoch, p.validation] as const),
            },
          ]),
          width: 760,
          height: 380,
        }),
      },
      claims: [
        {
          text: 'Without a cure the network learns most of the wrong labels by heart',
          measured: `${mean(of('none', (r) => r.memorised)).toFixed(0)} % of them`,
          holds: mean(of('none', (r) => r.memorised)) > 60,
        },
        ...names
          .filter((name) => name !== 'none')
          .map((name) => ({
            text: `${name} lowers the test error`,
            measured: `${test('none').toFixed(1)} % to ${test(name).toFixed(1)} %`,
            holds: test(name) < test('none'),
          })),
        {
          text: 'dropout is the best of them',
          measured: names.map((name) => `${name} ${test(name).toFixed(1)}`).join(', '),
          holds: names.every((name) => test('dropout 0.2/0.5/0.5') <= test(name)),
        },
      ],
    }
  },
}

export const withoutNoise: Case = {
  id: 'E5b',
  title: 'The same without wrong labels',
  claim: 'The control: regularisation helps where there is something to overfit to.',
  setting: '200 digits to train with the labels they have; all else as in E5.',
  lesson:
    'With true labels and as little as 200 examples most cures are within the spread of doing nothing. A method that is shown on clean data alone shows little.',
  async run(effort): Promise<Outcome> {
    const chosen = ['none', 'dropout 0.2/0.5/0.5', 'label smoothing 0.1', 'shift by a pixel', 'mixup 0.4']
    const pilots: Readonly<Record<string, number>> = {
      none: 6.35,
      'dropout 0.2/0.5/0.5': 6.06,
      'label smoothing 0.1': 5.25,
      'shift by a pixel': 6.61,
      'mixup 0.4': 7.06,
    }
    const { runs, of, methods } = await compare(
      effort,
      { train: 200, noise: 0 },
      effort.full ? chosen : chosen.slice(0, 2),
    )
    const test = (name: string) => mean(of(name, (run) => run.testError))
    const names = methods.map(({ name }) => name)
    const gap = Math.max(...names.map((name) => Math.abs(test(name) - test('none'))))
    return {
      head: ['method', 'test error %', 'elsewhere %'],
      rows: names.map((name) => [name, spread(of(name, (r) => r.testError)), pilots[name]!.toFixed(2)]),
      raw: [['method', 'seed', 'test error'], ...runs.map((r) => [r.method, r.seed, r.testError])],
      figures: {},
      claims: [
        {
          text: 'no cure moves the error by as much as 3 points',
          measured: `at most ${gap.toFixed(1)} points`,
          holds: gap < 3,
        },
      ],
    }
  },
}

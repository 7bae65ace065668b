import { argmax, random, type Tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam, adamw } from '@cotangent/optim'
import { type Functional, l1, l2, maxNorm, on, type Penalty } from '@cotangent/regularize'
import { augment, type dataset, evaluate, fit } from '@cotangent/train'
import type { Effort } from './case.js'
import { network, parts } from './digits.js'

type Options = Parameters<typeof fit>[0]

/** One cure for overfitting. What is left out is as without any. */
export interface Method {
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

/** The cures that are compared. */
export const METHODS: readonly Method[] = [
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

/** What a run came to; errors and shares in per cent. */
export interface Run {
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
  const size = { width: full ? 256 : 128, epochs: full ? 120 : 80 }
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

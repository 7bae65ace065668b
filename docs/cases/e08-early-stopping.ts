import { linalg, matmul, random, type Tensor, transpose } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { earlyStopping, evaluate, figure, fit, prechelt, stopsAt } from '@cotangent/train'
import { agreement } from './support/agreement.js'
import type { Case, Measured } from './support/case.js'
import { diabetes } from './support/diabetes.js'
import { network, parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { mean, spread } from './support/stats.js'
import { every, lower } from './support/verdict.js'

const CRITERIA = {
  'GL 1': prechelt.gl(1),
  'GL 5': prechelt.gl(5),
  'PQ 0.5': prechelt.pq(0.5),
  'PQ 2': prechelt.pq(2),
  'UP 2': prechelt.up(2),
  'UP 4': prechelt.up(4),
  'patience 3': earlyStopping({ patience: 3 }),
  'patience 10': earlyStopping({ patience: 10 }),
} as const

const NONE = 'none'
/** A criterion and a more patient one of its kind. */
const PAIRS = [
  ['GL 1', 'GL 5'],
  ['PQ 0.5', 'PQ 2'],
  ['UP 2', 'UP 4'],
  ['patience 3', 'patience 10'],
] as const

interface Curve {
  readonly training: readonly number[]
  readonly validation: readonly number[]
  /** Test error in per cent. */
  readonly test: readonly number[]
}

/** The run of E5 without a cure, measured after each epoch. */
const curveOf = async (seed: number, full: boolean): Promise<Curve> => {
  const data = parts(seed, { train: 500, noise: 0.3 })
  const model = network(full ? 256 : 128)
  const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const [training, validation, test]: [number[], number[], number[]] = [[], [], []]
  const run = fit({
    ...plain,
    optimizer: adam({ learningRate: 1e-3 }),
    data: data.train,
    validation: data.validation,
    epochs: full ? 120 : 80,
    batchSize: 50,
    key: random.key(seed),
    health: false,
  })
  for await (const epoch of run) {
    training.push(epoch.loss)
    validation.push(epoch.validation!.loss)
    test.push(
      100 *
        (1 - (await evaluate(plain, epoch.state.params, epoch.state.layers, data.test)).metrics.accuracy!),
    )
  }
  return { training, validation, test }
}

export const stopping: Case = {
  id: 'E8',
  title: 'When to stop',
  claim: 'Early stopping prevents overfitting (3.7.1; the article has its rule reversed in 3.7.2).',
  setting:
    'The network of E5 without any other cure, measured after every epoch; the criteria are judged on the curves, and the parameters of the best epoch so far are taken. And gradient descent on the diabetes data, whose every step is a filter of the singular values.',
  lesson:
    'Stopping where the validation loss turns takes most of the damage away, and costs nothing but a validation part. Slower criteria train longer for little. For least squares t steps of gradient descent are ridge regression with μ near 1/(ηt): stopping early is a penalty.',
  async run({ full, seeds, log }): Promise<Measured> {
    const curves: Curve[] = []
    for (const seed of seeds) {
      log?.(`seed ${seed}`)
      curves.push(await curveOf(seed, full))
    }
    const last = curves.map(({ test }) => test.at(-1)!)
    const rows = Object.entries(CRITERIA).map(([name, criterion]) => {
      const stops = curves.map(
        (curve) => stopsAt(criterion as (typeof CRITERIA)['GL 1'], curve) ?? curve.test.length,
      )
      const errors = curves.map(({ validation, test }, i) => {
        const seen = validation.slice(0, stops[i])
        return test[seen.indexOf(Math.min(...seen))]!
      })
      return { name, stops, errors }
    })

    // GD on ½RSS from 0: filter 1 - (1 - ησ²)^t; ridge: σ²/(σ² + μ).
    const { X } = await diabetes()
    const sigmas = [
      ...(linalg.eigvalsh(matmul(transpose(X), X) as Tensor) as Tensor).toTypedArray(),
    ].reverse()
    const eta = 0.9 / sigmas[0]!
    const filters = [3, 30, 300].map((t) => {
      const mu = 1 / (eta * t)
      return { t, descent: sigmas.map((s) => 1 - (1 - eta * s) ** t), ridge: sigmas.map((s) => s / (s + mu)) }
    })
    const first = curves[0]!
    return {
      head: ['criterion', 'stops at epoch', 'test error %', 'cost against all epochs'],
      rows: [
        ...rows.map(({ name, stops, errors }) => [
          name,
          spread(stops, 0),
          spread(errors),
          (mean(stops) / first.test.length).toFixed(2),
        ]),
        ['none', String(first.test.length), spread(last), '1.00'],
      ],
      raw: [
        ['criterion', 'seed', 'stop', 'test error', 'of descent', 'of ridge'],
        ...rows.flatMap((r) => r.stops.map((s, i) => [r.name, seeds[i]!, s, r.errors[i]!, '', ''])),
        ...last.map((error, i) => [NONE, seeds[i]!, first.test.length, error, '', '']),
        ...filters.flatMap(({ t, descent, ridge }) =>
          descent.map((d, i) => ['filter', t, '', '', d, ridge[i]!]),
        ),
      ],
      figures: {
        curve: await figure.lines({
          title: 'One seed: losses, and where the criteria stop',
          x: { name: 'epoch', min: 1 },
          y: { name: 'loss' },
          lines: [
            { name: 'training', points: first.training.map((v, i) => [i + 1, v] as const) },
            { name: 'validation', points: first.validation.map((v, i) => [i + 1, v] as const) },
          ],
          marks: rows
            .filter((r) => ['GL 5', 'UP 4', 'patience 10'].includes(r.name))
            .map((r) => ({ at: r.stops[0]!, label: r.name })),
          width: 760,
          height: 360,
        }),
        filter: await figure.lines({
          title: 'What is kept of each direction: t steps against ridge with μ = 1/(ηt)',
          x: { name: 'singular value squared', log: true },
          y: { name: 'kept', min: 0, max: 1 },
          lines: filters.flatMap(({ t, descent, ridge }, i) => [
            { name: `${t} steps`, colour: i, points: sigmas.map((s, k) => [s, descent[k]!] as const) },
            {
              name: `ridge for ${t}`,
              colour: i,
              dashed: true,
              points: sigmas.map((s, k) => [s, ridge[k]!] as const),
            },
          ]),
          width: 760,
          height: 360,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const errors = (criterion: string) => rows.where({ criterion }).of('test error')
    const stop = (criterion: string) => mean(rows.where({ criterion }).of('stop'))
    const names = Object.keys(CRITERIA)
    const filter = rows.where({ criterion: 'filter' })
    const [descent, ridge] = [filter.of('of descent'), filter.of('of ridge')]
    const apart = Math.max(...descent.map((d, i) => Math.abs(d - ridge[i]!)))
    const change = (share: number): string =>
      Math.abs(share) < 0.005
        ? 'the same'
        : `${share > 0 ? 'lower' : 'higher'} by ${Math.abs(100 * share).toFixed(0)} %`
    const order = PAIRS.map(([a, b]) => ({ a, b, ratio: stop(b) / stop(a) }))
    const gain = PAIRS.map(([a, b]) => 1 - mean(errors(b)) / mean(errors(a)))
    return [
      {
        text: 'Every criterion is better than none',
        measured: `${names.map((name) => mean(errors(name)).toFixed(1)).join(', ')} % for ${spread(errors(NONE))} %`,
        holds: every(names.map((name) => lower(errors(name), errors(NONE), { count: 1097 }))),
      },
      {
        text: 'The more patient of two criteria of a kind stops later',
        measured: names.map((name) => `${name}: ${stop(name).toFixed(0)}`).join(', '),
        holds: order.every(({ ratio }) => ratio >= 1),
      },
      {
        text: 'More patience buys a lower error (Prechelt: 4 % for 4 times the epochs)',
        measured: PAIRS.map(
          ([a, b], i) =>
            `${a} to ${b}: error ${change(gain[i]!)} for ${order[i]!.ratio.toFixed(1)} times the epochs`,
        ).join('; '),
        holds: every(PAIRS.map(([a, b]) => lower(errors(b), errors(a), { count: 1097 }))),
      },
      {
        text: 'The filter of t steps of descent is that of ridge with μ = 1/(ηt), up to 0.3',
        measured: `they differ by ${apart.toFixed(2)} at most`,
        holds: apart < 0.31,
      },
      ...agreement([{ name: 'patience 10', pilot: 11.8, values: errors('patience 10') }]),
    ]
  },
}

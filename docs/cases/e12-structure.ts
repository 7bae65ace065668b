import { mul, random, type Tensor, tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { combine, groupLasso, l2, on } from '@cotangent/regularize'
import { type dataset, evaluate, figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { network, parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { mean, spread } from './support/stats.js'

type Dataset = ReturnType<typeof dataset.fromArrays>
const PIXELS = 64

/** Pixels with a weight that is not zero. */
const livePixels = (kernel: Tensor): readonly boolean[] => {
  const width = kernel.shape[1]!
  const w = kernel.toTypedArray()
  return Array.from({ length: PIXELS }, (_, i) => w.subarray(i * width, (i + 1) * width).some((v) => v !== 0))
}

/** What a sensor that has only these pixels sees. */
const through = (live: readonly boolean[], data: Dataset): Dataset => {
  const mask = tensor(Float32Array.from(live, (on) => (on ? 1 : 0))) as Tensor
  return { ...data, x: mul(data.x, mask) as Tensor }
}

interface Run {
  readonly strength: number
  readonly seed: number
  readonly live: readonly boolean[]
  /** Test error of the network with the penalty, and of one that was trained anew on what is left, in per cent. */
  readonly error: number
  readonly again: number
  /** Pixels that never carry ink and are in use. */
  readonly blank: number
}

const train = async (strength: number, seed: number): Promise<Run> => {
  const { train, test } = parts(seed, { train: 500, noise: 0 })
  const ink = train.x.toTypedArray()
  const blank = Array.from({ length: PIXELS }, (_, k) => ink.every((v, i) => i % PIXELS !== k || v === 0))
  const model = network(64)
  const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const shared = { ...plain, key: random.key(seed), health: false } as const
  const { state } = await fit({
    ...shared,
    penalty: combine(
      on('one/kernel', groupLasso(strength, { groups: 'perUnitIn' })),
      on('two/kernel', l2(0.01)),
      on('head/kernel', l2(0.01)),
    ),
    optimizer: adam({ learningRate: 3e-3 }),
    data: train,
    batchSize: 'all',
    epochs: 600,
  }).last()
  const live = livePixels(state.params.one.kernel)
  const errorOf = async ({ params, layers }: typeof state, data: Dataset) =>
    100 * (1 - (await evaluate(plain, params, layers, data)).metrics.accuracy!)
  const anew = await fit({
    ...shared,
    optimizer: adam({ learningRate: 1e-3 }),
    data: through(live, train),
    batchSize: 50,
    epochs: 80,
  }).last()
  return {
    strength,
    seed,
    live,
    error: await errorOf(state, test),
    again: await errorOf(anew.state as typeof state, through(live, test)),
    blank: live.filter((on, k) => on && blank[k]).length,
  }
}

export const structure: Case = {
  id: 'E12',
  title: 'A penalty of groups removes whole inputs',
  claim: 'Structure beyond single weights (the article’s “local constraints” of 3.3, made precise).',
  setting:
    '500 of the digits; a network 64-64-64-10 with a group lasso on the first layer whose groups are the weights out of one pixel, by its proximal operator in Adam’s metric, on all examples at once for 600 steps, and ½·0.01‖W‖² on the other layers; five strengths. Then a fresh network, without a penalty, on the pixels that are left.',
  lesson:
    'Whole pixels are switched off, first those that never carry ink. What is left is a smaller problem: an instrument with fewer sensors, not only a matrix with zeros. Two traps: a penalty on one layer of a relu network alone is made up for by the next layer, which grows, so that the other layers need one too; and the penalty shrinks what it keeps, so that the network is trained again on what was chosen.',
  async run({ full, seeds, log }): Promise<Measured> {
    const strengths = full ? [0, 3e-4, 1e-3, 2e-3, 4e-3, 8e-3] : [0, 2e-3]
    const runs: Run[] = []
    for (const strength of strengths)
      for (const seed of seeds) {
        log?.(`strength ${strength}, seed ${seed}`)
        runs.push(await train(strength, seed))
      }
    const of = (strength: number) => runs.filter((r) => r.strength === strength)
    const live = (strength: number) => of(strength).map((r) => r.live.filter(Boolean).length)
    const drawn = strengths.filter((s) => [3e-4, 1e-3, 8e-3].includes(s))
    const kept = await Promise.all(
      drawn.map(async (s) => {
        const share = Array.from({ length: PIXELS }, (_, k) => mean(of(s).map((r) => (r.live[k] ? 1 : 0))))
        const svg = await figure.heatMap({
          title: `Share of seeds that keep a pixel, strength ${s}`,
          x: { name: '', labels: [0, 1, 2, 3, 4, 5, 6, 7] },
          y: { name: '', labels: [0, 1, 2, 3, 4, 5, 6, 7] },
          values: Array.from({ length: 8 }, (_, i) => share.slice(8 * i, 8 * i + 8)),
          range: [0, 1],
          width: 480,
          height: 400,
        })
        return [`kept-${s}`, svg] as const
      }),
    )
    const points = (value: (r: Run) => number) =>
      strengths.map((s) => [mean(live(s)), mean(of(s).map(value))] as const)
    return {
      head: ['strength', 'pixels in use', 'test error %', 'trained again %'],
      rows: strengths.map((s) => [
        String(s),
        spread(live(s)),
        spread(of(s).map((r) => r.error)),
        spread(of(s).map((r) => r.again)),
      ]),
      raw: [
        ['strength', 'seed', 'pixels', 'test error', 'trained again', 'blank pixels in use'],
        ...runs.map((r) => [r.strength, r.seed, r.live.filter(Boolean).length, r.error, r.again, r.blank]),
      ],
      figures: {
        curve: await figure.lines({
          title: 'Error against pixels in use, mean over the seeds',
          x: { name: 'pixels' },
          y: { name: 'test error, %', min: 0 },
          lines: [
            { name: 'with the penalty', points: points((r) => r.error) },
            { name: 'trained again on what is left', points: points((r) => r.again) },
          ],
          width: 760,
        }),
        ...Object.fromEntries(kept),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const strengths = rows.each('strength').map(Number)
    const at = (strength: number, column: string) => mean(rows.where({ strength }).of(column))
    const base = at(0, 'trained again')
    const good = strengths.filter((s) => at(s, 'trained again') < base + 1)
    const sparsest = good.reduce((a, b) => (at(b, 'pixels') < at(a, 'pixels') ? b : a))
    const gone = PIXELS - at(sparsest, 'pixels')
    const weakest = Math.min(...strengths.filter((s) => s > 0))
    const blank = rows.where({ strength: weakest }).of('blank pixels in use')
    const counts = strengths.map((s) => at(s, 'pixels'))
    return [
      {
        text: 'At least 40 % of the pixels can go for less than a point',
        measured: `${gone.toFixed(0)} of 64 (${((100 * gone) / PIXELS).toFixed(0)} %) at ${at(sparsest, 'trained again').toFixed(1)} % for ${base.toFixed(1)} %`,
        holds: gone >= 0.4 * PIXELS,
      },
      {
        text: 'Pixels that never carry ink go first',
        measured: `in use at the weakest penalty: ${Math.max(...blank)}`,
        holds: blank.every((n) => n === 0),
      },
      {
        text: 'The stronger the penalty, the fewer pixels',
        measured: counts.map((n) => n.toFixed(1)).join(', '),
        holds: counts.every((n, i) => i === 0 || n < counts[i - 1]!),
      },
    ]
  },
}

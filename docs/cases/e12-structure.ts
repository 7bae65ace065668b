import { random, type Tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { groupLasso, on } from '@cotangent/regularize'
import { evaluate, figure, fit } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { network, parts } from './support/digits.js'
import { mean, spread } from './support/stats.js'

/** Pixels with a weight that is not zero. */
const livePixels = (kernel: Tensor): readonly boolean[] => {
  const width = kernel.shape[1]!
  const w = kernel.toTypedArray()
  return Array.from({ length: 64 }, (_, i) => w.subarray(i * width, (i + 1) * width).some((v) => v !== 0))
}

export const structure: Case = {
  id: 'E12',
  title: 'A penalty of groups removes whole inputs',
  claim: 'Structure beyond single weights (the article’s “local constraints” of 3.3, made precise).',
  setting:
    '1,000 of the digits; a group lasso on the first layer whose groups are the weights out of one pixel, by its proximal operator in Adam’s metric; several strengths.',
  lesson:
    'Whole pixels are switched off, first those that never carry ink. What is left is a smaller problem: an instrument with fewer sensors, not only a matrix with zeros.',
  async run({ full, seeds, log }): Promise<Outcome> {
    const strengths = full ? [0, 3e-4, 1e-3, 2e-3, 4e-3, 8e-3] : [0, 2e-3]
    const runs: { strength: number; seed: number; live: readonly boolean[]; error: number }[] = []
    let ink: readonly boolean[] = []
    for (const strength of strengths)
      for (const seed of seeds) {
        log?.(`strength ${strength}, seed ${seed}`)
        const { train, test } = parts(seed, { train: 500, noise: 0 })
        const pixels = train.x.toTypedArray()
        ink = Array.from({ length: 64 }, (_, k) => pixels.some((v, i) => i % 64 === k && v > 0))
        const model = network(full ? 64 : 32)
        const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
        const { state } = await fit({
          ...plain,
          ...(strength > 0 && { penalty: on('one/kernel', groupLasso(strength, { groups: 'perUnitIn' })) }),
          optimizer: adam({ learningRate: 3e-3 }),
          data: train,
          batchSize: 50,
          epochs: full ? 80 : 40,
          key: random.key(seed),
          health: false,
        }).last()
        const found = await evaluate(plain, state.params, state.layers, test)
        runs.push({
          strength,
          seed,
          live: livePixels(state.params.one.kernel),
          error: 100 * (1 - found.metrics.accuracy!),
        })
      }
    const of = (strength: number) => runs.filter((r) => r.strength === strength)
    const live = (strength: number) => of(strength).map((r) => r.live.filter(Boolean).length)
    const error = (strength: number) => mean(of(strength).map((r) => r.error))
    const good = strengths.filter((s) => error(s) < error(0) + 1)
    const sparsest = good.reduce((a, b) => (mean(live(b)) < mean(live(a)) ? b : a))
    const share = Array.from({ length: 64 }, (_, k) => mean(of(sparsest).map((r) => (r.live[k] ? 1 : 0))))
    const blank = ink.flatMap((has, k) => (has ? [] : [k]))
    const blankAlive = blank.filter((k) => of(sparsest).some((r) => r.live[k]))
    return {
      head: ['strength', 'pixels in use', 'test error %'],
      rows: strengths.map((s) => [String(s), spread(live(s), 1), spread(of(s).map((r) => r.error))]),
      raw: [
        ['strength', 'seed', 'pixels', 'test error'],
        ...runs.map((r) => [r.strength, r.seed, r.live.filter(Boolean).length, r.error]),
      ],
      figures: {
        curve: await figure.lines({
          title: 'Error against pixels in use',
          x: { name: 'pixels' },
          y: { name: 'test error, %' },
          lines: [
            { name: 'mean over the seeds', points: strengths.map((s) => [mean(live(s)), error(s)] as const) },
          ],
        }),
        kept: await figure.heatMap({
          title: `Share of seeds that keep a pixel, strength ${sparsest}`,
          x: { name: '', labels: [0, 1, 2, 3, 4, 5, 6, 7] },
          y: { name: '', labels: [0, 1, 2, 3, 4, 5, 6, 7] },
          values: Array.from({ length: 8 }, (_, i) => share.slice(8 * i, 8 * i + 8)),
          range: [0, 1],
          height: 420,
        }),
      },
      claims: [
        {
          text: 'At least 40 % of the pixels can go for less than a point',
          measured: `${(64 - mean(live(sparsest))).toFixed(0)} of 64 at ${error(sparsest).toFixed(1)} % for ${error(0).toFixed(1)} %`,
          holds: mean(live(sparsest)) <= 0.6 * 64,
        },
        {
          text: 'Pixels that never carry ink go first',
          measured: `${blank.length} such pixels, ${blankAlive.length} of them in use`,
          holds: blankAlive.length === 0,
        },
      ],
    }
  },
}

import { mul, random, type Tensor } from '@cotangent/core'
import { activation, batchNorm, dense, init, type Layer, loss, sequential } from '@cotangent/nn'
import { chain, clipByGlobalNorm, sgd } from '@cotangent/optim'
import { l2, on } from '@cotangent/regularize'
import { figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import {
  backward,
  FUNCTIONS,
  gaussian,
  identity,
  type Link,
  normalised,
  overBatch,
  plain,
  residual,
  type Weights,
} from './support/deep.js'
import { parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { median, spread } from './support/stats.js'

const log10 = (x: number): string => Math.log10(x).toFixed(1)

/** Median measured elsewhere over five seeds with width 128 and 50 layers, by function and gain. */
const PILOT: readonly (readonly [keyof typeof FUNCTIONS, number, number])[] = [
  ['linear', 0.8, 1.2e-5],
  ['linear', 1.25, 6.0e4],
  ['relu', 1, 2.8e-8],
  ['relu', Math.SQRT2, 0.94],
  ['relu', 2, 3.2e7],
  ['tanh', 1, 0.12],
  ['tanh', 1.5, 19],
  ['tanh', 2, 1.6e3],
  ['tanh', 3, 3.2e6],
]

/** How a network of 30 layers is trained: what is different from gain 1.8 and plain descent. */
interface Training {
  readonly name: string
  readonly gain?: number
  readonly norm?: boolean
  readonly l2?: number
  readonly clip?: boolean
}
const TRAININGS: readonly Training[] = [
  { name: 'gain 1.8' },
  { name: 'L2, 0.01', l2: 0.01 },
  { name: 'L2, 0.1', l2: 0.1 },
  { name: 'L2, 1', l2: 1 },
  { name: 'clipped at 1', clip: true },
  { name: 'batchNorm', norm: true },
  { name: 'He', gain: Math.SQRT2 },
]
/** What the tour shows of them. */
const SHORT = ['gain 1.8', 'L2, 0.1', 'clipped at 1', 'batchNorm', 'He']
const TRAINED_DEPTH = 30
/** The loss of who knows nothing of ten classes, log 10. */
const CHANCE = 2.3

/** The training loss of the last of a few epochs; NaN or infinite where it is no number. */
const train = async (how: Training, seed: number, epochs: number): Promise<number> => {
  const width = 64
  const kernelInit = init.normal({ std: (how.gain ?? 1.8) / Math.sqrt(width) })
  const block = (): readonly unknown[] => [
    dense(width, { kernelInit }),
    ...(how.norm ? [batchNorm()] : []),
    activation(FUNCTIONS.relu!),
  ]
  const layers = [...Array.from({ length: TRAINED_DEPTH }, block).flat(), dense(10)]
  const { train: data } = parts(seed, { train: 500, noise: 0 })
  const descent = sgd({ learningRate: 0.01 })
  const last = await fit({
    model: sequential(layers as readonly Layer<never, never>[]) as unknown as Layer<unknown, unknown>,
    loss: loss.softmaxCrossEntropy,
    ...(how.l2 !== undefined && { penalty: on('**/kernel', l2(how.l2)) }),
    optimizer: (how.clip ? chain(clipByGlobalNorm(1), descent) : descent) as typeof descent,
    data,
    batchSize: 50,
    epochs,
    key: random.key(seed),
    health: false,
  }).last()
  return last.loss
}

export const depth: Case = {
  id: 'E6',
  title: 'Gradients that vanish and explode with depth',
  claim: 'Regularisation prevents the explosion of the gradient (the introduction, 2.2 and 3.4).',
  setting:
    'Random networks of width 128 and up to 50 layers, weights N(0, g²/width), a batch of 16: the norm of the gradient at the first layer over that at the last, the median of five seeds. Then with what is said to help. And 30 layers of width 64 with gain 1.8 trained on 500 digits by SGD at 0.01, 30 epochs, with each of these.',
  lesson:
    'The gradient is a product of one factor for each layer: (g/√2)ᴸ for relu. What changes the factor helps: initialisation (He makes it 1, orthogonal weights for linear layers), layer normalisation, residual connections. Batch normalisation holds the activations in place and makes the gradient explode by itself (Yang et al. 2019, https://arxiv.org/abs/1902.08129), though a network of 30 layers stays among the numbers. An L2 penalty adds λW to the gradient of each weight; the factor stays as it was, and training ends in what is no number as it does without. Clipping bounds the step that is taken, not the gradient that arrives: training stays among the numbers and does not get far. Weights of the right size make a network that learns.',
  async run({ full, seeds, log }): Promise<Measured> {
    const width = full ? 128 : 48
    const each = (link: Link, weights: Weights, layers: number) =>
      seeds.map((seed) => backward(link, weights, layers, width, seed))
    const measure = (link: Link, weights: Weights, layers: number) => median(each(link, weights, layers))
    log?.('against theory')
    const known = PILOT.map(([name, gain, pilot]) => ({
      name,
      gain,
      pilot,
      found: each(plain(FUNCTIONS[name]!), gaussian(gain, width), 50),
    }))

    const depths = full ? [2, 5, 10, 20, 30, 40, 50] : [2, 10, 30, 50]
    const gains = full ? [0.8, 1, 1.2, Math.SQRT2, 1.6, 1.8, 2] : [1, Math.SQRT2, 2]
    log?.('depth and gain')
    const mapOf = (name: string) =>
      gains.map((gain) =>
        depths.map((layers) => Math.log10(measure(plain(FUNCTIONS[name]!), gaussian(gain, width), layers))),
      )
    const maps = { relu: mapOf('relu'), tanh: mapOf('tanh') }

    log?.('cures')
    const rough = gaussian(1.8, width)
    // What a penalty does to the weights at a step of η = 0.1 and λ = 0.01 from a gradient of zero: a factor of 0.999.
    const decayed: Weights = (z, i) => mul(rough(z, i), 1 - 0.1 * 0.01) as Tensor
    const orthogonal: Weights = (_, i) => init.orthogonal()(random.key(70 + i), [width, width])
    const cures: readonly (readonly [string, Link, Weights])[] = [
      ['gain 1.8, relu', plain(FUNCTIONS.relu!), rough],
      ['the same after a step of L2', plain(FUNCTIONS.relu!), decayed],
      ['He', plain(FUNCTIONS.relu!), gaussian(Math.SQRT2, width)],
      ['layerNorm, gain 1.8', normalised(FUNCTIONS.relu!), rough],
      ['batchNorm, gain 1.8', overBatch(FUNCTIONS.relu!), rough],
      ['residual, gain 1', residual(FUNCTIONS.relu!), gaussian(1, width)],
      ['orthogonal, linear', plain(identity), orthogonal],
    ]
    const lines = cures.map(([name, link, weights]) => ({
      name,
      points: depths.map((layers) => [layers, measure(link, weights, layers)] as const),
    }))
    const trained: { name: string; seed: number; loss: number }[] = []
    for (const how of full ? TRAININGS : TRAININGS.filter(({ name }) => SHORT.includes(name)))
      for (const seed of seeds) {
        log?.(`training, ${how.name}, seed ${seed}`)
        trained.push({ name: how.name, seed, loss: await train(how, seed, full ? 30 : 12) })
      }
    return {
      head: ['network', 'gain', 'measured, median', 'elsewhere', 'theory', 'log10 of measured'],
      rows: known.map(({ name, gain, pilot, found }) => [
        name,
        gain.toFixed(2),
        median(found).toExponential(1),
        pilot.toExponential(1),
        name === 'tanh' ? '' : ((name === 'relu' ? gain / Math.SQRT2 : gain) ** 50).toExponential(1),
        spread(found.map(Math.log10), 2),
      ]),
      raw: [
        ['part', 'network', 'gain', 'layers', 'seed', 'value'],
        ...known.flatMap((k) => k.found.map((v, i) => ['known', k.name, k.gain, 50, seeds[i]!, v])),
        ...lines.flatMap(({ name, points }) =>
          points.map(([layers, value]) => ['cure', name, '', layers, '', value]),
        ),
        ...Object.entries(maps).flatMap(([name, map]) =>
          map.flatMap((row, i) => row.map((v, j) => ['map', name, gains[i]!, depths[j]!, '', v])),
        ),
        ...trained.map((t) => ['training', t.name, '', TRAINED_DEPTH, t.seed, t.loss]),
      ],
      figures: {
        ...Object.fromEntries(
          await Promise.all(
            Object.entries(maps).map(async ([name, values]) => [
              `map-${name}`,
              await figure.heatMap({
                title: `log10 of what arrives at the first layer, ${name}`,
                x: { name: 'layers', labels: depths },
                y: { name: 'gain g', labels: gains.map((g) => g.toFixed(2)) },
                values,
                diverging: true,
                digits: 1,
                width: 620,
                height: 340,
              }),
            ]),
          ),
        ),
        cures: await figure.lines({
          title: 'What is said to help',
          x: { name: 'layers' },
          y: { name: '‖δ₀‖/‖δ_L‖', log: true },
          lines,
          width: 760,
          height: 380,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const found = (network: string, gain: number) => {
      const known = rows.where({ part: 'known', network })
      const [gains, values] = [known.of('gain'), known.of('value')]
      return median(values.filter((_, i) => Math.abs(gains[i]! - gain) < 1e-9))
    }
    const worst = Math.max(
      ...PILOT.map(([name, gain, pilot]) => Math.abs(Math.log10(found(String(name), gain) / pilot))),
    )
    const at50 = (network: string) => rows.where({ part: 'cure', network, layers: 50 }).of('value')[0]!
    const [rough, decayed] = [at50('gain 1.8, relu'), at50('the same after a step of L2')]
    const kept = ['layerNorm, gain 1.8', 'residual, gain 1', 'orthogonal, linear']
    const training = (network: string) => rows.where({ part: 'training', network }).of('value')
    const lost = (network: string) => training(network).filter((v) => !(v < 100)).length
    const tell = (names: readonly string[]) =>
      names.map((name) => `${name}: ${lost(name)} of ${training(name).length}`).join(', ')
    const penalised = TRAININGS.map((t) => t.name).filter(
      (name) => name.startsWith('L2') && training(name).length > 0,
    )
    return [
      {
        text: 'What arrives is what was measured elsewhere, within a factor of 3',
        measured: `off by 10^${worst.toFixed(2)} at most`,
        holds: worst < 0.5,
      },
      {
        text: 'He keeps the gradient',
        measured: `10^${log10(at50('He'))} after 50 layers`,
        holds: Math.abs(Math.log10(at50('He'))) < 1,
      },
      {
        text: 'Layer normalisation, residual connections and orthogonal weights keep it within 100',
        measured: kept.map((name) => `${name} 10^${log10(at50(name))}`).join(', '),
        holds: kept.every((name) => Math.abs(Math.log10(at50(name))) < 2),
      },
      {
        text: 'So does batch normalisation',
        measured: `10^${log10(at50('batchNorm, gain 1.8'))}, as 10^${log10(rough)} without`,
        holds: Math.abs(Math.log10(at50('batchNorm, gain 1.8'))) < 2,
      },
      {
        text: 'An L2 penalty prevents the explosion of the gradient',
        measured: `10^${log10(rough)} without, 10^${log10(decayed)} with`,
        holds: Math.abs(Math.log10(decayed / rough)) > 1,
      },
      {
        text: `With an L2 penalty ${TRAINED_DEPTH} layers with gain 1.8 can be trained`,
        measured: `seeds that end in no number or above 100: ${tell(['gain 1.8', ...penalised])}`,
        holds: penalised.some((name) => lost(name) === 0),
      },
      {
        text: 'With clipping, batch normalisation or He’s weights it stays among the numbers',
        measured: `seeds that end in no number or above 100: ${tell(['clipped at 1', 'batchNorm', 'He'])}`,
        holds: ['clipped at 1', 'batchNorm', 'He'].every((name) => lost(name) === 0),
      },
      {
        text: `Clipping is enough for it to learn: the loss falls below ${CHANCE}, that of chance`,
        measured: `loss ${spread(training('clipped at 1'), 2)}`,
        holds: training('clipped at 1').every((v) => v < CHANCE),
      },
      {
        text: 'He’s weights are enough',
        measured: `loss ${spread(training('He'), 2)}; with batch normalisation and gain 1.8 ${spread(training('batchNorm'), 2)}`,
        holds: training('He').every((v) => v < CHANCE),
      },
    ]
  },
}

import { random, type Tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { type Augmentation, augment, evaluate, figure, fit } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { network, parts } from './support/digits.js'
import { mean, spread } from './support/stats.js'

const shift = augment.asImages([8, 8], augment.shift({ max: 1 }))
const METHODS: readonly {
  readonly name: string
  readonly augment?: Augmentation
  readonly drop?: readonly [number, number, number]
  readonly pilot: readonly number[]
}[] = [
  { name: 'none', pilot: [4.6, 54.4, 17.0, 23.9] },
  { name: 'shift by a pixel', augment: shift, pilot: [5.8, 6.5, 31.1, 34.2] },
  { name: 'noise 0.2', augment: augment.noise({ std: 0.2 }), pilot: [3.4, 51.9, 13.6, 22.0] },
  { name: 'dropout 0.2/0.5/0.5', drop: [0.2, 0.5, 0.5], pilot: [4.3, 50.9, 15.3, 16.2] },
]
const WORLDS: Readonly<Record<string, Augmentation>> = {
  clean: augment.compose(),
  shifted: shift,
  'noise 0.3': augment.noise({ std: 0.3 }),
  '30 % missing': augment.missing({ rate: 0.3 }),
}

export const robustness: Case = {
  id: 'E9',
  title: 'Augmentation buys the invariance it simulates, and no other',
  claim: 'Augmentation makes a model fit for data of another distribution (3.7.3).',
  setting:
    '300 digits, 100 epochs, the network of E5. Tested on the digits as they are, moved by up to a pixel, with noise of 0.3, with 30 % of the pixels missing.',
  lesson:
    'Training on shifted digits makes the model blind to shifts, and worse with noise and gaps. Each augmentation buys what it simulates; some cost elsewhere. Simulate what will happen.',
  async run({ full, seeds, log }): Promise<Outcome> {
    const worlds = Object.keys(WORLDS)
    const results: { method: string; seed: number; errors: readonly number[] }[] = []
    for (const method of METHODS)
      for (const seed of seeds) {
        log?.(`${method.name}, seed ${seed}`)
        const data = parts(seed, { train: 300, noise: 0 })
        const model = network(full ? 256 : 48, method.drop)
        const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
        const { state } = await fit({
          ...plain,
          optimizer: adam({ learningRate: full ? 1e-3 : 3e-3 }),
          ...(method.augment !== undefined && { augment: method.augment }),
          data: data.train,
          batchSize: 50,
          epochs: full ? 100 : 50,
          key: random.key(seed),
          health: false,
        }).last()
        const errors: number[] = []
        for (const [i, world] of worlds.entries()) {
          const changed = WORLDS[world]!(random.key(500 + 10 * seed + i) as Tensor, {
            x: data.test.x,
            y: data.test.y,
          })
          const found = await evaluate(plain, state.params, state.layers, changed)
          errors.push(100 * (1 - found.metrics.accuracy!))
        }
        results.push({ method: method.name, seed, errors })
      }
    const of = (name: string, world: number) =>
      results.filter((r) => r.method === name).map((r) => r.errors[world]!)
    const at = (name: string, world: number) => mean(of(name, world))
    return {
      head: ['trained with', ...worlds.map((w) => `${w} %`), 'elsewhere %'],
      rows: METHODS.map(({ name, pilot }) => [
        name,
        ...worlds.map((_, i) => spread(of(name, i))),
        pilot.map((p) => p.toFixed(1)).join(' / '),
      ]),
      raw: [['method', 'seed', ...worlds], ...results.map((r) => [r.method, r.seed, ...r.errors])],
      figures: {
        errors: await figure.bars({
          title: 'Test error in four worlds',
          categories: worlds,
          y: { name: 'error, %' },
          groups: METHODS.map(({ name }) => ({ name, values: worlds.map((_, i) => at(name, i)) })),
          width: 760,
          height: 360,
        }),
      },
      claims: [
        {
          text: 'Shifts in training make the model blind to shifts',
          measured: `${at('none', 1).toFixed(1)} % to ${at('shift by a pixel', 1).toFixed(1)} %`,
          holds: at('shift by a pixel', 1) < at('none', 1) / 3,
        },
        {
          text: 'Noise in training helps against noise',
          measured: `${at('none', 2).toFixed(1)} % to ${at('noise 0.2', 2).toFixed(1)} %`,
          holds: at('noise 0.2', 2) < at('none', 2),
        },
        {
          text: 'Dropout helps against gaps',
          measured: `${at('none', 3).toFixed(1)} % to ${at('dropout 0.2/0.5/0.5', 3).toFixed(1)} %`,
          holds: at('dropout 0.2/0.5/0.5', 3) < at('none', 3),
        },
        {
          text: 'Augmentation helps on every other distribution',
          measured: `shifts in training, tested with noise: ${at('none', 2).toFixed(1)} % to ${at('shift by a pixel', 2).toFixed(1)} %; with gaps: ${at('none', 3).toFixed(1)} % to ${at('shift by a pixel', 3).toFixed(1)} %`,
          holds: at('shift by a pixel', 2) < at('none', 2) && at('shift by a pixel', 3) < at('none', 3),
        },
      ],
    }
  },
}

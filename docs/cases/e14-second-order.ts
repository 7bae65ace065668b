import {
  add,
  exp,
  grad,
  jit,
  log1p,
  mul,
  neg,
  random,
  square,
  sub,
  type Tensor,
  tensor,
} from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { inputGradient, jacobianPenalty } from '@cotangent/regularize'
import { augment, evaluate, figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { network, parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { type Hold, type Ring, ring } from './support/ring.js'
import { mean, spread } from './support/stats.js'
import { every, lower } from './support/verdict.js'

/** The Dirac-GAN of Mescheder, Geiger, Nowozin 2018: a generator at θ, a critic D(x) = ψx, the truth at 0. */
export const duel = (gamma: number, steps: number, rate: number): readonly (readonly [number, number])[] => {
  const softplus = (z: Tensor): Tensor => log1p(exp(z)) as Tensor
  const critic = (psi: Tensor) => (x: Tensor) => mul(psi, x) as Tensor
  // R1: ½γ‖∇D(x)‖² at the truth: a gradient with respect to x, differentiated with respect to ψ.
  const criticLoss = (psi: Tensor, theta: Tensor) =>
    add(
      softplus(critic(psi)(theta)),
      mul(square(grad(critic(psi))(tensor(0) as Tensor) as Tensor), gamma / 2),
    ) as Tensor
  // The game of zero sum: what one gains the other loses.
  const generatorLoss = (theta: Tensor, psi: Tensor) => neg(softplus(critic(psi)(theta))) as Tensor
  const step = jit((theta: Tensor, psi: Tensor) => [
    sub(theta, mul(rate, grad(generatorLoss)(theta, psi))),
    sub(psi, mul(rate, grad(criticLoss)(psi, theta))),
  ])
  let now = [tensor(1), tensor(0)] as [Tensor, Tensor]
  const path: (readonly [number, number])[] = [[1, 0]]
  for (let i = 0; i < steps; i++) {
    now = step(...now) as [Tensor, Tensor]
    path.push([now[0].item(), now[1].item()])
  }
  return path
}

const NOISES = [0, 0.1, 0.2, 0.3, 0.4, 0.5]
const WAYS = ['none', 'input gradient', 'Jacobian'] as const
type Way = (typeof WAYS)[number]
const HOLDS: readonly Hold[] = ['none', 'gradient penalty', 'R1']

/** What a term of the objective is given, as far as it is used here. */
interface Given {
  readonly batch: { readonly x: Tensor; readonly y: Tensor }
  readonly key: Tensor
  predict(x: Tensor): Tensor
}
const TERMS: Readonly<Record<Way, Readonly<Record<string, (given: Given) => Tensor>>>> = {
  none: {},
  'input gradient': {
    inputGradient: ({ batch, predict }) =>
      inputGradient(
        (x) => loss.softmaxCrossEntropy(predict(x), batch.y, { reduction: 'none' }) as Tensor,
        batch.x,
        { weight: 1 },
      ),
  },
  Jacobian: {
    jacobian: ({ batch, key, predict }) =>
      jacobianPenalty(predict, batch.x, { weight: 0.03, projections: 1, key }),
  },
}

/** Test errors in per cent at each noise. */
const train = async (way: Way, seed: number, full: boolean): Promise<readonly number[]> => {
  const data = parts(seed, { train: 300, noise: 0 })
  const plain = { model: network(full ? 256 : 128), loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const { state } = await fit({
    ...plain,
    terms: TERMS[way],
    optimizer: adam({ learningRate: 1e-3 }),
    data: data.train,
    batchSize: 50,
    epochs: 60,
    key: random.key(seed),
    health: false,
  }).last()
  const errors: number[] = []
  for (const [i, std] of NOISES.entries()) {
    const { x, y } = data.test
    const noisy = augment.noise({ std })(random.key(900 + 10 * seed + i) as Tensor, { x, y })
    errors.push(100 * (1 - (await evaluate(plain, state.params, state.layers, noisy)).metrics.accuracy!))
  }
  return errors
}

const distance = (path: ReturnType<typeof duel>): number => Math.hypot(...path.at(-1)!)

export const secondOrder: Case = {
  id: 'E14',
  title: 'Penalties of derivatives',
  claim:
    'Regularisers that are themselves gradients (beyond the article: Drucker & LeCun 1992; Gulrajani et al. 2017; Mescheder et al. 2018; Hoffman et al. 2019).',
  setting:
    'The Dirac-GAN with and without R1, the penalty ½γ‖∇D‖² of the critic’s gradient, γ = 1. A generator and a critic (two layers of 64 each) on a ring of eight Gaussians, 3,000 steps of Adam, without a penalty, with a gradient penalty (‖∇D‖ - 1)² and with R1. And the network of E5 on 300 digits, 60 epochs, with E‖∂L/∂x‖², or with the Jacobian penalty 0.015·E‖∂z/∂x‖² by one random projection, tested with noise.',
  lesson:
    'A gradient in the loss is differentiated like anything else, inside the compiled step. R1 turns a game that circles into one that ends: the critic’s gradient goes to 0 where the data are. A penalty whose target is a norm of 1 holds it at 1, and the game goes on. On the ring the game without a penalty gets there too, and more exactly: what R1 buys is a critic that comes to rest. The Jacobian penalty makes a classifier smooth: with noise of 0.3 it makes far fewer errors, at no cost without noise.',
  async run({ full, seeds, log }): Promise<Measured> {
    log?.('Dirac-GAN')
    const duels = [0, 1].map((gamma) => duel(gamma, full ? 2000 : 800, 0.1))
    const rings: { hold: Hold; seed: number; found: Ring }[] = []
    for (const hold of HOLDS)
      for (const seed of seeds) {
        log?.(`ring, ${hold}, seed ${seed}`)
        rings.push({ hold, seed, found: ring(hold, seed, full ? 3000 : 1500) })
      }
    const results: { way: Way; seed: number; errors: readonly number[] }[] = []
    for (const way of WAYS)
      for (const seed of seeds) {
        log?.(`${way}, seed ${seed}`)
        results.push({ way, seed, errors: await train(way, seed, full) })
      }
    const of = (way: Way, i: number) => results.filter((r) => r.way === way).map((r) => r.errors[i]!)
    const first = (hold: Hold) => rings.find((r) => r.hold === hold)!.found
    const axis = (name: string, count: number, sign: number) => ({
      name,
      labels: Array.from({ length: count }, (_, i) => (sign * (-1.5 + (3 * i) / (count - 1))).toFixed(1)),
    })
    const fields = await Promise.all(
      HOLDS.map(async (hold) => {
        const { field } = first(hold)
        const svg = await figure.heatMap({
          title: `‖∇D‖ on the ring, ${hold === 'none' ? 'no penalty' : hold}, one seed`,
          x: axis('x', field.length, 1),
          y: axis('y', field.length, -1),
          values: field,
          range: [0, hold === 'R1' ? 0.2 : Math.max(...field.flat())],
          width: 480,
          height: 420,
        })
        return [`field-${hold.replaceAll(' ', '-')}`, svg] as const
      }),
    )
    return {
      head: ['noise', ...WAYS.map((way) => `${way}: error %`)],
      rows: NOISES.map((std, i) => [std.toFixed(1), ...WAYS.map((way) => spread(of(way, i)))]),
      raw: [
        [
          'part',
          'way',
          'seed',
          'distance',
          'modes',
          'near',
          'moved',
          'slope',
          ...NOISES.map((s) => `noise ${s}`),
        ],
        ...duels.map((path, i) => [
          'duel',
          ['none', 'R1'][i]!,
          '',
          distance(path),
          '',
          '',
          '',
          '',
          ...NOISES.map(() => ''),
        ]),
        ...rings.map(({ hold, seed, found }) => [
          'ring',
          hold,
          seed,
          '',
          found.modes,
          found.near,
          found.moved,
          mean(found.field.flat()),
          ...NOISES.map(() => ''),
        ]),
        ...results.map((r) => ['digits', r.way, r.seed, '', '', '', '', '', ...r.errors]),
      ],
      figures: {
        duel: await figure.lines({
          title: 'Dirac-GAN: generator θ and critic ψ',
          x: { name: 'θ' },
          y: { name: 'ψ' },
          lines: duels.map((points, i) => ({ name: ['no penalty', 'R1'][i]!, points })),
          height: 400,
        }),
        ring: await figure.lines({
          title: 'What the generators make, one seed',
          x: { name: 'x', min: -1.5, max: 1.5 },
          y: { name: 'y', min: -1.5, max: 1.5 },
          lines: HOLDS.map((hold) => ({
            name: hold === 'none' ? 'no penalty' : hold,
            dots: true,
            points: first(hold).samples.slice(0, 150),
          })),
          width: 520,
          height: 520,
        }),
        ...Object.fromEntries(fields),
        noise: await figure.lines({
          title: 'Test error under noise',
          x: { name: 'σ' },
          y: { name: 'error, %' },
          lines: WAYS.map((name) => ({
            name,
            points: NOISES.map((std, i) => [std, mean(of(name, i))] as const),
          })),
          width: 760,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const away = (way: string) => rows.where({ part: 'duel', way }).of('distance')[0]!
    const onRing = (way: Hold, column: string) => rows.where({ part: 'ring', way }).of(column)
    const errors = (way: Way, std: number) => rows.where({ part: 'digits', way }).of(`noise ${std}`)
    const better = (way: Way, std: number) => lower(errors(way, std), errors('none', std), { count: 1097 })
    const change = (way: Way, std: number) =>
      `${spread(errors('none', std))} % to ${spread(errors(way, std))} %`
    return [
      {
        text: 'Without a penalty the game of the Dirac-GAN goes in circles',
        measured: `distance from the truth ${away('none').toFixed(2)}, from 1 at the start`,
        holds: away('none') > 0.9,
      },
      {
        text: 'With R1 it arrives',
        measured: `distance ${away('R1').toExponential(1)}`,
        holds: away('R1') < 0.05,
      },
      {
        text: 'On the ring R1 lets the critic come to rest: its gradient is a tenth at most of that without, and that of the gradient penalty stays near 1',
        measured: HOLDS.map((hold) => `${hold} ${spread(onRing(hold, 'slope'), 2)}`).join(', '),
        holds:
          Math.max(...onRing('R1', 'slope')) < 0.1 * Math.min(...onRing('none', 'slope')) &&
          onRing('gradient penalty', 'slope').every((v) => v > 0.5 && v < 2),
      },
      {
        text: 'On the ring a penalty brings more samples to the data',
        measured: HOLDS.map(
          (hold) =>
            `${hold}: ${spread(onRing(hold, 'near'))} % near, ${spread(onRing(hold, 'modes'))} of 8 modes`,
        ).join('; '),
        holds: every(
          (['gradient penalty', 'R1'] as const).map((hold) =>
            lower(onRing('none', 'near'), onRing(hold, 'near')),
          ),
        ),
      },
      {
        text: 'The Jacobian penalty helps against noise of 0.3',
        measured: change('Jacobian', 0.3),
        holds: better('Jacobian', 0.3),
      },
      {
        text: 'So does the penalty of the input gradient',
        measured: change('input gradient', 0.3),
        holds: better('input gradient', 0.3),
      },
    ]
  },
}

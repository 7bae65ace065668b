import {
  add,
  cast,
  div,
  mul,
  type Num,
  random,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '@cotangent/core'
import { accuracy, type Layer, loss } from '@cotangent/nn'
import { adam, adamw } from '@cotangent/optim'
import { l2, on } from '@cotangent/regularize'
import { dataset, evaluate, figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { network, parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { mean, spread } from './support/stats.js'
import { lower } from './support/verdict.js'

const TARGET = [3, 0.5, -2, 0.1]
const LAMBDA = 1
const WAYS = ['Adam, L2 in the loss', 'AdamW'] as const
type Way = (typeof WAYS)[number]
const LIMITS: Readonly<Record<Way, readonly number[]>> = {
  'Adam, L2 in the loss': [1.5, 0.25, -1, 0.05], // c/(1 + λ)
  AdamW: [1, 0.5, -1, 0.1], // clip(c, -1/λ, 1/λ)
}
const RATES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
const STRENGTHS: Readonly<Record<Way, readonly number[]>> = {
  'Adam, L2 in the loss': [1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3],
  AdamW: [0.3, 1, 3, 10, 30, 100],
}

type Params = { readonly kernel: Tensor }
/** A model that is its parameters. */
const point: Layer<Params> = {
  init: () => ({ params: { kernel: zeros([1, 4], 'float64') as Tensor }, state: {}, outputShape: [1, 4] }),
  apply: (params, state) => ({ y: params.kernel, state }),
}
const falling = (step: Num): Tensor =>
  div(0.02, sqrt(add(cast(step as Tensor, 'float64') as Tensor, 1))) as Tensor

/** The test error of E5's network with 30 % of the labels drawn anew, in per cent. */
const train = async (
  way: Way,
  strength: number,
  rate: number,
  seed: number,
  full: boolean,
): Promise<number> => {
  const data = parts(seed, { train: 500, noise: 0.3 })
  const plain = { model: network(full ? 256 : 64), loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const coupled = way === WAYS[0]
  const { state } = await fit({
    ...plain,
    ...(coupled && { penalty: on('*/kernel', l2(strength), { mode: 'coupled' }) }),
    optimizer: (coupled
      ? adam({ learningRate: rate })
      : adamw({ learningRate: rate, weightDecay: strength })) as ReturnType<typeof adam>,
    data: data.train,
    batchSize: 50,
    epochs: 60,
    key: random.key(seed),
    health: false,
  }).last()
  return 100 * (1 - (await evaluate(plain, state.params, state.layers, data.test)).metrics.accuracy!)
}

export const decay: Case = {
  id: 'E10',
  title: 'L2 and weight decay part ways under Adam',
  claim: 'The article names Adam and L2 and says nothing of how they meet (3.2.2).',
  setting:
    '½‖w - c‖² with c = (3, 0.5, -2, 0.1) and λ = 1, by Adam with the gradient of the penalty in the loss, and by AdamW, 200,000 steps. And the network of E5 with 30 % of the labels drawn anew, 60 epochs, over six learning rates η and six strengths each; a step of AdamW takes ηλw off the weights.',
  lesson:
    'In the loss, the penalty goes through Adam’s scaling and the limit is that of ridge, c/(1 + λ). Decoupled, it is divided by nothing, and the limit is c cut to [-1/λ, 1/λ]: another problem, with another meaning of λ. Under plain gradient descent the two are one. On real data both are good cures at their own best λ, which are a factor of a hundred and more apart; and for both, as λ is meant here and in PyTorch, that λ hardly depends on the learning rate.',
  async run({ full, seeds, log }): Promise<Measured> {
    const steps = 200_000
    const perEpoch = steps / 20
    const batch = {
      x: zeros([1, 1], 'float64') as Tensor,
      y: tensor(Float64Array.from(TARGET), { shape: [1, 4] }) as Tensor,
    }
    const run = (options: {
      readonly optimizer: ReturnType<typeof adam>
      readonly penalty?: ReturnType<typeof on>
    }) =>
      fit({
        model: point,
        loss: (w, c) => mul(sum(square(sub(w, c))), 0.5) as Tensor,
        data: dataset.stream(() => Array.from({ length: perEpoch }, () => batch)),
        epochs: 20,
        key: random.key(0),
        health: false,
        ...options,
      })
    const ways = {
      'Adam, L2 in the loss': run({
        optimizer: adam({ learningRate: falling }),
        penalty: on('kernel', l2(LAMBDA), { mode: 'coupled' }),
      }),
      AdamW: run({
        optimizer: adamw({ learningRate: falling, weightDecay: LAMBDA }) as unknown as ReturnType<
          typeof adam
        >,
      }),
    }
    const found: Record<string, readonly number[]> = {}
    const paths: { name: string; points: (readonly [number, number])[] }[] = []
    for (const [name, way] of Object.entries(ways)) {
      const points: (readonly [number, number])[] = []
      for await (const { step, state } of way) {
        found[name] = [...state.params.kernel.toTypedArray()]
        points.push([step, found[name]![0]!])
      }
      paths.push({ name, points })
    }
    const show = (ws: readonly number[]): string => `(${ws.map((w) => w.toFixed(4)).join(', ')})`
    const rates = full ? RATES : RATES.slice(1, 4)
    const grids: { way: Way; strength: number; rate: number; seed: number; error: number }[] = []
    for (const way of WAYS) {
      const strengths = full ? STRENGTHS[way] : STRENGTHS[way].slice(1, 5)
      for (const strength of strengths)
        for (const rate of rates) {
          log?.(`${way}, λ ${strength}, rate ${rate}`)
          for (const seed of seeds)
            grids.push({ way, strength, rate, seed, error: await train(way, strength, rate, seed, full) })
        }
    }
    const at = (way: string, strength: number, rate: number) =>
      grids.filter((g) => g.way === way && g.strength === strength && g.rate === rate).map((g) => g.error)
    const strengthsOf = (way: Way) => [...new Set(grids.filter((g) => g.way === way).map((g) => g.strength))]
    const maps = await Promise.all(
      WAYS.map(async (way, i) => {
        const svg = await figure.heatMap({
          title: `${way}: test error in %`,
          x: { name: 'learning rate', labels: rates },
          y: { name: 'λ', labels: strengthsOf(way) },
          values: strengthsOf(way).map((s) => rates.map((rate) => mean(at(way, s, rate)))),
          range: [8, 30],
          digits: 1,
          width: 560,
          height: 360,
        })
        return [['map-l2', 'map-adamw'][i]!, svg] as const
      }),
    )
    return {
      head: ['way', 'ends at', 'limit', ...rates.map((rate) => `best λ at ${rate}`)],
      rows: WAYS.map((way) => [
        way,
        show(found[way]!),
        show(LIMITS[way]),
        ...rates.map((rate) => {
          const best = strengthsOf(way).reduce((a, b) =>
            mean(at(way, b, rate)) < mean(at(way, a, rate)) ? b : a,
          )
          return `${best} (${spread(at(way, best, rate))} %)`
        }),
      ]),
      raw: [
        ['part', 'way', 'lambda', 'rate', 'seed', 'error', 'w1', 'w2', 'w3', 'w4'],
        ...WAYS.map((way) => ['point', way, LAMBDA, '', '', '', ...found[way]!]),
        ...grids.map((g) => ['grid', g.way, g.strength, g.rate, g.seed, g.error, '', '', '', '']),
      ],
      figures: {
        paths: await figure.lines({
          title: 'The first weight, whose target is 3',
          x: { name: 'step' },
          y: { name: 'w₁' },
          lines: paths,
          width: 760,
        }),
        ...Object.fromEntries(maps),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const off = (way: Way) =>
      Math.max(
        ...['w1', 'w2', 'w3', 'w4'].map((w, i) =>
          Math.abs(rows.where({ part: 'point', way }).of(w)[0]! - LIMITS[way][i]!),
        ),
      )
    const grid = rows.where({ part: 'grid' })
    const rates = grid.each('rate').map(Number)
    /** The best λ for each rate at which something is learnt at all. */
    const valley = (way: Way) => {
      const strengths = grid.where({ way }).each('lambda').map(Number)
      return rates.map((rate) => {
        const errors = strengths.map((lambda) => mean(grid.where({ way, lambda, rate }).of('error')))
        const best = errors.indexOf(Math.min(...errors))
        const errorsAtBest = grid.where({ way, lambda: strengths[best]!, rate }).of('error')
        return { lambda: strengths[best]!, errors: errorsAtBest }
      })
    }
    const wide = (lambdas: readonly number[]) => Math.max(...lambdas) / Math.min(...lambdas)
    const [coupled, decoupled] = [valley(WAYS[0]), valley(WAYS[1])]
    const widths = [coupled, decoupled].map((v) => wide(v.map(({ lambda }) => lambda))) as [number, number]
    const perStep = wide(decoupled.map(({ lambda }, i) => lambda * rates[i]!))
    const list = (v: readonly { readonly lambda: number }[]) => v.map(({ lambda }) => lambda).join(', ')
    const least = (v: readonly { readonly errors: readonly number[] }[]) =>
      v.map(({ errors }) => errors).reduce((a, b) => (mean(b) < mean(a) ? b : a))
    return [
      {
        text: 'In the loss the limit is c/(1 + λ)',
        measured: `off by ${off(WAYS[0]).toExponential(1)}`,
        holds: off(WAYS[0]) < 1e-5,
      },
      {
        text: 'Decoupled the limit is c cut to [-1/λ, 1/λ]',
        measured: `off by ${off(WAYS[1]).toExponential(1)}`,
        holds: off(WAYS[1]) < 1e-5,
      },
      {
        text: 'Of AdamW the best λ is the same, within a factor of ten, for learning rates that are apart by much more',
        measured: `best λ ${list(decoupled)} at rates ${rates.join(', ')}`,
        holds: widths[1] <= 10.1,
      },
      {
        text: 'What stays the same for AdamW is the decay of a step, ηλ',
        measured: `the best λ is spread by a factor of ${widths[1].toFixed(0)}, the best ηλ by ${perStep.toFixed(0)}`,
        holds: perStep < widths[1],
      },
      {
        text: 'Of L2 in the loss the best λ moves with the rate (Loshchilov & Hutter 2019)',
        measured: `best λ ${list(coupled)}`,
        holds: widths[0] > 10.1,
      },
      {
        text: 'AdamW reaches a lower error than L2 in the loss',
        measured: `best of the grid ${spread(least(decoupled))} % for ${spread(least(coupled))} %`,
        holds: lower(least(decoupled), least(coupled), { count: 1097 }),
      },
    ]
  },
}

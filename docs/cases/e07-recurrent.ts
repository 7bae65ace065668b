import { random, relu, type Tensor } from '@cotangent/core'
import { dense, gru, init, loss, rnn, sequential } from '@cotangent/nn'
import { adam, chain, clipByGlobalNorm, sgd } from '@cotangent/optim'
import { figure, fit } from '@cotangent/train'
import { adding } from './support/adding.js'
import type { Case, Measured } from './support/case.js'
import { descend, errorAt, type Place } from './support/cliff.js'
import { rowsOf } from './support/raw.js'
import { median, spread } from './support/stats.js'
import { surface } from './support/surface.js'
import { lower } from './support/verdict.js'

const STEPS = 50
const UNITS = 32
const RATE = 1e-2
const activation = (x: Tensor): Tensor => relu(x) as Tensor
const layers = {
  plain: () => rnn(UNITS, { activation, recurrentInit: init.heNormal }),
  orthogonal: () => rnn(UNITS, { activation, recurrentInit: init.orthogonal() }),
  gru: () => gru(UNITS),
}

interface Way {
  readonly name: string
  readonly layer: keyof typeof layers
  readonly adam: boolean
  readonly clip: boolean
}
const way = (name: string, layer: keyof typeof layers, adam: boolean, clip: boolean): Way => ({
  name,
  layer,
  adam,
  clip,
})
const WAYS: readonly Way[] = [
  way('relu, SGD', 'plain', false, false),
  way('relu, SGD, clipped', 'plain', false, true),
  way('relu, Adam', 'plain', true, false),
  way('relu, Adam, clipped', 'plain', true, true),
  way('orthogonal, SGD', 'orthogonal', false, false),
  way('orthogonal, Adam, clipped', 'orthogonal', true, true),
  way('GRU, Adam, clipped', 'gru', true, true),
]

interface Run {
  readonly way: string
  readonly seed: number
  /** The mean of the last two epochs; NaN where the parameters are no longer numbers. */
  readonly final: number
  /** The largest gradient of a step, before clipping; infinite where one was no number. */
  readonly peak: number
  readonly curve: readonly (readonly [number, number])[]
  readonly peaks: readonly (readonly [number, number])[]
}

const train = async (
  { name, layer, adam: adaptive, clip }: Way,
  seed: number,
  full: boolean,
): Promise<Run> => {
  const base = adaptive ? adam({ learningRate: RATE }) : sgd({ learningRate: RATE })
  const optimizer = clip ? chain(clipByGlobalNorm(1), base as ReturnType<typeof adam>) : base
  const run = fit({
    model: sequential({ rnn: layers[layer](), head: dense(1) }),
    loss: loss.mse,
    optimizer: optimizer as ReturnType<typeof adam>,
    data: adding(random.key(seed), 2000, STEPS),
    batchSize: 50,
    epochs: full ? 40 : 10,
    key: random.key(seed),
  })
  const curve: (readonly [number, number])[] = []
  const peaks: (readonly [number, number])[] = []
  for await (const { step, loss: value, gradientHealth } of run) {
    curve.push([step, value])
    peaks.push([step, Math.max(...gradientHealth.layers.map((l) => l.peak))])
  }
  const last = curve.slice(-2).map(([, v]) => v)
  return {
    way: name,
    seed,
    final: (last[0]! + last[1]!) / 2,
    peak: peaks.reduce((m, [, v]) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : Math.max(m, v)), 0),
    curve,
    peaks,
  }
}

const START = [5, -2.6] as const
/** Five places near one another at the foot of the cliff. */
const STARTS = [-0.1, -0.05, 0, 0.05, 0.1].map((d) => [START[0] + d, START[1] - 0.62 * d] as const)
const large = (v: number): string => (Number.isFinite(v) ? v.toExponential(1) : 'overflow')
const end = (path: readonly Place[]): Place => path.at(-1)!

export const recurrent: Case = {
  id: 'E7',
  title: 'Exploding gradients through time, and clipping',
  claim:
    'The article blames the explosion of the gradient on missing regularisation (2.2, 2.3) and does not know clipping.',
  setting:
    'One recurrent unit x′ = wσ(x) + b whose state after 50 steps should have σ(x) = 0.7, by gradient descent at 0.1 from five places at the foot of a cliff (Pascanu, Mikolov, Bengio 2013). And the adding problem over 50 steps: 2,000 sequences, 32 units with relu and He’s weights, learning rate 0.01, batches of 50, 40 epochs; with and without clipping of the norm at 1, with orthogonal weights, with a GRU. Who always answers 1 has a loss of 0.167.',
  lesson:
    'Where a recurrent network changes its behaviour its error has a cliff, and one step from there can undo all others. A clipped step has the same direction and comes back. What clipping bounds is the step, not the gradient: its norms stay as large as they were. Orthogonal weights and gates keep the gradient itself in bounds; gates also learn the task best.',
  async run({ full, seeds, log }): Promise<Measured> {
    log?.('the cliff')
    const options = { rate: 0.1, steps: 400 }
    const descents = STARTS.map((at) => ({
      at,
      free: descend(at, options),
      clipped: descend(at, { ...options, clip: 1 }),
    }))
    const shown = descents[2]!
    const trail = (path: readonly Place[]) => path.map(({ w, b, error }) => [w, b, error] as const)

    const ways = full ? WAYS : WAYS.filter(({ layer }) => layer !== 'gru')
    const runs: Run[] = []
    for (const one of ways)
      for (const seed of seeds) {
        log?.(`${one.name}, seed ${seed}`)
        runs.push(await train(one, seed, full))
      }
    const of = (name: string) => runs.filter((run) => run.way === name)
    // The seed whose gradients are largest tells most.
    const wild = of('relu, SGD, clipped').reduce((a, b) => (b.peak > a.peak ? b : a)).seed
    const drawn = WAYS.filter(({ name }) => of(name).length > 0)
    const linesOf = (value: (run: Run) => Run['curve']) =>
      drawn.map(({ name }) => ({ name, points: value(of(name).find(({ seed }) => seed === wild)!) }))
    return {
      head: ['network', 'not numbers', 'final loss', 'largest gradient, median', 'largest gradient'],
      rows: ways.map(({ name }) => {
        const whole = of(name).filter(({ final }) => Number.isFinite(final))
        return [
          name,
          `${of(name).length - whole.length} of ${of(name).length}`,
          whole.length === 0
            ? ''
            : spread(
                whole.map(({ final }) => final),
                4,
              ),
          large(median(of(name).map(({ peak }) => peak))),
          large(Math.max(...of(name).map(({ peak }) => peak))),
        ]
      }),
      raw: [
        ['part', 'way', 'seed', 'final', 'peak'],
        ...descents.flatMap(({ free, clipped }, i) => [
          ['cliff', 'free', i, end(free).error, Math.max(...free.map(({ norm }) => norm))],
          ['cliff', 'clipped', i, end(clipped).error, Math.max(...clipped.map(({ norm }) => norm))],
        ]),
        ...runs.map((r) => ['adding', r.way, r.seed, r.final, r.peak]),
      ],
      figures: {
        cliff: surface({
          title: 'One unit after 50 steps: the error over w and b, and two ways down',
          x: { name: 'w', range: [4, 6] },
          y: { name: 'b', range: [-3.2, -1.6] },
          z: { name: 'error', range: [0, 0.42] },
          height: errorAt,
          trails: [
            {
              name: 'gradient descent: thrown off the picture',
              colour: '#D55E00',
              points: trail(shown.free),
            },
            { name: 'the same, clipped at 1', colour: '#009E73', points: trail(shown.clipped) },
          ],
        }),
        descent: await figure.lines({
          title: 'The error on the two ways',
          x: { name: 'step' },
          y: { name: 'error', log: true },
          lines: [
            { name: 'free', points: shown.free.map(({ error }, i) => [i, error] as const) },
            { name: 'clipped', points: shown.clipped.map(({ error }, i) => [i, error] as const) },
          ],
          width: 760,
        }),
        loss: await figure.lines({
          title: `Adding problem, seed ${wild}: the loss, where it is a number`,
          x: { name: 'step' },
          y: { name: 'loss', log: true },
          lines: linesOf(({ curve }) => curve),
          width: 760,
          height: 400,
        }),
        gradient: await figure.lines({
          title: `Adding problem, seed ${wild}: the largest gradient of an epoch, before clipping`,
          x: { name: 'step' },
          y: { name: '‖∇L‖', log: true },
          lines: linesOf(({ peaks }) => peaks),
          width: 760,
          height: 400,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const cliff = (name: string) => rows.where({ part: 'cliff', way: name }).of('final')
    const thrown = (name: string) => cliff(name).filter((error) => !(error < 0.05)).length
    const part = (name: string) => rows.where({ part: 'adding', way: name })
    const finals = (name: string) => part(name).of('final')
    const lost = (name: string) => finals(name).filter((v) => !Number.isFinite(v)).length
    const count = finals('relu, SGD').length
    // What is no number counts as what was there before training: the best constant is better.
    const settled = (name: string) => finals(name).map((v) => (Number.isFinite(v) ? Math.min(v, 1) : 1))
    const peak = (name: string) => Math.max(...part(name).of('peak'))
    const lowered = settled('relu, Adam').filter((v, i) => settled('relu, Adam, clipped')[i]! < v).length
    const logs = (name: string) => settled(name).map(Math.log10)
    return [
      {
        text: 'At the cliff free descent is thrown off, clipped descent arrives',
        measured: `thrown off: ${thrown('free')} of 5 free, ${thrown('clipped')} of 5 clipped; largest errors at the end ${Math.max(...cliff('free')).toFixed(3)} and ${Math.max(...cliff('clipped')).toFixed(3)}`,
        holds: thrown('free') > 0 && thrown('clipped') === 0,
      },
      {
        text: 'Without clipping SGD ends in what is no number for at least one of five seeds; with clipping for none',
        measured: `${lost('relu, SGD')} and ${lost('relu, SGD, clipped')} of ${count}`,
        holds: lost('relu, SGD') > 0 && lost('relu, SGD, clipped') === 0,
      },
      {
        text: 'Clipped Adam ends lower than Adam',
        measured: `${spread(settled('relu, Adam'), 3)} to ${spread(settled('relu, Adam, clipped'), 3)}, lower for ${lowered} of ${count} seeds`,
        holds: lower(logs('relu, Adam, clipped'), logs('relu, Adam')),
      },
      {
        text: 'Clipping bounds the step, not the gradient',
        measured: `largest gradient ${peak('relu, SGD, clipped').toExponential(1)} with clipping`,
        holds: peak('relu, SGD, clipped') > 1e3,
      },
      {
        text: 'Orthogonal weights keep the gradient in bounds from the start, without clipping',
        measured: `largest gradient ${peak('orthogonal, SGD').toFixed(1)}; ${lost('orthogonal, SGD')} of ${count} no number`,
        holds: peak('orthogonal, SGD') < 100 && lost('orthogonal, SGD') === 0,
      },
      ...(part('GRU, Adam, clipped').count === 0
        ? []
        : [
            {
              text: 'Gates learn the task best',
              measured: `${spread(finals('GRU, Adam, clipped'), 4)} for ${spread(finals('relu, Adam, clipped'), 4)} (relu) and ${spread(finals('orthogonal, Adam, clipped'), 4)} (orthogonal)`,
              holds: lower(finals('GRU, Adam, clipped'), finals('relu, Adam, clipped')),
            },
          ]),
    ]
  },
}

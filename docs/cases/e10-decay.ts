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
import type { Layer } from '@cotangent/nn'
import { adam, adamw } from '@cotangent/optim'
import { l2, on } from '@cotangent/regularize'
import { dataset, figure, fit } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'

const TARGET = [3, 0.5, -2, 0.1]
const LAMBDA = 1
const COUPLED = [1.5, 0.25, -1, 0.05] // c/(1 + λ)
const DECOUPLED = [1, 0.5, -1, 0.1] // clip(c, -1/λ, 1/λ)

type Params = { readonly kernel: Tensor }
/** A model that is its parameters. */
const point: Layer<Params> = {
  init: () => ({ params: { kernel: zeros([1, 4], 'float64') as Tensor }, state: {}, outputShape: [1, 4] }),
  apply: (params, state) => ({ y: params.kernel, state }),
}
const falling = (step: Num): Tensor =>
  div(0.02, sqrt(add(cast(step as Tensor, 'float64') as Tensor, 1))) as Tensor

export const decay: Case = {
  id: 'E10',
  title: 'L2 and weight decay part ways under Adam',
  claim: 'The article names Adam and L2 and says nothing of how they meet (3.2.2).',
  setting:
    '½‖w - c‖² with c = (3, 0.5, -2, 0.1) and λ = 1, by Adam with the gradient of the penalty in the loss, and by AdamW.',
  lesson:
    'In the loss, the penalty goes through Adam’s scaling and the limit is that of ridge, c/(1 + λ). Decoupled, it is divided by nothing, and the limit is c cut to [-1/λ, 1/λ]: another problem, with another meaning of λ. Under plain gradient descent the two are one.',
  async run({ full }): Promise<Outcome> {
    const steps = full ? 200_000 : 20_000
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
    const off = (name: string, limit: readonly number[]) =>
      Math.max(...limit.map((v, i) => Math.abs(v - found[name]![i]!)))
    const tolerance = full ? 1e-4 : 2e-2
    const [one, two] = [off('Adam, L2 in the loss', COUPLED), off('AdamW', DECOUPLED)]
    const show = (ws: readonly number[]): string => `(${ws.map((w) => w.toFixed(4)).join(', ')})`
    return {
      head: ['way', 'ends at', 'limit', 'off by'],
      rows: [
        ['Adam, L2 in the loss', show(found['Adam, L2 in the loss']!), show(COUPLED), one.toExponential(1)],
        ['AdamW', show(found.AdamW!), show(DECOUPLED), two.toExponential(1)],
      ],
      raw: [['way', 'w1', 'w2', 'w3', 'w4'], ...Object.entries(found).map(([name, ws]) => [name, ...ws])],
      figures: {
        paths: await figure.lines({
          title: 'The first weight, whose target is 3',
          x: { name: 'step' },
          y: { name: 'w₁' },
          lines: paths,
          width: 760,
        }),
      },
      claims: [
        {
          text: 'In the loss the limit is c/(1 + λ)',
          measured: `off by ${one.toExponential(1)}`,
          holds: one < tolerance,
        },
        {
          text: 'Decoupled the limit is c cut to [-1/λ, 1/λ]',
          measured: `off by ${two.toExponential(1)}`,
          holds: two < tolerance,
        },
      ],
    }
  },
}

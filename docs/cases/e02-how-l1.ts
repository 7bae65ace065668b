import { add, cast, div, mul, type Num, random, type Tensor, tensor, zeros } from '@cotangent/core'
import { dense, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { l1, type Mode, on } from '@cotangent/regularize'
import { dataset, figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { diabetes, NAMES } from './support/diabetes.js'
import { rowsOf } from './support/raw.js'

const LAMBDA = 0.1
// Computed by coordinate descent to 1e-15 elsewhere.
const OPTIMUM = 0.3374150037678805
const COEFFICIENTS = [0, 0, 0.30486, 0.10632, 0, 0, -0.05844, 0, 0.26474, 0]

const WAYS: readonly (readonly [string, Mode, string])[] = [
  ['subgradient, in the loss', 'coupled', 'no zeros at all: Adam hovers around 0'],
  ['prox, Euclidean', 'decoupled', 'the answer to another problem'],
  ['prox, in the metric of Adam', 'proximal', 'the lasso'],
]

const decaying = (step: Num): Tensor =>
  div(0.02, add(1, div(cast(step as Tensor, 'float64') as Tensor, 200))) as Tensor

export const howL1: Case = {
  id: 'E2',
  title: 'How L1 is applied decides whether anything becomes zero',
  claim: 'L1 “quickly and effectively eliminates weights” (section 3.3).',
  setting:
    'The lasso of E1 at one λ, standardised, by Adam on all the data with a falling learning rate, in three ways: |β| differentiated as a part of the loss; its proximal operator after the step; the same in the metric that Adam steps in.',
  lesson:
    'A subgradient makes weights small and none zero; most libraries do this. A proximal step after Adam makes zeros, but with thresholds that ignore Adam’s scaling it solves another problem. In Adam’s own metric it solves the lasso to the last digits. This is the default here.',
  async run({ full, log }): Promise<Measured> {
    const { X, y, n } = await diabetes()
    const scale = Math.hypot(...y.toTypedArray()) / Math.sqrt(n)
    const data = dataset.fromArrays(
      mul(X, Math.sqrt(n)) as Tensor,
      tensor(
        Float64Array.from(y.toTypedArray(), (v) => v / scale),
        { shape: [n, 1] },
      ) as Tensor,
    )
    const objective = (beta: readonly number[]): number => {
      const [xs, ys] = [data.x.toTypedArray(), data.y.toTypedArray()]
      let squares = 0
      for (let i = 0; i < n; i++) {
        let r = ys[i]!
        for (let k = 0; k < 10; k++) r -= xs[i * 10 + k]! * beta[k]!
        squares += r * r
      }
      return squares / (2 * n) + LAMBDA * beta.reduce((s, b) => s + Math.abs(b), 0)
    }
    const [steps, epochs] = [full ? 1000 : 200, full ? 40 : 20]
    const runs = []
    for (const [name, mode, meaning] of WAYS) {
      log?.(name)
      const gaps: (readonly [number, number])[] = []
      let beta: readonly number[] = []
      const run = fit({
        model: dense(1, { bias: false }),
        params: { kernel: zeros([10, 1], 'float64') as Tensor },
        loss: (a, b) => mul(loss.mse(a, b), 0.5) as Tensor,
        penalty: on('kernel', l1(LAMBDA), { mode }),
        optimizer: adam({ learningRate: decaying }),
        data: dataset.stream(() => Array.from({ length: steps }, () => ({ x: data.x, y: data.y }))),
        epochs,
        key: random.key(0),
        health: false,
      })
      for await (const { step, state } of run) {
        beta = [...state.params.kernel.toTypedArray()]
        gaps.push([step, Math.max(objective(beta) - OPTIMUM, 1e-17)])
      }
      const error = Math.max(...beta.map((b, k) => Math.abs(b - COEFFICIENTS[k]!)))
      runs.push({
        name,
        meaning,
        gaps,
        beta,
        zeros: beta.filter((b) => b === 0).length,
        gap: gaps.at(-1)![1],
        error,
      })
    }
    return {
      head: ['way', 'exact zeros (of 6)', 'objective above the least', 'coefficients off by', 'what it is'],
      rows: runs.map((r) => [
        r.name,
        String(r.zeros),
        r.gap <= 1e-15 ? '< 1e-15' : r.gap.toExponential(1),
        r.error.toExponential(1),
        r.meaning,
      ]),
      raw: [['way', 'gap', 'error', ...NAMES], ...runs.map((r) => [r.name, r.gap, r.error, ...r.beta])],
      figures: {
        gap: await figure.lines({
          title: 'Objective above the least',
          x: { name: 'step' },
          y: { name: 'gap', log: true },
          lines: runs.map(({ name, gaps }) => ({ name, points: gaps })),
          width: 760,
        }),
        sizes: await figure.bars({
          title: 'Size of each coefficient, log10 (0 drawn as -18)',
          categories: NAMES,
          y: { name: 'log10 |β|' },
          groups: runs.map(({ name, beta }) => ({
            name,
            values: beta.map((b) => (b === 0 ? -18 : Math.log10(Math.abs(b)))),
          })),
          width: 760,
        }),
      },
    }
  },
  judge(raw) {
    const of = (way: string) => {
      const row = rowsOf(raw).where({ way })
      return {
        gap: row.of('gap')[0]!,
        zeros: NAMES.filter((name) => row.of(name)[0] === 0).length,
        names: NAMES.filter((name, k) => row.of(name)[0] === 0 && COEFFICIENTS[k] === 0).length,
      }
    }
    const [below, euclid, metric] = WAYS.map(([name]) => of(name)) as [
      ReturnType<typeof of>,
      ReturnType<typeof of>,
      ReturnType<typeof of>,
    ]
    return [
      {
        text: 'In the metric of Adam: the six zeros of the lasso, and its objective',
        measured: `${metric.zeros} zeros, ${metric.names} of them those of the lasso, gap ${metric.gap.toExponential(1)}`,
        holds: metric.zeros === 6 && metric.names === 6 && metric.gap < 1e-14,
      },
      {
        text: 'As a subgradient, as most libraries do it, L1 eliminates weights',
        measured: `${below.zeros} zeros, gap ${below.gap.toExponential(1)} (elsewhere 0 and 6.5e-6)`,
        holds: below.zeros > 0,
      },
      {
        text: 'By a Euclidean prox after Adam it solves the lasso',
        measured: `${euclid.zeros} zeros, gap ${euclid.gap.toExponential(1)} (elsewhere 0 and 1.2e-1)`,
        holds: euclid.gap < 1e-6,
      },
    ]
  },
}

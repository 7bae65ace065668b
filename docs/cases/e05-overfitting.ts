import { figure } from '@cotangent/train'
import { agreement } from './support/agreement.js'
import type { Case, Measured } from './support/case.js'
import { compare, METHODS } from './support/cures.js'
import { type Rows, rowsOf } from './support/raw.js'
import { deviation, mean, spread } from './support/stats.js'
import { every, lower } from './support/verdict.js'

/** Examples in the test part. */
const TESTED = 1097
const NONE = 'none'
const DROPOUT = 'dropout 0.2/0.5/0.5'
const errorsIn =
  (rows: Rows) =>
  (method: string): number[] =>
    rows.where({ method }).of('test error')
const nextTo = (best: string, names: readonly string[], of: (name: string) => number[]): string => {
  const rest = names.filter((name) => name !== best)
  const next = rest.reduce((a, b) => (mean(of(b)) < mean(of(a)) ? b : a))
  return `${next}, ${spread(of(next))} %`
}

export const overfitting: Case = {
  id: 'E5',
  title: 'Overfitting, and eleven cures',
  claim: 'Regularisation prevents overfitting (the whole of the article’s chapter 3).',
  setting:
    '500 digits to train, of which 30 % have a label drawn anew, 200 to validate, 1097 to test. A network 64-256-256-10 with relu, Adam at 0.001, batches of 50, 120 epochs.',
  lesson:
    'Without a cure the network learns the wrong labels by heart. What disturbs it while it trains (dropout, noise, shifts), a strong penalty in the loss and stopping early help much; dropout helps most. Decay that is decoupled from the gradient and max-norm help little at these strengths. Mixup and label smoothing cannot be told from doing nothing here: they soften all labels and do not know which are wrong.',
  async run(effort): Promise<Measured> {
    const fast = ['none', 'L2 in the loss, 0.01', 'dropout 0.2/0.5/0.5', 'early stopping']
    const { runs, of, methods } = await compare(
      effort,
      { train: 500, noise: 0.3 },
      effort.full ? undefined : fast,
    )
    const test = (name: string) => mean(of(name, (run) => run.testError))
    const names = methods.map(({ name }) => name)
    const first = (name: string) => runs.find((run) => run.method === name)!
    const shown = names.filter((name) => [NONE, 'L2 in the loss, 0.01', DROPOUT].includes(name))
    return {
      head: [
        'method',
        'test error %',
        'elsewhere %',
        'error on its examples, true labels %',
        'wrong labels learnt %',
        '‖W‖',
        'zeros %',
      ],
      rows: methods.map(({ name, pilot }) => [
        name,
        spread(of(name, (run) => run.testError)),
        pilot.toFixed(1),
        spread(of(name, (run) => run.trainError)),
        spread(of(name, (run) => run.memorised)),
        spread(of(name, (run) => run.norm)),
        spread(of(name, (run) => run.zeros)),
      ]),
      raw: [
        ['method', 'seed', 'test error', 'train error, true labels', 'memorised', 'norm', 'zeros'],
        ...runs.map((r) => [r.method, r.seed, r.testError, r.trainError, r.memorised, r.norm, r.zeros]),
      ],
      figures: {
        errors: await figure.bars({
          title: 'Test error, 30 % of the training labels drawn anew; the line is a deviation',
          categories: names,
          y: { name: 'test error, %' },
          groups: [
            {
              name: 'test error',
              values: names.map(test),
              errors: names.map((name) => deviation(of(name, (r) => r.testError))),
            },
          ],
          width: 760,
          height: 380,
        }),
        curves: await figure.lines({
          title: 'Error while training, one seed',
          x: { name: 'epoch', min: 1 },
          y: { name: 'error, %' },
          lines: shown.flatMap((name, i) => [
            {
              name: `${name}: training`,
              colour: i,
              dashed: true,
              points: first(name).curve.map((p) => [p.epoch, p.train] as const),
            },
            {
              name: `${name}: validation`,
              colour: i,
              points: first(name).curve.map((p) => [p.epoch, p.validation] as const),
            },
          ]),
          width: 760,
          height: 380,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const of = errorsIn(rows)
    const names = rows.each('method')
    const memorised = mean(rows.where({ method: NONE }).of('memorised'))
    const others = names.filter((name) => name !== NONE)
    return [
      {
        text: 'Without a cure the network learns most of the wrong labels by heart',
        measured: `${memorised.toFixed(0)} % of them`,
        holds: memorised > 50,
      },
      ...others.map((name) => ({
        text: `${name} lowers the test error`,
        measured: `${spread(of(NONE))} % to ${spread(of(name))} %`,
        holds: lower(of(name), of(NONE), { count: TESTED }),
      })),
      {
        text: 'dropout is the best of them',
        measured: `${spread(of(DROPOUT))} %; the next: ${nextTo(DROPOUT, others, of)}`,
        holds: every(
          others
            .filter((name) => name !== DROPOUT)
            .map((name) => lower(of(DROPOUT), of(name), { count: TESTED })),
        ),
      },
      ...agreement(METHODS.map(({ name, pilot }) => ({ name, pilot, values: of(name) }))),
    ]
  },
}

/** Test errors measured elsewhere without noise in the labels, 200 examples. */
const CONTROL: Readonly<Record<string, number>> = {
  none: 6.35,
  'dropout 0.2/0.5/0.5': 6.06,
  'label smoothing 0.1': 5.25,
  'shift by a pixel': 6.61,
  'mixup 0.4': 7.06,
}

export const withoutNoise: Case = {
  id: 'E5b',
  title: 'The same without wrong labels',
  claim: 'The control: regularisation helps where there is something to overfit to.',
  setting: '200 digits to train with the labels they have; all else as in E5.',
  lesson:
    'With true labels and as little as 200 examples most cures are within the spread of doing nothing. A method that is shown on clean data alone shows little.',
  async run(effort): Promise<Measured> {
    const chosen = Object.keys(CONTROL)
    const { runs, of, methods } = await compare(
      effort,
      { train: 200, noise: 0 },
      effort.full ? chosen : chosen.slice(0, 2),
    )
    const names = methods.map(({ name }) => name)
    return {
      head: ['method', 'test error %', 'elsewhere %'],
      rows: names.map((name) => [name, spread(of(name, (r) => r.testError)), CONTROL[name]!.toFixed(2)]),
      raw: [['method', 'seed', 'test error'], ...runs.map((r) => [r.method, r.seed, r.testError])],
      figures: {
        errors: await figure.bars({
          title: 'Test error, true labels; the line is a deviation',
          categories: names,
          y: { name: 'test error, %', max: 25 },
          groups: [
            {
              name: 'test error',
              values: names.map((name) => mean(of(name, (r) => r.testError))),
              errors: names.map((name) => deviation(of(name, (r) => r.testError))),
            },
          ],
          width: 760,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const of = errorsIn(rows)
    const names = rows.each('method')
    const others = names.filter((name) => name !== NONE)
    const gap = Math.max(...others.map((name) => Math.abs(mean(of(name)) - mean(of(NONE)))))
    return [
      {
        text: 'No cure moves the error by as much as 3 points',
        measured: `at most ${gap.toFixed(1)} points`,
        holds: gap < 3,
      },
      {
        text: 'Each cure lowers the error here too',
        measured: others.map((name) => `${name}: ${spread(of(name))} %`).join('; '),
        holds: every(others.map((name) => lower(of(name), of(NONE), { count: TESTED }))),
      },
      ...agreement(Object.entries(CONTROL).map(([name, pilot]) => ({ name, pilot, values: of(name) }))),
    ]
  },
}

import { random, type Tensor, tensor } from '@cotangent/core'
import { crossValidate, l1, lambdaPath, leastSquares, logistic } from '@cotangent/regularize'
import { figure } from '@cotangent/train'
import { loadBreastCancer } from '../data/breast-cancer/breast-cancer.js'
import type { Case, Measured } from './support/case.js'
import { diabetes } from './support/diabetes.js'
import { rowsOf } from './support/raw.js'
import { spread } from './support/stats.js'

// scikit-learn: LassoCV(cv=KFold(10)) on the same data, 100 alphas.
const KNOWN = { alpha: 0.05705392298, error: 2987.2522483 }
/** L1-logistic regression on the tumours, computed elsewhere to 1e-14: λ over its largest, coefficients, objective. */
const TUMOURS = [
  [0.5, 3, 0.5727416353],
  [0.1, 5, 0.2925840936],
  [0.03, 9, 0.1693597833],
  [0.01, 13, 0.1074830074],
] as const
const LARGEST = 0.38368324447763896

type Found = Awaited<ReturnType<typeof crossValidate>>

const curveOf = (title: string, name: string, found: Found): Promise<string> => {
  const line = (f: (i: number) => number) => found.lambdas.map((lambda, i) => [lambda, f(i)] as const)
  const side = (sign: number) => line((i) => found.mean[i]! + sign * found.standardError[i]!)
  return figure.lines({
    title,
    x: { name: 'λ', log: true },
    y: { name },
    lines: [
      { name: 'mean', points: line((i) => found.mean[i]!), colour: 0 },
      { name: '± one standard error', points: side(1), colour: 0, dashed: true },
      { name: ' ', points: side(-1), colour: 0, dashed: true },
    ],
    marks: [
      { at: found.lambdaMin, label: 'least' },
      { at: found.lambda1se, label: 'one standard error' },
    ],
    width: 760,
  })
}

export const selection: Case = {
  id: 'E13',
  title: 'Choosing λ',
  claim: 'The article speaks of tuning parameters and gives no way to choose λ (section 3.7).',
  setting:
    'The lasso on the diabetes data, ten folds in the order of the data, 100 values of λ. And logistic regression with L1 on 569 tumours, 30 standardised measurements, ten folds drawn anew for each of five seeds.',
  lesson:
    'Cross-validation chooses λ by the error on what was left out. The rule of one standard error takes the simplest model that cannot be told from the best: fewer coefficients for an error within the noise. What is chosen depends on the folds: several draws tell by how much.',
  async run({ seeds, log }): Promise<Measured> {
    log?.('diabetes')
    const { X, y } = await diabetes()
    const found = await crossValidate({ X, y, penalty: l1(1), folds: 10, n: 100 })
    const countsAt = async (loss: Parameters<typeof lambdaPath>[0]['loss'], lambdas: readonly number[]) => {
      const all: { readonly nonzeros: number; readonly objective: number }[] = []
      for await (const { nonzeros, objective } of lambdaPath({
        loss,
        penalty: l1(1),
        lambdas,
        tolerance: 1e-12,
      }))
        all.push({ nonzeros, objective })
      return all
    }
    const [simple, least] = await countsAt(leastSquares(X, y, { intercept: true }) as never, [
      found.lambda1se,
      found.lambdaMin,
    ])
    const at = (lambda: number): number => found.mean[found.lambdas.indexOf(lambda)]!

    log?.('tumours')
    const table = loadBreastCancer()
    const [T, labels] = [
      tensor(Float64Array.from(table.X.flat()), { shape: [569, 30] }),
      tensor(Float64Array.from(table.y)),
    ]
    const whole = logistic(T as Tensor, labels as Tensor, { intercept: true })
    const known = TUMOURS.map(([ratio]) => ratio * LARGEST)
    const reached = await countsAt(whole as never, known)
    const draws: { seed: number; found: Found; counts: readonly number[] }[] = []
    for (const seed of seeds) {
      const drawn = await crossValidate({
        X: T as Tensor,
        y: labels as Tensor,
        loss: logistic,
        penalty: l1(1),
        folds: 10,
        key: random.key(seed),
      })
      const counts = (await countsAt(whole as never, [drawn.lambda1se, drawn.lambdaMin])).map(
        (c) => c.nonzeros,
      )
      draws.push({ seed, found: drawn, counts })
    }
    const of = (pick: (d: (typeof draws)[0]) => number) => draws.map(pick)
    const errorAt = ({ found: f }: (typeof draws)[0], lambda: number) => f.mean[f.lambdas.indexOf(lambda)]!
    return {
      head: ['data', 'rule', 'λ', 'error left out', 'coefficients'],
      rows: [
        [
          'diabetes',
          'least error',
          found.lambdaMin.toPrecision(6),
          at(found.lambdaMin).toFixed(2),
          String(least!.nonzeros),
        ],
        [
          'diabetes',
          'one standard error',
          found.lambda1se.toPrecision(6),
          at(found.lambda1se).toFixed(2),
          String(simple!.nonzeros),
        ],
        ['diabetes', 'least error, scikit-learn', KNOWN.alpha.toPrecision(6), KNOWN.error.toFixed(2), ''],
        [
          'tumours',
          'least error',
          spread(
            of((d) => d.found.lambdaMin),
            5,
          ),
          spread(
            of((d) => errorAt(d, d.found.lambdaMin)),
            4,
          ),
          spread(of((d) => d.counts[1]!)),
        ],
        [
          'tumours',
          'one standard error',
          spread(
            of((d) => d.found.lambda1se),
            5,
          ),
          spread(
            of((d) => errorAt(d, d.found.lambda1se)),
            4,
          ),
          spread(of((d) => d.counts[0]!)),
        ],
      ],
      raw: [
        ['part', 'seed', 'lambda', 'mean', 'standard error', 'coefficients'],
        ['diabetes, least', '', found.lambdaMin, at(found.lambdaMin), '', least!.nonzeros],
        ['diabetes, simple', '', found.lambda1se, at(found.lambda1se), '', simple!.nonzeros],
        ...reached.map((r, i) => ['tumours, known', '', known[i]!, r.objective, '', r.nonzeros]),
        ...draws.flatMap((d) => [
          ['tumours, least', d.seed, d.found.lambdaMin, errorAt(d, d.found.lambdaMin), '', d.counts[1]!],
          ['tumours, simple', d.seed, d.found.lambda1se, errorAt(d, d.found.lambda1se), '', d.counts[0]!],
        ]),
        ...found.lambdas.map((l, i) => [
          'diabetes, curve',
          '',
          l,
          found.mean[i]!,
          found.standardError[i]!,
          '',
        ]),
      ],
      figures: {
        curve: await curveOf('Diabetes: error on the fold left out', 'mean square', found),
        tumours: await curveOf('Tumours: error on the fold left out, one draw', 'deviance', draws[0]!.found),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const one = (part: string, column: string) => rows.where({ part }).of(column)[0]!
    const off = Math.max(
      Math.abs(one('diabetes, least', 'lambda') / KNOWN.alpha - 1),
      Math.abs(one('diabetes, least', 'mean') / KNOWN.error - 1),
    )
    const [simple, least] = [one('diabetes, simple', 'coefficients'), one('diabetes, least', 'coefficients')]
    const known = rows.where({ part: 'tumours, known' })
    const [counts, objectives] = [known.of('coefficients'), known.of('mean')]
    const apart = Math.max(...TUMOURS.map(([, , value], i) => Math.abs(objectives[i]! / value - 1)))
    const [few, many] = ['tumours, simple', 'tumours, least'].map((part) => rows.where({ part })) as [
      ReturnType<typeof rows.where>,
      ReturnType<typeof rows.where>,
    ]
    return [
      {
        text: 'λ of least error and its error are those of scikit-learn',
        measured: `λ ${one('diabetes, least', 'lambda').toPrecision(6)}, relative difference ${off.toExponential(1)}`,
        holds: off < 1e-5,
      },
      {
        text: 'The rule of one standard error needs fewer coefficients',
        measured: `diabetes ${simple} for ${least}; tumours ${spread(few.of('coefficients'))} for ${spread(many.of('coefficients'))}`,
        holds: simple < least && few.of('coefficients').every((n, i) => n < many.of('coefficients')[i]!),
      },
      {
        text: 'On the tumours the counts of coefficients and the objectives are those computed elsewhere',
        measured: `${counts.join(', ')} coefficients, relative difference ${apart.toExponential(1)}`,
        holds: TUMOURS.every(([, n], i) => counts[i] === n) && apart < 1e-8,
      },
    ]
  },
}

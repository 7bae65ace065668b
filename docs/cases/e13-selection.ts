import { crossValidate, l1, lambdaPath, leastSquares } from '@cotangent/regularize'
import { figure } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { diabetes } from './support/diabetes.js'

// scikit-learn: LassoCV(cv=KFold(10)) on the same data, 100 alphas.
const KNOWN = { alpha: 0.05705392298, error: 2987.2522483 }

export const selection: Case = {
  id: 'E13',
  title: 'Choosing λ',
  claim: 'The article speaks of tuning parameters and gives no way to choose λ (section 3.7).',
  setting: 'The lasso on the diabetes data, ten folds in the order of the data, 100 values of λ.',
  lesson:
    'Cross-validation chooses λ by the error on what was left out. The rule of one standard error takes the simplest model that cannot be told from the best: half as many coefficients for an error within the noise.',
  async run(): Promise<Outcome> {
    const { X, y } = await diabetes()
    const found = await crossValidate({ X, y, penalty: l1(1), folds: 10, n: 100 })
    const at = (lambda: number): number => found.lambdas.indexOf(lambda)
    const [least, simple] = [at(found.lambdaMin), at(found.lambda1se)]
    // What is measured on the left-out part is the mean of squares.
    const off = Math.max(
      Math.abs(found.lambdaMin / KNOWN.alpha - 1),
      Math.abs(found.mean[least]! / KNOWN.error - 1),
    )
    const counts: number[] = []
    for await (const fit of lambdaPath({
      loss: leastSquares(X, y, { intercept: true }),
      penalty: l1(1),
      lambdas: [found.lambda1se, found.lambdaMin],
    }))
      counts.push(fit.nonzeros)
    const line = (f: (i: number) => number) => found.lambdas.map((lambda, i) => [lambda, f(i)] as const)
    return {
      head: ['rule', 'λ', 'error left out', 'coefficients'],
      rows: [
        ['least error', found.lambdaMin.toPrecision(6), found.mean[least]!.toFixed(2), String(counts[1])],
        [
          'one standard error',
          found.lambda1se.toPrecision(6),
          found.mean[simple]!.toFixed(2),
          String(counts[0]),
        ],
        ['least error, scikit-learn', KNOWN.alpha.toPrecision(6), KNOWN.error.toFixed(2), ''],
      ],
      raw: [
        ['lambda', 'mean', 'standard error'],
        ...found.lambdas.map((l, i) => [l, found.mean[i]!, found.standardError[i]!]),
      ],
      figures: {
        curve: await figure.lines({
          title: 'Error on the fold left out',
          x: { name: 'λ', log: true },
          y: { name: 'mean square' },
          lines: [
            { name: 'mean', points: line((i) => found.mean[i]!), colour: 0 },
            {
              name: '± one standard error',
              points: line((i) => found.mean[i]! + found.standardError[i]!),
              colour: 0,
              dashed: true,
            },
            {
              name: ' ',
              points: line((i) => found.mean[i]! - found.standardError[i]!),
              colour: 0,
              dashed: true,
            },
          ],
          marks: [
            { at: found.lambdaMin, label: 'least' },
            { at: found.lambda1se, label: 'one standard error' },
          ],
          width: 760,
        }),
      },
      claims: [
        {
          text: 'λ of least error and its error are those of scikit-learn',
          measured: `relative difference ${off.toExponential(1)}`,
          holds: off < 1e-5,
        },
        {
          text: 'The rule of one standard error needs fewer coefficients',
          measured: `${counts[0]} for ${counts[1]}`,
          holds: counts[0]! < counts[1]!,
        },
      ],
    }
  },
}

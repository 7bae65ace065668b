import { lassoPath } from '@cotangent/regularize'
import { figure } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { diabetes, NAMES } from './support/diabetes.js'

/** The λ at which a coefficient comes in or leaves: computed with R's lars and with scikit-learn from the same file. */
const KNOWN = [
  949.43526038, 889.31378536, 452.89570053, 316.07337895, 130.1295371, 88.78429935, 68.96479019, 19.98116536,
  5.47753637, 5.08823629, 2.18226684, 1.31044134, 0,
]
const KNOWN_NORMS = [
  0, 60.12147502, 663.67727717, 888.9103724, 1250.69698593, 1440.78451, 1537.0633994, 1914.56407351,
  2115.72870171, 2195.75488357, 2802.35709475, 2862.99294691, 3459.97763244,
]
const relative = (a: number, b: number): number => (b === 0 ? Math.abs(a) : Math.abs(a / b - 1))

export const lasso: Case = {
  id: 'E1',
  title: 'L1 makes weights exactly zero',
  claim: 'L1 regularisation leads to sparse solutions (section 3.3).',
  setting:
    'The diabetes data, columns of mean 0 and norm 1. All solutions of ½‖y - Xβ‖² + λ‖β‖₁, from λ so large that all are zero down to least squares.',
  lesson:
    'Each λ has its own set of coefficients that are exactly zero, and the path between is straight. A coefficient may leave again (s3 at λ = 2.18): sparsity need not fall with λ. The article’s bound Λ = 1/λ on ‖β‖₁ is not one: the two axes are related by the data.',
  async run(): Promise<Outcome> {
    const { X, y } = await diabetes()
    const { knots, l1norms } = lassoPath(X, y)
    const off = Math.max(
      ...knots.map(({ lambda }, i) => relative(lambda, KNOWN[i]!)).slice(0, -1),
      ...l1norms.map((norm, i) => relative(norm, KNOWN_NORMS[i]!)),
    )
    const what = (i: number): string => {
      const { enters, leaves } = knots[i]!
      const name = (k: number | undefined, sign: string) => (k === undefined ? '' : `${sign} ${NAMES[k]}`)
      return `${name(enters, '+')} ${name(leaves, '-')}`.trim()
    }
    const nonzero = (coefs: readonly number[]): number => coefs.filter((c) => c !== 0).length
    const dropped = knots.findIndex(({ leaves }) => leaves !== undefined)
    return {
      head: ['knot', 'λ', 'change', '‖β‖₁', 'not zero'],
      rows: knots.map(({ lambda, coefs }, i) => [
        String(i),
        lambda.toFixed(6),
        what(i),
        l1norms[i]!.toFixed(4),
        String(nonzero(coefs)),
      ]),
      raw: [
        ['lambda', 'l1norm', ...NAMES],
        ...knots.map(({ lambda, coefs }, i) => [lambda, l1norms[i]!, ...coefs]),
      ],
      figures: {
        path: await figure.lines({
          title: 'Coefficients of the lasso, knots as published',
          x: { name: '‖β‖₁' },
          y: { name: 'coefficient' },
          lines: [
            ...NAMES.map((name, k) => ({
              name,
              colour: k,
              points: knots.map(({ coefs }, i) => [l1norms[i]!, coefs[k]!] as const),
            })),
            {
              name: 'published',
              dots: true,
              colour: 6,
              points: KNOWN_NORMS.map((norm) => [norm, 0] as const),
            },
          ],
          width: 760,
          height: 400,
        }),
        sparsity: await figure.lines({
          title: 'Coefficients that are not zero',
          x: { name: 'λ', log: true },
          y: { name: 'count', min: 0, max: 10 },
          lines: [
            {
              name: 'count',
              points: knots.slice(0, -1).flatMap(({ lambda, coefs }, i) => {
                const before = i === 0 ? 0 : nonzero(knots[i - 1]!.coefs)
                return [[lambda, before] as const, [lambda, nonzero(coefs)] as const]
              }),
            },
          ],
          width: 760,
          height: 260,
        }),
      },
      claims: [
        {
          text: 'The knots and norms are the published ones',
          measured: `relative difference at most ${off.toExponential(1)}`,
          holds: off < 2e-9,
        },
        {
          text: 'Coefficients are exactly zero, and come in one by one',
          measured: `${nonzero(knots[3]!.coefs)} of 10 at knot 3`,
          holds: nonzero(knots[3]!.coefs) <= 4,
        },
        {
          text: 's3 leaves at λ = 2.18',
          measured:
            dropped < 0 ? 'nothing leaves' : `${what(dropped)} at ${knots[dropped]!.lambda.toFixed(2)}`,
          holds: dropped >= 0 && Math.abs(knots[dropped]!.lambda - 2.18226684) < 1e-6,
        },
      ],
    }
  },
}

import { lassoPath } from '@cotangent/regularize'
import { figure } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { diabetes, NAMES } from './support/diabetes.js'
import { rowsOf } from './support/raw.js'

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
  async run(): Promise<Measured> {
    const { X, y } = await diabetes()
    const { knots, l1norms } = lassoPath(X, y)
    const what = (i: number): string => {
      const { enters, leaves } = knots[i]!
      const name = (k: number | undefined, sign: string) => (k === undefined ? '' : `${sign} ${NAMES[k]}`)
      return `${name(enters, '+')} ${name(leaves, '-')}`.trim()
    }
    const nonzero = (coefs: readonly number[]): number => coefs.filter((c) => c !== 0).length
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
              dashed: k > 7,
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
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const [lambdas, norms] = [rows.of('lambda'), rows.of('l1norm')]
    const off = Math.max(
      ...lambdas.map((lambda, i) => relative(lambda, KNOWN[i]!)).slice(0, -1),
      ...norms.map((norm, i) => relative(norm, KNOWN_NORMS[i]!)),
    )
    const coefficients = NAMES.map((name) => rows.of(name))
    const nonzero = lambdas.map((_, i) => coefficients.filter((path) => path[i] !== 0).length)
    const leaving = NAMES.flatMap((name, k) =>
      lambdas.flatMap((lambda, i) =>
        i > 0 && coefficients[k]![i] === 0 && coefficients[k]![i - 1] !== 0 ? [{ name, lambda }] : [],
      ),
    )
    return [
      {
        text: 'The knots and norms are the published ones',
        measured: `relative difference at most ${off.toExponential(1)}`,
        holds: lambdas.length === KNOWN.length && off < 2e-9,
      },
      {
        text: 'Coefficients are exactly zero, and come in one by one',
        measured: `not zero at the knots: ${nonzero.join(', ')} of 10`,
        holds: nonzero.slice(0, 10).every((n, i) => n === i),
      },
      {
        text: 's3 leaves at λ = 2.18',
        measured: leaving.map(({ name, lambda }) => `${name} at ${lambda.toFixed(2)}`).join(', ') || 'none',
        holds:
          leaving.length === 1 &&
          leaving[0]!.name === 's3' &&
          Math.abs(leaving[0]!.lambda - 2.18226684) < 1e-6,
      },
      {
        text: 'A coefficient that has come in stays in as λ falls',
        measured: `${leaving.length} of 10 leave again`,
        holds: leaving.length === 0,
      },
    ]
  },
}

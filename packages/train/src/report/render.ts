import { dataOf } from '@cotangent/core/internal'
import * as figure from '../figure/index.js'
import type { Line } from '../figure/lines.js'
import type { EpochRow } from './history.js'
import { byPath } from './history.js'
import { escape, facts, figures, page, table } from './html.js'

/** What a report is made of. */
export interface ReportData {
  readonly title: string
  readonly rows: readonly EpochRow[]
  /** The parameters at the end. */
  readonly params: unknown
  /** How the run ended, in words. */
  readonly ending: string
}

const number = (x: number): string => {
  const size = Math.abs(x)
  if (size === 0) return '0'
  return size < 1e-3 || size >= 1e6 ? x.toExponential(2) : x.toPrecision(4)
}
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`
const lastOf = (path: string): string => path.split('/').at(-1)!

const line = (
  rows: readonly EpochRow[],
  name: string,
  value: (row: EpochRow) => number | null | undefined,
): Line => ({
  name,
  points: rows.flatMap((row) => {
    const v = value(row)
    return v === null || v === undefined ? [] : [[row.epoch, v] as const]
  }),
})
const linesOf = (
  rows: readonly EpochRow[],
  pick: (row: EpochRow) => Readonly<Record<string, number>>,
): readonly Line[] => Object.keys(pick(rows[0]!)).map((name) => line(rows, name, (row) => pick(row)[name]))

const EPOCH = { name: 'epoch', min: 1 }

const learningCurves = async (rows: readonly EpochRow[]): Promise<readonly string[]> => {
  const best = rows.reduce<EpochRow | undefined>(
    (b, row) =>
      row.validation !== null && row.validation < (b?.validation ?? Number.POSITIVE_INFINITY) ? row : b,
    undefined,
  )
  const losses = [
    line(rows, 'loss', (row) => row.loss),
    line(rows, 'validation', (row) => row.validation),
    line(rows, 'loss + penalty', (row) => (row.penalty === 0 ? null : row.objective)),
  ].filter(({ points }) => points.length > 0)
  // Spread over more than a decade a loss is read on a logarithmic axis.
  const values = losses.flatMap(({ points }) => points.map((p) => p[1]))
  const log = values.every((v) => v > 0) && Math.max(...values) > 10 * Math.min(...values)
  const marks = best === undefined ? [] : [{ at: best.epoch, label: `best, epoch ${best.epoch}` }]
  const metrics = [
    ...linesOf(rows, (row) => row.metrics),
    ...linesOf(rows, (row) => row.validationMetrics).map((l) => ({ ...l, name: `${l.name}, validation` })),
  ]
  return Promise.all([
    figure.lines({ title: 'Loss', x: EPOCH, y: { name: 'loss', log }, lines: losses, marks }),
    ...(metrics.length > 0
      ? [figure.lines({ title: 'Metrics', x: EPOCH, y: { name: 'value' }, lines: metrics })]
      : []),
    ...(rows.some((row) => row.learningRate !== null)
      ? [
          figure.lines({
            title: 'Learning rate',
            x: EPOCH,
            y: { name: 'η' },
            lines: [line(rows, 'η', (row) => row.learningRate)],
          }),
        ]
      : []),
  ])
}

const penaltyFigures = async (rows: readonly EpochRow[]): Promise<readonly string[]> => {
  const terms = [...linesOf(rows, (row) => row.penalties), ...linesOf(rows, (row) => row.terms)]
  const kernels = Object.keys(rows[0]!.zeros).filter(
    (path) => rows.some((row) => row.zeros[path]! > 0) && !/bias$/.test(path),
  )
  return Promise.all([
    ...(terms.length > 0
      ? [figure.lines({ title: 'Penalty terms', x: EPOCH, y: { name: 'value' }, lines: terms })]
      : []),
    ...(kernels.length > 0
      ? [
          figure.lines({
            title: 'Sparsity: share of weights that are exactly 0',
            x: EPOCH,
            y: { name: 'share', min: 0, max: 1 },
            lines: kernels.map((path) => line(rows, path, (row) => row.zeros[path])),
          }),
        ]
      : []),
  ])
}

const gradientFigures = async (rows: readonly EpochRow[]): Promise<readonly string[]> =>
  Object.keys(rows[0]!.gradients).length === 0
    ? []
    : Promise.all([
        figure.lines({
          title: 'Gradient norm by layer',
          x: EPOCH,
          y: { name: '‖∂L/∂W‖', log: true },
          lines: linesOf(rows, (row) => row.gradients),
        }),
        figure.lines({
          title: 'Weight norm by parameter',
          x: EPOCH,
          y: { name: '‖W‖' },
          lines: linesOf(rows, (row) => row.norms).filter(({ name }) => !/bias$/.test(name)),
        }),
      ])

/** The HTML of a report. */
export const renderReport = async ({ title, rows, params, ending }: ReportData): Promise<string> => {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return page(title, `${ending} No epoch was completed.`, [])
  const tensors = byPath(params)
  const parameters = tensors.reduce((n, [, t]) => n + t.size, 0)
  const weights = tensors.filter(([path, t]) => t.rank > 1 || lastOf(path) === 'kernel')
  const seconds = rows.reduce((s, row) => s + row.seconds, 0)
  const validations = rows.flatMap((row) => (row.validation === null ? [] : [row.validation]))
  const zeros = weights.reduce((n, [path, t]) => n + last.zeros[path]! * t.size, 0)
  const weightCount = weights.reduce((n, [, t]) => n + t.size, 0)
  return page(title, ending, [
    facts([
      ['epochs', String(last.epoch)],
      ['steps', String(last.step)],
      ['parameters', parameters.toLocaleString('en')],
      ['loss at the end', number(last.loss)],
      ...(validations.length > 0
        ? ([['least validation loss', number(Math.min(...validations))]] as const)
        : []),
      ...Object.entries(last.validationMetrics).map(
        ([name, v]) => [`${name}, validation`, number(v)] as const,
      ),
      ...(weightCount > 0 ? ([['weights exactly 0', percent(zeros / weightCount)]] as const) : []),
      ['time', `${seconds.toFixed(1)} s`],
    ]),
    figures('Learning curves', await learningCurves(rows)),
    figures('Penalties and sparsity', await penaltyFigures(rows)),
    table(
      'Objective at the end',
      ['term', 'value', 'share'],
      [
        ['data loss', number(last.loss), percent(last.loss / last.objective)],
        ...Object.entries({ ...last.terms, ...last.penalties }).map(([name, v]) => [
          name,
          number(v),
          percent(v / last.objective),
        ]),
      ],
    ),
    figures('Gradients and weights over time', await gradientFigures(rows)),
    `<p class="note ${escape(last.verdict)}">In the last epoch: ${escape(last.explanation)}</p>`,
    figures(
      'Weights at the end',
      await Promise.all(
        weights.map(([path, t]) =>
          figure.histogram({ title: path, x: 'weight', values: dataOf(t), height: 260 }),
        ),
      ),
    ),
    table(
      'Parameters at the end',
      ['parameter', 'shape', 'entries', 'norm', 'exactly 0'],
      tensors.map(([path, t]) => [
        path,
        `[${t.shape.join(', ')}]`,
        t.size.toLocaleString('en'),
        number(last.norms[path]!),
        percent(last.zeros[path]!),
      ]),
    ),
  ])
}

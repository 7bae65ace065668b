import { type Axis, axis, frame } from './axes.js'
import { COLOURS, draw, type Size } from './draw.js'

/** One line of a figure. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
  readonly dashed?: boolean
  /** Draws the points alone. */
  readonly dots?: boolean
  /** Its place among the colours, where lines belong together. */
  readonly colour?: number
}

/** A vertical line with a word. */
export interface Mark {
  readonly at: number
  readonly label: string
}

/** What {@link lines} draws. */
export interface LinesOptions extends Size {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  readonly marks?: readonly Mark[]
}

const seen = (log: boolean | undefined, v: number): boolean => Number.isFinite(v) && (!log || v > 0)

/**
 * Lines over a common axis, as the text of an SVG. On a logarithmic axis only what is positive is drawn.
 *
 * @example
 * const svg = await figure.lines({ title: 'Loss', x: { name: 'epoch' }, y: { name: 'loss', log: true }, lines: [{ name: 'train', points: [[1, 1], [2, 0.1]] }] })
 * svg.startsWith('<svg') // => true
 */
export const lines = ({ title, x, y, lines: all, marks = [], ...size }: LinesOptions): Promise<string> => {
  const values = (i: 0 | 1) => all.flatMap(({ points }) => points.map((p) => p[i]))
  const markLine = {
    symbol: 'none',
    silent: true,
    lineStyle: { color: '#999999', type: 'dashed' },
    label: { formatter: '{b}', position: 'insideEndTop', fontSize: 10, color: '#555555' },
    data: marks.map(({ at, label }) => ({ name: label, xAxis: at })),
  }
  // One line that is what the axis says needs no legend.
  const names = all.map(({ name }) => name).filter((name) => all.length > 1 || name !== y.name)
  return draw(
    {
      ...frame(title, names, size.width),
      xAxis: axis('x', x, values(0)),
      yAxis: axis('y', y, values(1)),
      series: all.map(({ name, points, dashed = false, dots = false, colour }, i) => ({
        name,
        type: dots ? 'scatter' : 'line',
        symbol: dots || points.length === 1 ? 'circle' : 'none',
        symbolSize: 6,
        lineStyle: { width: 1.8, type: dashed ? 'dashed' : 'solid' },
        ...(colour !== undefined && { color: COLOURS[colour % COLOURS.length] }),
        data: points.filter((p) => seen(x.log, p[0]) && seen(y.log, p[1])).map((p) => [...p]),
        ...(i === 0 && marks.length > 0 && { markLine }),
      })),
    },
    size,
  )
}

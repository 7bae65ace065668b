import { type Axis, axis, frame } from './axes.js'
import { draw, type Size } from './draw.js'

/** What {@link bars} draws: a group of bars for each category. */
export interface BarsOptions extends Size {
  readonly title: string
  readonly categories: readonly string[]
  readonly y: Axis
  readonly groups: readonly {
    readonly name: string
    readonly values: readonly number[]
    /** Half the length of the line through the end of each bar. */
    readonly errors?: readonly number[]
  }[]
}

interface Api {
  value(i: number): number
  coord(point: readonly number[]): [number, number]
}

/** A vertical line from mean - error to mean + error; drawn by hand, since ECharts has none. */
const whiskers = (name: string, values: readonly number[], errors: readonly number[]) => ({
  name,
  type: 'custom',
  silent: true,
  z: 5,
  renderItem: (_: unknown, api: Api) => {
    const [from, to] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])]
    return {
      type: 'line',
      shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
      style: { stroke: '#222222', lineWidth: 1.5 },
    }
  },
  data: values.map((v, i) => [i, v - errors[i]!, v + errors[i]!]),
})

/**
 * Bars, with lines for their deviation where it is known, as the text of an SVG.
 *
 * @example
 * const svg = await figure.bars({ title: 'Error', categories: ['none', 'l2'], y: { name: '%' }, groups: [{ name: 'test', values: [22, 10], errors: [1, 2] }] })
 * svg.includes('l2') // => true
 */
export const bars = ({ title, categories, y, groups, ...size }: BarsOptions): Promise<string> => {
  const long = categories.some((c) => c.length > 8)
  const base = frame(title, groups.length > 1 ? groups.map(({ name }) => name) : [], size.width)
  return draw(
    {
      ...base,
      grid: { ...base.grid, bottom: long ? 84 : 40 },
      xAxis: {
        type: 'category',
        data: [...categories],
        axisLabel: { interval: 0, fontSize: 11, rotate: long ? 32 : 0 },
      },
      yAxis: {
        ...axis(
          'y',
          y,
          groups.flatMap((g) => g.values),
        ),
        scale: false,
      },
      series: groups.flatMap(({ name, values, errors }) => [
        { name, type: 'bar', data: [...values], barMaxWidth: 36 },
        // With several groups the place of a bar is not that of its category.
        ...(errors !== undefined && groups.length === 1 ? [whiskers(name, values, errors)] : []),
      ]),
    },
    size,
  )
}

/** What {@link histogram} draws. */
export interface HistogramOptions extends Size {
  readonly title: string
  readonly x: string
  readonly values: ArrayLike<number>
  /** Default 41. */
  readonly bins?: number
}

/**
 * How often values occur, as the text of an SVG. Exact zeros have a bar of their own colour: they are what sparsity is.
 *
 * @example
 * (await figure.histogram({ title: 'Weights', x: 'weight', values: [0, 0, 1, -1] })).startsWith('<svg') // => true
 */
export const histogram = ({ title, x, values, bins = 41, ...size }: HistogramOptions): Promise<string> => {
  const all = Array.from(values).filter(Number.isFinite)
  const reach = all.reduce((m, v) => Math.max(m, Math.abs(v)), 0) || 1
  const [counts, zeros] = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)]
  const binOf = (v: number) => Math.min(bins - 1, Math.floor(((v + reach) / (2 * reach)) * bins))
  for (const v of all) (v === 0 ? zeros : counts)[binOf(v)]!++
  const middles = counts.map((_, i) => Number((-reach + ((i + 0.5) * 2 * reach) / bins).toPrecision(2)))
  const hasZeros = zeros.some((n) => n > 0)
  const bar = (name: string, data: readonly number[]) => ({
    name,
    type: 'bar',
    stack: 'all',
    barCategoryGap: '8%',
    data: [...data],
  })
  const base = frame(title, hasZeros ? ['not zero', 'exactly 0'] : [])
  return draw(
    {
      ...base,
      xAxis: {
        type: 'category',
        data: middles.map(String),
        name: x,
        nameLocation: 'middle',
        nameGap: 26,
        axisLabel: { fontSize: 11, hideOverlap: true },
      },
      yAxis: { ...axis('y', { name: 'count' }, []), scale: false },
      series: [bar('not zero', counts), ...(hasZeros ? [bar('exactly 0', zeros)] : [])],
    },
    size,
  )
}

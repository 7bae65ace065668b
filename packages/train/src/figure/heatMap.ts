import { frame } from './axes.js'
import { draw, type Size } from './draw.js'

/** What {@link heatMap} draws. */
export interface HeatMapOptions extends Size {
  readonly title: string
  readonly x: { readonly name: string; readonly labels: readonly (string | number)[] }
  readonly y: { readonly name: string; readonly labels: readonly (string | number)[] }
  /** values[i][j] stands at row i of y and column j of x. */
  readonly values: readonly (readonly number[])[]
  /** The range of the colours; `diverging` puts white at 0. */
  readonly range?: readonly [number, number]
  readonly diverging?: boolean
  /** Writes the numbers into the cells. */
  readonly digits?: number
}

const DIVERGING = ['#0072B2', '#9ecae1', '#ffffff', '#fdae6b', '#D55E00']
const GROWING = ['#f7fbff', '#c6dbef', '#6baed6', '#2171b5', '#08306b']

/**
 * A matrix as colours, as the text of an SVG; rows from the top.
 *
 * @example
 * const svg = await figure.heatMap({ title: 'Kept', x: { name: 'x', labels: [0, 1] }, y: { name: 'y', labels: [0] }, values: [[1, 0]] })
 * svg.startsWith('<svg') // => true
 */
export const heatMap = ({
  title,
  x,
  y,
  values,
  range,
  diverging = false,
  digits,
  ...size
}: HeatMapOptions): Promise<string> => {
  const flat = values.flat().filter(Number.isFinite)
  const [low, high] = range ?? [Math.min(...flat), Math.max(...flat)]
  const reach = Math.max(Math.abs(low), Math.abs(high))
  const category = (name: string, labels: readonly (string | number)[], gap: number) => ({
    type: 'category',
    name,
    nameLocation: 'middle',
    nameGap: gap,
    data: labels.map(String),
    axisLabel: { fontSize: 11 },
    axisTick: { show: false },
  })
  const base = frame(title, [])
  return draw(
    {
      ...base,
      grid: { left: 66, right: 84, top: 44, bottom: 46 },
      xAxis: category(x.name, x.labels, 28),
      yAxis: { ...category(y.name, y.labels, 44), inverse: true },
      visualMap: {
        min: diverging ? -reach : low,
        max: diverging ? reach : high,
        calculable: true,
        orient: 'vertical',
        right: 6,
        top: 'middle',
        itemHeight: 140,
        precision: 1,
        inRange: { color: diverging ? DIVERGING : GROWING },
        textStyle: { fontSize: 10 },
      },
      series: [
        {
          type: 'heatmap',
          data: values.flatMap((row, i) => row.map((v, j) => [j, i, Number.isFinite(v) ? v : '-'])),
          itemStyle: { borderColor: '#ffffff', borderWidth: 1 },
          label: {
            show: digits !== undefined,
            fontSize: 10,
            formatter: ({ value }: { readonly value: readonly (number | string)[] }) =>
              typeof value[2] === 'number' ? value[2].toFixed(digits) : '',
          },
        },
      ],
    },
    size,
  )
}

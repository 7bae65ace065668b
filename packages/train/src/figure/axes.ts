/** An axis of a figure. */
export interface Axis {
  readonly name: string
  readonly log?: boolean
  readonly min?: number
  readonly max?: number
}

/** The number beside a tick, with the digits that tell it from its neighbours. */
const number = (x: number): string => {
  const size = Math.abs(x)
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(x.toPrecision(4)))
  const [mantissa, exponent] = x.toExponential(2).split('e')
  return `${Number(mantissa)}e${Number(exponent)}`
}

/** The limits of a logarithmic axis at powers of ten, so that all values are seen. */
const decades = (values: readonly number[]) => {
  const logs = values.filter((v) => v > 0 && Number.isFinite(v)).map(Math.log10)
  if (logs.length === 0) return {}
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))]
  return { min: 10 ** low, max: 10 ** Math.max(high, low + 1) }
}

/** A numeric axis for ECharts. */
export const axis = (which: 'x' | 'y', { name, log = false, min, max }: Axis, values: readonly number[]) => ({
  type: log ? 'log' : 'value',
  name,
  nameLocation: 'middle',
  nameGap: which === 'x' ? 28 : 48,
  nameTextStyle: { fontSize: 12 },
  scale: true,
  axisLine: { show: true, lineStyle: { color: '#888888' } },
  axisTick: { show: true },
  axisLabel: { fontSize: 11, formatter: number, hideOverlap: true },
  splitLine: { show: which === 'y', lineStyle: { color: '#eeeeee' } },
  ...(log && decades(values)),
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
})

/** Rows that a legend takes: its entries are as wide as their text, about 6.2 pixels a letter. */
const rowsOf = (legend: readonly string[], width: number): number =>
  Math.max(1, Math.ceil(legend.reduce((w, name) => w + 6.2 * name.length + 40, 0) / (width - 20)))

/** The parts that all figures share. */
export const frame = (title: string, legend: readonly string[], width = 560) => ({
  title: { text: title, left: 8, top: 6, textStyle: { fontSize: 14, fontWeight: 600 } },
  ...(legend.length > 0 && {
    legend: {
      // Texts cannot be measured without a browser, and are a little wider than is thought.
      data: legend.map((name) => ({ name })),
      formatter: (name: string) => `${name}  `,
      left: 8,
      top: 30,
      itemWidth: 16,
      itemHeight: 8,
      itemGap: 14,
      textStyle: { fontSize: 11 },
    },
  }),
  grid: { left: 66, right: 22, top: legend.length > 0 ? 46 + 20 * rowsOf(legend, width) : 44, bottom: 46 },
})

import type { EChartsCoreOption } from 'echarts/core'

/** Colours that people with any colour vision can tell apart (Okabe & Ito 2008). */
export const COLOURS = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#E69F00',
  '#56B4E9',
  '#666666',
  '#8B5A2B',
] as const

/** How large a figure is, in pixels. */
export interface Size {
  readonly width?: number
  readonly height?: number
}

const load = async () => {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  core.use([
    charts.LineChart,
    charts.BarChart,
    charts.HeatmapChart,
    charts.ScatterChart,
    charts.CustomChart,
    components.GridComponent,
    components.LegendComponent,
    components.TitleComponent,
    components.MarkLineComponent,
    components.VisualMapComponent,
    renderers.SVGRenderer,
  ])
  return core
}
let loaded: ReturnType<typeof load> | undefined

// Without quotes: ECharts writes it into an attribute as it is.
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif'

/** FNV-1a of a text, in base 36. */
const hash = (text: string): string => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(36)
}

/**
 * ECharts numbers its classes and its clip paths through the life of the process. Classes serve a pointer that is not
 * there; the clip paths are named after the picture, so that the same numbers give the same text, and two pictures on a
 * page do not share a name.
 */
const settled = (svg: string): string => {
  const plain = svg
    .replace(/<style[\s\S]*?<\/style>\s*/g, '')
    .replace(/ class="zr[^"]*"| pointer-events="[^"]*"/g, '')
    .replace(/zr\d+-c(\d+)/g, (_, n: string) => `@${n}@`)
  const numbers = [...new Set(plain.match(/@\d+@/g))]
  const name = hash(plain.replace(/@\d+@/g, '@'))
  return numbers.reduce((text, number, i) => text.replaceAll(number, `clip-${name}-${i}`), plain)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
/** Says what the picture is, for those who do not see it. */
const titled = (svg: string, title: string): string =>
  svg.replace(
    /^<svg ([^>]*)>/,
    (_, attributes: string) =>
      `<svg ${attributes} role="img"><title>${title.replace(/[&<>]/g, (c) => ENTITIES[c]!)}</title>`,
  )

/** Draws with ECharts to the text of an SVG, without a browser. Loaded when the first figure is drawn. */
export const draw = async (
  option: EChartsCoreOption,
  { width = 560, height = 320 }: Size = {},
): Promise<string> => {
  loaded ??= load()
  const echarts = await loaded
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({
      animation: false,
      color: [...COLOURS],
      backgroundColor: '#ffffff',
      textStyle: { fontFamily: FONT, color: '#333333' },
      ...option,
    })
    const { text } = option.title as { readonly text: string }
    return titled(settled(chart.renderToSVGString()), text)
  } finally {
    chart.dispose()
  }
}

/** A path over a surface. */
export interface Trail {
  readonly name: string
  readonly colour: string
  readonly points: readonly (readonly [number, number, number])[]
}

/** What {@link surface} draws. */
export interface SurfaceOptions {
  readonly title: string
  readonly x: { readonly name: string; readonly range: readonly [number, number] }
  readonly y: { readonly name: string; readonly range: readonly [number, number] }
  readonly z: { readonly name: string; readonly range: readonly [number, number] }
  readonly height: (x: number, y: number) => number
  readonly cells?: number
  readonly trails?: readonly Trail[]
}

const [WIDTH, HEIGHT] = [760, 470]
const LOW = [239, 243, 255] as const
const HIGH = [33, 81, 150] as const

/** A function of two variables as a surface seen from above and aside, and paths on it, as the text of an SVG. */
export const surface = ({ title, x, y, z, height, cells = 36, trails = [] }: SurfaceOptions): string => {
  const share = (v: number, [low, high]: readonly [number, number]) => (v - low) / (high - low)
  const held = (v: number) => Math.min(1, Math.max(0, v))
  /** From shares of the three ranges to the page: x to the right and down, y to the left and down. */
  const place = (u: number, v: number, h: number): readonly [number, number] => [
    WIDTH / 2 + 300 * (u - v) * 0.92,
    150 + 125 * (u + v) - 120 * h + 40,
  ]
  const at = (p: readonly [number, number]) => `${p[0].toFixed(1)},${p[1].toFixed(1)}`
  const heights = Array.from({ length: cells + 1 }, (_, i) =>
    Array.from({ length: cells + 1 }, (_, j) =>
      held(
        share(
          height(
            x.range[0] + (i / cells) * (x.range[1] - x.range[0]),
            y.range[0] + (j / cells) * (y.range[1] - y.range[0]),
          ),
          z.range,
        ),
      ),
    ),
  )
  const corner = (i: number, j: number) => at(place(i / cells, j / cells, heights[i]![j]!))
  const faces: string[] = []
  // From the back to the front.
  for (let d = 0; d <= 2 * (cells - 1); d++)
    for (let i = Math.max(0, d - cells + 1); i <= Math.min(d, cells - 1); i++) {
      const j = d - i
      const tall = (heights[i]![j]! + heights[i + 1]![j]! + heights[i]![j + 1]! + heights[i + 1]![j + 1]!) / 4
      const colour = LOW.map((c, k) => Math.round(c + tall * (HIGH[k]! - c))).join(',')
      faces.push(
        `<polygon points="${corner(i, j)} ${corner(i + 1, j)} ${corner(i + 1, j + 1)} ${corner(i, j + 1)}" fill="rgb(${colour})"/>`,
      )
    }
  const lines = trails.map(({ colour, points }) => {
    const shares = points.map(
      ([a, b, c]) => [share(a, x.range), share(b, y.range), share(c, z.range)] as const,
    )
    const outside = shares.findIndex(([u, v]) => u < 0 || u > 1 || v < 0 || v > 1)
    const inside = outside < 0 ? shares : shares.slice(0, outside)
    const [u, v, h] = inside.at(-1)!
    // What leaves is drawn as far as the picture goes, straight ahead.
    const gone = outside < 0 ? undefined : shares[outside]!
    const far = gone === undefined ? 0 : 0.3 / Math.hypot(gone[0] - u, gone[1] - v)
    const end =
      gone === undefined ? undefined : place(u + far * (gone[0] - u), v + far * (gone[1] - v), held(h) + 0.12)
    const drawn = inside.map((p) => place(p[0], p[1], held(p[2]) + 0.012))
    const tip = drawn.at(-1)!
    return [
      `<polyline points="${drawn.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.3"/>`,
      `<circle cx="${drawn[0]![0].toFixed(1)}" cy="${drawn[0]![1].toFixed(1)}" r="4" fill="#222222"/>`,
      end === undefined
        ? `<circle cx="${tip[0].toFixed(1)}" cy="${tip[1].toFixed(1)}" r="4.5" fill="${colour}"/>`
        : `<line x1="${tip[0].toFixed(1)}" y1="${tip[1].toFixed(1)}" x2="${end[0].toFixed(1)}" y2="${end[1].toFixed(1)}" stroke="${colour}" stroke-width="2" stroke-dasharray="6 4" marker-end="url(#arrow)"/>`,
    ].join('')
  })
  const legend = trails
    .map(
      ({ name, colour }, i) =>
        `<line x1="16" x2="40" y1="${50 + 18 * i}" y2="${50 + 18 * i}" stroke="${colour}" stroke-width="2.5"/><text x="46" y="${54 + 18 * i}">${name}</text>`,
    )
    .join('')
  const label = (text: string, p: readonly [number, number], anchor: string) =>
    `<text x="${p[0].toFixed(0)}" y="${p[1].toFixed(0)}" text-anchor="${anchor}" fill="#555555">${text}</text>`
  const ends = [
    label(`${x.name} = ${x.range[0]}`, place(-0.02, 1.1, 0), 'end'),
    label(`${x.name} = ${x.range[1]}`, place(0.98, 1.1, 0), 'middle'),
    label(`${y.name} = ${y.range[1]}`, place(1.1, 0.98, 0), 'middle'),
    label(`${y.name} = ${y.range[0]}`, place(1.1, -0.02, 0), 'start'),
  ]
  return `<svg width="${WIDTH}" height="${HEIGHT}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"><title>${title}</title><defs><marker id="arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="${trails[0]?.colour ?? '#222222'}"/></marker></defs><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/><g font-family="system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif" font-size="12" fill="#333333"><text x="8" y="24" font-size="14" font-weight="600">${title}</text>${faces.join('')}${lines.join('')}${legend}${ends.join('')}</g></svg>`
}

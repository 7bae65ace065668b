import { randomData } from '../data.js'
import type { Random } from '../random.js'
import { type Aim, finished, made, maker } from './aim.js'

// Long rows whose keys agree in most of their bytes.

/** Keys that differ in a few bytes only, as 32-bit words. */
const words = (r: Random, bytes: number): (() => number[]) => {
  const base = Array.from({ length: bytes }, () => r.int(0, 255))
  const moving = r.subset(
    base.map((_, b) => b),
    r.pick([0.15, 0.3, 0.6]),
  )
  const reach = r.pick([1, 3, 255])
  return () => {
    const all = base.map((x, b) => (moving.includes(b) ? (x + r.int(0, reach)) & 255 : x))
    return [0, 4]
      .filter((at) => at < bytes)
      .map((at) => all.slice(at, at + 4).reduce((w, b, i) => w + b * 256 ** i, 0))
  }
}

export const sorts: Aim = (r) => {
  const m = maker(r)
  const n = r.weighted([
    [2, r.int(2, 40)],
    [2, r.int(41, 60)],
    [2, r.int(200, 700)],
    [1, r.int(2000, 5000)],
  ])
  const shape = n < 500 && r.chance(0.3) ? [r.int(1, 3), n] : [n]
  const dtype = r.pick(['int32', 'float32', 'float64', 'bool'] as const)
  const next = words(r, dtype === 'float64' ? 8 : 4)
  const element = (): number => {
    const w = Uint32Array.from(next())
    if (dtype === 'int32') return w[0]! | 0
    return dtype === 'float32' ? new Float32Array(w.buffer)[0]! : new Float64Array(w.buffer)[0]!
  }
  const x =
    dtype === 'bool' || r.chance(0.1)
      ? randomData(r, { shape, dtype }, m.kind)
      : made({ shape, dtype }, element)
  // The places that elements came from show whether equal keys kept their order.
  const places = made({ shape, dtype: r.pick(['int32', 'float64'] as const) }, (i) => i)
  return finished(m, m.add('sort', [m.argument(x), m.argument(places)]), { rounds: 1 })
}

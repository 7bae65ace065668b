import { range, sizeOf } from '../../../../src/shape.js'
import { randomData } from '../data.js'
import { differentiated } from '../program.js'
import type { Random } from '../random.js'
import { type Aim, finished, maker } from './aim.js'

// Convolutions for each of the ways in which they are computed, and the two gradients.

interface Axis {
  readonly n: number
  readonly k: number
  readonly stride: number
  readonly lo: number
  readonly hi: number
  readonly inputDilation: number
  readonly windowDilation: number
}

const plainAxis = (n: number, k: number): Axis => ({
  n,
  k,
  stride: 1,
  lo: 0,
  hi: 0,
  inputDilation: 1,
  windowDilation: 1,
})

const dilation = (r: Random): number => r.pick([1, 1, 2, 3])

/** Makes an axis; the longest may be told. */
const AXES: Readonly<Record<string, (r: Random, most: number) => Axis>> = {
  any: (r, most) => ({
    n: r.int(r.chance(0.05) ? 0 : 1, most),
    k: r.int(1, 4),
    stride: r.int(1, 3),
    lo: r.int(-1, 3),
    hi: r.int(-1, 3),
    inputDilation: dilation(r),
    windowDilation: dilation(r),
  }),
  undilated: (r, most) => ({
    ...plainAxis(r.int(1, most), r.int(1, 4)),
    stride: r.int(1, 3),
    lo: r.int(0, 2),
    hi: r.int(0, 2),
    windowDilation: dilation(r),
  }),
  // One tap; with a stride and padding behind there may be as many places as entries.
  tap: (r, most) => {
    const [n, stride] = [r.int(1, Math.min(most, 5)), r.int(1, 3)]
    return { ...plainAxis(n, 1), stride, hi: r.pick([0, (n - 1) * (stride - 1), r.int(0, 3)]) }
  },
  // The window is as large as the input.
  whole: (r, most) => {
    const n = r.int(1, most)
    return {
      ...plainAxis(n, n),
      lo: r.pick([0, 0, 1]),
      hi: r.pick([0, 0, 1]),
      windowDilation: r.pick([1, 1, 2]),
    }
  },
  // A single place that sees a dilated input, or its zeros.
  spread: (r) => {
    const [n, inputDilation] = [r.int(1, 4), r.int(2, 3)]
    return { ...plainAxis(n, (n - 1) * inputDilation + 1), inputDilation, stride: r.int(1, 2) }
  },
}
const long = (r: Random): Axis => ({
  ...plainAxis(r.int(140, 160), r.int(130, 139)),
  lo: r.int(0, 2),
  stride: r.int(1, 3),
})

const outOf = ({ n, k, stride, lo, hi, inputDilation, windowDilation }: Axis): number =>
  Math.max(
    0,
    Math.floor(
      ((n === 0 ? 0 : (n - 1) * inputDilation + 1) + lo + hi - (k - 1) * windowDilation - 1) / stride,
    ) + 1,
  )

const MOST_PRODUCTS = 30_000

export const convolutions: Aim = (r) => {
  const m = maker(r, r.chance(0.8) ? 'whole' : r.pick(['dyadic', 'special', 'real'] as const))
  const dtype = r.pick(['float32', 'float32', 'float64', 'float64', 'int32'] as const)
  const few = (): number => r.pick([1, 1, 2, 3, 4, 5])
  const depthwise = r.chance(0.3)
  let axes: Axis[]
  let [groups, images, channels, filters] = [
    r.pick([1, 1, 2, 3]),
    r.int(1, 3),
    depthwise ? r.pick([1, 1, 1, 3, 9]) : r.pick([few(), few(), 8, 9, 16, 17]),
    depthwise ? 1 : r.pick([few(), few(), 8, 9, 16, 17]),
  ]
  if (r.chance(0.05)) {
    // More columns than are computed at once.
    axes = [long(r)]
    ;[groups, images, channels, filters] = [1, 1, r.int(8, 9), r.int(1, 3)]
  } else {
    const rank = r.weighted([
      [1, 0],
      [4, 1],
      [5, 2],
      [1, 3],
    ])
    const style = r.pick(Object.keys(AXES))
    axes = range(rank).map(() => {
      const axis = AXES[r.chance(0.8) ? style : 'any']!(r, [9, 33, 9, 5][rank]!)
      return r.chance(0.9) && outOf(axis) === 0 ? { ...axis, k: 1, lo: 0, hi: 0 } : axis
    })
  }
  if (r.chance(0.03)) channels = 0
  const products = (): number =>
    groups * images * sizeOf(axes.map(outOf)) * Math.max(1, sizeOf(axes.map((a) => a.k)) * channels) * filters
  while (products() > MOST_PRODUCTS && groups + images > 2) [groups, images] = [1, 1]
  while (products() > MOST_PRODUCTS && channels + filters > 2)
    [channels, filters] = [Math.ceil(channels / 2), Math.ceil(filters / 2)]
  const x = m.argument(
    randomData(r, { shape: [groups, images, ...axes.map((a) => a.n), channels], dtype }, m.kind),
  )
  const w = m.holding(
    randomData(r, { shape: [groups, ...axes.map((a) => a.k), channels, filters], dtype }, m.kind),
  )
  const column = (name: Exclude<keyof Axis, 'n' | 'k'>): number[] => axes.map((a) => a[name])
  const [y] = m.add('conv', [x, w], {
    strides: column('stride'),
    lo: column('lo'),
    hi: column('hi'),
    inputDilation: column('inputDilation'),
    windowDilation: column('windowDilation'),
  })
  const outputs = [y!]
  // What layers do with the result.
  if (r.chance(0.3)) {
    const bias = m.argument(randomData(r, { shape: [filters], dtype }, m.kind))
    const [wide] = m.add('broadcast', [bias], { shape: y!.shape, dims: [y!.shape.length - 1] })
    const [sum] = m.add('add', [y!, wide!])
    outputs.splice(0, r.int(0, 1), ...(dtype === 'int32' ? [sum!] : m.add('relu', [sum!])))
  }
  const program = finished(m, outputs, { rounds: 1 })
  return r.chance(0.35) ? (differentiated(program, r) ?? program) : program
}

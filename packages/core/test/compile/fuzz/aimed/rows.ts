import type { Sym } from '../../../../src/graph/ir.js'
import { range, sameShape } from '../../../../src/shape.js'
import type { Maker } from '../maker.js'
import { on, uniform } from './aim.js'

// What is done to rows: with themselves, with other rows, or down their columns.

/** Makes another value of the rows of one. */
export type RowStep = (m: Maker, s: Sym) => Sym

export const one = (m: Maker, name: string, inputs: readonly Sym[], params = {}): Sym =>
  m.add(name, inputs, params)[0]!
export const last = ({ shape }: Sym): number => shape.length - 1

const spread = (m: Maker, s: Sym, shape: readonly number[], without: readonly number[]): Sym =>
  one(m, 'broadcast', [s], { shape, dims: range(shape.length).filter((d) => !without.includes(d)) })
const reshaped = (m: Maker, s: Sym, shape: readonly number[]): Sym => one(m, 'reshape', [s], { shape })

export const mixed = (m: Maker, a: Sym, b: Sym): Sym =>
  one(m, m.random.pick(['sub', 'max', 'min', 'add']), m.random.shuffle([a, b]))

/** Over an axis, and back to every element. */
export const reduced = (m: Maker, s: Sym, axis: number): Sym => {
  const r = one(m, m.random.pick(['reduceMax', 'reduceMin', 'sum']), [s], { axes: [axis] })
  const other = m.random.chance(0.3) ? one(m, 'neg', [r]) : r
  return mixed(m, s, spread(m, other, s.shape, [axis]))
}
export const alongRows: RowStep = (m, s) => reduced(m, s, last(s))

/** With a value that lacks some axes. */
const withPart = (m: Maker, s: Sym, without: readonly number[]): Sym => {
  const shape = s.shape.filter((_, d) => !without.includes(d))
  return mixed(m, s, spread(m, m.fresh({ shape, dtype: s.dtype }), s.shape, without))
}

/** Begins one further on along an axis, and ends with what was left out. */
const rolled = (m: Maker, s: Sym, axis: number): Sym => {
  const cut = (from: number, to: number): Sym =>
    one(m, 'slice', [s], {
      begin: s.shape.map((_, d) => (d === axis ? from : 0)),
      end: s.shape.map((n, d) => (d === axis ? to : n)),
      strides: s.shape.map(() => 1),
    })
  return one(m, 'concat', [cut(1, s.shape[axis]!), cut(0, 1)], { axis })
}

/** The same elements in other places. */
export const elsewhere: RowStep = (m, s) => {
  const axis = m.random.int(0, last(s))
  const swapped = [...range(last(s) - 1), last(s), last(s) - 1]
  return m.random.weighted<() => Sym>([
    [2, () => one(m, 'reverse', [s], { axes: [axis] })],
    [2, () => (s.shape[axis]! > 1 ? rolled(m, s, axis) : s)],
    [1, () => reshaped(m, one(m, 'permute', [s], { perm: swapped }), s.shape)],
  ])()
}

const divisor = (n: number, of: readonly number[]): number | undefined => of.find((k) => n % k === 0)

/** Rows that follow each other are reduced down their columns. */
const groups: RowStep = (m, s) => {
  const [h, w] = s.shape.slice(-2) as [number, number]
  const g = divisor(h, [8, 5, 4, 3, 2])
  if (g === undefined) return s
  const parts = reshaped(m, s, [...s.shape.slice(0, -2), h / g, g, w])
  return reshaped(m, reduced(m, parts, last(parts) - 1), s.shape)
}

/** Rows are cut or joined while something is done to them. */
const regrouped: RowStep = (m, s) => {
  const [h, w] = s.shape.slice(-2) as [number, number]
  const [f, g] = [divisor(w, [2, 3, 5]), divisor(h, [3, 2, 5])]
  const [cut, joined] = [f && [h * f, w / f], g && [h / g, w * g]]
  const both = f && g && f !== g ? [(h / g) * f, (w / f) * g] : undefined
  const shapes = [cut, joined, both].flatMap((x) => (x ? [x] : []))
  if (shapes.length === 0) return s
  const parts = reshaped(m, s, [...s.shape.slice(0, -2), ...m.random.pick(shapes)])
  return reshaped(m, alongRows(m, parts), s.shape)
}

const scanned: RowStep = (m, s) =>
  s.dtype === 'int32'
    ? s
    : one(m, 'cumsum', [s], { axis: m.random.int(0, last(s)), backwards: m.random.chance(0.3) })

/** Written twice: the padding, of which there may be none, then what is inside. */
const padded: RowStep = (m, s) => {
  const { random } = m
  const inner = random.chance(0.4) ? scanned(m, s) : s
  const most = random.chance(0.6) ? 0 : 1
  const [lo, hi] = [0, 1].map(() => s.shape.map((_, d) => (d === last(s) ? random.int(0, most) : 0)))
  const out = one(m, 'pad', [inner], { lo, hi, interior: s.shape.map(() => 0), value: random.int(0, 1) })
  return random.chance(0.4) ? scanned(m, out) : out
}

export const rowSteps: readonly (readonly [number, RowStep])[] = [
  [4, alongRows],
  [2, (m, s) => mixed(m, s, m.like(s))],
  [1, (m, s) => withPart(m, s, range(last(s)))],
  [1, (m, s) => withPart(m, s, [last(s)])],
  [1, (m, s) => reduced(m, s, last(s) - 1)],
  [1, groups],
  [2.5, (m, s) => mixed(m, s, elsewhere(m, s))],
  [2.5, regrouped],
  [0.8, padded],
  [0.4, scanned],
  [0.3, (m, s) => (s.dtype === 'int32' ? s : on(m, s, m.random.pick(['abs', 'sqrt'])))],
]

/** Softmax or its logarithm. */
export const exponentials: RowStep = (m, s) => {
  const axes = [last(s)]
  const centred = one(m, 'sub', [s, spread(m, one(m, 'reduceMax', [s], { axes }), s.shape, axes)])
  const e = one(m, 'exp', [centred])
  const sum = one(m, 'sum', [e], { axes })
  return m.random.chance(0.5)
    ? one(m, 'div', [e, spread(m, sum, s.shape, axes)])
    : one(m, 'sub', [centred, spread(m, one(m, 'log', [sum]), s.shape, axes)])
}

/** Mean 0 and variance 1. */
export const norm: RowStep = (m, s) => {
  const axes = [last(s)]
  const mean = (x: Sym): Sym => {
    const total = one(m, 'sum', [x], { axes })
    return one(m, 'div', [total, uniform(m, s.shape[last(s)]!, total)])
  }
  const centred = one(m, 'sub', [s, spread(m, mean(s), s.shape, axes)])
  const variance = mean(one(m, 'mul', [centred, centred]))
  const root = one(m, 'rsqrt', [one(m, 'add', [variance, uniform(m, 2 ** -10, variance)])])
  return one(m, 'mul', [centred, spread(m, root, s.shape, axes)])
}

export const sameRows = (a: Sym, b: Sym): boolean => sameShape(a.shape, b.shape)

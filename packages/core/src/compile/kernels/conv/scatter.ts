import { stridesOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { type FunctionRef, i32, v128 } from '../../wasm/index.js'
import type { Element } from '../gemm/element.js'
import { odometer } from './odometer.js'
import type { PhaseAxis } from './phases.js'

/** Where rows go: row (image, place…) of a dense matrix to row image·perImage + Σ (start + place·step). */
export interface ScatterShape {
  readonly columns: number
  readonly images: number
  readonly perImage: number
  readonly axes: readonly { readonly places: number; readonly start: number; readonly step: number }[]
}

/** Where the places of a phase are among all. */
export const placesOf = (axes: readonly PhaseAxis[], places: readonly number[]): ScatterShape['axes'] => {
  const steps = stridesOf(places)
  return axes.map(({ places: count, firstPlace, placeStep }, axis) => ({
    places: count,
    start: firstPlace * steps[axis]!,
    step: placeStep * steps[axis]!,
  }))
}

/** Copies rows `row` to `end` from `from`, where row `row` lies first and rows are dense, to their places in c. */
export const scatterRows = (lib: Library, e: Element, shape: ScatterShape): FunctionRef => {
  const { columns, images, perImage, axes } = shape
  const key = axes.map((a) => `.${a.places}_${a.start}_${a.step}`).join('')
  return lib.get(`conv.scatter.${e.bytes}.${columns}.${images}.${perImage}${key}`, (m, name) =>
    m.function(name, { from: 'i32', c: 'i32', row: 'i32', end: 'i32' }, [], (f, { from, c, row, end }) => {
      const bytes = columns * e.bytes
      const place = odometer(f, [images, ...axes.map((a) => a.places)])
      place.set(row)
      const [to, stop] = [f.local('i32'), f.local('i32')]
      f.while(i32.ltS(row, end), () => {
        f.set(to, i32.add(c, i32.mul(place.at[0]!, perImage * bytes)))
        for (const [i, { start, step }] of axes.entries())
          f.set(to, i32.add(to, i32.add(i32.mul(place.at[i + 1]!, step * bytes), start * bytes)))
        const whole = bytes & ~15
        f.set(stop, i32.add(to, whole))
        f.while(i32.ltU(to, stop), () => {
          f.storeVector(to, v128.load(from))
          f.increase(to, 16)
          f.increase(from, 16)
        })
        for (let at = 0; at < bytes - whole; at += e.bytes) f.store(e.name, to, e.load(from, at), at)
        f.increase(from, bytes - whole)
        place.next()
        f.increase(row, 1)
      })
    }),
  )
}

/** Puts the dense places of one image, one number each, where they belong: line after line. */
export const spread = (lib: Library, e: Element, axes: ScatterShape['axes']): FunctionRef =>
  lib.get(
    `conv.spread.${e.bytes}${axes.map((a) => `.${a.places}_${a.start}_${a.step}`).join('')}`,
    (m, name) =>
      m.function(name, { from: 'i32', c: 'i32' }, [], (f, { from, c }) => {
        const [outer, line] = [axes.slice(0, -1), axes.at(-1)!]
        const place = odometer(
          f,
          outer.map((a) => a.places),
        )
        const [i, p, to] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const start = axes.reduce((sum, axis) => sum + axis.start, 0) * e.bytes
        const lines = outer.reduce((count, axis) => count * axis.places, 1)
        f.for(i, 0, lines, 1, () => {
          f.set(to, i32.add(c, start))
          for (const [axis, { step }] of outer.entries())
            f.set(to, i32.add(to, i32.mul(place.at[axis]!, step * e.bytes)))
          f.for(p, 0, line.places, 1, () => {
            f.store(e.name, to, e.load(from))
            f.increase(from, e.bytes)
            f.increase(to, line.step * e.bytes)
          })
          place.next()
        })
      }),
  )

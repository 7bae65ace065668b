import type { Library } from '../../library.js'
import { type FunctionRef, i32, i32x4, type Local, v128 } from '../../wasm/index.js'
import type { Element } from '../gemm/element.js'
import { odometer } from './odometer.js'
import type { PhaseAxis } from './phases.js'

/** Entries that the places of an axis read, with the padding among them. */
export const extentOf = ({ places, taps, stride, dilation }: PhaseAxis): number =>
  (places - 1) * stride + (taps - 1) * dilation + 1

/** Is what is read exactly the input, so that no padded copy is needed? */
export const isUnpadded = (axes: readonly PhaseAxis[]): boolean =>
  axes.every((axis) => axis.offset === 0 && extentOf(axis) === axis.size)

/** Bytes of the padded copy of one image. */
export const planeBytes = (e: Element, axes: readonly PhaseAxis[], channels: number): number =>
  axes.reduce((size, axis) => size * extentOf(axis), channels * e.bytes) + 64

/**
 * Copies one image [...spatial, channels] with its padding: entry i of an axis is entry i + offset of the input, or 0. Lines
 * are written in order, so what a vector writes too much is overwritten; up to 15 bytes more are written at the end.
 */
export const plane = (
  lib: Library,
  e: Element,
  axes: readonly PhaseAxis[],
  channels: number,
): FunctionRef => {
  const key = axes.map((a) => `.${a.size}_${extentOf(a)}_${a.offset}`).join('')
  return lib.get(`conv.plane.${e.bytes}.${channels}${key}`, (m, name) =>
    m.function(name, { x: 'i32', to: 'i32' }, [], (f, { x, to }) => {
      const outer = axes.slice(0, -1)
      const line = axes.at(-1)!
      const cell = channels * e.bytes
      const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most)
      const extent = extentOf(line)
      const before = clamp(-line.offset, extent)
      const after = clamp(line.size - line.offset, extent)
      const none = f.let(i32x4.const(0))
      const [end, from, lines] = [f.local('i32'), f.local('i32'), f.local('i32')]
      const put = (bytes: number, source: Local<'i32'> | null): void => {
        if (bytes <= 0) return
        const stop = f.let(i32.add(to, bytes))
        f.while(i32.ltU(to, stop), () => {
          f.storeVector(to, source ? v128.load(source) : none)
          f.increase(to, 16)
          if (source) f.increase(source, 16)
        })
        f.set(to, stop)
      }
      const at = odometer(
        f,
        outer.map((a) => extentOf(a)),
      )
      const steps = outer.map((_, i) => axes.slice(i + 1).reduce((size, a) => size * a.size, cell))
      f.set(end, i32.const(outer.reduce((n, a) => n * extentOf(a), 1)))
      f.for(lines, 0, end, 1, () => {
        let inside = i32.const(after > before ? 1 : 0)
        f.set(from, i32.add(x, (line.offset + before) * cell))
        for (const [i, { offset, size }] of outer.entries()) {
          const index = f.let(i32.add(at.at[i]!, offset))
          inside = i32.and(inside, i32.ltU(index, size))
          f.set(from, i32.add(from, i32.mul(index, steps[i]!)))
        }
        f.if(
          inside,
          () => {
            put(before * cell, null)
            put((after - before) * cell, from)
            put((extent - after) * cell, null)
          },
          () => put(extent * cell, null),
        )
        at.next()
      })
    }),
  )
}

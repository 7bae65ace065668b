import { sizeOf, stridesOf } from '../../../shape.js'
import { type FunctionBuilder, type I32, i32, int } from '../../wasm/index.js'
import type { Kernel } from '../gemm/job.js'
import { copyRows } from '../gemm/move.js'
import { convDots, convLines } from './direct.js'
import type { Facts } from './parts.js'
import type { PhaseAxis } from './phases.js'
import { isUnpadded, plane, planeBytes } from './plane.js'
import { placesOf, spread } from './scatter.js'

/** Vectors in a line of taps from which on a place is computed as a scalar product. */
const LONG = 2

const runOf = ({ channels }: Facts, axes: readonly PhaseAxis[]): number => {
  const { taps, dilation } = axes.at(-1)!
  return dilation === 1 ? taps * channels : channels
}
const tapsOf = (axes: readonly PhaseAxis[]): number => sizeOf(axes.map(({ taps }) => taps))
const rounded = (bytes: number): number => Math.ceil(bytes / 64) * 64 + 64

/** Copies the taps of a phase behind one another. */
const packTaps = (
  f: FunctionBuilder,
  { lib, e, channels, window }: Facts,
  axes: readonly PhaseAxis[],
  w: I32,
  packed: I32,
): void => {
  const cell = channels * e.bytes
  const steps = stridesOf(window).map((step) => step * cell)
  const visit = (axis: number, from: I32, to: I32): void => {
    if (axis === axes.length) {
      f.call(copyRows(lib), [from, i32.const(0), to, i32.const(0), i32.const(1), i32.const(cell)])
      return
    }
    const { taps, firstTap, tapStep } = axes[axis]!
    const inner = tapsOf(axes.slice(axis + 1)) * cell
    const q = f.local('i32')
    f.for(q, 0, taps, 1, () => {
      const tap = i32.add(i32.mul(q, tapStep), firstTap)
      visit(axis + 1, f.let(i32.add(from, i32.mul(tap, steps[axis]!))), f.let(i32.add(to, i32.mul(q, inner))))
    })
  }
  visit(0, w, packed)
}

/**
 * One filter (depthwise layers, and their gradients): an image with its padding written out is read in place, without
 * patches. Of a dilated input each phase is computed on its own, with its taps, and its places are put where they belong.
 * Null where other kernels are faster.
 */
export const singleKernel = (facts: Facts, phases: readonly (readonly PhaseAxis[])[]): Kernel | null => {
  const { lib, e, channels, filters, window, places } = facts
  if (filters !== 1 || channels === 0) return null
  const isLong = (axes: readonly PhaseAxis[]): boolean => runOf(facts, axes) >= LONG * e.lanes
  if (channels !== 1 && !phases.every((axes) => tapsOf(axes) === 0 || isLong(axes))) return null

  const entire = phases.length === 1 && phases[0]!.every(({ taps }, i) => taps === window[i])
  const perImage = sizeOf(places)
  const imageBytes = sizeOf(phases[0]!.map(({ size }) => size)) * channels * e.bytes
  const live = phases.filter((axes) => tapsOf(axes) > 0)
  const planeSize = Math.max(
    0,
    ...live.map((axes) => (isUnpadded(axes) ? 0 : rounded(planeBytes(e, axes, channels)))),
  )
  const sizes = phases.map((axes) => rounded(tapsOf(axes) * channels * e.bytes))
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
  const counts = phases.map((axes) => sizeOf(axes.map((axis) => axis.places)))

  return {
    variant: `${live.some(isLong) ? 'dots' : 'lines'}${entire ? '' : ', phases'}`,
    pack: entire
      ? null
      : {
          bytes: sizes.reduce((a, b) => a + b, 0),
          pieces: 1,
          emit: (f, w, packed) => {
            for (const [i, axes] of phases.entries())
              packTaps(f, facts, axes, w, f.let(i32.add(packed, starts[i]!)))
          },
        },
    scratch: planeSize + (entire ? 0 : rounded(Math.max(...counts) * e.bytes)),
    grain: perImage,
    strict: true,
    product: (f, { a, b, c, packed, scratch }, from, to, done) => {
      const [first, last] = [f.let(i32.divU(from, perImage)), f.let(i32.divU(to, perImage))]
      const dense = f.let(i32.add(int(scratch), planeSize))
      const i = f.local('i32')
      f.for(i, first, last, 1, () => {
        const image = f.let(i32.add(int(a), i32.mul(i, imageBytes)))
        const target = f.let(i32.add(c, i32.mul(i, perImage * e.bytes)))
        for (const [p, axes] of phases.entries()) {
          const y = entire ? target : dense
          if (tapsOf(axes) === 0) f.fillMemory(y, 0, counts[p]! * e.bytes)
          else {
            const copied = !isUnpadded(axes)
            if (copied) f.call(plane(lib, e, axes, channels), [image, int(scratch)])
            f.call(isLong(axes) ? convDots(lib, e, axes, channels) : convLines(lib, e, axes), [
              copied ? int(scratch) : image,
              entire ? b : i32.add(int(packed), starts[p]!),
              y,
            ])
          }
          if (!entire) f.call(spread(lib, e, placesOf(axes, places)), [dense, target])
        }
      })
      done(from, to)
    },
  }
}

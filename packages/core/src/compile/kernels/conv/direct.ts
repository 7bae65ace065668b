import type { Library } from '../../library.js'
import { type FunctionBuilder, type FunctionRef, i32, type Local, type V128, v128 } from '../../wasm/index.js'
import type { Element } from '../gemm/element.js'
import { lanesSum } from '../gemm/matvec.js'
import { pickLanes } from '../gemm/move.js'
import { odometer } from './odometer.js'
import type { PhaseAxis } from './phases.js'
import { extentOf } from './plane.js'

/** Taps of the last axis written out. */
const UNROLLED = 9
/** Vectors of places, or places, computed together. */
const TOGETHER = 4

const keyOf = (axes: readonly PhaseAxis[]): string =>
  axes.map((a) => `.${[extentOf(a), a.places, a.taps, a.stride, a.dilation].join('_')}`).join('')

/** Bytes between neighbours along each axis of the padded copy. */
const stepsOf = (axes: readonly PhaseAxis[], cell: number): number[] =>
  axes.map((_, i) => axes.slice(i + 1).reduce((size, a) => size * extentOf(a), cell))

interface Lines {
  readonly f: FunctionBuilder
  /** Begin of the line of the input that the line of places begins to read, and of the line of the result. */
  readonly from: Local<'i32'>
  readonly to: Local<'i32'>
}

/** Runs over the lines of places (all axes but the last) of one image. */
const eachLine = (
  f: FunctionBuilder,
  axes: readonly PhaseAxis[],
  steps: readonly number[],
  x: Local<'i32'>,
  y: Local<'i32'>,
  lineBytes: number,
  body: (lines: Lines) => void,
): void => {
  const outer = axes.slice(0, -1)
  const place = odometer(
    f,
    outer.map((a) => a.places),
  )
  const [i, from, to] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.for(
    i,
    0,
    outer.reduce((n, a) => n * a.places, 1),
    1,
    () => {
      f.set(from, x)
      for (const [axis, { stride }] of outer.entries())
        f.set(from, i32.add(from, i32.mul(place.at[axis]!, stride * steps[axis]!)))
      f.set(to, i32.add(y, i32.mul(i, lineBytes)))
      body({ f, from, to })
      place.next()
    },
  )
}

/** Runs over the outer taps: the address they read, beginning from `from`. */
const eachTap = (
  f: FunctionBuilder,
  axes: readonly PhaseAxis[],
  steps: readonly number[],
  from: Local<'i32'>,
  body: (at: Local<'i32'>) => void,
): void => {
  const visit = (axis: number, at: Local<'i32'>): void => {
    if (axis === axes.length - 1) {
      body(at)
      return
    }
    const { taps, dilation } = axes[axis]!
    const [q, inner] = [f.local('i32'), f.local('i32')]
    f.set(inner, at)
    f.for(q, 0, taps, 1, () => {
      visit(axis + 1, f.let(inner))
      f.increase(inner, dilation * steps[axis]!)
    })
  }
  visit(0, from)
}

/**
 * One channel, one filter, one image whose padding is written out (`x`): vectors of places of the last axis,
 * y[p] = Σ w[tap]·x[p·stride + tap·dilation], in the order of the taps.
 */
export const convLines = (lib: Library, e: Element, axes: readonly PhaseAxis[]): FunctionRef =>
  lib.get(`conv.lines.${e.name}${keyOf(axes)}`, (m, name) =>
    m.function(name, { x: 'i32', w: 'i32', y: 'i32' }, [], (f, { x, w, y }) => {
      const { places, taps, stride, dilation } = axes.at(-1)!
      const steps = stepsOf(axes, e.bytes)
      const [weight, p, factor] = [f.local('i32'), f.local('i32'), f.local('v128')]

      /** Places that are `stride` entries apart. */
      const vector = (at: Local<'i32'>, offset: number): V128 => {
        if (stride === 1) return v128.load(at, offset)
        if (stride === 2)
          return pickLanes(
            e,
            v128.load(at, offset),
            v128.load(at, offset + 16),
            e.lanes === 4 ? [0, 2, 4, 6] : [0, 2],
          )
        let v = e.splat(at, offset)
        for (let lane = 1; lane < e.lanes; lane++)
          v = e.loadLane(v, lane, at, offset + lane * stride * e.bytes)
        return v
      }

      /** `vectors` vectors of places, or one place in the first lane, from place p on. */
      const block = (from: Local<'i32'>, to: Local<'i32'>, vectors: number, single: boolean): void => {
        const sums = Array.from({ length: vectors }, () => f.local('v128'))
        for (const sum of sums) f.set(sum, v128.xor(sum, sum))
        const start = f.let(i32.add(from, i32.mul(p, stride * e.bytes)))
        f.set(weight, w)
        eachTap(f, axes, steps, start, (at) => {
          const tap = (q: number): void => {
            f.set(factor, e.splat(weight, q * e.bytes))
            for (const [j, sum] of sums.entries()) {
              const offset = (q * dilation + j * e.lanes * stride) * e.bytes
              f.set(sum, e.madd(lib, single ? e.splat(at, offset) : vector(at, offset), factor, sum))
            }
          }
          if (taps <= UNROLLED) {
            for (let q = 0; q < taps; q++) tap(q)
            f.increase(weight, taps * e.bytes)
          } else {
            const q = f.local('i32')
            f.for(q, 0, taps, 1, () => {
              tap(0)
              f.increase(weight, e.bytes)
              f.increase(at, dilation * e.bytes)
            })
          }
        })
        const target = f.let(i32.add(to, i32.shl(p, e.log)))
        for (const [j, sum] of sums.entries())
          if (single) f.storeLane(e.bytes === 4 ? 32 : 64, target, sum, 0)
          else f.storeVector(target, sum, 16 * j)
      }

      eachLine(f, axes, steps, x, y, places * e.bytes, ({ from, to }) => {
        const wide = TOGETHER * e.lanes
        const whole = Math.floor(places / wide) * wide
        if (whole > 0) f.for(p, 0, whole, wide, () => block(from, to, TOGETHER, false))
        if (places - whole >= e.lanes) {
          f.for(p, whole, places - e.lanes + 1, e.lanes, () => block(from, to, 1, false))
        }
        if (places % e.lanes === 0) return
        if (places >= e.lanes) {
          // The last vector overlaps the one before: it computes the same numbers again.
          f.set(p, i32.const(places - e.lanes))
          block(from, to, 1, false)
        } else f.for(p, 0, places, 1, () => block(from, to, 1, true))
      })
    }),
  )

/**
 * One filter, one image whose padding is written out (`x`), many channels or long lines of taps: each place is a scalar
 * product with the window, lane by lane, neighbouring places together so that they share the loads of the window.
 */
export const convDots = (
  lib: Library,
  e: Element,
  axes: readonly PhaseAxis[],
  channels: number,
): FunctionRef =>
  lib.get(`conv.dots.${e.name}.${channels}${keyOf(axes)}`, (m, name) =>
    m.function(name, { x: 'i32', w: 'i32', y: 'i32' }, [], (f, { x, w, y }) => {
      const { places, taps, stride, dilation } = axes.at(-1)!
      const cell = channels * e.bytes
      const steps = stepsOf(axes, cell)
      const [weight, p, left] = [f.local('i32'), f.local('i32'), f.local('i32')]
      const v = f.local('v128')

      const block = (from: Local<'i32'>, to: Local<'i32'>, count: number): void => {
        const sums = Array.from({ length: count }, () => f.local('v128'))
        const rests = sums.map(() => f.local(e.zero.type))
        for (const sum of sums) f.set(sum, v128.xor(sum, sum))
        for (const rest of rests) f.set(rest, e.zero)
        const lines = sums.map(() => f.local('i32'))
        const start = f.let(i32.add(from, i32.mul(p, stride * cell)))
        f.set(weight, w)
        /** Adds the products of `n` numbers behind one another. */
        const run = (at: Local<'i32'>, n: number): void => {
          for (const [j, line] of lines.entries()) f.set(line, i32.add(at, j * stride * cell))
          f.set(left, i32.const(n))
          f.while(i32.geS(left, e.lanes), () => {
            f.set(v, v128.load(weight))
            for (const [j, line] of lines.entries())
              f.set(sums[j]!, e.madd(lib, v128.load(line), v, sums[j]!))
            for (const pointer of [weight, ...lines]) f.increase(pointer, 16)
            f.increase(left, -e.lanes)
          })
          if (n % e.lanes === 0) return
          f.while(i32.gtS(left, 0), () => {
            for (const [j, line] of lines.entries())
              f.set(rests[j]!, e.add(rests[j]!, e.mul(e.load(line), e.load(weight))))
            for (const pointer of [weight, ...lines]) f.increase(pointer, e.bytes)
            f.increase(left, -1)
          })
        }
        eachTap(f, axes, steps, start, (at) => {
          if (dilation === 1) run(at, taps * channels)
          else {
            const q = f.local('i32')
            f.for(q, 0, taps, 1, () => {
              run(at, channels)
              f.increase(at, dilation * cell)
            })
          }
        })
        const target = f.let(i32.add(to, i32.shl(p, e.log)))
        for (const [j, sum] of sums.entries())
          f.store(e.name, target, e.add(lanesSum(e, sum), rests[j]!), j * e.bytes)
      }

      eachLine(f, axes, steps, x, y, places * e.bytes, ({ from, to }) => {
        const whole = places - (places % TOGETHER)
        if (whole > 0) f.for(p, 0, whole, TOGETHER, () => block(from, to, TOGETHER))
        if (places > whole) {
          f.set(p, i32.const(whole))
          block(from, to, places - whole)
        }
      })
    }),
  )

import type { Library } from '../../library.js'
import {
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  i32x4,
  type Local,
  v128,
} from '../../wasm/index.js'
import type { Element } from '../gemm/element.js'
import { odometer } from './odometer.js'
import type { PhaseAxis } from './phases.js'

/** Static facts of the patches of one convolution without dilated input, channels last. */
export interface PatchShape {
  readonly images: number
  readonly channels: number
  readonly axes: readonly PhaseAxis[]
}

/** Vector copies written out. */
const UNROLLED = 12

/** Copies or clears whole vectors: up to 15 bytes more than asked for are read and written. */
const fillVectors = (
  f: FunctionBuilder,
  to: Local<'i32'>,
  from: Local<'i32'> | null,
  bytes: number | Local<'i32'>,
  none: Local<'v128'>,
): void => {
  const put = (offset: number): void => f.storeVector(to, from ? v128.load(from, offset) : none, offset)
  if (typeof bytes === 'number' && bytes <= 16 * UNROLLED) {
    for (let i = 0; i < bytes; i += 16) put(i)
    f.increase(to, bytes)
    if (from) f.increase(from, bytes)
    return
  }
  const end = f.let(i32.add(to, bytes))
  const back = f.let(from ? i32.sub(from, to) : i32.const(0))
  f.while(i32.ltU(to, end), () => {
    put(0)
    f.increase(to, 16)
    if (from) f.increase(from, 16)
  })
  f.set(to, end)
  if (from) f.set(from, i32.add(end, back))
}

const name = (e: Element, { images, channels, axes }: PatchShape, whole: boolean): string =>
  `conv.patches.${e.bytes}.${images}.${channels}.${Number(whole)}${axes
    .map((a) => `.${[a.size, a.places, a.taps, a.stride, a.dilation, a.offset].join('_')}`)
    .join('')}`

/**
 * Writes rows `row` to `end` of the matrix of patches, `rowTo` bytes apart: row (image, places…), column (tap, channel), 0
 * where a tap falls outside of the input. Only the columns of taps (u, q) with u, the index of all axes but the last,
 * in u0 ≤ u < u1, and q, the last axis, in q0 ≤ q < q1. x is the first image's address. Up to 15 bytes behind what a row
 * needs are written, and read behind x. With `whole`, all taps: u0 to q1 are not parameters then.
 */
export const patches = (lib: Library, e: Element, shape: PatchShape, whole: boolean): FunctionRef => {
  const { images, channels, axes } = shape
  const outer = axes.slice(0, -1)
  const line = axes.at(-1)!
  const units = outer.reduce((count, { taps }) => count * taps, 1)
  /** Bytes from one entry of each axis to the next. */
  const steps = axes.map(
    (_, i) => axes.slice(i + 1).reduce((size, axis) => size * axis.size, 1) * channels * e.bytes,
  )
  const imageBytes = (axes[0]?.size ?? 1) * (steps[0] ?? channels * e.bytes)
  const params = { x: 'i32', to: 'i32', rowTo: 'i32', row: 'i32', end: 'i32' } as const
  const range = { u0: 'i32', u1: 'i32', q0: 'i32', q1: 'i32' } as const
  type Range = { readonly [K in keyof typeof range]: I32 }

  const body = (
    f: FunctionBuilder,
    p: { readonly [K in keyof typeof params]: Local<'i32'> },
    { u0, u1, q0, q1 }: Range,
  ): void => {
    const none = f.let(i32x4.const(0))
    const place = odometer(f, [images, ...axes.map((a) => a.places)])
    place.set(p.row)
    const taps = odometer(
      f,
      outer.map((a) => a.taps),
    )
    const bases = axes.map(() => f.local('i32'))
    const [origin, from, to, u, q, inside] = [
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
    ]
    const base = bases.at(-1)!
    const tapBytes = channels * e.bytes
    const runBytes = whole ? line.taps * tapBytes : f.let(i32.mul(i32.sub(q1, q0), tapBytes))
    const [first, last] = [f.let(i32.mul(q0, line.dilation)), f.local('i32')]
    f.set(last, i32.mul(i32.sub(q1, 1), line.dilation))
    const within = (at: I32, size: number): I32 => i32.ltU(at, size)

    f.while(i32.ltS(p.row, p.end), () => {
      f.set(to, p.to)
      f.set(origin, i32.add(p.x, i32.mul(place.at[0]!, imageBytes)))
      for (const [i, axis] of axes.entries()) {
        f.set(bases[i]!, i32.add(i32.mul(place.at[i + 1]!, axis.stride), axis.offset))
        f.set(origin, i32.add(origin, i32.mul(bases[i]!, steps[i]!)))
      }
      // Are all taps of the last axis inside?
      f.set(inside, i32.and(within(i32.add(base, first), line.size), within(i32.add(base, last), line.size)))
      if (outer.length > 0) taps.set(u0)
      f.for(u, u0, u1, 1, () => {
        let there: I32 = i32.const(1)
        f.set(from, origin)
        for (const [i, axis] of outer.entries()) {
          const shift = f.let(i32.mul(taps.at[i]!, axis.dilation))
          there = i32.and(there, within(i32.add(bases[i]!, shift), axis.size))
          f.set(from, i32.add(from, i32.mul(shift, steps[i]!)))
        }
        f.if(
          there,
          () => {
            f.set(from, i32.add(from, i32.mul(first, steps.at(-1)!)))
            const tap = f.local('i32')
            const eachTap = (check: boolean): void =>
              f.for(q, q0, q1, 1, () => {
                f.set(tap, from)
                const copy = (): void => fillVectors(f, to, tap, tapBytes, none)
                if (check)
                  f.if(within(i32.add(base, i32.mul(q, line.dilation)), line.size), copy, () =>
                    fillVectors(f, to, null, tapBytes, none),
                  )
                else copy()
                f.increase(from, line.dilation * steps.at(-1)!)
              })
            f.if(
              inside,
              () => {
                if (line.dilation === 1) fillVectors(f, to, from, runBytes, none)
                else eachTap(false)
              },
              () => eachTap(true),
            )
          },
          () => fillVectors(f, to, null, runBytes, none),
        )
        taps.next()
      })
      place.next()
      f.increase(p.to, p.rowTo)
      f.increase(p.row, 1)
    })
  }

  const all: Range = { u0: i32.const(0), u1: i32.const(units), q0: i32.const(0), q1: i32.const(line.taps) }
  return lib.get(name(e, shape, whole), (m, key) =>
    whole
      ? m.function(key, params, [], (f, p) => body(f, p, all))
      : m.function(key, { ...params, ...range }, [], (f, p) => body(f, p, p)),
  )
}

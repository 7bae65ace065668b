import { sizeOf, stridesOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { choose, type FunctionBuilder, type I32, i32 } from '../../wasm/index.js'
import type { Element } from '../gemm/element.js'
import { PANEL, packB, packedBytes, rowBytes } from '../gemm/pack.js'
import { rowBlock, rows, rowsScratch, tileRows } from '../gemm/rows.js'
import { patches } from './patches.js'
import type { PhaseAxis } from './phases.js'

/** Columns of the matrix of patches written at once. */
const COLUMNS = 1024
/** Bytes of the patches of one block of rows: half of a small L2 cache. */
const BLOCK = 1 << 17

/** One convolution without dilated input, as a product of patches with a part of the window. */
export interface Part {
  readonly axes: readonly PhaseAxis[]
  readonly rows: number
  readonly k: number
  /** Outer taps (all axes but the last) and taps of the last axis. */
  readonly units: number
  readonly taps: number
  /** Taps of one chunk. */
  readonly chunkUnits: number
  readonly chunkTaps: number
  readonly rowTo: number
  readonly block: number
}

/** Static facts of the whole convolution. */
export interface Facts {
  readonly lib: Library
  readonly e: Element
  readonly images: number
  readonly channels: number
  readonly filters: number
  readonly window: readonly number[]
  readonly places: readonly number[]
}

/** Sizes of the blocks and chunks in which a phase is computed. */
export const partOf = ({ lib, e, images, channels, window }: Facts, axes: readonly PhaseAxis[]): Part => {
  const taps = axes.at(-1)!.taps
  const units = sizeOf(axes.slice(0, -1).map((a) => a.taps))
  const line = taps * channels
  const chunkUnits = Math.min(units, Math.max(1, Math.floor(COLUMNS / Math.max(1, line))))
  const chunkTaps = line <= COLUMNS ? taps : Math.max(1, Math.floor(COLUMNS / channels))
  const rowTo = rowBytes(e, chunkUnits * chunkTaps * channels)
  const tile = tileRows(lib, e)[0]!
  const block = Math.min(rowBlock(lib, e), tile * Math.max(1, Math.floor(BLOCK / rowTo / tile)))
  return {
    axes: window.length === 0 ? [] : axes,
    rows: images * sizeOf(axes.map((a) => a.places)),
    k: units * taps * channels,
    units,
    taps,
    chunkUnits,
    chunkTaps,
    rowTo,
    block,
  }
}

/** Bytes of a part's packed window. */
export const kBytes = (e: Element, part: Part, filters: number): number =>
  Math.ceil(packedBytes(e, part.k, filters) / 64) * 64

/** Packs the taps of a part, panels `first` to `last`: in one piece where they are all of the window. */
export const packPart = (
  f: FunctionBuilder,
  { lib, e, channels, filters, window }: Facts,
  part: Part,
  w: I32,
  packed: I32,
  first: I32,
  last: I32,
): void => {
  const pack = (from: I32, k: number, to: I32): void =>
    f.call(packB(lib, e), [
      from,
      i32.const(filters * e.bytes),
      i32.const(e.bytes),
      i32.const(k),
      i32.const(filters),
      to,
      i32.const(part.k * PANEL),
      first,
      last,
    ])
  if (part.k === 0) return
  if (part.axes.every(({ taps }, i) => taps === window[i])) {
    pack(w, part.k, packed)
    return
  }
  const steps = stridesOf(window).map((s) => s * channels * filters * e.bytes)
  const visit = (axis: number, from: I32, to: I32): void => {
    if (axis === part.axes.length) {
      pack(from, channels, to)
      return
    }
    const { taps, firstTap, tapStep } = part.axes[axis]!
    const inner = sizeOf(part.axes.slice(axis + 1).map((a) => a.taps)) * channels * PANEL
    const q = f.local('i32')
    f.for(q, 0, taps, 1, () =>
      visit(
        axis + 1,
        f.let(i32.add(from, i32.add(i32.mul(q, tapStep * steps[axis]!), firstTap * steps[axis]!))),
        f.let(i32.add(to, i32.mul(q, inner))),
      ),
    )
  }
  visit(0, w, packed)
}

/** The product of a part's patches, rows `from` to `to`, block by block: `target` says where a block's rows go. */
export const multiply = (
  f: FunctionBuilder,
  { lib, e, images, channels, filters }: Facts,
  part: Part,
  at: { readonly x: I32; readonly packed: I32; readonly scratch: I32 },
  from: I32,
  to: I32,
  target: (row: I32) => I32,
  done: (from: I32, to: I32) => void,
): void => {
  const { k, units, taps, chunkUnits, chunkTaps, rowTo, block } = part
  const whole = chunkUnits === units && chunkTaps === taps
  const fill = patches(lib, e, { images, channels, axes: part.axes }, whole)
  const inner = f.let(i32.add(at.scratch, block * rowTo + 64))
  const product = (row: I32, end: I32, c: I32, first: I32, count: I32, add: I32): void =>
    f.call(rows(lib, e), [
      at.scratch,
      i32.const(rowTo),
      i32.const(e.bytes),
      i32.add(at.packed, i32.mul(first, PANEL)),
      i32.const(k * PANEL),
      i32.const(PANEL),
      c,
      i32.const(filters * e.bytes),
      i32.sub(end, row),
      i32.const(filters),
      count,
      add,
      inner,
    ])
  const least = (a: I32, b: I32): I32 => choose(i32.ltS(a, b), a, b)
  const row = f.local('i32')
  f.for(row, from, to, block, () => {
    const end = f.let(least(i32.add(row, block), to))
    const c = f.let(target(row))
    if (whole) {
      if (k > 0) f.call(fill, [at.x, at.scratch, i32.const(rowTo), row, end])
      product(row, end, c, i32.const(0), i32.const(k), i32.const(0))
    } else {
      const [u, q] = [f.local('i32'), f.local('i32')]
      f.for(u, 0, units, chunkUnits, () => {
        const u1 = f.let(least(i32.add(u, chunkUnits), i32.const(units)))
        f.for(q, 0, taps, chunkTaps, () => {
          const q1 = f.let(least(i32.add(q, chunkTaps), i32.const(taps)))
          f.call(fill, [at.x, at.scratch, i32.const(rowTo), row, end, u, u1, q, q1])
          const first = i32.mul(i32.add(i32.mul(u, taps), q), channels)
          const count = i32.mul(i32.mul(i32.sub(u1, u), i32.sub(q1, q)), channels)
          product(row, end, c, first, count, i32.or(u, q))
        })
      })
    }
    done(row, end)
  })
}

/** Bytes of scratch of `multiply`. */
export const patchScratch = ({ e, filters }: Facts, { block, rowTo, rows: count, k }: Part): number =>
  block * rowTo + 64 + rowsScratch(e, Math.min(block, count), k) + block * filters * e.bytes + 64

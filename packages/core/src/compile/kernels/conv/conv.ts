import { type ConvParams, convP } from '../../../primitives/contraction.js'
import { range, sizeOf, stridesOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { choose, type FunctionBuilder, type I32, i32, int } from '../../wasm/index.js'
import { dotJob } from '../gemm/dot.js'
import { ELEMENTS, type Element, type Scalar } from '../gemm/element.js'
import { type Job, jobOf, type Kernel } from '../gemm/job.js'
import type { BatchAxis } from '../gemm/layout.js'
import { PANEL, packB, packedBytes, panelColumns, rowBytes } from '../gemm/pack.js'
import { rowBlock, rows, rowsScratch, tileRows } from '../gemm/rows.js'
import { convDots, convLines } from './direct.js'
import { patches } from './patches.js'
import { type PhaseAxis, phasesOf } from './phases.js'
import { isUnpadded, plane, planeBytes } from './plane.js'
import { scatterRows } from './scatter.js'

/** A convolution of x [group, image, ...spatial, in] with w [group, ...window, in, out], both contiguous. */
export interface ConvSpec {
  readonly dtype: Scalar
  readonly x: readonly number[]
  readonly w: readonly number[]
  readonly params: ConvParams
}

/** Columns of the matrix of patches written at once. */
const COLUMNS = 1024
/** Bytes of the patches of one block of rows: half of a small L2 cache. */
const BLOCK = 1 << 17

/** One convolution without dilated input, as a product of patches with a part of the window. */
interface Part {
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

interface Facts {
  readonly lib: Library
  readonly e: Element
  readonly images: number
  readonly channels: number
  readonly filters: number
  readonly window: readonly number[]
  readonly places: readonly number[]
}

const partOf = ({ lib, e, images, channels, window }: Facts, axes: readonly PhaseAxis[]): Part => {
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

const kBytes = (e: Element, part: Part, filters: number): number =>
  Math.ceil(packedBytes(e, part.k, filters) / 64) * 64

/** Packs the taps of a part, panels `first` to `last`: in one piece where they are all of the window. */
const packPart = (
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
const multiply = (
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

const patchScratch = ({ e, filters }: Facts, { block, rowTo, rows: count, k }: Part): number =>
  block * rowTo + 64 + rowsScratch(e, Math.min(block, count), k) + block * filters * e.bytes + 64

/** Patches times the window; C's rows are all places in order. */
const patchKernel = (facts: Facts, part: Part): Kernel => {
  const { e, filters } = facts
  return {
    variant: 'patches',
    pack: {
      bytes: kBytes(e, part, filters),
      pieces: Math.ceil(filters / panelColumns(e)),
      emit: (f, w, packed, first, last) => packPart(f, facts, part, w, packed, int(first), int(last)),
    },
    scratch: patchScratch(facts, part),
    grain: tileRows(facts.lib, e)[0]!,
    product: (f, { a, c, packed, scratch }, from, to, done) =>
      multiply(
        f,
        facts,
        part,
        { x: int(a), packed: int(packed), scratch: int(scratch) },
        from,
        to,
        (row) => i32.add(c, i32.mul(row, filters * e.bytes)),
        done,
      ),
  }
}

/** Vectors in the run of one line of taps from which on a place is a scalar product. */
const LONG = 2

/** One filter: an image with its padding written out is read in place, without patches. */
const directKernel = (facts: Facts, axes: readonly PhaseAxis[]): Kernel | null => {
  const { lib, e, channels, filters, places } = facts
  if (filters !== 1 || channels === 0 || axes.some(({ taps }) => taps === 0)) return null
  const { taps, dilation } = axes.at(-1)!
  const run = dilation === 1 ? taps * channels : channels
  const dots = run >= LONG * e.lanes
  if (!dots && channels !== 1) return null
  const perImage = sizeOf(places)
  const copied = !isUnpadded(axes)
  const imageBytes = sizeOf(axes.map(({ size }) => size)) * channels * e.bytes
  return {
    variant: dots ? 'dots' : 'lines',
    pack: null,
    scratch: copied ? planeBytes(e, axes, channels) : 0,
    grain: perImage,
    strict: true,
    product: (f, { a, b, c, scratch }, from, to, done) => {
      const [first, last] = [f.let(i32.divU(from, perImage)), f.let(i32.divU(to, perImage))]
      const i = f.local('i32')
      f.for(i, first, last, 1, () => {
        let x: I32 = f.let(i32.add(int(a), i32.mul(i, imageBytes)))
        if (copied) {
          f.call(plane(lib, e, axes, channels), [x, int(scratch)])
          x = int(scratch)
        }
        const y = i32.add(c, i32.mul(i, perImage * e.bytes))
        f.call(dots ? convDots(lib, e, axes, channels) : convLines(lib, e, axes), [x, b, y])
      })
      done(from, to)
    },
  }
}

/** One part for each phase of a dilated input: blocks are computed in scratch and their rows put where they belong. */
const phaseKernel = (facts: Facts, parts: readonly Part[]): Kernel => {
  const { lib, e, filters, places, images } = facts
  const perImage = sizeOf(places)
  const starts = parts.map((_, i) =>
    parts.slice(0, i).reduce((sum, part) => sum + kBytes(e, part, filters), 0),
  )
  const panels = Math.ceil(filters / panelColumns(e))
  const most = Math.max(...parts.map((part) => part.block * filters * e.bytes + 64))
  const steps = stridesOf(places)
  return {
    variant: 'phases',
    pack: {
      bytes: parts.reduce((sum, part) => sum + kBytes(e, part, filters), 0),
      pieces: panels,
      emit: (f, w, packed, first, last) => {
        for (const [i, part] of parts.entries())
          packPart(f, facts, part, w, f.let(i32.add(packed, starts[i]!)), int(first), int(last))
      },
    },
    scratch: most + Math.max(...parts.map((part) => patchScratch(facts, part))),
    grain: perImage,
    strict: true,
    product: (f, { a, c, packed, scratch }, from, to, done) => {
      const [first, last] = [f.let(i32.divU(from, perImage)), f.let(i32.divU(to, perImage))]
      for (const [i, part] of parts.entries()) {
        const each = part.rows / images
        const at = {
          x: int(a),
          packed: f.let(i32.add(int(packed), starts[i]!)),
          scratch: f.let(i32.add(int(scratch), most)),
        }
        const scatter = scatterRows(lib, e, {
          columns: filters,
          images,
          axes: part.axes.map(({ places: count, firstPlace, placeStep }, axis) => ({
            places: count,
            start: firstPlace * steps[axis]!,
            step: placeStep * steps[axis]!,
          })),
          perImage,
        })
        multiply(
          f,
          facts,
          part,
          at,
          f.let(i32.mul(first, each)),
          f.let(i32.mul(last, each)),
          () => int(scratch),
          (row, end) => f.call(scatter, [int(scratch), c, row, end]),
        )
      }
      done(from, to)
    },
  }
}

/** Is the convolution a plain product: one tap that reads each entry in order, or a window as large as the input? */
const isPlain = (axes: readonly PhaseAxis[]): boolean =>
  axes.every(({ taps, stride, offset, size, places }) =>
    taps === 1 ? offset === 0 && (stride === 1 || places === 1) && places === size : false,
  ) ||
  axes.every(
    ({ places, taps, size, offset, dilation }) =>
      places === 1 && taps === size && offset === 0 && dilation === 1,
  )

/**
 * Chooses kernels for a `conv` by its static sizes; the rows of C are (group, image, ...place), its columns the filters.
 * `a` is x, `b` is w.
 * - where the window reads each entry once in order: a plain product,
 * - `patches`: block by block, the patches of some rows are written to scratch and multiplied with the packed window
 *   (im2col that never leaves the cache); taps in chunks, so that windows may be as large as the input, as in gradients
 *   with respect to the window,
 * - `lines`, `dots`: one filter (depthwise, and its gradients), read in place: vectors of places, or scalar products,
 * - `phases`: the zeros of a dilated input (gradients of strided convolutions) are never multiplied; each residue class of
 *   places is a convolution of its own with its share of the taps.
 */
export const convJob = (lib: Library, { dtype, x, w, params }: ConvSpec): Job => {
  const e = ELEMENTS[dtype]
  const out = convP.shape(
    [
      { shape: x, dtype },
      { shape: w, dtype },
    ],
    params,
  )[0]!.shape
  const [groups, images, channels, filters] = [x[0]!, x[1]!, x.at(-1)!, w.at(-1)!]
  const [spatial, window, places] = [x.slice(2, -1), w.slice(1, -2), out.slice(2, -1)]
  const batch: BatchAxis[] =
    groups === 1 ? [] : [{ size: groups, strideA: sizeOf(x.slice(1)), strideB: sizeOf(w.slice(1)) }]
  const m = images * sizeOf(places)
  const phases = phasesOf(spatial, window, places, params)
  const whole = phases.length === 1 ? phases[0]! : null

  // A single place of a dilated input may see only some of the taps.
  const allTaps = whole?.every(({ taps }, i) => taps === window[i]) ?? false

  if (whole && allTaps && isPlain(whole)) {
    const k = sizeOf(whole.map((a) => a.taps)) * channels
    const layout = { m, n: filters, k, rowA: k, columnA: 1, rowB: filters, columnB: 1, batch }
    return dotJob(lib, { dtype, layout: { ...layout, copyA: null, copyB: null } })
  }
  const facts: Facts = { lib, e, images, channels, filters, window, places }
  const rowsShape = { m, n: filters, batch }
  if (sizeOf(out) === 0) return jobOf(e, rowsShape, nothing)
  const ordinary =
    whole?.every((a) => a.placeStep === 1 || a.places === 1) &&
    range(places.length).every((i) => whole[i]!.places === places[i])
  const direct = whole && ordinary && allTaps ? directKernel(facts, whole) : null
  if (direct) return jobOf(e, rowsShape, direct)
  const parts = phases.map((axes) => partOf(facts, axes))
  return jobOf(e, rowsShape, ordinary ? patchKernel(facts, parts[0]!) : phaseKernel(facts, parts))
}

const nothing: Kernel = { variant: 'nothing', pack: null, scratch: 0, grain: 1, product: () => {} }

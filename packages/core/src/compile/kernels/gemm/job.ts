import type { Library } from '../../library.js'
import {
  choose,
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  int,
  type Num,
} from '../../wasm/index.js'
import { ELEMENTS, type Element, type Scalar } from './element.js'
import type { DotLayout } from './layout.js'
import { matvecColumns, matvecRows } from './matvec.js'
import { gather } from './move.js'
import { PANEL, packB, packedBytes, panelColumns } from './pack.js'
import { rowBlock, rows, rowsScratch, tileRows } from './rows.js'
import { isSlim, slim } from './slim.js'

/** A batch of matrix products whose operands are as {@link DotLayout} says (copied where it says so). */
export interface DotSpec {
  readonly dtype: Scalar
  readonly layout: DotLayout
  /** Add to C instead of overwriting it. */
  readonly accumulate?: boolean
}

/** Addresses in bytes, constants or locals. */
export interface DotPlaces {
  readonly a: Num<'i32'>
  readonly b: Num<'i32'>
  readonly c: Num<'i32'>
  /** `packedBytes` of memory written by `prepare`, the same for all threads. */
  readonly packed: Num<'i32'>
  /** `scratchBytes` of memory of this thread. */
  readonly scratch: Num<'i32'>
}

/** Called with a finished range of rows of C (of all items of the batch, one below the other), while they are in cache. */
export type Epilogue = (f: FunctionBuilder, rowStart: I32, rowEnd: I32) => void

/** What a product becomes, in two steps whose ranges may be divided among threads; every `prepare` before any `run`. */
export interface DotJob {
  /** The kernels chosen, for explanations. */
  readonly variant: 'nothing' | 'slim' | 'matvecRows' | 'matvecColumns' | 'inPlace' | 'packed'
  readonly packedBytes: number
  readonly scratchBytes: number
  /** Pieces of `prepare`; 0 where nothing has to be prepared. */
  readonly pieces: number
  /** Rows of C: those of one product times the batch. */
  readonly rows: number
  /** Ranges of rows cost least where they begin at multiples of this. */
  readonly grain: number
  readonly prepare: (f: FunctionBuilder, places: DotPlaces, first: Num<'i32'>, last: Num<'i32'>) => void
  readonly run: (
    f: FunctionBuilder,
    places: DotPlaces,
    first: Num<'i32'>,
    last: Num<'i32'>,
    epilogue?: Epilogue,
  ) => void
}

/** Products of at most this many bytes of B read B in place: packing would cost more than it saves. */
const SMALL_B = 1 << 14
/** Up to this many rows, B^T in place is multiplied row by row. */
const FEW_ROWS = 3

const least = (a: I32, b: I32): I32 => choose(i32.ltS(a, b), a, b)

/** Offsets of an item of the batch, in bytes. */
const itemOffset = (
  f: FunctionBuilder,
  { batch }: DotLayout,
  e: Element,
  item: I32,
  side: 'strideA' | 'strideB',
): I32 => {
  let rest = item
  let offset: I32 = i32.const(0)
  for (let i = batch.length - 1; i >= 0; i--) {
    const { size } = batch[i]!
    const at = i === 0 ? rest : i32.remU(rest, size)
    offset = i32.add(offset, i32.mul(at, batch[i]![side] * e.bytes))
    if (i > 0) rest = f.let(i32.divU(rest, size))
  }
  return f.let(offset)
}

/** Computes rows `from` to `to` (of one product) of C, all addresses those of the item. */
type Product = (
  f: FunctionBuilder,
  at: Omit<DotPlaces, 'c'> & { readonly c: I32 },
  from: I32,
  to: I32,
  done?: (from: I32, to: I32) => void,
) => void

const slimShape = ({ layout, accumulate = false }: DotSpec) => {
  const { n, k, rowA, columnA, rowB, columnB } = layout
  return { n, k, rowA, columnA, rowB, columnB, itemA: 0, itemB: 0, accumulate }
}

/** The kernel for a batch whose items have one distance. */
const slimItems = (lib: Library, e: Element, spec: DotSpec): FunctionRef => {
  const { strideA, strideB } = spec.layout.batch[0]!
  return slim(lib, e, { ...slimShape(spec), itemA: strideA, itemB: strideB })
}

interface Choice {
  readonly variant: DotJob['variant']
  readonly packed: boolean
  readonly scratch: number
  readonly product: Product
}

const select = (lib: Library, e: Element, spec: DotSpec): Choice => {
  const { layout, accumulate = false } = spec
  const { m, n, k, rowA, columnA, rowB, columnB } = layout
  const s = e.bytes
  const add = i32.const(Number(accumulate))
  const address = (base: Num<'i32'>, index: I32, stride: number): I32 =>
    i32.add(int(base), i32.mul(index, stride * s))

  /** A vector of k numbers, contiguous; it is gathered to scratch where it is not. */
  const contiguous = (
    f: FunctionBuilder,
    x: Num<'i32'>,
    stride: number,
    scratch: Num<'i32'>,
    length: number,
  ) => {
    if (stride === 1 || length <= 1) return int(x)
    f.call(gather(lib, e), [
      int(x),
      i32.const(0),
      i32.const(stride * s),
      int(scratch),
      i32.const(0),
      i32.const(1),
      i32.const(length),
    ])
    return int(scratch)
  }
  const vectorBytes = (stride: number): number => (stride === 1 ? 0 : k * s + 64)

  const shape = slimShape(spec)
  if (isSlim(e, shape))
    return {
      variant: 'slim',
      packed: false,
      scratch: 0,
      product: (f, { a, b, c }, from, to, done) => {
        f.call(slim(lib, e, shape), [
          address(a, from, rowA),
          int(b),
          address(c, from, n),
          i32.sub(to, from),
          i32.const(1),
        ])
        done?.(from, to)
      },
    }

  if (n === 1 && columnA === 1 && k > 0)
    return {
      variant: 'matvecRows',
      packed: false,
      scratch: vectorBytes(rowB),
      product: (f, { a, b, c, scratch }, from, to, done) => {
        const x = contiguous(f, b, rowB, scratch, k)
        f.call(matvecRows(lib, e), [
          address(a, from, rowA),
          i32.const(rowA * s),
          x,
          address(c, from, 1),
          i32.sub(to, from),
          i32.const(k),
          add,
        ])
        done?.(from, to)
      },
    }
  if (n === 1 && rowA === 1 && k > 0)
    return {
      variant: 'matvecColumns',
      packed: false,
      scratch: vectorBytes(rowB),
      product: (f, { a, b, c, scratch }, from, to, done) => {
        const x = contiguous(f, b, rowB, scratch, k)
        f.call(matvecColumns(lib, e), [
          address(a, from, 1),
          i32.const(columnA * s),
          x,
          address(c, from, 1),
          i32.sub(to, from),
          i32.const(k),
          add,
        ])
        done?.(from, to)
      },
    }
  // A few rows: each is the transposed matrix times a vector.
  const byRow = m <= FEW_ROWS && rowB === 1 && k >= 2 * e.lanes
  if (byRow || (m === 1 && columnB === 1 && rowB !== 0 && k > 0))
    return {
      variant: byRow ? 'matvecRows' : 'matvecColumns',
      packed: false,
      scratch: vectorBytes(columnA),
      product: (f, { a, b, c, scratch }, from, to, done) => {
        const i = f.local('i32')
        f.for(i, from, to, 1, () => {
          const x = contiguous(f, f.let(address(a, i, rowA)), columnA, scratch, k)
          const row = address(c, i, n)
          f.call(
            byRow ? matvecRows(lib, e) : matvecColumns(lib, e),
            byRow
              ? [int(b), i32.const(columnB * s), x, row, i32.const(n), i32.const(k), add]
              : [int(b), i32.const(rowB * s), x, row, i32.const(n), i32.const(k), add],
          )
        })
        done?.(from, to)
      },
    }

  const block = rowBlock(lib, e)
  const inPlace = columnB === 1 && rowB > 0 && (m <= 2 * tileRows(lib, e)[0]! || k * n * s <= SMALL_B)
  return {
    variant: inPlace ? 'inPlace' : 'packed',
    packed: !inPlace,
    scratch: rowsScratch(e, Math.min(m, block), k),
    product: (f, { a, b, c, packed, scratch }, from, to, done) => {
      const i = f.local('i32')
      f.for(i, from, to, block, () => {
        const end = f.let(least(i32.add(i, block), to))
        const source = inPlace
          ? [int(b), i32.const(PANEL), i32.const(rowB * s)]
          : [int(packed), i32.const(k * PANEL), i32.const(PANEL)]
        f.call(rows(lib, e), [
          address(a, i, rowA),
          i32.const(rowA * s),
          i32.const(columnA * s),
          ...source,
          address(c, i, n),
          i32.const(n * s),
          i32.sub(end, i),
          i32.const(n),
          i32.const(k),
          add,
          int(scratch),
        ])
        done?.(i, end)
      })
    },
  }
}

/**
 * Chooses kernels for a `dot` by its static sizes:
 * - `slim`: all of B fits into registers,
 * - `matvecRows`, `matvecColumns`: matrix times vector, or vector times matrix,
 * - `inPlace`: B is small or used by few rows, and read where it lies,
 * - `packed`: B is packed into panels first. One product packs B in `prepare`, in pieces that threads can share; a batch packs
 *   each item's B in `run`.
 *
 * Rounding does not depend on how rows are divided. `m`, `n`, the batch may be 0 (nothing is written), and `k` (zeros are
 * written, or with `accumulate` added).
 */
export const dotJob = (lib: Library, spec: DotSpec): DotJob => {
  const e = ELEMENTS[spec.dtype]
  const { layout } = spec
  const { m, n, k, batch } = layout
  const items = batch.reduce((product, { size }) => product * size, 1)
  const { variant, packed, scratch, product } = select(lib, e, spec)
  const panels = Math.ceil(n / panelColumns(e))
  const pack = (f: FunctionBuilder, b: I32, to: I32, first: Num<'i32'>, last: Num<'i32'>): void =>
    f.call(packB(lib, e), [
      b,
      i32.const(layout.rowB * e.bytes),
      i32.const(layout.columnB * e.bytes),
      i32.const(k),
      i32.const(n),
      to,
      i32.const(k * PANEL),
      int(first),
      int(last),
    ])
  const shared = packed && items === 1
  const aligned = packed && !shared ? Math.ceil(packedBytes(e, k, n) / 64) * 64 : 0
  const nothing = m === 0 || n === 0 || items === 0

  /** Range after range of each item's rows. */
  const byItem: DotJob['run'] = (f, places, first, last, epilogue) => {
    const scratchAt = aligned ? f.let(i32.add(int(places.scratch), aligned)) : places.scratch
    const [row, end] = [f.let(int(first)), f.let(int(last))]
    f.while(i32.ltS(row, end), () => {
      const item = f.let(i32.divU(row, m))
      const base = f.let(i32.mul(item, m))
      const from = f.let(i32.sub(row, base))
      const to = f.let(least(i32.const(m), i32.sub(end, base)))
      const a = f.let(i32.add(int(places.a), itemOffset(f, layout, e, item, 'strideA')))
      const b = f.let(i32.add(int(places.b), itemOffset(f, layout, e, item, 'strideB')))
      const c = f.let(i32.add(int(places.c), i32.mul(base, n * e.bytes)))
      if (packed) pack(f, b, int(places.scratch), 0, panels)
      const at = { a, b, c, packed: places.scratch, scratch: scratchAt }
      product(f, at, from, to, (i, j) => epilogue?.(f, f.let(i32.add(base, i)), f.let(i32.add(base, j))))
      f.set(row, i32.add(base, to))
    })
  }

  return {
    variant: nothing ? 'nothing' : variant,
    packedBytes: shared ? packedBytes(e, k, n) : 0,
    scratchBytes: scratch + aligned,
    pieces: shared && !nothing ? panels : 0,
    rows: items * m,
    grain: items > 1 ? m : tileRows(lib, e)[0]!,
    prepare: (f, { b, packed: to }, first, last) => {
      if (shared && !nothing) pack(f, int(b), int(to), first, last)
    },
    run: (f, places, first, last, epilogue) => {
      if (nothing) return
      if (items === 1) {
        const [from, to] = [f.let(int(first)), f.let(int(last))]
        product(f, { ...places, c: int(places.c) }, from, to, (i, end) => epilogue?.(f, i, end))
        return
      }
      const each = (): void => byItem(f, places, first, last, epilogue)
      if (variant !== 'slim' || batch.length > 1) return each()
      // Whole items with one distance: the loop over them is inside the kernel.
      const whole = (): void => {
        const item = f.let(i32.divU(int(first), m))
        f.call(slimItems(lib, e, spec), [
          i32.add(int(places.a), i32.mul(item, batch[0]!.strideA * e.bytes)),
          i32.add(int(places.b), i32.mul(item, batch[0]!.strideB * e.bytes)),
          i32.add(int(places.c), i32.mul(int(first), n * e.bytes)),
          i32.const(m),
          i32.sub(i32.divU(int(last), m), item),
        ])
        epilogue?.(f, int(first), int(last))
      }
      const cut = [first, last].map((x) => (typeof x === 'number' ? x % m : i32.remU(x, m)))
      if (cut.every((x) => x === 0)) whole()
      else f.if(i32.or(int(cut[0]!), int(cut[1]!)), each, whole)
    },
  }
}

/** A whole product on one thread; `packed` and `scratch` need the job's `packedBytes` and `scratchBytes`. */
export const emitDot = (
  lib: Library,
  f: FunctionBuilder,
  spec: DotSpec,
  places: DotPlaces,
  epilogue?: Epilogue,
): void => {
  const job = dotJob(lib, spec)
  if (job.pieces > 0) job.prepare(f, places, 0, job.pieces)
  job.run(f, places, 0, job.rows, epilogue)
}

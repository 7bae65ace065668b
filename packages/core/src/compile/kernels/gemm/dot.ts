import type { Library } from '../../library.js'
import { choose, type FunctionBuilder, type I32, i32, int, type Num } from '../../wasm/index.js'
import { ELEMENTS, type Element, type Scalar } from './element.js'
import { type Epilogue, emitJob, type Job, jobOf, type Kernel, type Places } from './job.js'
import type { DotLayout } from './layout.js'
import { matvecColumns, matvecRows } from './matvec.js'
import { gather } from './move.js'
import { PANEL, packB, packedBytes, panelColumns } from './pack.js'
import { rowBlock, rows, rowsScratch, tileRows } from './rows.js'
import { type SlimShape, slim, slimColumns } from './slim.js'

/** A batch of matrix products whose operands are as {@link DotLayout} says (copied where it says so). */
export interface DotSpec {
  readonly dtype: Scalar
  readonly layout: DotLayout
  /** Add to C instead of overwriting it. */
  readonly accumulate?: boolean
}

/** Products of at most this many bytes of B read B in place: packing would cost more than it saves. */
const SMALL_B = 1 << 14
/** Up to this many rows, B^T in place is multiplied row by row. */
const FEW_ROWS = 5

interface Context {
  readonly lib: Library
  readonly e: Element
  readonly layout: DotLayout
  readonly accumulate: boolean
  readonly add: I32
}

const bytes = (e: Element, elements: number): I32 => i32.const(elements * e.bytes)
const address = (e: Element, base: Num<'i32'>, index: I32, stride: number): I32 =>
  i32.add(int(base), i32.mul(index, stride * e.bytes))

/** A vector of k numbers, contiguous; it is gathered to scratch where it is not. */
const contiguous = (
  { lib, e, layout: { k } }: Context,
  f: FunctionBuilder,
  x: I32,
  stride: number,
  scratch: Num<'i32'>,
): I32 => {
  if (stride === 1 || k <= 1) return x
  const none = i32.const(0)
  f.call(gather(lib, e), [x, none, bytes(e, stride), int(scratch), none, i32.const(1), i32.const(k)])
  return int(scratch)
}
const vectorBytes = ({ e, layout: { k } }: Context, stride: number): number =>
  stride === 1 ? 0 : k * e.bytes + 64

/** Steps of k up to which B is taken in strips that fit into registers; with more, tiles are faster. */
const FEW_STEPS = 4
/** Rows of C that all strips pass before the next ones. */
const STRIP_ROWS = 16

const slimKernel = ({ lib, e, layout, accumulate }: Context): Kernel | null => {
  const { m, n, k, rowA, columnA, rowB, columnB, batch } = layout
  const width = slimColumns(e, k)
  // Constant offsets are not negative.
  if (n === 0 || (n > width && k > FEW_STEPS) || width === 0 || Math.min(columnA, rowB, columnB) < 0)
    return null
  const shape: SlimShape = { n, k, rowA, columnA, rowB, columnB, rowC: n, itemA: 0, itemB: 0, accumulate }
  const strip = (f: FunctionBuilder, a: I32, b: I32, c: I32, count: I32, columns: number): void =>
    f.call(slim(lib, e, { ...shape, n: columns }), [a, b, c, count, i32.const(1)])
  const rest = n % width
  return {
    variant: 'slim',
    pack: null,
    scratch: 0,
    grain: 1,
    product: (f, { a, b, c }, from, to, done) => {
      if (n <= width) strip(f, address(e, a, from, rowA), b, address(e, c, from, n), i32.sub(to, from), n)
      else {
        const [i, j] = [f.local('i32'), f.local('i32')]
        f.for(i, from, to, STRIP_ROWS, () => {
          const rowsLeft = f.let(i32.sub(to, i))
          const count = f.let(choose(i32.ltS(rowsLeft, STRIP_ROWS), rowsLeft, i32.const(STRIP_ROWS)))
          const [line, target] = [f.let(address(e, a, i, rowA)), f.let(address(e, c, i, n))]
          const at = (columns: number): void =>
            strip(f, line, address(e, b, j, columnB), address(e, target, j, 1), count, columns)
          f.for(j, 0, n - rest, width, () => at(width))
          if (rest > 0) at(rest)
        })
      }
      done(from, to)
    },
    // Items with one distance: the loop over them is inside the kernel.
    ...(batch.length === 1 &&
      n <= width && {
        items: (f: FunctionBuilder, { a, b, c }: Places, item: I32, count: I32): void => {
          const { strideA, strideB } = batch[0]!
          f.call(slim(lib, e, { ...shape, itemA: strideA, itemB: strideB }), [
            address(e, a, item, strideA),
            address(e, b, item, strideB),
            address(e, c, item, m * n),
            i32.const(m),
            count,
          ])
        },
      }),
  }
}

/** A matrix times a vector: n = 1. */
const matvecKernel = (context: Context): Kernel | null => {
  const { lib, e, layout, add } = context
  const { n, k, rowA, columnA, rowB } = layout
  if (n !== 1 || k === 0 || (columnA !== 1 && rowA !== 1)) return null
  const byRows = columnA === 1
  return {
    variant: byRows ? 'matvecRows' : 'matvecColumns',
    pack: null,
    scratch: vectorBytes(context, rowB),
    grain: 4,
    product: (f, { a, b, c, scratch }, from, to, done) => {
      const x = contiguous(context, f, b, rowB, scratch)
      f.call(byRows ? matvecRows(lib, e) : matvecColumns(lib, e), [
        address(e, a, from, rowA),
        bytes(e, byRows ? rowA : columnA),
        x,
        address(e, c, from, 1),
        i32.sub(to, from),
        i32.const(k),
        add,
      ])
      done(from, to)
    },
  }
}

/** A few rows: each is the transposed matrix times a vector. */
const vecmatKernel = (context: Context): Kernel | null => {
  const { lib, e, layout, add } = context
  const { m, n, k, rowA, columnA, rowB, columnB } = layout
  const byRows = m <= FEW_ROWS && rowB === 1 && k >= 2 * e.lanes
  if (!byRows && !(m === 1 && columnB === 1 && k > 0)) return null
  return {
    variant: byRows ? 'matvecRows' : 'matvecColumns',
    pack: null,
    scratch: vectorBytes(context, columnA),
    grain: 1,
    product: (f, { a, b, c, scratch }, from, to, done) => {
      const i = f.local('i32')
      f.for(i, from, to, 1, () => {
        const x = contiguous(context, f, f.let(address(e, a, i, rowA)), columnA, scratch)
        f.call(byRows ? matvecRows(lib, e) : matvecColumns(lib, e), [
          b,
          bytes(e, byRows ? columnB : rowB),
          x,
          address(e, c, i, n),
          i32.const(n),
          i32.const(k),
          add,
        ])
      })
      done(from, to)
    },
  }
}

/** Tiles of rows times panels of B, packed or in place. */
const tiledKernel = ({ lib, e, layout, add }: Context): Kernel => {
  const { m, n, k, rowA, columnA, rowB, columnB } = layout
  const block = rowBlock(lib, e)
  const inPlace = columnB === 1 && rowB > 0 && (m <= 2 * tileRows(lib, e)[0]! || k * n * e.bytes <= SMALL_B)
  const shape = [i32.const(n), i32.const(k)]
  return {
    variant: inPlace ? 'inPlace' : 'packed',
    pack: inPlace
      ? null
      : {
          bytes: packedBytes(e, k, n),
          pieces: Math.ceil(n / panelColumns(e)),
          emit: (f, b, packed, first, last) =>
            f.call(packB(lib, e), [
              b,
              bytes(e, rowB),
              bytes(e, columnB),
              i32.const(k),
              i32.const(n),
              packed,
              i32.const(k * PANEL),
              int(first),
              int(last),
            ]),
        },
    scratch: rowsScratch(e, Math.min(m, block), k),
    grain: tileRows(lib, e)[0]!,
    product: (f, { a, b, c, packed, scratch }, from, to, done) => {
      const i = f.local('i32')
      const source = inPlace
        ? [b, i32.const(PANEL), bytes(e, rowB)]
        : [int(packed), i32.const(k * PANEL), i32.const(PANEL)]
      f.for(i, from, to, block, () => {
        const next = i32.add(i, block)
        const end = f.let(choose(i32.ltS(next, to), next, to))
        f.call(rows(lib, e), [
          address(e, a, i, rowA),
          bytes(e, rowA),
          bytes(e, columnA),
          ...source,
          address(e, c, i, n),
          bytes(e, n),
          i32.sub(end, i),
          ...shape,
          add,
          int(scratch),
        ])
        done(i, end)
      })
    },
  }
}

/**
 * Chooses kernels for a `dot` by its static sizes:
 * - `slim`: all of B fits into registers, or strips of its columns do and k is small (outer products),
 * - `matvecRows`, `matvecColumns`: matrix times vector, or vector times matrix,
 * - `inPlace`: B is small or used by few rows, and read where it lies,
 * - `packed`: B is packed into panels first. One product packs B in `prepare`, in pieces that threads can share; a batch packs
 *   each item's B in `run`.
 *
 * Rounding does not depend on how rows are divided. `m`, `n`, the batch may be 0 (nothing is written), and `k` (zeros are
 * written, or with `accumulate` added).
 */
export const dotJob = (lib: Library, { dtype, layout, accumulate = false }: DotSpec): Job => {
  const e = ELEMENTS[dtype]
  const context: Context = { lib, e, layout, accumulate, add: i32.const(Number(accumulate)) }
  const kernel = slimKernel(context) ?? matvecKernel(context) ?? vecmatKernel(context) ?? tiledKernel(context)
  return jobOf(e, layout, kernel)
}

/** A whole product on one thread; `packed` and `scratch` need the job's `packedBytes` and `scratchBytes`. */
export const emitDot = (
  lib: Library,
  f: FunctionBuilder,
  spec: DotSpec,
  places: Places,
  epilogue?: Epilogue,
): void => emitJob(f, dotJob(lib, spec), places, epilogue)

import { choose, type FunctionBuilder, type I32, i32, int, type Num } from '../../wasm/index.js'
import type { Element } from './element.js'
import type { BatchAxis } from './layout.js'

/** Addresses in bytes, constants or locals. */
export interface Places {
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

/** What a contraction becomes: two steps whose ranges may be divided among threads; every `prepare` before any `run`. */
export interface Job {
  /** The kernels chosen, for explanations. */
  readonly variant: string
  readonly packedBytes: number
  readonly scratchBytes: number
  /** Pieces of `prepare`; 0 where nothing has to be prepared. */
  readonly pieces: number
  /** Rows of C: those of one product times the batch. */
  readonly rows: number
  /** Ranges of rows begin and end at multiples of this (or end with the last row): must, with `strict`, else they cost least. */
  readonly grain: number
  readonly strict: boolean
  readonly prepare: (f: FunctionBuilder, places: Places, first: Num<'i32'>, last: Num<'i32'>) => void
  readonly run: (
    f: FunctionBuilder,
    places: Places,
    first: Num<'i32'>,
    last: Num<'i32'>,
    epilogue?: Epilogue,
  ) => void
}

/** Where one item of a batch is. */
export interface ItemPlaces extends Places {
  readonly b: I32
  readonly c: I32
}

/** How one item is computed. */
export interface Kernel {
  readonly variant: string
  /** Packs pieces `first` to `last` of B. */
  readonly pack: {
    readonly bytes: number
    readonly pieces: number
    readonly emit: (f: FunctionBuilder, b: I32, packed: I32, first: Num<'i32'>, last: Num<'i32'>) => void
  } | null
  readonly scratch: number
  readonly grain: number
  readonly strict?: boolean
  /** Computes rows `from` to `to` of C and reports what is done. */
  readonly product: (
    f: FunctionBuilder,
    at: ItemPlaces,
    from: I32,
    to: I32,
    done: (from: I32, to: I32) => void,
  ) => void
  /** Whole items in one call, where the kernel has the loop over them: first item, number of items. */
  readonly items?: (f: FunctionBuilder, places: Places, item: I32, count: I32) => void
}

const least = (a: I32, b: I32): I32 => choose(i32.ltS(a, b), a, b)

/** Offset of an item of the batch, in bytes. */
const itemOffset = (
  f: FunctionBuilder,
  batch: readonly BatchAxis[],
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

/** The job of a batch of items of `m` rows of `n` numbers, C contiguous. */
export const jobOf = (
  e: Element,
  { m, n, batch }: { readonly m: number; readonly n: number; readonly batch: readonly BatchAxis[] },
  { variant, pack, scratch, grain, strict = false, product, items: wholeItems }: Kernel,
): Job => {
  const items = batch.reduce((count, { size }) => count * size, 1)
  const nothing = m === 0 || n === 0 || items === 0
  const shared = pack !== null && items === 1
  // What is packed for each item goes before the kernel's scratch.
  const own = pack && !shared ? Math.ceil(pack.bytes / 64) * 64 : 0

  /** Range after range of each item's rows. */
  const byItem: Job['run'] = (f, places, first, last, epilogue) => {
    const scratchAt = own ? f.let(i32.add(int(places.scratch), own)) : places.scratch
    const [row, end] = [f.let(int(first)), f.let(int(last))]
    f.while(i32.ltS(row, end), () => {
      const item = f.let(i32.divU(row, m))
      const base = f.let(i32.mul(item, m))
      const from = f.let(i32.sub(row, base))
      const to = f.let(least(i32.const(m), i32.sub(end, base)))
      const a = f.let(i32.add(int(places.a), itemOffset(f, batch, e, item, 'strideA')))
      const b = f.let(i32.add(int(places.b), itemOffset(f, batch, e, item, 'strideB')))
      const c = f.let(i32.add(int(places.c), i32.mul(base, n * e.bytes)))
      pack?.emit(f, b, int(places.scratch), 0, pack.pieces)
      product(f, { a, b, c, packed: places.scratch, scratch: scratchAt }, from, to, (i, j) =>
        epilogue?.(f, f.let(i32.add(base, i)), f.let(i32.add(base, j))),
      )
      f.set(row, i32.add(base, to))
    })
  }

  return {
    variant: nothing ? 'nothing' : variant,
    packedBytes: shared ? pack.bytes : 0,
    scratchBytes: scratch + own,
    pieces: shared && !nothing ? pack.pieces : 0,
    rows: items * m,
    grain: items > 1 && !strict ? m : grain,
    strict,
    prepare: (f, { b, packed }, first, last) => {
      if (shared && !nothing) pack.emit(f, int(b), int(packed), first, last)
    },
    run: (f, places, first, last, epilogue) => {
      if (nothing) return
      if (items === 1) {
        const [from, to] = [f.let(int(first)), f.let(int(last))]
        const at = { ...places, b: int(places.b), c: int(places.c) }
        product(f, at, from, to, (i, end) => epilogue?.(f, i, end))
        return
      }
      const each = (): void => byItem(f, places, first, last, epilogue)
      if (!wholeItems) return each()
      const whole = (): void => {
        const item = f.let(i32.divU(int(first), m))
        wholeItems(f, places, item, i32.sub(i32.divU(int(last), m), item))
        epilogue?.(f, int(first), int(last))
      }
      const cut = [first, last].map((x) => (typeof x === 'number' ? x % m : i32.remU(x, m)))
      if (cut.every((x) => x === 0)) whole()
      else f.if(i32.or(int(cut[0]!), int(cut[1]!)), each, whole)
    },
  }
}

/** A whole job on one thread; `packed` and `scratch` need its `packedBytes` and `scratchBytes`. */
export const emitJob = (f: FunctionBuilder, job: Job, places: Places, epilogue?: Epilogue): void => {
  if (job.pieces > 0) job.prepare(f, places, 0, job.pieces)
  job.run(f, places, 0, job.rows, epilogue)
}

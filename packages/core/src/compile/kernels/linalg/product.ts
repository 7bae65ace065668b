import type { Library } from '../../library.js'
import {
  type FunctionBuilder,
  type FunctionRef,
  f64,
  f64x2,
  i32,
  type Local,
  type V128,
  v128,
} from '../../wasm/index.js'
import { entry } from '../kernel.js'

/**
 * (y, yRow, a, aRow, aStep, x, xRow, rows, ranks, cols): Y ± A X in place, for Y [rows, cols], A [rows, ranks] and
 * X [ranks, cols] of float64. `...Row` are the bytes from a row to the next, `aStep` those from a column of A to the
 * next; they may be negative, and Y and X may be parts of one matrix.
 *
 * Each entry receives its products one after the other, in the order of the ranks, as the interpreter's loops give
 * them: so whatever is built from this function alone agrees with them bit for bit (if the target is not relaxed).
 */
export const product = (lib: Library, sign: 'add' | 'subtract'): FunctionRef =>
  lib.get(`product_${sign}`, (m, name) =>
    m.function(name, PARAMS, [], (f, p) => {
      const [c, r] = [f.local('i32'), f.local('i32')]
      const rows = (tile: Tile, height: number): void => {
        f.set(r, i32.const(0))
        for (const h of height > 1 ? [height, 1] : [1])
          f.while(i32.leS(i32.add(r, h), p.rows), () => {
            tile(f, p, { r, c, height: h })
            f.increase(r, h)
          })
      }
      const columns = (tile: Tile, width: number, height: number): void =>
        f.while(i32.leS(i32.add(c, width), p.cols), () => {
          rows(tile, height)
          f.increase(c, width)
        })
      f.if(i32.geS(p.cols, WIDE), () => {
        const k = f.local('i32')
        for (const height of [2, 1])
          f.while(i32.leS(i32.add(r, height), p.rows), () => {
            f.set(k, i32.const(0))
            for (const depth of [4, 1])
              f.while(i32.leS(i32.add(k, depth), p.ranks), () => {
                stream(f, lib, sign, p, { r, k, height, depth })
                f.increase(k, depth)
              })
            f.increase(r, height)
          })
        f.set(c, i32.and(p.cols, -2))
      })
      columns(vectors(lib, sign, 1), 2, 4)
      columns(scalars(sign), 1, 4)
    }),
  )

const PARAMS = {
  y: 'i32',
  yRow: 'i32',
  a: 'i32',
  aRow: 'i32',
  aStep: 'i32',
  x: 'i32',
  xRow: 'i32',
  rows: 'i32',
  ranks: 'i32',
  cols: 'i32',
} as const
type Params = { readonly [K in keyof typeof PARAMS]: Local<'i32'> }

/** From this many columns on, rows are updated in streams; fewer stay in registers while the ranks go by. */
const WIDE = 8

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

const multiplyAdd = (lib: Library, sign: 'add' | 'subtract', a: V128, b: V128, c: V128): V128 => {
  if (sign === 'add') return lib.madd64(a, b, c)
  return lib.target.relaxed ? f64x2.relaxedNmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b))
}

/**
 * Some rows lose (or get) the products with some rows of X, along all columns in pairs. Memory is read along rows,
 * so that it does not matter whether rows lie a power of two apart.
 */
const stream = (
  f: FunctionBuilder,
  lib: Library,
  sign: 'add' | 'subtract',
  p: Params,
  {
    r,
    k,
    height,
    depth,
  }: { readonly [K in 'r' | 'k']: Local<'i32'> } & {
    readonly [K in 'height' | 'depth']: number
  },
): void => {
  const y = upTo(height).map((h) => f.let(i32.add(p.y, i32.mul(i32.add(r, h), p.yRow))))
  const x = upTo(depth).map((d) => f.let(i32.add(p.x, i32.mul(i32.add(k, d), p.xRow))))
  const factors = upTo(height).map((h) =>
    upTo(depth).map((d) => {
      const row = i32.add(p.a, i32.mul(i32.add(r, h), p.aRow))
      return f.let(v128.load64Splat(i32.add(row, i32.mul(i32.add(k, d), p.aStep))))
    }),
  )
  const [at, entries] = [f.let(i32.const(0)), f.local('v128')]
  const sums = y.map(() => f.local('v128'))
  for (const unrolled of [2, 1]) {
    const end = f.let(i32.shl(i32.and(p.cols, -2 * unrolled), 3))
    f.for(at, at, end, 16 * unrolled, () => {
      for (const v of upTo(unrolled)) {
        sums.forEach((s, h) => {
          f.set(s, v128.load(i32.add(y[h]!, at), 16 * v))
        })
        x.forEach((row, d) => {
          f.set(entries, v128.load(i32.add(row, at), 16 * v))
          sums.forEach((s, h) => {
            f.set(s, multiplyAdd(lib, sign, factors[h]![d]!, entries, s))
          })
        })
        sums.forEach((s, h) => {
          f.storeVector(i32.add(y[h]!, at), s, 16 * v)
        })
      }
    })
  }
}

interface At {
  readonly r: Local<'i32'>
  readonly c: Local<'i32'>
  readonly height: number
}
type Tile = (f: FunctionBuilder, p: Params, at: At) => void

/** Walks over the ranks with the addresses of A's entries, one for each row of the tile, and of X's row. */
const walk = (
  f: FunctionBuilder,
  p: Params,
  { r, c, height }: At,
  step: (a: readonly Local<'i32'>[], x: Local<'i32'>) => void,
): void => {
  const k = f.local('i32')
  const a = upTo(height).map((h) => f.let(i32.add(p.a, i32.mul(i32.add(r, h), p.aRow))))
  const x = f.let(entry(p.x, c, 3))
  f.for(k, 0, p.ranks, 1, () => {
    step(a, x)
    for (const address of a) f.increase(address, p.aStep)
    f.increase(x, p.xRow)
  })
}

const yRows = (f: FunctionBuilder, p: Params, { r, c, height }: At): readonly Local<'i32'>[] =>
  upTo(height).map((h) => f.let(i32.add(entry(p.y, c, 3), i32.mul(i32.add(r, h), p.yRow))))

/** A tile of some rows and `width` vectors, whose sums stay in registers. */
const vectors =
  (lib: Library, sign: 'add' | 'subtract', width: number): Tile =>
  (f, p, at) => {
    const y = yRows(f, p, at)
    const sums = y.map((row) => upTo(width).map((v) => f.let(v128.load(row, 16 * v))))
    walk(f, p, at, (a, x) => {
      const factors = a.map((address) => f.let(v128.load64Splat(address)))
      for (const v of upTo(width)) {
        const entries = f.let(v128.load(x, 16 * v))
        sums.forEach((row, h) => {
          const [s, factor] = [row[v]!, factors[h]!]
          f.set(s, multiplyAdd(lib, sign, factor, entries, s))
        })
      }
    })
    y.forEach((row, h) => {
      for (const v of upTo(width)) f.storeVector(row, sums[h]![v]!, 16 * v)
    })
  }

/** Some rows of one column, side by side because each has to wait for its own sum. */
const scalars =
  (sign: 'add' | 'subtract'): Tile =>
  (f, p, at) => {
    const y = yRows(f, p, at)
    const sums = y.map((row) => f.let(f64.load(row)))
    const [entryOfX, combine] = [f.local('f64'), f64[sign === 'add' ? 'add' : 'sub']]
    walk(f, p, at, (a, x) => {
      f.set(entryOfX, f64.load(x))
      sums.forEach((s, h) => {
        f.set(s, combine(s, f64.mul(f64.load(a[h]!), entryOfX)))
      })
    })
    y.forEach((row, h) => {
      f.store('f64', row, sums[h]!)
    })
  }

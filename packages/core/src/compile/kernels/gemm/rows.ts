import type { Library } from '../../library.js'
import { choose, type FunctionRef, i32, v128 } from '../../wasm/index.js'
import type { Element } from './element.js'
import { PANEL, packA, panelColumns, rowBytes } from './pack.js'
import { tile } from './tile.js'

/** Steps of k that are summed in registers before they are added to C: a panel of B and a tile of A stay in the L1 cache. */
export const KC = 256

/** Rows of tiles, the largest first, as measured: larger ones spill registers. */
export const tileRows = (lib: Library, e: Element): readonly number[] =>
  lib.target.relaxed && e.name !== 'i32' ? [6, 4, 2, 1] : [4, 2, 1]

/** Rows of C a caller should ask `rows` for at once: A's block fits the L2 cache, and no tile is cut. */
export const rowBlock = (lib: Library, e: Element): number => (e.bytes === 4 ? 12 : 6) * tileRows(lib, e)[0]!

/** One panel: all tiles of `m` rows below one another. */
const sweep = (lib: Library, e: Element, vectors: number): FunctionRef =>
  lib.get(`gemm.sweep.${e.name}.${vectors}`, (module, name) =>
    module.function(
      name,
      {
        a: 'i32',
        rowA: 'i32',
        b: 'i32',
        rowB: 'i32',
        c: 'i32',
        rowC: 'i32',
        m: 'i32',
        k: 'i32',
        accumulate: 'i32',
      },
      [],
      (f, { a, rowA, b, rowB, c, rowC, m, k, accumulate }) => {
        tileRows(lib, e).forEach((mr, i) => {
          const one = (): void => {
            f.call(tile(lib, e, mr, vectors), [a, rowA, b, rowB, c, rowC, k, accumulate])
            f.increase(a, i32.mul(rowA, mr))
            f.increase(c, i32.mul(rowC, mr))
            f.increase(m, -mr)
          }
          if (i === 0) f.while(i32.geS(m, mr), one)
          else f.if(i32.geS(m, mr), one)
        })
      },
    ),
  )

/** C[i, j] (+)= T[i, j] for j < n < a panel's columns, T's rows a panel apart. */
const spill = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.spill.${e.name}`, (module, name) =>
    module.function(
      name,
      { t: 'i32', c: 'i32', rowC: 'i32', m: 'i32', n: 'i32', accumulate: 'i32' },
      [],
      (f, { t, c, rowC, m, n, accumulate }) => {
        const [i, from, to, end] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const vector = f.local('v128')
        f.for(i, 0, m, 1, () => {
          f.set(from, t)
          f.set(to, c)
          f.set(end, i32.add(c, i32.shl(n, e.log)))
          f.if(i32.geS(n, e.lanes), () => {
            f.set(vector, v128.load(from))
            f.if(accumulate, () => f.set(vector, e.addVectors(v128.load(to), vector)))
            f.storeVector(to, vector)
            f.increase(from, 16)
            f.increase(to, 16)
          })
          f.while(i32.ltU(to, end), () => {
            f.if(
              accumulate,
              () => f.store(e.name, to, e.add(e.load(to), e.load(from))),
              () => f.store(e.name, to, e.load(from)),
            )
            f.increase(from, e.bytes)
            f.increase(to, e.bytes)
          })
          f.increase(t, PANEL)
          f.increase(c, rowC)
        })
      },
    ),
  )

/** Bytes of scratch that `rows` needs for m rows and k steps. */
export const rowsScratch = (e: Element, m: number, k: number): number =>
  m * (rowBytes(e, Math.min(k, KC + 4)) + PANEL) + 64

/**
 * C[m, n] (+)= A[m, k]·B[k, n] for a block of rows (see {@link rowBlock}). A has any strides, C contiguous rows `rowC` bytes
 * apart. B is packed (`panelB` = the distance of panels, `rowB` = 32), or in place where its columns are contiguous
 * (`panelB` = 32, `rowB` = its row stride, not 0; up to 28 bytes behind each row are read). All strides in bytes. `m` and `n`
 * may be 0; with k = 0 the sum is empty, 0.
 *
 * Each entry is Σ over blocks of at most 260 steps of sums in the order of k, whatever the block of rows it was computed
 * in, so splitting rows among threads does not change it. Error: at most about (260 + k/260)·ε·|A||B|, half of that for the
 * longest chain on average.
 */
export const rows = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.rows.${e.name}`, (module, name) =>
    module.function(
      name,
      {
        a: 'i32',
        rowA: 'i32',
        columnA: 'i32',
        b: 'i32',
        panelB: 'i32',
        rowB: 'i32',
        c: 'i32',
        rowC: 'i32',
        m: 'i32',
        n: 'i32',
        k: 'i32',
        accumulate: 'i32',
        scratch: 'i32',
      },
      [],
      (f, { a, rowA, columnA, b, panelB, rowB, c, rowC, m, n, k, accumulate, scratch }) => {
        const w = panelColumns(e)
        const [block, kc, left] = [f.local('i32'), f.local('i32'), f.let(k)]
        const [from, step, at, panel, to] = [
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
          f.local('i32'),
        ]
        // Blocks of about equal length, multiples of 4.
        f.set(block, i32.divU(i32.add(k, KC - 1), KC))
        f.set(block, choose(block, block, i32.const(1)))
        f.set(block, i32.and(i32.add(i32.divU(i32.add(k, i32.sub(block, 1)), block), 3), -4))
        const temporary = f.let(scratch)
        f.increase(scratch, i32.shl(m, Math.log2(PANEL)))
        f.loop((again) => {
          f.set(kc, choose(i32.ltS(left, block), left, block))
          f.set(from, a)
          f.set(step, rowA)
          // Packing costs one copy of A: worth it for several panels, or where rows would collide in the cache; not where
          // rows are an odd number of cache lines apart, as packed ones are.
          const worth = i32.or(i32.gtS(n, 4 * w), i32.and(i32.eqz(i32.and(rowA, 1023)), i32.gtS(n, w)))
          f.if(i32.or(i32.ne(columnA, e.bytes), i32.and(i32.ne(i32.and(rowA, 127), 64), worth)), () => {
            f.set(step, i32.or(i32.and(i32.add(i32.shl(kc, e.log), 63), -64), 64))
            f.call(packA(lib, e), [a, rowA, columnA, m, kc, scratch, step])
            f.set(from, scratch)
          })
          f.set(at, n)
          f.set(panel, b)
          f.set(to, c)
          f.while(i32.gtS(at, 0), () => {
            const direct = (vectors: number): void =>
              f.call(sweep(lib, e, vectors), [from, step, panel, rowB, to, rowC, m, kc, accumulate])
            const narrow = (vectors: number): void => {
              const args = [from, step, panel, rowB, temporary, i32.const(PANEL), m, kc, i32.const(0)]
              f.call(sweep(lib, e, vectors), args)
            }
            const shift = (vectors: number): void => {
              const back = f.let(i32.shl(i32.sub(vectors * e.lanes, at), e.log))
              f.set(panel, i32.sub(panel, back))
              f.set(to, i32.sub(to, back))
              direct(vectors)
            }
            const edge = (): void => {
              f.if(
                i32.gtS(at, e.lanes),
                () => narrow(2),
                () => narrow(1),
              )
              f.call(spill(lib, e), [temporary, to, rowC, m, at, accumulate])
            }
            // In place, the last columns can be computed by a tile that overlaps the one before: the same numbers again.
            const overlap = (): void =>
              f.if(
                i32.ltS(at, e.lanes),
                () => shift(1),
                () =>
                  f.if(
                    i32.geS(n, w),
                    () => shift(2),
                    () => {
                      direct(1)
                      f.increase(panel, 16)
                      f.increase(to, 16)
                      f.increase(at, -e.lanes)
                      shift(1)
                    },
                  ),
              )
            f.if(
              i32.geS(at, w),
              () => direct(2),
              () =>
                f.if(
                  i32.eq(at, e.lanes),
                  () => direct(1),
                  () =>
                    f.if(
                      i32.and(i32.eq(panelB, PANEL), i32.and(i32.eqz(accumulate), i32.geS(n, e.lanes))),
                      overlap,
                      edge,
                    ),
                ),
            )
            f.increase(at, -w)
            f.increase(panel, panelB)
            f.increase(to, PANEL)
          })
          f.increase(a, i32.mul(kc, columnA))
          f.increase(b, i32.mul(kc, rowB))
          f.increase(left, i32.sub(0, kc))
          f.set(accumulate, i32.const(1))
          again(i32.gtS(left, 0))
        })
      },
    ),
  )

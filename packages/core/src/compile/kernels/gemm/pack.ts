import type { Library } from '../../library.js'
import { choose, type FunctionRef, i32, v128 } from '../../wasm/index.js'
import type { Element } from './element.js'
import { copyRows, gather, transpose } from './move.js'

/** Bytes of a row of a panel of B: two vectors, whatever the dtype. */
export const PANEL = 32
/** Panels copied together where B is contiguous along n, so that whole cache lines are read. */
const TOGETHER = 4

/** Columns of a panel. */
export const panelColumns = (e: Element): number => PANEL / e.bytes

/** Bytes that `packB` writes for a B of k rows and n columns. */
export const packedBytes = (e: Element, k: number, n: number): number =>
  Math.ceil(n / panelColumns(e)) * k * PANEL

/**
 * Packs panels `first` to `last` (excluded) of B[k, n], strides `rowB` and `columnB` in bytes: panel j holds columns j·w to
 * j·w + w - 1 for w = 32 bytes, one row after the other, and begins at packed + j·panelBytes; missing columns are 0.
 * `panelBytes` is k·32, or more where several B lie behind one another along k.
 */
export const packB = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.packB.${e.bytes}`, (m, name) =>
    m.function(
      name,
      {
        b: 'i32',
        rowB: 'i32',
        columnB: 'i32',
        k: 'i32',
        n: 'i32',
        packed: 'i32',
        panelBytes: 'i32',
        first: 'i32',
        last: 'i32',
      },
      [],
      (f, { b, rowB, columnB, k, n, packed, panelBytes, first, last }) => {
        const w = panelColumns(e)
        const [j, p, columns] = [f.let(first), f.local('i32'), f.local('i32')]
        const [from, to] = [f.local('i32'), f.local('i32')]
        f.while(i32.ltS(j, last), () => {
          f.set(from, i32.add(b, i32.mul(j, i32.mul(columnB, w))))
          f.set(to, i32.add(packed, i32.mul(j, panelBytes)))
          f.set(columns, i32.sub(n, i32.mul(j, w)))
          const copy = (panels: number): void => {
            const at = [f.let(to), ...Array.from({ length: panels - 1 }, () => f.local('i32'))]
            for (let q = 1; q < panels; q++) f.set(at[q]!, i32.add(at[q - 1]!, panelBytes))
            f.for(p, 0, k, 1, () => {
              at.forEach((target, q) => {
                f.storeVector(target, v128.load(from, q * PANEL))
                f.storeVector(target, v128.load(from, q * PANEL + 16), 16)
                f.increase(target, PANEL)
              })
              f.increase(from, rowB)
            })
            f.increase(j, panels)
          }
          f.if(
            i32.and(i32.geS(columns, w), i32.eq(columnB, e.bytes)),
            () =>
              f.if(
                i32.and(i32.geS(columns, TOGETHER * w), i32.geS(i32.sub(last, j), TOGETHER)),
                () => copy(TOGETHER),
                () => copy(1),
              ),
            () => {
              f.set(columns, choose(i32.ltS(columns, w), columns, i32.const(w)))
              f.if(i32.ltS(columns, w), () => f.fillMemory(to, 0, i32.shl(k, Math.log2(PANEL))))
              f.if(
                i32.eq(rowB, e.bytes),
                () => f.call(transpose(lib, e), [from, columnB, to, i32.const(PANEL), columns, k]),
                () => f.call(gather(lib, e), [from, rowB, columnB, to, i32.const(PANEL), k, columns]),
              )
              f.increase(j, 1)
            },
          )
        })
      },
    ),
  )

/**
 * Copies A[m, k] of any strides to rows that are contiguous in k, `rowTo` bytes apart, `rowTo` rounded up as
 * {@link rowBytes} says.
 */
export const packA = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.packA.${e.bytes}`, (m, name) =>
    m.function(
      name,
      { a: 'i32', rowA: 'i32', columnA: 'i32', m: 'i32', k: 'i32', to: 'i32', rowTo: 'i32' },
      [],
      (f, { a, rowA, columnA, m: rows, k, to, rowTo }) =>
        f.if(
          i32.eq(columnA, e.bytes),
          () => f.call(copyRows(lib), [a, rowA, to, rowTo, rows, i32.shl(k, e.log)]),
          () =>
            f.if(
              i32.eq(rowA, e.bytes),
              () => f.call(transpose(lib, e), [a, columnA, to, rowTo, k, rows]),
              () => f.call(gather(lib, e), [a, rowA, columnA, to, rowTo, rows, k]),
            ),
        ),
    ),
  )

/**
 * Bytes between packed rows of A of k numbers: an odd number of cache lines, so that neighbouring rows do not fall into the
 * same sets of the cache. Rows 4 KiB apart, read in place, were measured at half the speed.
 */
export const rowBytes = (e: Element, k: number): number => (Math.ceil((k * e.bytes) / 64) * 64) | 64

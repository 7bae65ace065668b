import type { Library } from '../../library.js'
import { type FunctionRef, i32, type Local, type V128, v128 } from '../../wasm/index.js'
import type { Element } from './element.js'

/** Rows that share the loads of x. */
const ROWS = 4
/** Columns whose multiples are added to y in one sweep. */
const COLUMNS = 8

/** Sum of the lanes of a local, halves first. */
export const lanesSum = (e: Element, v: V128) => {
  const at = (lane: number) => e.extract(v, lane)
  return e.lanes === 2 ? e.add(at(0), at(1)) : e.add(e.add(at(0), at(2)), e.add(at(1), at(3)))
}

/**
 * y[i] (+)= Σₚ M[i, p]·x[p] for M with rows contiguous in k, `rowM` bytes apart, x and y contiguous. Each entry has two
 * vectors of partial sums and a scalar tail, whatever the number of rows, so rows may be split anywhere.
 * Error at most about (k/(2·lanes) + lanes)·ε·|M||x|.
 */
export const matvecRows = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.matvecRows.${e.name}`, (module, name) =>
    module.function(
      name,
      { matrix: 'i32', rowM: 'i32', x: 'i32', y: 'i32', m: 'i32', k: 'i32', accumulate: 'i32' },
      [],
      (f, { matrix, rowM, x, y, m, k, accumulate }) => {
        const [p, at] = [f.local('i32'), f.local('i32')]
        const band = (count: number): void => {
          const lines: Local<'i32'>[] = [f.let(matrix)]
          for (let r = 1; r < count; r++) lines.push(f.let(i32.add(lines[r - 1]!, rowM)))
          const sums = lines.map(() => [f.local('v128'), f.local('v128')] as const)
          for (const s of sums.flat()) f.set(s, v128.xor(s, s))
          f.set(at, x)
          f.set(p, k)
          const step = (vectors: number): void => {
            for (let q = 0; q < vectors; q++) {
              const v = f.let(v128.load(at, 16 * q))
              for (const [r, line] of lines.entries())
                f.set(sums[r]![q]!, e.madd(lib, v128.load(line, 16 * q), v, sums[r]![q]!))
            }
            for (const pointer of [at, ...lines]) f.increase(pointer, 16 * vectors)
            f.increase(p, -vectors * e.lanes)
          }
          f.while(i32.geS(p, 2 * e.lanes), () => step(2))
          f.if(i32.geS(p, e.lanes), () => step(1))
          const totals = sums.map(([s, t]) => {
            const both = f.let(e.addVectors(s, t))
            return f.let(lanesSum(e, both))
          })
          f.while(i32.gtS(p, 0), () => {
            const v = f.let(e.load(at))
            for (const [r, line] of lines.entries())
              f.set(totals[r]!, e.add(totals[r]!, e.mul(e.load(line), v)))
            for (const pointer of [at, ...lines]) f.increase(pointer, e.bytes)
            f.increase(p, -1)
          })
          f.if(accumulate, () => {
            for (const [r, t] of totals.entries()) f.set(t, e.add(e.load(y, r * e.bytes), t))
          })
          for (const [r, t] of totals.entries()) f.store(e.name, y, t, r * e.bytes)
          f.increase(y, count * e.bytes)
          f.increase(matrix, i32.mul(rowM, count))
          f.increase(m, -count)
        }
        f.while(i32.geS(m, ROWS), () => band(ROWS))
        f.while(i32.gtS(m, 0), () => band(1))
      },
    ),
  )

/**
 * y[i] (+)= Σₚ M[i, p]·x[p] for M with columns contiguous in i, `columnM` bytes apart, x and y contiguous: multiples of eight
 * columns at a time are added to y, in the order of k. Error at most about k·ε·|M||x|.
 */
export const matvecColumns = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.matvecColumns.${e.name}`, (module, name) =>
    module.function(
      name,
      { matrix: 'i32', columnM: 'i32', x: 'i32', y: 'i32', m: 'i32', k: 'i32', accumulate: 'i32' },
      [],
      (f, { matrix, columnM, x, y, m, k, accumulate }) => {
        f.if(i32.eqz(accumulate), () => f.fillMemory(y, 0, i32.shl(m, e.log)))
        const [left, to] = [f.local('i32'), f.local('i32')]
        const band = (count: number): void => {
          const lines: Local<'i32'>[] = [f.let(matrix)]
          for (let q = 1; q < count; q++) lines.push(f.let(i32.add(lines[q - 1]!, columnM)))
          const factors = lines.map((_, q) => f.let(e.splat(x, q * e.bytes)))
          const sum = f.local('v128')
          f.set(to, y)
          f.set(left, m)
          f.while(i32.geS(left, e.lanes), () => {
            f.set(sum, v128.load(to))
            for (const [q, line] of lines.entries())
              f.set(sum, e.madd(lib, v128.load(line), factors[q]!, sum))
            f.storeVector(to, sum)
            for (const pointer of [to, ...lines]) f.increase(pointer, 16)
            f.increase(left, -e.lanes)
          })
          // The rest with the same instructions, one lane of each counts: where rows are split must not show.
          f.while(i32.gtS(left, 0), () => {
            f.set(sum, e.splat(to))
            for (const [q, line] of lines.entries()) f.set(sum, e.madd(lib, e.splat(line), factors[q]!, sum))
            f.storeLane(e.bytes === 4 ? 32 : 64, to, sum, 0)
            for (const pointer of [to, ...lines]) f.increase(pointer, e.bytes)
            f.increase(left, -1)
          })
          f.increase(matrix, i32.mul(columnM, count))
          f.increase(x, count * e.bytes)
          f.increase(k, -count)
        }
        f.while(i32.geS(k, COLUMNS), () => band(COLUMNS))
        f.while(i32.gtS(k, 0), () => band(1))
      },
    ),
  )

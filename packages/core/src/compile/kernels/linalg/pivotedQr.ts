import type { Library } from '../../library.js'
import { callValue, choose, type FunctionRef, f64, type I32, i32 } from '../../wasm/index.js'
import { entry } from '../kernel.js'
import { applyReflector, makeReflector, norm2 } from './reflector.js'
import { rowOf, swap } from './rows.js'

/**
 * (w, m, n, v, tau, rows, columns, work): QR with column and row pivoting of w [m, n], m ≥ n, as in
 * math/linalg/svd.ts: R overwrites the upper triangle, v [n, m] and tau are the reflectors, `rows` the row swaps and
 * `columns` the columns that R's belong to. `work` has room for 3n + 2 numbers.
 */
export const pivotedQr = (lib: Library): FunctionRef =>
  lib.get('pivoted_qr', (m, name) =>
    m.function(
      name,
      {
        w: 'i32',
        m: 'i32',
        n: 'i32',
        v: 'i32',
        tau: 'i32',
        rows: 'i32',
        columns: 'i32',
        work: 'i32',
      },
      [],
      (f, { w, m: height, n, v, tau, rows, columns, work }) => {
        const [c, p, i, pivot] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const row = f.let(i32.shl(n, 3))
        const norms = f.let(entry(work, n, 3))
        const reference = f.let(entry(norms, n, 3))
        const out = f.let(entry(reference, n, 3))
        const measure = (r: I32, length: I32): void => {
          const at = f.let(entry(rowOf(w, r, n), c, 3))
          const norm = f.let(callValue(norm2(lib), 'f64', [at, row, length]))
          f.store('f64', entry(norms, c, 3), norm)
          f.store('f64', entry(reference, c, 3), norm)
        }
        const normOf = (k: I32) => f64.load(entry(norms, k, 3))

        f.for(c, 0, n, 1, () => {
          f.store('i32', entry(columns, c, 2), c)
          measure(i32.const(0), height)
        })
        f.for(p, 0, n, 1, () => {
          f.set(pivot, p)
          f.for(c, i32.add(p, 1), n, 1, () =>
            f.set(pivot, choose(f64.gt(normOf(c), normOf(pivot)), c, pivot)),
          )
          f.if(i32.ne(pivot, p), () => {
            const [x, y] = [f.let(entry(w, p, 3)), f.let(entry(w, pivot, 3))]
            const t = f.local('f64')
            f.for(i, 0, height, 1, () => {
              f.set(t, f64.load(x))
              f.store('f64', x, f64.load(y))
              f.store('f64', y, t)
              f.increase(x, row)
              f.increase(y, row)
            })
            const [mine, other] = [f.let(entry(columns, p, 2)), f.let(entry(columns, pivot, 2))]
            const column = f.let(i32.load(mine))
            f.store('i32', mine, i32.load(other))
            f.store('i32', other, column)
            f.store('f64', entry(norms, pivot, 3), normOf(p))
            f.store('f64', entry(reference, pivot, 3), f64.load(entry(reference, p, 3)))
          })

          const largest = f.let(p)
          const size = (r: I32) => f64.abs(f64.load(entry(rowOf(w, r, n), p, 3)))
          f.for(i, i32.add(p, 1), height, 1, () =>
            f.set(largest, choose(f64.gt(size(i), size(largest)), i, largest)),
          )
          f.store('i32', entry(rows, p, 2), largest)
          f.call(swap(lib), [rowOf(w, p, n), rowOf(w, largest, n), n])

          const at = f.let(entry(rowOf(w, p, n), p, 3))
          const vp = f.let(entry(rowOf(v, p, height), p, 3))
          const left = f.let(i32.sub(height, p))
          f.call(makeReflector(lib), [at, row, left, vp, out])
          f.store('f64', entry(tau, p, 3), f64.load(out))
          f.store('f64', at, f64.load(out, 8))
          f.call(applyReflector(lib), [
            ...[i32.add(at, 8), row, left, i32.sub(i32.sub(n, p), 1)],
            ...[vp, f64.load(out), work],
          ])

          // Norms of what remains of the columns: updated, or computed anew once cancellation has eaten them.
          f.for(c, i32.add(p, 1), n, 1, () => {
            const norm = f.let(normOf(c))
            f.if(f64.ne(norm, 0), () => {
              const ratio = f.let(f64.div(f64.abs(f64.load(entry(rowOf(w, p, n), c, 3))), norm))
              const share = f.let(f64.max(0, f64.mul(f64.sub(1, ratio), f64.add(1, ratio))))
              const relative = f.let(f64.div(norm, f64.load(entry(reference, c, 3))))
              f.if(
                f64.le(f64.mul(f64.mul(share, relative), relative), 1e-8),
                () => measure(i32.add(p, 1), i32.sub(i32.sub(height, p), 1)),
                () => f.store('f64', entry(norms, c, 3), f64.mul(norm, f64.sqrt(share))),
              )
            })
          })
        })
      },
    ),
  )

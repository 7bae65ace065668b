import type { Library } from '../../library.js'
import { callValue, type FunctionRef, f64, i32, type Local } from '../../wasm/index.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { jacobiRows } from './jacobi.js'
import { eachMatrix, sizesOf } from './matrices.js'
import { orderOf } from './order.js'
import { pivotedQr } from './pivotedQr.js'
import { factorQr, qrScratch } from './qr.js'
import { applyReflector, canonicalSign, safeScale } from './reflector.js'
import { fill, maxAbsFinite, rescale, rowOf, swap, transpose } from './rows.js'

// The singular value decomposition as in math/linalg/svd.ts, whose comments give algorithm and sources.

/**
 * (s, vt, w, m, n, scratch): decomposes w [m, n], m ≥ n, without the sign convention; w becomes U. Returns 0 if it does
 * not converge.
 */
const tallSvd = (lib: Library): FunctionRef =>
  lib.get('svd_tall', (mod, name) =>
    mod.function(
      name,
      { s: 'i32', vt: 'i32', w: 'i32', m: 'i32', n: 'i32', scratch: 'i32' },
      ['i32'],
      (f, { s, vt, w, m, n, scratch }) => {
        const [i, c, rank, from] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const row = f.let(i32.shl(n, 3))
        const square = f.let(i32.mul(n, n))
        const v = f.let(scratch)
        const r = f.let(entry(v, i32.mul(n, m), 3))
        const j = f.let(entry(r, square, 3))
        const tau = f.let(entry(j, square, 3))
        const [norms, rows, columns, order, work] = [1, 2, 3, 4, 5].map((k) =>
          f.let(entry(tau, i32.mul(n, k), 3)),
        ) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>]
        // Behind the 3n + 2 numbers of `work`: room to complete a basis.
        const basis = f.let(i32.add(entry(work, i32.mul(n, 3), 3), 16))
        const word = (base: Local<'i32'>, k: Local<'i32'>) => i32.load(entry(base, k, 2))

        f.call(pivotedQr(lib), [w, m, n, v, tau, rows, columns, work])
        f.copyMemory(r, w, i32.shl(square, 3))
        f.for(i, 1, n, 1, () => f.fillMemory(rowOf(r, i, n), 0, i32.shl(i, 3)))
        f.if(i32.eqz(callValue(jacobiRows(lib), 'i32', [r, j, norms, n])), () => f.return(i32.const(0)))

        // V: normalised rows of J R, with the column pivoting undone.
        f.call(orderOf(lib, 'descending'), [order, norms, n])
        f.fillMemory(vt, 0, i32.shl(square, 3))
        f.for(i, 0, n, 1, () => {
          f.set(from, word(order, i))
          const norm = f.let(f64.load(entry(norms, from, 3)))
          f.store('f64', entry(s, i, 3), norm)
          f.if(f64.ne(norm, 0), () => {
            f.set(rank, i32.add(i, 1))
            f.for(c, 0, n, 1, () =>
              f.store(
                'f64',
                entry(rowOf(vt, i, n), word(columns, c), 3),
                f64.div(f64.load(entry(rowOf(r, from, n), c, 3)), norm),
              ),
            )
          })
        })
        f.if(i32.ltS(rank, n), () => {
          const q = f.let(entry(basis, square, 3))
          f.call(transpose(lib), [basis, vt, rank, n])
          f.call(factorQr(lib), [basis, n, rank, q, n, i32.const(0), entry(q, square, 3)])
          f.for(i, rank, n, 1, () =>
            f.for(c, 0, n, 1, () =>
              f.store('f64', entry(rowOf(vt, i, n), c, 3), f64.load(entry(rowOf(q, c, n), i, 3))),
            ),
          )
        })

        // U = Q diag(Jᵀ, I), by applying the row swaps and reflectors that Q is made of.
        f.fillMemory(w, 0, i32.mul(m, row))
        f.for(c, 0, n, 1, () => {
          f.set(from, word(order, c))
          f.for(i, 0, n, 1, () =>
            f.store('f64', entry(rowOf(w, i, n), c, 3), f64.load(entry(rowOf(j, from, n), i, 3))),
          )
        })
        f.set(i, n)
        f.while(i, () => {
          f.increase(i, -1)
          f.call(applyReflector(lib), [
            ...[rowOf(w, i, n), row, i32.sub(m, i), n],
            ...[entry(rowOf(v, i, m), i, 3), f64.load(entry(tau, i, 3)), work],
          ])
          f.call(swap(lib), [rowOf(w, i, n), rowOf(w, word(rows, i), n), n])
        })
        f.result(i32.const(1))
      },
    ),
  )

/** Bytes of scratch memory for an m × n matrix with m ≥ n: w and Vᵀ, then that of `tallSvd`. */
const scratchOf = (m: number, n: number): number =>
  8 * (m * n + n * n) + 8 * (n * m + 2 * n * n + 9 * n + 2) + 8 * 2 * n * n + qrScratch(n, n, n)

/** (u, s, vt, a, m, n, scratch), for m ≥ n if `wide` is false, else for m < n. */
const svd = (lib: Library, wide: boolean): FunctionRef =>
  lib.get(`svd_${wide ? 'wide' : 'tall'}_signed`, (mod, name) =>
    mod.function(
      name,
      { u: 'i32', s: 'i32', vt: 'i32', a: 'i32', m: 'i32', n: 'i32', scratch: 'i32' },
      [],
      (f, { u, s, vt, a, m, n, scratch }) => {
        const [long, k] = wide ? [n, m] : [m, n]
        const c = f.local('i32')
        const [size, square] = [f.let(i32.mul(m, n)), f.let(i32.mul(k, k))]
        const w = f.let(scratch)
        const turned = f.let(entry(w, size, 3))
        const rest = f.let(entry(turned, square, 3))
        const fail = (): void => {
          const nan = f64.const(Number.NaN)
          f.call(fill(lib), [u, i32.mul(m, k), nan])
          f.call(fill(lib), [s, k, nan])
          f.call(fill(lib), [vt, i32.mul(k, n), nan])
          f.return()
        }

        const max = f.let(callValue(maxAbsFinite(lib), 'f64', [a, size]))
        f.if(f64.ne(max, max), fail)
        const scale = f.let(safeScale(max))
        if (wide) f.call(transpose(lib), [w, a, m, n])
        else f.copyMemory(w, a, i32.shl(size, 3))
        f.call(rescale(lib, 'mul'), [w, size, scale])
        f.if(i32.eqz(callValue(tallSvd(lib), 'i32', [s, turned, w, long, k, rest])), fail)
        f.call(rescale(lib, 'div'), [s, k, scale])
        if (wide) {
          f.call(transpose(lib), [u, turned, k, k])
          f.call(transpose(lib), [vt, w, n, k])
        } else {
          f.copyMemory(u, w, i32.shl(size, 3))
          f.copyMemory(vt, turned, i32.shl(square, 3))
        }

        f.for(c, 0, k, 1, () => {
          const column = f.let(entry(u, c, 3))
          const step = f.let(i32.shl(k, 3))
          f.if(f64.lt(callValue(canonicalSign(lib), 'f64', [column, step, m]), 0), () => {
            const i = f.local('i32')
            f.for(i, 0, m, 1, () => {
              f.store('f64', column, f64.neg(f64.load(column)))
              f.increase(column, step)
            })
            f.call(rescale(lib, 'mul'), [rowOf(vt, c, n), n, f64.const(-1)])
          })
        })
      },
    ),
  )

/** U, s and Vᵀ: singular values agree with the interpreter's to a small multiple of n ε s₀. */
export const svdKernel: Kernel = eachMatrix({
  scratch: ({ inputs }) => {
    const [m, n] = sizesOf(inputs[0]!)
    return scratchOf(Math.max(m, n), Math.min(m, n))
  },
  emit: (f, lib, { inputs }, at) => {
    const [m, n] = sizesOf(inputs[0]!)
    const [u, s, vt] = at.outputs
    f.call(svd(lib, m < n), [u!, s!, vt!, at.inputs[0]!, ...constants(m, n), at.scratch])
  },
})

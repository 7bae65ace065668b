import type { Library } from '../../library.js'
import { callValue, choose, type FunctionRef, f64, i32 } from '../../wasm/index.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { eachMatrix, sizesOf } from './matrices.js'
import { applyReflector, makeReflector } from './reflector.js'
import { fill, maxAbsFinite, rescale, rowOf } from './rows.js'

/** Bytes of scratch memory of the function below. */
export const qrScratch = (m: number, n: number, qCols: number): number =>
  8 * (m * n + Math.min(m, n) * m + Math.max(n, qCols) + Math.min(m, n) + 2)

/**
 * (a, m, n, q, qCols, r, scratch): A = Q R by Householder reflections, Q [m, qCols] with qCols = min(m, n) or m. R is
 * not written if r = 0.
 */
export const factorQr = (lib: Library): FunctionRef =>
  lib.get('qr', (m, name) =>
    m.function(
      name,
      { a: 'i32', m: 'i32', n: 'i32', q: 'i32', qCols: 'i32', r: 'i32', scratch: 'i32' },
      [],
      (f, { a, m: rows, n, q, qCols, r, scratch }) => {
        const [s, i] = [f.local('i32'), f.local('i32')]
        const size = f.let(i32.mul(rows, n))
        const k = f.let(choose(i32.ltS(rows, n), rows, n))
        const max = f.let(callValue(maxAbsFinite(lib), 'f64', [a, size]))
        f.if(f64.ne(max, max), () => {
          f.call(fill(lib), [q, i32.mul(rows, qCols), f64.const(Number.NaN)])
          f.if(r, () => f.call(fill(lib), [r, i32.mul(qCols, n), f64.const(Number.NaN)]))
          f.return()
        })
        // Room for sums next to the overflow threshold.
        const scale = f.let(choose(f64.gt(max, 2 ** 960), f64.const(2 ** -60), f64.const(1)))

        const w = f.let(scratch)
        const v = f.let(entry(w, size, 3))
        const tau = f.let(entry(v, i32.mul(k, rows), 3))
        const out = f.let(entry(tau, k, 3))
        const work = f.let(i32.add(out, 16))
        f.copyMemory(w, a, i32.shl(size, 3))
        f.call(rescale(lib, 'mul'), [w, size, scale])
        const row = f.let(i32.shl(n, 3))
        f.for(s, 0, k, 1, () => {
          const at = f.let(entry(rowOf(w, s, n), s, 3))
          const vs = f.let(entry(rowOf(v, s, rows), s, 3))
          const left = f.let(i32.sub(rows, s))
          f.call(makeReflector(lib), [at, row, left, vs, out])
          f.store('f64', entry(tau, s, 3), f64.load(out))
          f.store('f64', at, f64.load(out, 8))
          f.call(applyReflector(lib), [
            ...[i32.add(at, 8), row, left, i32.sub(i32.sub(n, s), 1)],
            ...[vs, f64.load(out), work],
          ])
        })

        f.if(r, () => {
          f.fillMemory(r, 0, i32.mul(qCols, row))
          f.for(i, 0, k, 1, () =>
            f.copyMemory(entry(rowOf(r, i, n), i, 3), entry(rowOf(w, i, n), i, 3), i32.shl(i32.sub(n, i), 3)),
          )
          f.call(rescale(lib, 'div'), [r, i32.mul(qCols, n), scale])
        })

        const qRow = f.let(i32.shl(qCols, 3))
        f.fillMemory(q, 0, i32.mul(rows, qRow))
        f.for(i, 0, qCols, 1, () => f.store('f64', entry(rowOf(q, i, qCols), i, 3), f64.const(1)))
        f.set(s, k)
        f.while(s, () => {
          f.increase(s, -1)
          f.call(applyReflector(lib), [
            ...[entry(rowOf(q, s, qCols), s, 3), qRow, i32.sub(rows, s), i32.sub(qCols, s)],
            ...[entry(rowOf(v, s, rows), s, 3), f64.load(entry(tau, s, 3)), work],
          ])
        })
      },
    ),
  )

/** A = Q R: the interpreter's bits, but for the signs of zeros. */
export const qrKernel: Kernel = eachMatrix({
  scratch: ({ inputs }) => {
    const [m, n] = sizesOf(inputs[0]!)
    return qrScratch(m, n, Math.min(m, n))
  },
  emit: (f, lib, { inputs }, at) => {
    const [m, n] = sizesOf(inputs[0]!)
    const [q, r] = at.outputs
    f.call(factorQr(lib), [
      ...[at.inputs[0]!, ...constants(m, n), q!, ...constants(Math.min(m, n))],
      ...[r!, at.scratch],
    ])
  },
})

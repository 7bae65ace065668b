import type { Library } from '../../library.js'
import {
  callValue,
  choose,
  type F64,
  type FunctionRef,
  f64,
  type I32,
  i32,
  type Local,
} from '../../wasm/index.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { eachMatrix, sizesOf } from './matrices.js'
import { orderOf } from './order.js'
import { canonicalSign, hypot2, safeScale } from './reflector.js'
import { rotateRows } from './rotations.js'
import { fill, maxAbsFinite, rescale, rowOf, swap, symmetrize } from './rows.js'
import { tridiagonalise } from './tridiagonal.js'

// Eigenvalues and eigenvectors as in math/linalg/eigh.ts, whose comments give algorithm and sources. Here the
// rotations of a QL step are collected, and applied to the eigenvectors in one go.

const MAX_ITERATIONS = 50
const PATIENCE = 20
const HALF_EPS = 2 ** -53

/** (zt, n, d, e, norm, cs, sn): diagonalises the tridiagonal (d, e). Returns 0 if it does not converge. */
const implicitQl = (lib: Library): FunctionRef =>
  lib.get('implicit_ql', (m, name) =>
    m.function(
      name,
      { zt: 'i32', n: 'i32', d: 'i32', e: 'i32', norm: 'f64', cs: 'i32', sn: 'i32' },
      ['i32'],
      (f, { zt, n, d, e, norm, cs, sn }) => {
        const [l, k, i, iteration] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const number = (): Local<'f64'> => f.local('f64')
        const [floor, off, g, r, s, c, p] = [
          number(),
          number(),
          number(),
          number(),
          number(),
          number(),
          number(),
        ]
        const [x, b, h] = [number(), number(), number()]
        const at = (base: I32, index: I32): I32 => entry(base, index, 3)
        const D = (index: I32, offset = 0): F64 => f64.load(at(d, index), offset)
        const E = (index: I32, offset = 0): F64 => f64.load(at(e, index), offset)
        const hypot = (a: F64, y: F64): F64 => callValue(hypot2(lib), 'f64', [a, y])

        f.for(l, 0, n, 1, () => {
          f.set(iteration, i32.const(0))
          f.block((done) => {
            f.loop((again) => {
              const patient = i32.ltS(iteration, PATIENCE)
              f.set(floor, f64.mul(norm, choose(patient, f64.const(2 ** -200), f64.const(HALF_EPS))))
              f.for(k, l, i32.sub(n, 1), 1, (leave) => {
                f.set(off, f64.abs(E(k)))
                leave(f64.le(off, floor))
                leave(f64.le(off, f64.mul(HALF_EPS, f64.add(f64.abs(D(k)), f64.abs(D(k, 8))))))
              })
              done(i32.eq(k, l))
              f.if(i32.eq(iteration, MAX_ITERATIONS), () => f.return(i32.const(0)))

              f.set(g, f64.div(f64.sub(D(l, 8), D(l)), f64.mul(2, E(l))))
              f.set(r, hypot(g, f64.const(1)))
              const shifted = f64.add(g, choose(f64.lt(g, 0), f64.neg(r), r))
              f.set(g, f64.add(f64.sub(D(k), D(l)), f64.div(E(l), shifted)))
              f.set(s, f64.const(1))
              f.set(c, f64.const(1))
              f.set(p, f64.const(0))
              f.set(i, i32.sub(k, 1))
              f.while(i32.geS(i, l), (leave) => {
                f.set(x, f64.mul(s, E(i)))
                f.set(b, f64.mul(c, E(i)))
                f.set(r, hypot(x, g))
                f.store('f64', at(e, i), r, 8)
                f.if(f64.eq(r, 0), () => {
                  f.store('f64', at(d, i), f64.sub(D(i, 8), p), 8)
                  f.store('f64', at(e, k), f64.const(0))
                })
                leave(f64.eq(r, 0))
                f.set(s, f64.div(x, r))
                f.set(c, f64.div(g, r))
                f.set(g, f64.sub(D(i, 8), p))
                f.set(r, f64.add(f64.mul(f64.sub(D(i), g), s), f64.mul(f64.mul(2, c), b)))
                f.set(p, f64.mul(s, r))
                f.store('f64', at(d, i), f64.add(g, p), 8)
                f.set(h, f64.mul(c, r))
                f.set(g, f64.sub(h, b))
                f.store('f64', at(cs, i), c)
                f.store('f64', at(sn, i), s)
                f.increase(i, -1)
              })
              f.call(rotateRows(lib), [zt, n, i32.sub(k, 1), i32.add(i, 1), cs, sn])
              f.if(i32.ltS(i, l), () => {
                f.store('f64', at(d, l), f64.sub(D(l), p))
                f.store('f64', at(e, l), g)
                f.store('f64', at(e, k), f64.const(0))
              })
              f.increase(iteration, 1)
              again()
            })
          })
        })
        f.result(i32.const(1))
      },
    ),
  )

/** (x, n): reverses a vector. */
const reverse = (lib: Library): FunctionRef =>
  lib.get('reverse_f64', (m, name) =>
    m.function(name, { x: 'i32', n: 'i32' }, [], (f, { x, n }) => {
      const [i, t] = [f.local('i32'), f.local('f64')]
      f.for(i, 0, i32.shrS(n, 1), 1, () => {
        const [a, b] = [f.let(entry(x, i, 3)), f.let(entry(x, i32.sub(i32.sub(n, 1), i), 3))]
        f.set(t, f64.load(a))
        f.store('f64', a, f64.load(b))
        f.store('f64', b, t)
      })
    }),
  )

/** Numbers of scratch memory: w, Qᵀ and v; d, e, cos, sin; 3n + 2 for the reduction; the order. */
const scratchOf = (n: number): number => 8 * (3 * n * n + 8 * n + 2)

/** (values, vectors, a, n, scratch): eigenvalues, ascending, and eigenvectors in columns, of (A + Aᵀ)/2. */
const eigh = (lib: Library): FunctionRef =>
  lib.get('eigh', (m, name) =>
    m.function(
      name,
      { values: 'i32', vectors: 'i32', a: 'i32', n: 'i32', scratch: 'i32' },
      [],
      (f, { values, vectors, a, n, scratch }) => {
        const [i, j] = [f.local('i32'), f.local('i32')]
        const size = f.let(i32.mul(n, n))
        const w = f.let(scratch)
        const zt = f.let(entry(w, size, 3))
        const v = f.let(entry(zt, size, 3))
        const d = f.let(entry(v, size, 3))
        const [e, cs, sn, order, work] = [1, 2, 3, 4, 5].map((k) =>
          f.let(entry(d, i32.mul(n, k), 3)),
        ) as Local<'i32'>[]
        const fail = (): void => {
          f.call(fill(lib), [values, n, f64.const(Number.NaN)])
          f.call(fill(lib), [vectors, size, f64.const(Number.NaN)])
          f.return()
        }

        f.call(symmetrize(lib), [w, a, n])
        const max = f.let(callValue(maxAbsFinite(lib), 'f64', [w, size]))
        f.if(f64.ne(max, max), fail)
        const scale = f.let(safeScale(max))
        f.call(rescale(lib, 'mul'), [w, size, scale])
        f.call(tridiagonalise(lib), [w, n, d, e!, zt, v, work!])

        // QL converges well if the large entries are at the end; the reduction tends to put them first.
        const end = f.let(i32.sub(n, 1))
        f.if(i32.gtS(n, 0), () =>
          f.if(f64.gt(f64.abs(f64.load(d)), f64.abs(f64.load(entry(d, end, 3)))), () => {
            f.call(reverse(lib), [d, n])
            f.call(reverse(lib), [e!, end])
            f.for(i, 0, i32.shrS(n, 1), 1, () =>
              f.call(swap(lib), [rowOf(zt, i, n), rowOf(zt, i32.sub(end, i), n), n]),
            )
          }),
        )
        const norm = f64.mul(max, scale)
        f.if(i32.eqz(callValue(implicitQl(lib), 'i32', [zt, n, d, e!, norm, cs!, sn!])), fail)

        f.call(orderOf(lib, 'ascending'), [order!, d, n])
        f.for(j, 0, n, 1, () => {
          const from = f.let(i32.load(entry(order!, j, 2)))
          const row = f.let(rowOf(zt, from, n))
          f.store('f64', entry(values, j, 3), f64.div(f64.load(entry(d, from, 3)), scale))
          const sign = f.let(callValue(canonicalSign(lib), 'f64', [row, i32.const(8), n]))
          f.for(i, 0, n, 1, () =>
            f.store('f64', entry(rowOf(vectors, i, n), j, 3), f64.mul(sign, f64.load(entry(row, i, 3)))),
          )
        })
      },
    ),
  )

/** Eigenvalues and eigenvectors: the interpreter's bits, but for the signs of zeros. */
export const eighKernel: Kernel = eachMatrix({
  scratch: ({ inputs }) => scratchOf(sizesOf(inputs[0]!)[0]),
  emit: (f, lib, { inputs }, at) => {
    const [values, vectors] = at.outputs
    f.call(eigh(lib), [values!, vectors!, at.inputs[0]!, ...constants(sizesOf(inputs[0]!)[0]), at.scratch])
  },
})

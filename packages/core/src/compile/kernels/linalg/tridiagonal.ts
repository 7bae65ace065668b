import type { Library } from '../../library.js'
import { choose, type FunctionRef, f64, f64x2, type I32, i32, v128 } from '../../wasm/index.js'
import { entry, inLanes } from '../kernel.js'
import { product } from './product.js'
import { applyReflector, makeReflector } from './reflector.js'
import { rescale, rowOf, transpose } from './rows.js'

/** (w, row, v, p, n): w[i, j] -= v[i] p[j] + p[i] v[j]. */
const rankTwo = (lib: Library): FunctionRef =>
  lib.get('rank_two', (m, name) =>
    m.function(name, { w: 'i32', row: 'i32', v: 'i32', p: 'i32', n: 'i32' }, [], (f, { w, row, v, p, n }) => {
      const i = f.local('i32')
      f.for(i, 0, n, 1, () => {
        const [vi, pi] = [f.let(f64.load(entry(v, i, 3))), f.let(f64.load(entry(p, i, 3)))]
        const [vs, ps] = [f.let(f64x2.splat(vi)), f.let(f64x2.splat(pi))]
        inLanes(
          f,
          n,
          2,
          (j) => {
            const both = f64x2.add(
              f64x2.mul(vs, v128.load(entry(p, j, 3))),
              f64x2.mul(ps, v128.load(entry(v, j, 3))),
            )
            f.storeVector(entry(w, j, 3), f64x2.sub(v128.load(entry(w, j, 3)), both))
          },
          (j) => {
            const both = f64.add(f64.mul(vi, f64.load(entry(p, j, 3))), f64.mul(pi, f64.load(entry(v, j, 3))))
            f.store('f64', entry(w, j, 3), f64.sub(f64.load(entry(w, j, 3)), both))
          },
        )
        f.increase(w, row)
      })
    }),
  )

/**
 * (w, n, d, e, zt, v, work): reduces the symmetric w [n, n], overwritten, to the tridiagonal T = Qᵀ A Q with diagonal d
 * and off-diagonal e; zt becomes Qᵀ. v has room for n² numbers, work for 3n + 2.
 */
export const tridiagonalise = (lib: Library): FunctionRef =>
  lib.get('tridiagonalise', (m, name) =>
    m.function(
      name,
      { w: 'i32', n: 'i32', d: 'i32', e: 'i32', zt: 'i32', v: 'i32', work: 'i32' },
      [],
      (f, { w, n, d, e, zt, v, work }) => {
        const [k, i, t, dot] = [f.local('i32'), f.local('i32'), f.local('f64'), f.local('f64')]
        const row = f.let(i32.shl(n, 3))
        const tau = f.let(work)
        const p = f.let(entry(tau, n, 3))
        const out = f.let(entry(p, n, 3))
        const spare = f.let(i32.add(out, 16))
        const [none, one, step] = [i32.const(0), i32.const(1), i32.const(8)]
        const last = f.let(choose(i32.gtS(n, 0), i32.sub(n, 1), i32.const(0)))
        f.for(k, 0, last, 1, () => {
          const left = f.let(i32.sub(i32.sub(n, k), 1))
          // All of the symmetric matrix is kept, so the column below the diagonal is the row beside it.
          const beside = f.let(i32.add(entry(rowOf(w, k, n), k, 3), 8))
          const vk = f.let(i32.add(entry(rowOf(v, k, n), k, 3), 8))
          const rest = f.let(i32.add(beside, row))
          f.call(makeReflector(lib), [beside, step, left, vk, out])
          f.set(t, f64.load(out))
          f.store('f64', entry(tau, k, 3), t)
          f.store('f64', entry(e, k, 3), f64.load(out, 8))
          f.if(f64.ne(t, 0), () => {
            // p = tau A v: the interpreter begins with the diagonal's part, which is therefore taken out meanwhile.
            const diagonal = (index: I32): I32 => i32.add(rest, i32.mul(index, i32.add(row, 8)))
            f.for(i, 0, left, 1, () => {
              const at = f.let(diagonal(i))
              f.store('f64', entry(d, i, 3), f64.load(at))
              f.store('f64', entry(p, i, 3), f64.mul(f64.load(at), f64.load(entry(vk, i, 3))))
              f.store('f64', at, f64.const(0))
            })
            f.call(product(lib, 'add'), [p, none, vk, none, step, rest, row, one, left, left])
            f.for(i, 0, left, 1, () => f.store('f64', diagonal(i), f64.load(entry(d, i, 3))))
            f.call(rescale(lib, 'mul'), [p, left, t])
            f.set(dot, f64.const(0))
            f.for(i, 0, left, 1, () =>
              f.set(dot, f64.add(dot, f64.mul(f64.load(entry(p, i, 3)), f64.load(entry(vk, i, 3))))),
            )
            f.store('f64', out, f64.mul(f64.mul(0.5, t), dot))
            f.call(product(lib, 'subtract'), [p, none, out, none, none, vk, none, one, one, left])
            f.call(rankTwo(lib), [rest, row, vk, p, left])
          })
        })
        f.for(i, 0, n, 1, () => f.store('f64', entry(d, i, 3), f64.load(entry(rowOf(w, i, n), i, 3))))

        // Q = H₀ H₁ ..., accumulated backwards in w, which is done with.
        f.fillMemory(w, 0, i32.mul(n, row))
        f.for(i, 0, n, 1, () => f.store('f64', entry(rowOf(w, i, n), i, 3), f64.const(1)))
        f.set(k, last)
        f.while(i32.gtS(k, 0), () => {
          f.increase(k, -1)
          const left = f.let(i32.sub(i32.sub(n, k), 1))
          const corner = i32.add(entry(rowOf(w, i32.add(k, 1), n), k, 3), 8)
          const vk = i32.add(entry(rowOf(v, k, n), k, 3), 8)
          f.call(applyReflector(lib), [corner, row, left, left, vk, f64.load(entry(tau, k, 3)), spare])
        })
        f.call(transpose(lib), [zt, w, n, n])
      },
    ),
  )

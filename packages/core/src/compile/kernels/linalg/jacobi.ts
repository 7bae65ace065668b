import type { Library } from '../../library.js'
import {
  callValue,
  choose,
  type F64,
  type FunctionBuilder,
  type FunctionRef,
  f64,
  f64x2,
  type I32,
  i32,
  type Local,
  type V128,
  v128,
} from '../../wasm/index.js'
import { entry, inLanes } from '../kernel.js'
import { norm2 } from './reflector.js'
import { rowOf } from './rows.js'

// One-sided Jacobi on rows, as in math/linalg/svd.ts, whose comments say why each branch is there. Dot products are
// summed in eight lanes instead of one after the other, so results agree to rounding, not to the bit.

const MAX_SWEEPS = 60
const EPS = 2 ** -52
const SMALL = 2 ** -400
const BIG = 2 ** 400

/** (x, y, n): their dot product. */
const dot = (lib: Library): FunctionRef =>
  lib.get('row_dot', (m, name) =>
    m.function(name, { x: 'i32', y: 'i32', n: 'i32' }, ['f64'], (f, { x, y, n }) => {
      const sums = [0, 1, 2, 3].map(() => f.local('v128'))
      const [i, rest] = [f.local('i32'), f.local('f64')]
      const eight = f.let(i32.and(n, -8))
      const both = (at: I32, offset: number): readonly [V128, V128] => [
        v128.load(entry(x, at, 3), offset),
        v128.load(entry(y, at, 3), offset),
      ]
      f.for(i, 0, eight, 8, () => {
        sums.forEach((s, k) => {
          f.set(s, lib.madd64(...both(i, 16 * k), s))
        })
      })
      const more = i32.sub(n, eight)
      const at = (j: I32): I32 => f.let(i32.add(eight, j))
      inLanes(
        f,
        f.let(more),
        2,
        (j) => f.set(sums[0]!, lib.madd64(...both(at(j), 0), sums[0]!)),
        (j) => {
          const k = at(j)
          f.set(rest, f64.add(rest, f64.mul(f64.load(entry(x, k, 3)), f64.load(entry(y, k, 3)))))
        },
      )
      const total = f.let(f64x2.add(f64x2.add(sums[0]!, sums[1]!), f64x2.add(sums[2]!, sums[3]!)))
      f.result(f64.add(f64.add(f64x2.extractLane(total, 0), f64x2.extractLane(total, 1)), rest))
    }),
  )

/** (x, n): Euclidean norm of a row. */
const rowNorm = (lib: Library): FunctionRef =>
  lib.get('row_norm', (m, name) =>
    m.function(name, { x: 'i32', n: 'i32' }, ['f64'], (f, { x, n }) => {
      const sum = f.let(callValue(dot(lib), 'f64', [x, x, n]))
      f.if(i32.and(f64.gt(sum, SMALL), f64.lt(sum, BIG * BIG)), () => f.return(f64.sqrt(sum)))
      f.result(callValue(norm2(lib), 'f64', [x, i32.const(8), n]))
    }),
  )

/** (x, y, n, s, tau): x += s (y - tau x) and y -= s (x + tau y), with the old x and y on the right. */
const turn = (lib: Library): FunctionRef =>
  lib.get('row_turn', (m, name) =>
    m.function(name, { x: 'i32', y: 'i32', n: 'i32', s: 'f64', tau: 'f64' }, [], (f, { x, y, n, s, tau }) => {
      const [ss, ts] = [f.let(f64x2.splat(s)), f.let(f64x2.splat(tau))]
      inLanes(
        f,
        n,
        2,
        (i) => {
          const [to, too] = [f.let(entry(x, i, 3)), f.let(entry(y, i, 3))]
          const [a, b] = [f.let(v128.load(to)), f.let(v128.load(too))]
          f.storeVector(to, f64x2.add(a, f64x2.mul(ss, f64x2.sub(b, f64x2.mul(ts, a)))))
          f.storeVector(too, f64x2.sub(b, f64x2.mul(ss, f64x2.add(a, f64x2.mul(ts, b)))))
        },
        (i) => {
          const [to, too] = [f.let(entry(x, i, 3)), f.let(entry(y, i, 3))]
          const [a, b] = [f.let(f64.load(to)), f.let(f64.load(too))]
          f.store('f64', to, f64.add(a, f64.mul(s, f64.sub(b, f64.mul(tau, a)))))
          f.store('f64', too, f64.sub(b, f64.mul(s, f64.add(a, f64.mul(tau, b)))))
        },
      )
    }),
  )

/** (x, y, n, nx, ny): the cosine of the angle between rows with these norms. */
const cosineOf = (lib: Library): FunctionRef =>
  lib.get('row_cosine', (m, name) =>
    m.function(
      name,
      { x: 'i32', y: 'i32', n: 'i32', nx: 'f64', ny: 'f64' },
      ['f64'],
      (f, { x, y, n, nx, ny }) => {
        f.if(f64.gt(f64.mul(nx, ny), SMALL), () =>
          f.return(f64.div(f64.div(callValue(dot(lib), 'f64', [x, y, n]), nx), ny)),
        )
        const [i, sum] = [f.local('i32'), f.local('f64')]
        const unit = (row: I32, norm: F64): F64 => f64.div(f64.load(entry(row, i, 3)), norm)
        f.for(i, 0, n, 1, () => f.set(sum, f64.add(sum, f64.mul(unit(x, nx), unit(y, ny)))))
        f.result(sum)
      },
    ),
  )

/** The row and its norm: a row so close to underflow that its direction is lost is made zero. */
const refresh = (f: FunctionBuilder, lib: Library, r: I32, norms: I32, i: I32, n: I32): void => {
  const row = f.let(rowOf(r, i, n))
  const norm = f.let(callValue(rowNorm(lib), 'f64', [row, n]))
  f.if(f64.lt(norm, 2 ** -1000), () => {
    f.set(norm, f64.const(0))
    f.fillMemory(row, 0, i32.shl(n, 3))
  })
  f.store('f64', entry(norms, i, 3), norm)
}

/** (r, j, norms, p, q, n, cosine): makes rows p and q of r orthogonal, and turns those of j alike. */
const rotatePair = (lib: Library): FunctionRef =>
  lib.get('jacobi_rotate', (m, name) =>
    m.function(
      name,
      { r: 'i32', j: 'i32', norms: 'i32', p: 'i32', q: 'i32', n: 'i32', cosine: 'f64' },
      [],
      (f, { r, j, norms, p, q, n, cosine }) => {
        const norm = (i: I32): F64 => f64.load(entry(norms, i, 3))
        // x is the longer row.
        const ordered = f.let(f64.ge(norm(p), norm(q)))
        const first = f.let(choose(ordered, p, q))
        const second = f.let(choose(ordered, q, p))
        const [nx, ny] = [f.let(norm(first)), f.let(norm(second))]
        const [x, y] = [f.let(rowOf(r, first, n)), f.let(rowOf(r, second, n))]
        const ratio = f.let(f64.div(ny, nx))
        const [s, tau] = [f.let(f64.mul(cosine, ratio)), f.local('f64')]
        f.if(
          f64.lt(ratio, 2 ** -60),
          () => {
            const [i, amount] = [f.local('i32'), f.let(f64.mul(cosine, ny))]
            f.for(i, 0, n, 1, () => {
              const at = f.let(entry(y, i, 3))
              const part = f64.mul(f64.div(f64.load(entry(x, i, 3)), nx), amount)
              f.store('f64', at, f64.sub(f64.load(at), part))
            })
          },
          () => {
            const zeta = f.let(f64.div(f64.sub(f64.div(nx, ny), ratio), f64.mul(2, cosine)))
            const size = f.let(f64.abs(zeta))
            const root = f64.sqrt(f64.add(1, f64.mul(zeta, zeta)))
            const sign = choose(f64.lt(zeta, 0), f64.const(-1), f64.const(1))
            const t = f.let(choose(f64.gt(size, 1e9), f64.div(0.5, zeta), f64.div(sign, f64.add(size, root))))
            const secant = f.let(f64.sqrt(f64.add(1, f64.mul(t, t))))
            f.set(s, f64.div(t, secant))
            f.set(tau, f64.div(t, f64.add(1, secant)))
            f.call(turn(lib), [x, y, n, s, tau])
            f.store('f64', entry(norms, first, 3), callValue(rowNorm(lib), 'f64', [x, n]))
          },
        )
        f.store('f64', entry(norms, second, 3), callValue(rowNorm(lib), 'f64', [y, n]))
        f.call(turn(lib), [rowOf(j, first, n), rowOf(j, second, n), n, s, tau])
      },
    ),
  )

/**
 * (r, j, norms, n): rotates pairs of rows of r [n, n] until all are orthogonal; j becomes the product of the rotations,
 * `norms` the norms of the rows. Returns 0 if it does not converge.
 */
export const jacobiRows = (lib: Library): FunctionRef =>
  lib.get('jacobi_rows', (m, name) =>
    m.function(name, { r: 'i32', j: 'i32', norms: 'i32', n: 'i32' }, ['i32'], (f, { r, j, norms, n }) => {
      const [i, p, q, sweep, rotated] = [0, 1, 2, 3, 4].map(() => f.local('i32')) as [
        Local<'i32'>,
        Local<'i32'>,
        Local<'i32'>,
        Local<'i32'>,
        Local<'i32'>,
      ]
      const tolerance = f.let(f64.mul(EPS, f64.sqrt(f64.convertI32S(n))))
      const [np, nq, cosine] = [f.local('f64'), f.local('f64'), f.local('f64')]
      f.fillMemory(j, 0, i32.shl(i32.mul(n, n), 3))
      f.for(i, 0, n, 1, () => {
        f.store('f64', entry(rowOf(j, i, n), i, 3), f64.const(1))
        refresh(f, lib, r, norms, i, n)
      })
      f.for(sweep, 0, MAX_SWEEPS, 1, () => {
        f.set(rotated, i32.const(0))
        f.for(p, 0, i32.sub(n, 1), 1, () => {
          f.for(q, i32.add(p, 1), n, 1, () => {
            f.set(np, f64.load(entry(norms, p, 3)))
            f.set(nq, f64.load(entry(norms, q, 3)))
            f.if(i32.and(f64.ne(np, 0), f64.ne(nq, 0)), () => {
              f.set(cosine, callValue(cosineOf(lib), 'f64', [rowOf(r, p, n), rowOf(r, q, n), n, np, nq]))
              // Written so that NaN rotates, and so does not converge.
              f.if(i32.eqz(f64.le(f64.abs(cosine), tolerance)), () => {
                f.set(rotated, i32.const(1))
                f.call(rotatePair(lib), [r, j, norms, p, q, n, cosine])
              })
            })
          })
        })
        f.if(i32.eqz(rotated), () => f.return(i32.const(1)))
        f.for(i, 0, n, 1, () => refresh(f, lib, r, norms, i, n))
      })
      f.result(i32.const(0))
    }),
  )

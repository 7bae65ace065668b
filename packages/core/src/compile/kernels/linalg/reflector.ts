import type { Library } from '../../library.js'
import {
  callValue,
  choose,
  type F64,
  type FunctionBuilder,
  type FunctionRef,
  f64,
  type I32,
  i32,
  type Local,
} from '../../wasm/index.js'
import { product } from './product.js'
import { fill, rescale } from './rows.js'

// Norms and Householder reflectors as in math/linalg/householder.ts, whose comments say why they are as they are.

const SMALL = 2 ** -400
const BIG = 2 ** 400

/** Can a sum of squares be trusted? */
const safeSum = (sum: F64): I32 => i32.and(f64.gt(sum, SMALL), f64.lt(sum, BIG * BIG))

/** The power of two by which a matrix with this largest magnitude is to be multiplied; mostly 1. */
export const safeScale = (max: Local<'f64'>): F64 =>
  choose(
    f64.gt(max, BIG),
    f64.const(2 ** -600),
    choose(i32.and(f64.lt(max, SMALL), f64.gt(max, 0)), f64.const(2 ** 600), f64.const(1)),
  )

/** Runs over the entries `stride` bytes apart. */
const eachEntry = (f: FunctionBuilder, x: I32, stride: I32, n: I32, body: (value: F64) => void): void => {
  const [i, at] = [f.local('i32'), f.let(x)]
  f.for(i, 0, n, 1, () => {
    body(f64.load(at))
    f.increase(at, stride)
  })
}

/** (x, stride, n): the Euclidean norm of entries `stride` bytes apart, free of spurious overflow. */
export const norm2 = (lib: Library): FunctionRef =>
  lib.get('norm2', (m, name) =>
    m.function(name, { x: 'i32', stride: 'i32', n: 'i32' }, ['f64'], (f, { x, stride, n }) => {
      const [sum, v, max] = [f.local('f64'), f.local('f64'), f.local('f64')]
      const addSquare = (value: F64): void => {
        f.set(v, value)
        f.set(sum, f64.add(sum, f64.mul(v, v)))
      }
      eachEntry(f, x, stride, n, addSquare)
      f.if(safeSum(sum), () => f.return(f64.sqrt(sum)))
      eachEntry(f, x, stride, n, (value) => f.set(max, f64.max(max, f64.abs(value))))
      f.if(i32.eqz(f64.gt(max, 0)), () => f.return(max))
      const scale = f.let(safeScale(max))
      f.set(sum, f64.const(0))
      eachEntry(f, x, stride, n, (value) => addSquare(f64.mul(value, scale)))
      f.result(f64.div(f64.sqrt(sum), scale))
    }),
  )

/** (x, y): √(x² + y²) without spurious overflow or underflow. */
export const hypot2 = (lib: Library): FunctionRef =>
  lib.get('hypot2', (m, name) =>
    m.function(name, { x: 'f64', y: 'f64' }, ['f64'], (f, { x, y }) => {
      const sum = f.let(f64.add(f64.mul(x, x), f64.mul(y, y)))
      f.if(safeSum(sum), () => f.return(f64.sqrt(sum)))
      const max = f.let(f64.max(f64.abs(x), f64.abs(y)))
      f.if(i32.eqz(f64.gt(max, 0)), () => f.return(max))
      const [a, b] = [f.let(f64.div(x, max)), f.let(f64.div(y, max))]
      f.result(f64.mul(max, f64.sqrt(f64.add(f64.mul(a, a), f64.mul(b, b)))))
    }),
  )

/**
 * (a, stride, n, v, out): the reflector I - tau v vᵀ that maps n ≥ 1 entries `stride` bytes apart to beta e₁. Writes v,
 * next to each other, and tau and beta to `out`.
 */
export const makeReflector = (lib: Library): FunctionRef =>
  lib.get('reflector_make', (m, name) =>
    m.function(
      name,
      { a: 'i32', stride: 'i32', n: 'i32', v: 'i32', out: 'i32' },
      [],
      (f, { a, stride, n, v, out }) => {
        const alpha = f.let(f64.load(a))
        const rest = f.let(i32.sub(n, 1))
        const from = f.let(i32.add(a, stride))
        f.store('f64', v, f64.const(1))
        const tail = f.let(callValue(norm2(lib), 'f64', [from, stride, rest]))
        f.if(f64.eq(tail, 0), () => {
          f.call(fill(lib), [i32.add(v, 8), rest, f64.const(0)])
          f.store('f64', out, f64.const(0))
          f.store('f64', out, alpha, 8)
          f.return()
        })
        const largest = f.let(f64.max(f64.abs(alpha), tail))
        const scale = f.let(safeScale(largest))
        const scaled = f.let(f64.mul(alpha, scale))
        const [sum, x, to] = [f.let(f64.mul(scaled, scaled)), f.local('f64'), f.let(v)]
        eachEntry(f, from, stride, rest, (value) => {
          f.set(x, f64.mul(value, scale))
          f.set(sum, f64.add(sum, f64.mul(x, x)))
        })
        const beta = f.let(f64.copysign(f64.sqrt(sum), f64.neg(scaled)))
        const denominator = f.let(f64.sub(scaled, beta))
        eachEntry(f, from, stride, rest, (value) => {
          f.increase(to, 8)
          f.store('f64', to, f64.div(f64.mul(value, scale), denominator))
        })
        f.store('f64', out, f64.div(f64.sub(beta, scaled), beta))
        f.store('f64', out, f64.div(beta, scale), 8)
      },
    ),
  )

/**
 * (a, row, n, cols, v, tau, work): applies I - tau v vᵀ from the left, in place, to n rows of `cols` entries that
 * are `row` bytes apart. `work` has room for `cols` entries.
 */
export const applyReflector = (lib: Library): FunctionRef =>
  lib.get('reflector_apply', (m, name) =>
    m.function(
      name,
      { a: 'i32', row: 'i32', n: 'i32', cols: 'i32', v: 'i32', tau: 'f64', work: 'i32' },
      [],
      (f, { a, row, n, cols, v, tau, work }) => {
        f.if(f64.eq(tau, 0), () => f.return())
        const [none, one, step] = [i32.const(0), i32.const(1), i32.const(8)]
        f.copyMemory(work, a, i32.shl(cols, 3))
        f.call(product(lib, 'add'), [
          ...[work, none, i32.add(v, 8), none, step, i32.add(a, row), row],
          ...[one, i32.sub(n, 1), cols],
        ])
        f.call(rescale(lib, 'mul'), [work, cols, tau])
        f.call(product(lib, 'subtract'), [a, row, v, step, none, work, none, n, one, cols])
      },
    ),
  )

/** (x, stride, n): the sign that makes the leading entry positive. */
export const canonicalSign = (lib: Library): FunctionRef =>
  lib.get('canonical_sign', (m, name) =>
    m.function(name, { x: 'i32', stride: 'i32', n: 'i32' }, ['f64'], (f, { x, stride, n }) => {
      const [max, v] = [f.local('f64'), f.local('f64')]
      eachEntry(f, x, stride, n, (value) => f.set(max, f64.max(max, f64.abs(value))))
      const bound = f.let(f64.mul(max, 1 - 1e-8))
      eachEntry(f, x, stride, n, (value) => {
        f.set(v, value)
        f.if(f64.ge(f64.abs(v), bound), () => f.return(choose(f64.lt(v, 0), f64.const(-1), f64.const(1))))
      })
      f.result(f64.const(1))
    }),
  )

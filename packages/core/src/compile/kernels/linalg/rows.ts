import type { Library } from '../../library.js'
import {
  type FunctionRef,
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i8x16,
  i32,
  type V128,
  v128,
} from '../../wasm/index.js'
import { entry, inLanes } from '../kernel.js'

// Loops over float64 entries next to each other.

/** (to, from, n): float64 from float32. */
export const widen = (lib: Library): FunctionRef =>
  lib.get('widen', (m, name) =>
    m.function(name, { to: 'i32', from: 'i32', n: 'i32' }, [], (f, { to, from, n }) =>
      inLanes(
        f,
        n,
        2,
        (i) => f.storeVector(entry(to, i, 3), f64x2.promoteLowF32x4(v128.load64Zero(entry(from, i, 2)))),
        (i) => f.store('f64', entry(to, i, 3), f64.promoteF32(f32.load(entry(from, i, 2)))),
      ),
    ),
  )

/** (to, from, n): float32 from float64. */
export const narrow = (lib: Library): FunctionRef =>
  lib.get('narrow', (m, name) =>
    m.function(name, { to: 'i32', from: 'i32', n: 'i32' }, [], (f, { to, from, n }) => {
      const half = (x: I32, offset: number): V128 => f32x4.demoteF64x2Zero(v128.load(x, offset))
      inLanes(
        f,
        n,
        4,
        (i) => {
          const x = f.let(entry(from, i, 3))
          const lanes = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
          f.storeVector(entry(to, i, 2), i8x16.shuffle(half(x, 0), half(x, 16), lanes))
        },
        (i) => f.store('f32', entry(to, i, 2), f32.demoteF64(f64.load(entry(from, i, 3)))),
      )
    }),
  )

/** (x, n, by): x / by or x · by, in place. */
export const rescale = (lib: Library, how: 'div' | 'mul'): FunctionRef =>
  lib.get(`row_${how}`, (m, name) =>
    m.function(name, { x: 'i32', n: 'i32', by: 'f64' }, [], (f, { x, n, by }) => {
      const lanes = f.let(f64x2.splat(by))
      inLanes(
        f,
        n,
        2,
        (i) => f.storeVector(entry(x, i, 3), f64x2[how](v128.load(entry(x, i, 3)), lanes)),
        (i) => f.store('f64', entry(x, i, 3), f64[how](f64.load(entry(x, i, 3)), by)),
      )
    }),
  )

/** (x, n, value) */
export const fill = (lib: Library): FunctionRef =>
  lib.get('row_fill', (m, name) =>
    m.function(name, { x: 'i32', n: 'i32', value: 'f64' }, [], (f, { x, n, value }) => {
      const lanes = f.let(f64x2.splat(value))
      inLanes(
        f,
        n,
        2,
        (i) => f.storeVector(entry(x, i, 3), lanes),
        (i) => f.store('f64', entry(x, i, 3), value),
      )
    }),
  )

/** (x, y, n): exchanges two rows. */
export const swap = (lib: Library): FunctionRef =>
  lib.get('row_swap', (m, name) =>
    m.function(name, { x: 'i32', y: 'i32', n: 'i32' }, [], (f, { x, y, n }) => {
      f.if(i32.eq(x, y), () => f.return())
      const [vector, scalar] = [f.local('v128'), f.local('f64')]
      inLanes(
        f,
        n,
        2,
        (i) => {
          f.set(vector, v128.load(entry(x, i, 3)))
          f.storeVector(entry(x, i, 3), v128.load(entry(y, i, 3)))
          f.storeVector(entry(y, i, 3), vector)
        },
        (i) => {
          f.set(scalar, f64.load(entry(x, i, 3)))
          f.store('f64', entry(x, i, 3), f64.load(entry(y, i, 3)))
          f.store('f64', entry(y, i, 3), scalar)
        },
      )
    }),
  )

/** (x, n): the largest magnitude, or NaN if an entry is not finite. */
export const maxAbsFinite = (lib: Library): FunctionRef =>
  lib.get('row_max_abs', (m, name) =>
    m.function(name, { x: 'i32', n: 'i32' }, ['f64'], (f, { x, n }) => {
      const [lanes, max] = [f.local('v128'), f.local('f64')]
      // The maximum of WebAssembly keeps NaN.
      inLanes(
        f,
        n,
        2,
        (i) => f.set(lanes, f64x2.max(lanes, f64x2.abs(v128.load(entry(x, i, 3))))),
        (i) => f.set(max, f64.max(max, f64.abs(f64.load(entry(x, i, 3))))),
      )
      f.set(max, f64.max(max, f64.max(f64x2.extractLane(lanes, 0), f64x2.extractLane(lanes, 1))))
      // inf - inf is NaN, and x - x + x is x.
      f.result(f64.add(f64.sub(max, max), max))
    }),
  )

/** (to, from, rows, cols): to [cols, rows] is the transpose of from [rows, cols]. */
export const transpose = (lib: Library): FunctionRef =>
  lib.get('transpose_f64', (m, name) =>
    m.function(
      name,
      { to: 'i32', from: 'i32', rows: 'i32', cols: 'i32' },
      [],
      (f, { to, from, rows, cols }) => {
        const [i, j, at] = [f.local('i32'), f.local('i32'), f.local('i32')]
        f.for(j, 0, cols, 1, () => {
          f.set(at, entry(from, j, 3))
          f.for(i, 0, rows, 1, () => {
            f.store('f64', to, f64.load(at))
            f.increase(to, 8)
            f.increase(at, i32.shl(cols, 3))
          })
        })
      },
    ),
  )

/** (to, from, n): to = (A + Aᵀ)/2, full, of a square matrix. */
export const symmetrize = (lib: Library): FunctionRef =>
  lib.get('symmetrize', (m, name) =>
    m.function(name, { to: 'i32', from: 'i32', n: 'i32' }, [], (f, { to, from, n }) => {
      const [i, j] = [f.local('i32'), f.local('i32')]
      const place = (base: I32, r: I32, c: I32): I32 => entry(base, i32.add(i32.mul(r, n), c), 3)
      const half = (r: I32, c: I32) => f64.mul(0.5, f64.load(place(from, r, c)))
      f.for(i, 0, n, 1, () => {
        f.for(j, 0, i, 1, () => {
          const mean = f.let(f64.add(half(i, j), half(j, i)))
          f.store('f64', place(to, i, j), mean)
          f.store('f64', place(to, j, i), mean)
        })
        f.store('f64', place(to, i, i), f64.load(place(from, i, i)))
      })
    }),
  )

/** Address of row i of a float64 matrix with `cols` columns. */
export const rowOf = (base: I32, i: I32, cols: I32): I32 => i32.add(base, i32.shl(i32.mul(i, cols), 3))

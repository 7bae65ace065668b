import type { Library } from '../../library.js'
import { type FunctionRef, f64, f64x2, i32, type V128, v128 } from '../../wasm/index.js'
import { entry } from '../kernel.js'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/**
 * (z, n, last, first, cs, sn): for i = last, last - 1, ..., first: the rows i and i+1 of z [?, n] turn,
 * z[i+1] = s x + c y and z[i] = c x - s y, by the angle whose cosine and sine are at cs[i] and sn[i].
 *
 * A strip of columns goes through all rotations at once, so that each entry is read and written once.
 */
export const rotateRows = (lib: Library): FunctionRef =>
  lib.get('rotate_rows', (m, name) =>
    m.function(
      name,
      { z: 'i32', n: 'i32', last: 'i32', first: 'i32', cs: 'i32', sn: 'i32' },
      [],
      (f, { z, n, last, first, cs, sn }) => {
        const [column, i, at] = [f.local('i32'), f.local('i32'), f.local('i32')]
        const row = f.let(i32.shl(n, 3))
        f.if(i32.ltS(last, first), () => f.return())
        const start = f.let(i32.mul(last, row))
        const down = (body: () => void): void => {
          f.set(at, i32.add(entry(z, column, 3), start))
          f.set(i, last)
          f.while(i32.geS(i, first), () => {
            body()
            f.set(at, i32.sub(at, row))
            f.increase(i, -1)
          })
        }
        const strip = (vectors: number): void => {
          const ys = upTo(vectors).map(() => f.local('v128'))
          const [c, s, x] = [f.local('v128'), f.local('v128'), f.local('v128')]
          const minus = (a: V128, b: V128, product: V128): V128 =>
            lib.target.relaxed ? f64x2.relaxedNmadd(a, b, product) : f64x2.sub(product, f64x2.mul(a, b))
          f.while(i32.leS(i32.add(column, 2 * vectors), n), () => {
            const top = f.let(i32.add(entry(z, column, 3), i32.add(start, row)))
            ys.forEach((y, v) => {
              f.set(y, v128.load(top, 16 * v))
            })
            down(() => {
              f.set(c, v128.load64Splat(entry(cs, i, 3)))
              f.set(s, v128.load64Splat(entry(sn, i, 3)))
              const next = f.let(i32.add(at, row))
              ys.forEach((y, v) => {
                f.set(x, v128.load(at, 16 * v))
                f.storeVector(next, lib.madd64(s, x, f64x2.mul(c, y)), 16 * v)
                f.set(y, minus(s, y, f64x2.mul(c, x)))
              })
            })
            ys.forEach((y, v) => {
              f.storeVector(i32.add(at, row), y, 16 * v)
            })
            f.increase(column, 2 * vectors)
          })
        }
        strip(4)
        strip(1)
        f.for(column, column, n, 1, () => {
          const y = f.let(f64.load(i32.add(entry(z, column, 3), i32.add(start, row))))
          const [c, s, x] = [f.local('f64'), f.local('f64'), f.local('f64')]
          down(() => {
            f.set(c, f64.load(entry(cs, i, 3)))
            f.set(s, f64.load(entry(sn, i, 3)))
            f.set(x, f64.load(at))
            f.store('f64', i32.add(at, row), f64.add(f64.mul(s, x), f64.mul(c, y)))
            f.set(y, f64.sub(f64.mul(c, x), f64.mul(s, y)))
          })
          f.store('f64', i32.add(at, row), y)
        })
      },
    ),
  )

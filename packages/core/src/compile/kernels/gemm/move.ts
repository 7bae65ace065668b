import type { Library } from '../../library.js'
import { type FunctionRef, i8x16, i32, type Num, type V128, v128 } from '../../wasm/index.js'
import type { Element } from './element.js'

/** A vector of lanes picked from two; lanes of the second count on. */
export const pickLanes = (e: Element, a: V128, b: V128, lanes: readonly number[]): V128 =>
  i8x16.shuffle(
    a,
    b,
    lanes.flatMap((l) => Array.from({ length: e.bytes }, (_, i) => l * e.bytes + i)),
  )

/** Copies `rows` rows of `bytes` bytes between strides, a vector at a time: rounds up, so 15 bytes more are touched. */
export const copyRows = (lib: Library): FunctionRef =>
  lib.get('gemm.copyRows', (m, name) =>
    m.function(
      name,
      { from: 'i32', rowFrom: 'i32', to: 'i32', rowTo: 'i32', rows: 'i32', bytes: 'i32' },
      [],
      (f, { from, rowFrom, to, rowTo, rows, bytes }) => {
        const [i, j] = [f.local('i32'), f.local('i32')]
        f.for(i, 0, rows, 1, () => {
          f.for(j, 0, bytes, 16, () => f.storeVector(i32.add(to, j), v128.load(i32.add(from, j))))
          f.increase(from, rowFrom)
          f.increase(to, rowTo)
        })
      },
    ),
  )

/** to[c·rowTo + r·e] = from[r·rowFrom + c·e] for r < rows, c < columns: squares of lanes in registers, edges one by one. */
export const transpose = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.transpose.${e.bytes}`, (m, name) =>
    m.function(
      name,
      { from: 'i32', rowFrom: 'i32', to: 'i32', rowTo: 'i32', rows: 'i32', columns: 'i32' },
      [],
      (f, { from, rowFrom, to, rowTo, rows, columns }) => {
        const n = e.lanes
        const [r, c] = [f.local('i32'), f.local('i32')]
        const load = (at: Num<'i32'>): V128 => v128.load(at)
        f.for(r, 0, rows, n, () => {
          f.if(
            i32.geS(i32.sub(rows, r), n),
            () => {
              const source = [f.let(from), ...Array.from({ length: n - 1 }, () => f.local('i32'))]
              for (let q = 1; q < n; q++) f.set(source[q]!, i32.add(source[q - 1]!, rowFrom))
              const target = f.let(to)
              f.set(c, columns)
              f.block((leave) => {
                leave(i32.ltS(c, n))
                f.loop((again) => {
                  const put = (x: V128): void => {
                    f.storeVector(target, x)
                    f.increase(target, rowTo)
                  }
                  const x = source.map((at) => f.let(load(at)))
                  if (n === 2) {
                    put(pickLanes(e, x[0]!, x[1]!, [0, 2]))
                    put(pickLanes(e, x[0]!, x[1]!, [1, 3]))
                  } else {
                    const low = [0, 4, 1, 5]
                    const high = [2, 6, 3, 7]
                    const [a, b] = [
                      f.let(pickLanes(e, x[0]!, x[1]!, low)),
                      f.let(pickLanes(e, x[2]!, x[3]!, low)),
                    ]
                    const [p, q] = [
                      f.let(pickLanes(e, x[0]!, x[1]!, high)),
                      f.let(pickLanes(e, x[2]!, x[3]!, high)),
                    ]
                    for (const [s, t] of [
                      [a, b],
                      [p, q],
                    ] as const) {
                      put(pickLanes(e, s, t, [0, 1, 4, 5]))
                      put(pickLanes(e, s, t, [2, 3, 6, 7]))
                    }
                  }
                  for (const at of source) f.increase(at, 16)
                  f.increase(c, -n)
                  again(i32.geS(c, n))
                })
              })
              f.while(i32.gtS(c, 0), () => {
                source.forEach((at, q) => {
                  f.store(e.name, target, e.load(at), q * e.bytes)
                  f.increase(at, e.bytes)
                })
                f.increase(target, rowTo)
                f.increase(c, -1)
              })
            },
            () => {
              const rest = f.let(i32.sub(rows, r))
              const q = f.local('i32')
              const line = f.let(from)
              f.for(q, 0, rest, 1, () => {
                const target = f.let(i32.add(to, i32.shl(q, e.log)))
                const at = f.let(line)
                f.for(c, 0, columns, 1, () => {
                  f.store(e.name, target, e.load(at))
                  f.increase(at, e.bytes)
                  f.increase(target, rowTo)
                })
                f.increase(line, rowFrom)
              })
            },
          )
          f.increase(from, i32.shl(rowFrom, Math.log2(n)))
          f.increase(to, 16)
        })
      },
    ),
  )

/** to[i·rowTo + j·e] = from[i·rowFrom + j·columnFrom], any strides, one number at a time. */
export const gather = (lib: Library, e: Element): FunctionRef =>
  lib.get(`gemm.gather.${e.bytes}`, (m, name) =>
    m.function(
      name,
      {
        from: 'i32',
        rowFrom: 'i32',
        columnFrom: 'i32',
        to: 'i32',
        rowTo: 'i32',
        rows: 'i32',
        columns: 'i32',
      },
      [],
      (f, { from, rowFrom, columnFrom, to, rowTo, rows, columns }) => {
        const [i, j, at, target] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        f.for(i, 0, rows, 1, () => {
          f.set(at, from)
          f.set(target, to)
          f.for(j, 0, columns, 1, () => {
            f.store(e.name, target, e.load(at))
            f.increase(at, columnFrom)
            f.increase(target, e.bytes)
          })
          f.increase(from, rowFrom)
          f.increase(to, rowTo)
        })
      },
    ),
  )

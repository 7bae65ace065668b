import type { DType } from '../../../types/index.js'
import type { Library } from '../../library.js'
import { type FunctionBuilder, type FunctionRef, type I32, i32, v128 } from '../../wasm/index.js'
import { about } from '../axis.js'
import { constants, entry, type Kernel, noScratch } from '../kernel.js'
import { type Ordered, orderOf } from './lanes.js'

// argmax and argmin of [outer, n, inner] along the middle: the first of the best, or the first NaN.

/** The best of `n` elements `stride` bytes apart, one by one. */
const scan = (f: FunctionBuilder, o: Ordered, x: I32, n: I32, stride: I32): I32 => {
  const [at, j] = [f.let(i32.const(0)), f.local('i32')]
  const [best, next] = [f.let(o.load(x)), f.local(o.type)]
  const from = f.let(x)
  f.for(j, 1, n, 1, (leave) => {
    leave(o.final(best))
    f.increase(from, stride)
    f.set(next, o.load(from))
    f.if(o.replaces(next, best), () => {
      f.set(best, next)
      f.set(at, j)
    })
  })
  return at
}

/** (to, x, outer, n) for inner = 1: lanes run along the axis. */
const argRows = (lib: Library, dtype: DType, largest: boolean): FunctionRef =>
  lib.get(`arg_rows_${dtype}_${largest}`, (m, name) =>
    m.function(name, { to: 'i32', x: 'i32', outer: 'i32', n: 'i32' }, [], (f, { to, x, outer, n }) => {
      const o = orderOf(dtype, largest)
      const r = f.local('i32')
      const lanes = o.lanes
      f.for(r, 0, outer, 1, () => {
        const rest = (): void => f.store('i32', to, scan(f, o, x, n, i32.const(1 << o.log)))
        if (lanes) f.if(i32.ltS(n, 2 * lanes.n), rest, () => f.store('i32', to, scanLanes(f, o, x, n)))
        else rest()
        f.increase(to, 4)
        f.increase(x, i32.shl(n, o.log))
      })
    }),
  )

/** The best of at least as many elements as there are lanes, next to each other. */
const scanLanes = (f: FunctionBuilder, o: Ordered, x: I32, n: I32): I32 => {
  const lanes = o.lanes!
  const [best, found] = [f.let(v128.load(x)), f.let(lanes.positions(i32.const(0)))]
  const positions = f.let(found)
  const [j, next, better] = [f.local('i32'), f.local('v128'), f.local('v128')]
  const take = (): void => {
    f.set(positions, lanes.positions(j))
    f.set(next, v128.load(entry(x, j, o.log)))
    f.set(better, lanes.replaces(next, best))
    f.set(best, v128.bitselect(next, best, better))
    f.set(found, v128.bitselect(positions, found, better))
  }
  f.for(j, lanes.n, i32.and(n, -lanes.n), lanes.n, take)
  // The last vector overlaps: what was seen before ties with itself and changes nothing.
  f.set(j, i32.sub(n, lanes.n))
  take()

  const value = f.let(lanes.element(best, 0))
  const at = f.let(lanes.position(found, 0))
  const [other, place] = [f.local(o.type), f.local('i32')]
  for (let lane = 1; lane < lanes.n; lane++) {
    f.set(other, lanes.element(best, lane))
    f.set(place, lanes.position(found, lane))
    const earlier = i32.and(o.ties(other, value), i32.ltS(place, at))
    f.if(i32.or(o.replaces(other, value), earlier), () => {
      f.set(value, other)
      f.set(at, place)
    })
  }
  return at
}

/** Vectors side by side: one cache line of the axis' neighbours. */
const BLOCK = 4

/** (to, x, outer, n, inner): lanes run across the axis. */
const argColumns = (lib: Library, dtype: DType, largest: boolean): FunctionRef =>
  lib.get(`arg_columns_${dtype}_${largest}`, (m, name) =>
    m.function(
      name,
      { to: 'i32', x: 'i32', outer: 'i32', n: 'i32', inner: 'i32' },
      [],
      (f, { to, x, outer, n, inner }) => {
        const o = orderOf(dtype, largest)
        const [r, c, j, from] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const stride = f.let(i32.shl(inner, o.log))
        const lanes = o.lanes

        const block = (vectors: number): void => {
          if (!lanes) return
          const width = vectors * lanes.n
          const each = Array.from({ length: vectors }, (_, v) => v)
          const best = each.map(() => f.local('v128'))
          const found = each.map(() => f.local('v128'))
          const [next, better, at] = [f.local('v128'), f.local('v128'), f.local('v128')]
          f.while(i32.leS(i32.add(c, width), inner), () => {
            f.set(from, entry(x, c, o.log))
            for (const v of each) {
              f.set(best[v]!, v128.load(from, 16 * v))
              f.set(found[v]!, v128.xor(best[v]!, best[v]!))
            }
            f.for(j, 1, n, 1, () => {
              f.increase(from, stride)
              f.set(at, lanes.splat(j))
              for (const v of each) {
                f.set(next, v128.load(from, 16 * v))
                f.set(better, lanes.replaces(next, best[v]!))
                f.set(best[v]!, v128.bitselect(next, best[v]!, better))
                f.set(found[v]!, v128.bitselect(at, found[v]!, better))
              }
            })
            for (const v of each)
              for (let lane = 0; lane < lanes.n; lane++)
                f.store('i32', entry(to, c, 2), lanes.position(found[v]!, lane), 4 * (v * lanes.n + lane))
            f.increase(c, width)
          })
        }

        f.for(r, 0, outer, 1, () => {
          f.set(c, i32.const(0))
          block(BLOCK)
          block(1)
          f.for(c, c, inner, 1, () =>
            f.store('i32', entry(to, c, 2), scan(f, o, entry(x, c, o.log), n, stride)),
          )
          f.increase(to, i32.shl(inner, 2))
          f.increase(x, i32.mul(n, stride))
        })
      },
    ),
  )

const argKernel = (largest: boolean): Kernel => ({
  scratch: noScratch,
  emit: (f, lib, { inputs, params }, at) => {
    const { shape, dtype } = inputs[0]!
    const { outer, n, inner } = about(shape, (params as { readonly axis: number }).axis)
    const places = [at.outputs[0]!, at.inputs[0]!]
    if (inner === 1) f.call(argRows(lib, dtype, largest), [...places, ...constants(outer, n)])
    else f.call(argColumns(lib, dtype, largest), [...places, ...constants(outer, n, inner)])
    return undefined
  },
})

/** Where the largest elements are, as the interpreter finds them. */
export const argmaxKernel: Kernel = argKernel(true)
/** Where the smallest elements are. */
export const argminKernel: Kernel = argKernel(false)

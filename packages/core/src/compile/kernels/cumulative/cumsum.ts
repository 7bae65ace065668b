import type { DType } from '../../../types/index.js'
import type { Library } from '../../library.js'
import {
  type FunctionBuilder,
  type FunctionRef,
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i8x16,
  i32,
  i32x4,
  type Local,
  type ValType,
  type Value,
  v128,
} from '../../wasm/index.js'
import { about } from '../axis.js'
import { constants, entry, type Kernel, noScratch } from '../kernel.js'

// Running sums of [outer, n, inner] along the middle, in double for floats as in the interpreter and in the same
// order, so bit for bit the same. Sums do not wait for each other across columns: four of them go side by side.

interface Element {
  readonly log: number
  readonly sum: ValType
  readonly add: (sum: Value, from: I32) => Value
  readonly store: (f: FunctionBuilder, to: I32, sum: Value) => void
}

const ELEMENTS: Readonly<Record<DType, Element>> = {
  float32: {
    log: 2,
    sum: 'f64',
    add: (s, from) => f64.add(s as Value<'f64'>, f64.promoteF32(f32.load(from))),
    store: (f, to, s) => f.store('f32', to, f32.demoteF64(s as Value<'f64'>)),
  },
  float64: {
    log: 3,
    sum: 'f64',
    add: (s, from) => f64.add(s as Value<'f64'>, f64.load(from)),
    store: (f, to, s) => f.store('f64', to, s),
  },
  int32: {
    log: 2,
    sum: 'i32',
    add: (s, from) => i32.add(s as I32, i32.load(from)),
    store: (f, to, s) => f.store('i32', to, s),
  },
  bool: {
    log: 0,
    sum: 'i32',
    add: (s, from) => i32.add(s as I32, i32.load8U(from)),
    store: (f, to, s) => f.store('i8', to, s),
  },
}

/** Columns of one vector of elements: sums are as many vectors as it takes. */
interface Lanes {
  readonly n: number
  readonly sums: number
  readonly step: (f: FunctionBuilder, sums: readonly Local<'v128'>[], from: I32, to: I32) => void
}

const HIGH = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
const JOIN = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
const plain = (n: number, add: typeof f64x2.add): Lanes => ({
  n,
  sums: 1,
  step: (f, [s], from, to) => {
    f.set(s!, add(s!, v128.load(from)))
    f.storeVector(to, s!)
  },
})
const LANES: Readonly<Record<DType, Lanes | undefined>> = {
  float32: {
    n: 4,
    sums: 2,
    step: (f, [low, high], from, to) => {
      const x = f.let(v128.load(from))
      f.set(low!, f64x2.add(low!, f64x2.promoteLowF32x4(x)))
      f.set(high!, f64x2.add(high!, f64x2.promoteLowF32x4(i8x16.shuffle(x, x, HIGH))))
      f.storeVector(to, i8x16.shuffle(f32x4.demoteF64x2Zero(low!), f32x4.demoteF64x2Zero(high!), JOIN))
    },
  },
  float64: plain(2, f64x2.add),
  int32: plain(4, i32x4.add),
  bool: undefined,
}

/** (to, x, columns, across, n, step): `columns` sums side by side, `across` bytes apart, along steps of `step` bytes. */
const columnSums = (lib: Library, dtype: DType): FunctionRef =>
  lib.get(`cumsum_columns_${dtype}`, (m, name) =>
    m.function(
      name,
      { to: 'i32', x: 'i32', columns: 'i32', across: 'i32', n: 'i32', step: 'i32' },
      [],
      (f, { to, x, columns, across, n, step }) => {
        const e = ELEMENTS[dtype]
        const [c, j] = [f.local('i32'), f.local('i32')]
        const together = (width: number): void => {
          const each = Array.from({ length: width }, (_, k) => k)
          const sums = each.map(() => f.local(e.sum))
          const at = each.map(() => f.local('i32'))
          const shift = f.let(i32.sub(to, x))
          f.while(i32.leS(i32.add(c, width), columns), () => {
            for (const k of each) {
              f.set(sums[k]!, e.sum === 'f64' ? f64.const(0) : i32.const(0))
              f.set(at[k]!, i32.add(x, i32.mul(i32.add(c, k), across)))
            }
            f.for(j, 0, n, 1, () => {
              for (const k of each) {
                f.set(sums[k]!, e.add(sums[k]!, at[k]!))
                e.store(f, i32.add(at[k]!, shift), sums[k]!)
                f.increase(at[k]!, step)
              }
            })
            f.increase(c, width)
          })
        }
        together(4)
        together(1)
      },
    ),
  )

/** Vectors side by side: one cache line of the axis' neighbours. */
const BLOCK = 4

/** (to, x, outer, n, inner, step): the axis has neighbours; lanes run across it, where the dtype has them. */
const laneSums = (lib: Library, dtype: DType): FunctionRef =>
  lib.get(`cumsum_lanes_${dtype}`, (m, name) =>
    m.function(
      name,
      { to: 'i32', x: 'i32', outer: 'i32', n: 'i32', inner: 'i32', step: 'i32' },
      [],
      (f, { to, x, outer, n, inner, step }) => {
        const { log } = ELEMENTS[dtype]
        const lanes = LANES[dtype]
        const [r, c, j, from] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
        const shift = f.let(i32.sub(to, x))
        const whole = f.let(lanes ? i32.and(inner, -lanes.n) : i32.const(0))
        const size = f.let(i32.shl(i32.mul(n, inner), log))
        const strip = (lanes: Lanes, vectors: number): void => {
          const each = Array.from({ length: vectors }, (_, v) => v)
          const sums = each.map(() => Array.from({ length: lanes.sums }, () => f.local('v128')))
          f.while(i32.leS(i32.add(c, vectors * lanes.n), inner), () => {
            f.set(from, entry(x, c, log))
            for (const sum of sums.flat()) f.set(sum, i32x4.const(0))
            f.for(j, 0, n, 1, () => {
              for (const v of each) {
                const at = f.let(i32.add(from, 16 * v))
                lanes.step(f, sums[v]!, at, i32.add(at, shift))
              }
              f.increase(from, step)
            })
            f.increase(c, vectors * lanes.n)
          })
        }
        f.for(r, 0, outer, 1, () => {
          f.set(c, i32.const(0))
          if (lanes) for (const vectors of [BLOCK, 1]) strip(lanes, vectors)
          const rest = entry(x, whole, log)
          f.call(columnSums(lib, dtype), [
            i32.add(rest, shift),
            rest,
            i32.sub(inner, whole),
            i32.const(1 << log),
            n,
            step,
          ])
          f.increase(x, size)
        })
      },
    ),
  )

/** Running sums along an axis, from either end. */
export const cumsumKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, { inputs, params }, at) => {
    const { shape, dtype } = inputs[0]!
    const { axis, backwards } = params as { readonly axis: number; readonly backwards: boolean }
    const { outer, n, inner } = about(shape, axis)
    if (outer * n * inner === 0) return undefined
    const { log } = ELEMENTS[dtype]
    const row = inner << log
    const start = backwards ? (n - 1) * row : 0
    const step = backwards ? -row : row
    const places = [at.outputs[0]!, at.inputs[0]!].map((a) => entry(a, start, 0))
    if (inner === 1) f.call(columnSums(lib, dtype), [...places, ...constants(outer, n << log, n, step)])
    else f.call(laneSums(lib, dtype), [...places, ...constants(outer, n, inner, step)])
    return undefined
  },
}

import { wasm } from '@cotangent/core/internal'

// What the kernels are written with: two doubles at a time, addresses in bytes.

export const { choose, f64, f64x2, i32, v128 } = wasm
export type F64 = wasm.F64
export type I32 = wasm.I32
export type V128 = wasm.V128
export type Local = wasm.Local<'i32'>
export type Module = wasm.ModuleBuilder
export type Function = wasm.FunctionRef

/** Functions that the host calls. */
export const OPEN = { export: true }

/** Doubles behind an address that goes up, in pairs. */
export const PAIR = 16
export const bytes = (count: I32): I32 => i32.shl(count, 3)
export const after = (address: I32, count: I32): I32 => i32.add(address, bytes(count))
/** The address of an entry of a list of integers. */
export const entry = (list: I32, k: I32): I32 => i32.add(list, i32.shl(k, 2))

/** Code that multiplies and adds: rounded once where the engine has that. */
export const madd: (a: V128, b: V128, c: V128) => V128 = wasm.hasRelaxedMadd()
  ? f64x2.relaxedMadd
  : (a, b, c) => f64x2.add(c, f64x2.mul(a, b))

/** The sum of both lanes. */
export const total = (v: V128): F64 => f64.add(f64x2.extractLane(v, 0), f64x2.extractLane(v, 1))

/**
 * Walks over n entries behind several addresses: `wide` takes `pairs` pairs at once, at constant distances in bytes, and
 * `narrow` a single entry. The addresses are raised as it goes.
 */
export const walk = (
  f: wasm.FunctionBuilder,
  n: I32,
  pairs: number,
  addresses: readonly Local[],
  wide: (offset: number) => void,
  narrow: () => void,
): void => {
  const first = addresses[0]!
  const raise = (by: number) => {
    for (const address of addresses) f.increase(address, by)
  }
  const end = f.let(after(first, n))
  const last = f.let(i32.sub(end, PAIR * pairs))
  f.while(i32.leU(first, last), () => {
    for (let k = 0; k < pairs; k++) wide(k * PAIR)
    raise(PAIR * pairs)
  })
  f.while(i32.ltU(first, end), () => {
    narrow()
    raise(8)
  })
}

/** For k from `from`: blocks of several at once while there are so many before `count`, then fewer. */
export const inBlocks = (
  f: wasm.FunctionBuilder,
  count: I32,
  sizes: readonly number[],
  block: (k: Local, size: number) => void,
  from: I32 | number = 0,
): void => {
  const k = f.local('i32')
  f.set(k, wasm.int(from))
  for (const size of sizes)
    f.while(i32.leS(i32.add(k, size), count), () => {
      block(k, size)
      f.increase(k, size)
    })
}

export const least = (a: I32, b: I32): I32 => choose(i32.ltS(a, b), a, b)

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k)

import { type FunctionBuilder, f64, type I32, i32, type Num, v128 } from '../wasm/index.js'

// Copies of few bytes, between places that do not overlap and need not be aligned.

/** From this many bytes on, `memory.copy` is worth its call. */
export const LONG = 1024

/** Copies a static number of bytes without a loop: for short rows. */
export const copyStatic = (f: FunctionBuilder, to: I32, from: I32, bytes: number): void => {
  let at = 0
  for (; at + 16 <= bytes; at += 16) f.storeVector(to, v128.load(from, at), at)
  for (; at + 8 <= bytes; at += 8) f.store('f64', to, f64.load(from, at), at)
  for (; at + 4 <= bytes; at += 4) f.store('i32', to, i32.load(from, at), at)
  for (; at < bytes; at++) f.store('i8', to, i32.load8U(from, at), at)
}

/** Copies at least 16 bytes in vectors; the last one overlaps the one before it. */
export const copyVectors = (f: FunctionBuilder, to: I32, from: I32, bytes: Num<'i32'>): void => {
  const last = f.let(i32.sub(bytes, 16))
  const c = f.local('i32')
  f.for(c, 0, last, 16, () => f.storeVector(i32.add(to, c), v128.load(i32.add(from, c))))
  f.storeVector(i32.add(to, last), v128.load(i32.add(from, last)))
}

/** Copies as many bytes as a row has, in the way that suits their number. */
export const copyRow = (f: FunctionBuilder, to: I32, from: I32, bytes: number): void => {
  if (bytes <= 64) copyStatic(f, to, from, bytes)
  else if (bytes < LONG) copyVectors(f, to, from, bytes)
  else f.copyMemory(to, from, bytes)
}

import { type Tensor, tensor } from '@cotangent/core'

export type Numbers = readonly number[]

/** The entries, with 0 for -0. */
export const numbersOf = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0)
/** A float64 tensor. */
export const shaped = (x: Numbers, shape: readonly number[]): Tensor =>
  tensor(Float64Array.from(x), { shape: [...shape] }) as Tensor
export const dot = (x: Numbers, y: Numbers): number => x.reduce((n, v, i) => n + v * y[i]!, 0)
export const norm = (x: Numbers): number => Math.hypot(...x)
export const plus = (x: Numbers, s: number, y: Numbers): number[] => x.map((v, i) => v + s * y[i]!)
export const minus = (x: Numbers, y: Numbers): number[] => plus(x, -1, y)
export const by = (s: number, x: Numbers): number[] => x.map((v) => v * s)
export const gap = (x: Numbers, y: Numbers): number => Math.max(0, ...x.map((v, i) => Math.abs(v - y[i]!)))
export const finite = (x: Numbers): boolean => x.every(Number.isFinite)

/** A small generator of reproducible numbers in [0, 1). */
export const generator = (seed: number): (() => number) => {
  let s = (seed ^ 0x9e3779b9) >>> 0
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return s / 2 ** 32
  }
}

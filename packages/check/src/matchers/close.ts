import { Tensor } from '@cotangent/core'
import { showNumber } from '../report/render.js'
import { flattenFloats } from '../subject/leaves.js'
import type { Verdictual } from './verdict.js'

export interface CloseOptions {
  /** Representable numbers between the two, in the coarser of both dtypes. */
  readonly ulps?: number
  readonly rtol?: number
  readonly atol?: number
}

/** The distance to the next number. */
const ulpOf = (x: number, single: boolean): number => {
  const [bits, least] = single ? [23, -126] : [52, -1022]
  const exponent = x === 0 ? least : Math.max(Math.floor(Math.log2(Math.abs(x))), least)
  return 2 ** (exponent - bits)
}

const numbersOf = (x: unknown): { data: Float64Array; shape: string; single: boolean } => {
  if (x instanceof Tensor)
    return {
      data: Float64Array.from(x.toTypedArray()),
      shape: `[${x.shape.join(', ')}]`,
      single: x.dtype === 'float32',
    }
  const flat = flattenFloats(x)
  const shape: number[] = []
  for (let v = x; Array.isArray(v); v = v[0]) shape.push(v.length)
  return { data: flat.data, shape: `[${shape.join(', ')}]`, single: flat.single }
}

/** Equal shapes, and entries equal up to the tolerance; infinities and NaN only to themselves. */
export const closeToTensor = (got: unknown, want: unknown, options: CloseOptions = {}): Verdictual => {
  const [a, b] = [numbersOf(got), numbersOf(want)]
  if (a.shape !== b.shape) return { pass: false, message: () => `shape ${a.shape} is not ${b.shape}` }
  const single = a.single || b.single
  const { ulps, rtol, atol } =
    Object.keys(options).length === 0 ? { ulps: undefined, rtol: single ? 1e-5 : 1e-9, atol: 0 } : options
  const allowed = (y: number): number =>
    Math.max(ulps === undefined ? 0 : ulps * ulpOf(y, single), (rtol ?? 0) * Math.abs(y) + (atol ?? 0))
  const i = a.data.findIndex(
    (x, k) =>
      !Object.is(x, b.data[k]) && !(x === b.data[k] || Math.abs(x - b.data[k]!) <= allowed(b.data[k]!)),
  )
  if (i < 0) return { pass: true, message: () => 'the tensors are close, and should not be' }
  const [x, y] = [a.data[i]!, b.data[i]!]
  return {
    pass: false,
    message: () =>
      `entry ${i} of ${a.shape} is ${showNumber(x, 17)}, not ${showNumber(y, 17)}: ${Math.round(Math.abs(x - y) / ulpOf(y, single))} ulps`,
  }
}

import { type Tensor, tensor } from '@cotangent/core'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe } from 'vitest'
import { worth } from '../../src/arrays/workspace.js'

export const d = (x: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' }) as Tensor
export const list = (x: Tensor): number[] => [...x.toTypedArray()]

/** The largest difference, relative above 1. */
export const apart = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  if (x.length !== y.length) return Number.POSITIVE_INFINITY
  return Array.from(x).reduce((m, v, i) => Math.max(m, Math.abs(v - y[i]!) / Math.max(1, Math.abs(y[i]!))), 0)
}

/** Multiples of 1/64 between -4 and 4. */
const entry = fc.integer({ min: -256, max: 256 }).map((k) => k / 64)

export interface Data {
  readonly X: readonly (readonly number[])[]
  readonly y: readonly number[]
}

/** Small regression problems: tall, wide and square, with zero and equal columns among them. */
export const data: fc.Arbitrary<Data> = fc
  .record({ n: fc.integer({ min: 1, max: 9 }), p: fc.integer({ min: 1, max: 9 }), twin: fc.boolean() })
  .chain(({ n, p, twin }) =>
    fc.record({
      X: fc
        .array(fc.array(entry, { minLength: p, maxLength: p }), { minLength: n, maxLength: n })
        .map((X) => (twin && p > 1 ? X.map((row) => [...row.slice(0, -1), row[0]!]) : X)),
      y: fc.array(entry, { minLength: n, maxLength: n }),
    }),
  )

/** -Xᵀ(Xw - y)/n and the mean square, written plainly. */
export const gradient = ({ X, y }: Data, w: ArrayLike<number>): number[] => {
  const r = X.map((row, i) => row.reduce((s, v, j) => s + v * w[j]!, 0) - y[i]!)
  return X[0]!.map((_, j) => r.reduce((s, v, i) => s + v * X[i]![j]!, 0) / y.length)
}

/** The same tests with loops in JavaScript and in WebAssembly. */
export const withBothLoops = (tests: () => void): void => {
  const usual = worth.numbers
  describe.each([
    ['loops in JavaScript', Number.POSITIVE_INFINITY],
    ['loops in WebAssembly', 0],
  ])('%s', (_, numbers) => {
    beforeAll(() => {
      worth.numbers = numbers
    })
    afterAll(() => {
      worth.numbers = usual
    })
    tests()
  })
}

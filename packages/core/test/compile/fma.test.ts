import { describe, expect, test } from 'vitest'
import { fma32, fma64 } from '../../src/compile/kernels/fma/fma.js'
import { v128 } from '../../src/compile/wasm/index.js'
import * as scalar from '../../src/math/fma.js'
import { assemble } from './harness.js'
import { dice } from './kernels.js'

const { call, f32, f64 } = assemble((lib) => {
  for (const [name, lanes] of Object.entries({ fma32, fma64 }))
    lib.module.function(
      name,
      {},
      [],
      (f) => f.storeVector(48, lanes(f, lib, v128.load(0), v128.load(16), v128.load(32))),
      { export: true },
    )
})

const SPECIAL = [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
const ENDS32 = [2 ** -149, 2 ** -126, 3.4e38, -3.4e38, 1 + 2 ** -23]
const ENDS64 = [2 ** -1074, 2 ** -1022, 1.7e308, 2 ** 990, 2 ** 989, 1 + 2 ** -52]

describe('fused multiply-add in lanes is that of the interpreter, bit for bit', () => {
  const same = (xs: ArrayLike<number>, from: number, expected: readonly number[], inputs: unknown): void => {
    if (expected.some((e, i) => !Object.is(xs[from + i], e)))
      expect({ inputs, got: Array.from(xs).slice(from, from + expected.length) }).toEqual({
        inputs,
        got: expected,
      })
  }
  const compare = (x: number, y: number, z: number): void => {
    const [a, b, c] = [Math.fround(x), Math.fround(y), Math.fround(z)]
    // Other numbers in the other lanes: no lane may decide for its neighbour.
    const lanes = [scalar.fma32(a, b, c), scalar.fma32(c, c, c), scalar.fma32(b, a, 1)].map(Math.fround)
    f32.set([a, c, b, 1, b, c, a, 1, c, c, 1, 1])
    call.fma32!()
    same(f32, 12, lanes, [a, b, c])
    f64.set([x, z, y, z, z, x])
    call.fma64!()
    same(f64, 6, [scalar.fma64(x, y, z), scalar.fma64(z, z, x)], [x, y, z])
  }

  test('special values and the ends of the range', () => {
    const all = [...SPECIAL, ...ENDS32, ...ENDS64]
    for (const x of all) for (const y of all) for (const z of all) compare(x, y, z)
  })

  test('random values, and sums near the middle of two numbers', () => {
    const roll = dice(3)
    const bits = (n: number): number => 1 + roll(2 ** n) / 2 ** n
    for (let i = 0; i < 10000; i++) {
      const [x, y] = [bits(4 + roll(20)), bits(4 + roll(20))]
      const sign = 1 - 2 * roll(2)
      // A product that ends far below half a unit of z, or on the other side of it.
      compare(x, y, sign * bits(24) * 2 ** (roll(60) - 10))
      compare(x, y * 2 ** -(24 + roll(3)), sign * bits(12))
      compare(x * (1 + roll(2 ** 26) / 2 ** 52), y * 2 ** -(53 + roll(3)), sign * bits(26))
    }
  })

  test('products just beside half a unit of the sum', () => {
    for (const half of [24, 53])
      for (let a = half / 2 + 1; a < half; a++)
        for (const k of [0, 1, 2, 3])
          for (const [s, t] of [
            [1, 1],
            [1, -1],
            [-1, 1],
            [-1, -1],
          ] as const) {
            const [x, y] = [1 + 2 ** -a, 2 ** -half * (1 - t * 2 ** -a)]
            compare(x, y, s * (1 + k * 2 ** -(half - 1)))
            compare(-x, y, s * (1 + k * 2 ** -(half - 1)))
          }
    // 1 + 2^-52 + 2^-53 (1 - 2^-60) is nearer to 1 + 2^-52.
    f64.set([1 + 2 ** -30, 0, 2 ** -53 * (1 - 2 ** -30), 0, 1 + 2 ** -52, 0])
    call.fma64!()
    expect(f64[6]).toBe(1 + 2 ** -52)
  })
})

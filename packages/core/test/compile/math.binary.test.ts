import { describe, expect, it } from 'vitest'
import {
  LANE_FUNCTIONS,
  type LaneFunction,
  PARAMETRIC_LANE_FUNCTIONS,
} from '../../src/compile/kernels/math/index.js'
import { hasRelaxedMadd, v128 } from '../../src/compile/wasm/index.js'
import { PRIMITIVES } from '../../src/primitives/registry.js'
import { dataOf, fromData } from '../../src/tensor.js'
import { assemble } from './harness.js'

// Functions of two numbers, of integers and with parameters, against the interpreter's kernels.

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array }
const views = { float32: 'f32', float64: 'f64', int32: 'i32' } as const
const lanes = { float32: 'f32x4', float64: 'f64x2', int32: 'i32x4' } as const
type DType = keyof typeof arrays
type Data = Float32Array | Float64Array | Int32Array

const { POSITIVE_INFINITY: inf, NaN: nan } = Number
const specials: Readonly<Record<DType, readonly number[]>> = {
  float32: [0, 1, 2, 3, 0.5, 1.5, 7, 1e-40, 1e-30, 1e30, 3e38, 2 ** 24 + 2, 0.1, inf, nan],
  float64: [0, 1, 2, 3, 0.5, 1.5, 7, 5e-324, 1e-310, 1e-30, 1e30, 1.7e308, 2 ** 53 + 2, 0.1, inf, nan],
  int32: [0, 1, 2, 3, 5, 7, 10, 46341, 65536, 2 ** 31 - 1],
}

/** Numbers of a linear congruential generator in [0, 1). */
const uniform = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

/** Pairs of the special values with both signs, then pairs of several sizes. */
const pairs = (dtype: DType): readonly (readonly [number, number])[] => {
  const values = [...specials[dtype], ...specials[dtype].map((x) => -x), -(2 ** 31)]
  const next = uniform(7)
  const sized = (reach: number) => (next() < 0.5 ? -1 : 1) * 2 ** (reach * (2 * next() - 1))
  const drawn = Array.from({ length: 3001 }, (_, i): readonly [number, number] => {
    if (dtype === 'int32') return [Math.floor(2 ** 32 * next() - 2 ** 31), Math.floor(40 * next() - 20)]
    if (i % 3 === 0) return [20 * next() - 10, 6 * next() - 3]
    if (i % 3 === 1) return [sized(100), sized(100)]
    return [Math.floor(40 * next()) - 20, Math.floor(40 * next()) - 20]
  })
  return [...values.flatMap((x) => values.map((y) => [x, y] as const)), ...drawn]
}

const run = (row: LaneFunction, dtype: DType, inputs: readonly Data[], relaxed: boolean): Data => {
  const each = 16 / arrays[dtype].BYTES_PER_ELEMENT
  const n = each * Math.ceil(inputs[0]!.length / each)
  const bytes = n * arrays[dtype].BYTES_PER_ELEMENT
  const memory = assemble(
    (lib) =>
      lib.module.function(
        'run',
        {},
        [],
        (f) => {
          const i = f.local('i32')
          f.for(i, 0, bytes, 16, () => {
            const x = inputs.map((_, k) => f.let(v128.load(i, k * bytes)))
            f.storeVector(i, row[lanes[dtype]]!(f, lib, ...x), inputs.length * bytes)
          })
        },
        { export: true },
      ),
    { relaxed },
  )
  const view = memory[views[dtype]] as Data
  inputs.forEach((x, k) => {
    view.set(x, k * n)
  })
  memory.call.run!()
  return view.slice(inputs.length * n, inputs.length * n + inputs[0]!.length)
}

/** Distance in units of the last place, by counting the numbers between. */
const between = (a: number, b: number, dtype: DType): number => {
  if (Object.is(a, b)) return 0
  if (Number.isNaN(a) || Number.isNaN(b) || dtype === 'int32' || (a === 0 && b === 0)) return inf
  const order = (x: number): bigint => {
    const single = dtype === 'float32'
    const bits = single
      ? BigInt(new Int32Array(Float32Array.of(x).buffer)[0]!)
      : new BigInt64Array(Float64Array.of(x).buffer)[0]!
    return bits < 0n ? -BigInt.asUintN(single ? 31 : 63, bits) : bits
  }
  const d = order(a) - order(b)
  return Number(d < 0n ? -d : d)
}

interface Case {
  readonly name: string
  readonly n?: number
  readonly arity: 1 | 2
  /** How many ulp from the interpreter's kernel, by dtype. */
  readonly bounds: Partial<Record<DType, number>>
}
const integerPow = (n: number, float32: number, float64: number): Case => ({
  name: 'integerPow',
  n,
  arity: 1,
  bounds: { float32, float64, int32: 0 },
})
const polygamma = (n: number): Case => ({
  name: 'polygamma',
  n,
  arity: 1,
  bounds: { float32: 0, float64: 0 },
})

const cases: readonly Case[] = [
  { name: 'mod', arity: 2, bounds: { float32: 0, float64: 0, int32: 0 } },
  { name: 'atan2', arity: 2, bounds: { float32: 0, float64: 1 } },
  { name: 'pow', arity: 2, bounds: { float32: 1, float64: 1, int32: 0 } },
  integerPow(2, 0, 0),
  integerPow(3, 1, 0),
  integerPow(4, 2, 0),
  integerPow(-1, 0, 0),
  integerPow(-2, 0, 0),
  integerPow(5, 1, 1),
  integerPow(-3, 1, 1),
  polygamma(1),
  polygamma(2),
  polygamma(9),
]

const rows = cases.flatMap((c) =>
  Object.entries(c.bounds).map(([dtype, bound]) => ({ ...c, dtype: dtype as DType, bound })),
)

describe.each([false, true].filter((relaxed) => !relaxed || hasRelaxedMadd()))('relaxed: %s', (relaxed) => {
  it.each(rows)('$name of $dtype is within $bound ulp of the interpreter ($n)', (row) => {
    const { name, arity, dtype, bound } = row
    const params = { n: row.n ?? 0 }
    const all = pairs(dtype)
    const used = all.filter(([x, y], i) => {
      if (name === 'polygamma') return i % 7 === 0 && Math.abs(x) > 1e-300
      // integer powers are right modulo 2^32 while a float64 holds them
      return dtype !== 'int32' || name !== 'pow' || Math.abs(x) ** y <= 2 ** 53
    })
    const inputs = Array.from({ length: arity }, (_, k) => new arrays[dtype](used.map((pair) => pair[k]!)))
    const shape = [used.length]
    const primitive = PRIMITIVES.get(name)!
    const [output] = primitive.kernel(
      inputs.map((x) => fromData(x, shape, dtype)),
      params,
      [{ shape, dtype }],
    )
    const expected = dataOf(output!)
    const lane = LANE_FUNCTIONS[name] ?? PARAMETRIC_LANE_FUNCTIONS[name]!(params)
    const actual = run(lane, dtype, inputs, relaxed)
    let [worst, text] = [0, '']
    expected.forEach((value, i) => {
      const d = between(actual[i]!, value, dtype)
      if (d > worst) {
        worst = d
        text = `${name}(${inputs.map((x) => x[i])}) = ${actual[i]}, not ${value}`
      }
    })
    expect(worst, text).toBeLessThanOrEqual(bound)
  })
})

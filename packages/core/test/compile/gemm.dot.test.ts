import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dotJob, emitDot } from '../../src/compile/kernels/gemm/dot.js'
import type { Scalar } from '../../src/compile/kernels/gemm/element.js'
import { dotLayout } from '../../src/compile/kernels/gemm/layout.js'
import { hasRelaxedMadd, i32 } from '../../src/compile/wasm/index.js'
import { allocate } from '../../src/dtype.js'
import { type DotParams, dotP } from '../../src/primitives/contraction.js'
import { permute } from '../../src/primitives/structural.js'
import { range, sizeOf } from '../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../src/tensor.js'
import { assemble } from './harness.js'

const DTYPES: readonly Scalar[] = ['float32', 'float64', 'int32']
const TARGETS = hasRelaxedMadd() ? [false, true] : [false]

type Shape = readonly number[]
type Case = readonly [a: Shape, b: Shape, params: DotParams]

const make = (shape: Shape, dtype: Scalar, entry: (i: number) => number): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = entry(i)
  return fromData(data, shape, dtype)
}

/** Multiples of 1/64 (whole numbers for int32): products and sums are exact, so every order gives the same bits. */
const filled = (shape: Shape, dtype: Scalar, seed: number): Tensor => {
  const unit = dtype === 'int32' ? 1 : 1 / 64
  return make(shape, dtype, (i) => ((((i + seed) * 37 + 11) % 129) - 64) * unit)
}

interface Options {
  readonly relaxed: boolean
  readonly accumulate?: boolean
  /** Rows after which the work is cut, as among threads. */
  readonly cut?: number
}

/** The product by the kernels, with every free byte NaN or a large number, and the rows that the epilogue has seen. */
const compute = (a: Tensor, b: Tensor, params: DotParams, { relaxed, accumulate = false, cut }: Options) => {
  const dtype = a.dtype as Scalar
  const layout = dotLayout(a, b, params)
  const [A, B] = [
    dataOf(layout.copyA ? permute(a, layout.copyA) : a),
    dataOf(layout.copyB ? permute(b, layout.copyB) : b),
  ]
  const size = A.BYTES_PER_ELEMENT
  const out = dotP.shape([a, b], params)[0]!
  const total = sizeOf(out.shape)
  const place = (at: number, count: number): number => Math.ceil((at + count * size) / 64) * 64 + 64
  // One number behind aligned addresses: views need not be aligned.
  const atA = 64 + size
  const atB = place(atA, A.length) + size
  const atC = place(atB, B.length) + size
  const atPacked = place(atC, total)
  let [variant, rows, epilogues] = ['', 0, 0]
  let end = 0
  const {
    call,
    f32,
    f64,
    i32: ints,
  } = assemble(
    (lib) => {
      const job = dotJob(lib, { dtype, layout, accumulate })
      const scratch = Math.ceil((atPacked + job.packedBytes) / 64) * 64
      end = scratch + job.scratchBytes
      ;[variant, rows] = [job.variant, job.rows]
      const places = { a: atA, b: atB, c: atC, packed: atPacked, scratch }
      epilogues = Math.ceil(end / 64) * 64 + 64
      const f = lib.module.function(
        'run',
        { first: 'i32', last: 'i32' },
        [],
        (f, { first, last }) =>
          job.run(f, places, first, last, (f, from, to) => {
            // Counts how often each row is reported.
            const i = f.local('i32')
            f.for(i, from, to, 1, () => {
              const at = f.let(i32.add(i32.shl(i, 2), epilogues))
              f.store('i32', at, i32.add(i32.load(at), 1))
            })
          }),
        { export: true },
      )
      lib.module.function('prepare', {}, [], (f) => job.prepare(f, places, 0, job.pieces), { export: true })
      lib.module.function('whole', {}, [], (f) => emitDot(lib, f, { dtype, layout, accumulate }, places), {
        export: true,
      })
      expect(f.params).toHaveLength(2)
    },
    { relaxed, pages: 32 },
  )
  const data = dtype === 'float32' ? f32 : dtype === 'float64' ? f64 : ints
  data.fill(dtype === 'int32' ? 77777 : Number.NaN, 0, end / size)
  data.set(A as Float32Array, atA / size)
  data.set(B as Float32Array, atB / size)
  const initial = dataOf(filled([total], dtype, 5))
  const result = (): number[] => [...data.subarray(atC / size, atC / size + total)]
  const begin = (): void => data.set(initial as Float32Array, atC / size)
  begin()
  call.prepare!()
  const step = cut ?? Math.max(rows, 1)
  for (let i = 0; i < rows; i += step) call.run!(i, Math.min(rows, i + step))
  const got = result()
  const seen = [...ints.subarray(epilogues / 4, epilogues / 4 + rows)]
  const around = [data[atC / size - 1], data[atC / size + total]]
  begin()
  call.whole!()
  expect(result()).toEqual(got)
  expect(around).toEqual(dtype === 'int32' ? [77777, 77777] : [Number.NaN, Number.NaN])
  const product = dataOf(dotP.kernel([a, b], params, [out])[0]!)
  const want = Array.from(product, (x, i) => (accumulate ? x + initial[i]! : x))
  return { variant, got, want, seen, rows, nothing: total === 0 }
}

const check = (dtype: Scalar, [shapeA, shapeB, params]: Case, options: Options): string => {
  const { got, want, seen, variant, rows, nothing } = compute(
    filled(shapeA, dtype, 1),
    filled(shapeB, dtype, 7),
    params,
    options,
  )
  expect(got).toEqual(want)
  expect(seen).toEqual(Array.from({ length: rows }, () => (nothing ? 0 : 1)))
  return variant
}

const matrices = (m: number, n: number, k: number, ta = false, tb = false): Case => [
  ta ? [k, m] : [m, k],
  tb ? [n, k] : [k, n],
  {
    contract: [[ta ? 0 : 1], [tb ? 1 : 0]],
    batch: [[], []],
  },
]

/** Sizes that reach every kernel, with the kernel for A·B, A·Bᵀ. */
const VARIANTS: readonly (readonly [m: number, n: number, k: number, string, string])[] = [
  [9, 3, 3, 'slim', 'slim'],
  [1, 4, 4, 'slim', 'slim'],
  [33, 1, 1, 'slim', 'slim'],
  [37, 1, 70, 'matvecRows', 'matvecRows'],
  [3, 1, 33, 'matvecRows', 'matvecRows'],
  [1, 53, 41, 'matvecColumns', 'matvecRows'],
  [3, 53, 41, 'inPlace', 'matvecRows'],
  [10, 20, 30, 'inPlace', 'packed'],
  [5, 131, 263, 'inPlace', 'packed'],
  [67, 131, 263, 'packed', 'packed'],
  [40, 70, 0, 'inPlace', 'packed'],
  [0, 5, 40, 'nothing', 'nothing'],
  [5, 0, 40, 'nothing', 'nothing'],
]

describe.each(TARGETS)('dot, relaxed: %s', (relaxed) => {
  describe.each(DTYPES)('%s', (dtype) => {
    test.each(VARIANTS)('[%d, %d] over %d: %s, transposed %s', (m, n, k, plain, transposed) => {
      for (const accumulate of [false, true])
        for (const ta of [false, true])
          for (const tb of [false, true]) {
            const variant = check(dtype, matrices(m, n, k, ta, tb), { relaxed, accumulate })
            if (!ta) expect(variant).toBe(tb ? transposed : plain)
          }
    })

    test('batches, alone and cut anywhere', () => {
      const batched = (m: number, n: number, k: number): Case => [
        [3, m, 2, k],
        [2, k, 3, n],
        {
          contract: [[3], [1]],
          batch: [
            [0, 2],
            [2, 0],
          ],
        },
      ]
      for (const [m, n, k] of [
        [2, 2, 3],
        [5, 1, 40],
        [7, 30, 30],
        [30, 80, 90],
      ] as const)
        for (const cut of [undefined, 1, 4]) check(dtype, batched(m, n, k), { relaxed, ...(cut && { cut }) })
      const tiny: Case = [[40, 3, 3], [40, 3, 3], { contract: [[2], [1]], batch: [[0], [0]] }]
      for (const cut of [undefined, 3, 4]) check(dtype, tiny, { relaxed, ...(cut && { cut }) })
    })

    test('any contraction of small operands', () => {
      const axes = fc.record({
        batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        left: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
        right: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }),
        contract: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 2 }),
        mixA: fc.integer(),
        mixB: fc.integer(),
      })
      const shuffled = (n: number, seed: number): number[] => {
        const key = (i: number): number => Math.imul(i + 1, seed | 1) >>> 3
        return range(n).sort((i, j) => key(i) - key(j) || i - j)
      }
      fc.assert(
        fc.property(axes, ({ batch, left, right, contract, mixA, mixB }) => {
          const side = (free: readonly number[], seed: number) => {
            const sizes = [...batch, ...free, ...contract]
            const order = shuffled(sizes.length, seed)
            const at = (i: number): number => order.indexOf(i)
            return {
              shape: order.map((i) => sizes[i]!),
              batch: range(batch.length).map(at),
              contract: range(contract.length).map((i) => at(batch.length + free.length + i)),
            }
          }
          const [a, b] = [side(left, mixA), side(right, mixB)]
          const params: DotParams = { contract: [a.contract, b.contract], batch: [a.batch, b.batch] }
          check(dtype, [a.shape, b.shape, params], { relaxed })
        }),
        { numRuns: 60, seed: 4 },
      )
    })

    test('rounding does not depend on the cut, and stays within the bound', () => {
      if (dtype === 'int32') return
      const eps = dtype === 'float32' ? 2 ** -24 : 2 ** -53
      for (const [m, n, k] of [
        [23, 70, 300],
        [23, 1, 301],
        [23, 9, 40],
        [6, 100, 33],
      ] as const)
        for (const [ta, tb] of [
          [false, false],
          [true, true],
        ] as const) {
          const [sa, sb, params] = matrices(m, n, k, ta, tb)
          const noise = (shape: Shape, seed: number): Tensor =>
            make(shape, dtype, (i) => Math.sin(i * 12.9898 + seed))
          const [a, b] = [noise(sa, 1), noise(sb, 2)]
          const { got, want } = compute(a, b, params, { relaxed })
          for (const cut of [1, 7]) expect(compute(a, b, params, { relaxed, cut }).got).toEqual(got)
          const magnitude = (t: Tensor): Tensor => make(t.shape, dtype, (i) => Math.abs(dataOf(t)[i]!))
          const scale = compute(magnitude(a), magnitude(b), params, { relaxed }).want
          const worst = Math.max(...got.map((x, i) => Math.abs(x - want[i]!) / scale[i]!))
          expect(worst).toBeLessThan(k * eps)
        }
    })
  })
})

describe('dotLayout', () => {
  test('folds transposes into strides and collapses axes', () => {
    const { m, n, k, rowA, columnA, rowB, columnB, batch, copyA, copyB } = dotLayout(
      { shape: [8, 5, 6, 7] },
      { shape: [9, 8, 6, 7] },
      { contract: [[3, 2].reverse(), [2, 3]], batch: [[0], [1]] },
    )
    expect({ m, n, k, rowA, columnA, rowB, columnB, batch, copyA, copyB }).toEqual({
      m: 5,
      n: 9,
      k: 42,
      rowA: 42,
      columnA: 1,
      rowB: 1,
      columnB: 8 * 42,
      batch: [{ size: 8, strideA: 210, strideB: 42 }],
      copyA: null,
      copyB: null,
    })
  })

  test('asks for a copy where axes have no common stride', () => {
    const { copyA, copyB, rowA, columnA } = dotLayout(
      { shape: [4, 5, 6] },
      { shape: [4, 6, 3] },
      {
        contract: [
          [0, 2],
          [0, 1],
        ],
        batch: [[], []],
      },
    )
    expect({ copyA, copyB, rowA, columnA }).toEqual({ copyA: [1, 0, 2], copyB: null, rowA: 24, columnA: 1 })
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dotJob } from '../../src/compile/kernels/gemm/dot.js'
import type { Scalar } from '../../src/compile/kernels/gemm/element.js'
import { dotLayout } from '../../src/compile/kernels/gemm/layout.js'
import { hasRelaxedMadd } from '../../src/compile/wasm/index.js'
import { type DotParams, dotP } from '../../src/primitives/contraction.js'
import { permute } from '../../src/primitives/structural.js'
import { range, sizeOf } from '../../src/shape.js'
import type { Tensor } from '../../src/tensor.js'
import { entries, filled, type JobOptions, make, runJob, type Shape } from './job.js'

const DTYPES: readonly Scalar[] = ['float32', 'float64', 'int32']
const TARGETS = hasRelaxedMadd() ? [false, true] : [false]

type Case = readonly [a: Shape, b: Shape, params: DotParams]
type Options = JobOptions & { readonly accumulate?: boolean }

const compute = (a: Tensor, b: Tensor, params: DotParams, { accumulate = false, ...options }: Options) => {
  const dtype = a.dtype as Scalar
  const layout = dotLayout(a, b, params)
  const out = dotP.shape([a, b], params)[0]!
  const initial = entries(filled([sizeOf(out.shape)], dtype, 5))
  const { job, got } = runJob(
    (lib) => dotJob(lib, { dtype, layout, accumulate }),
    entries(layout.copyA ? permute(a, layout.copyA) : a),
    entries(layout.copyB ? permute(b, layout.copyB) : b),
    initial,
    options,
  )
  const product = entries(dotP.kernel([a, b], params, [out])[0]!)
  return { job, got, want: Array.from(product, (x, i) => (accumulate ? x + initial[i]! : x)) }
}

const check = (dtype: Scalar, [shapeA, shapeB, params]: Case, options: Options): string => {
  const { job, got, want } = compute(filled(shapeA, dtype, 1), filled(shapeB, dtype, 7), params, options)
  expect(got).toEqual(want)
  return job.variant
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
  [35, 45, 1, 'slim', 'slim'],
  [5, 131, 3, 'slim', 'slim'],
  [9, 7, 30, 'inPlace', 'packed'],
  [9, 7, 270, 'inPlace', 'packed'],
  [37, 1, 70, 'matvecRows', 'matvecRows'],
  [3, 1, 33, 'matvecRows', 'matvecRows'],
  [1, 53, 41, 'matvecColumns', 'matvecRows'],
  [3, 53, 41, 'inPlace', 'matvecRows'],
  [10, 20, 30, 'inPlace', 'packed'],
  [6, 131, 263, 'inPlace', 'packed'],
  [5, 90, 70, 'inPlace', 'matvecRows'],
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
        for (const cut of [undefined, 1, 4]) check(dtype, batched(m, n, k), { relaxed, cut })
      const tiny: Case = [[40, 3, 3], [40, 3, 3], { contract: [[2], [1]], batch: [[0], [0]] }]
      for (const cut of [undefined, 3, 4]) check(dtype, tiny, { relaxed, cut })
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
          const magnitude = (t: Tensor): Tensor => make(t.shape, dtype, (i) => Math.abs(entries(t)[i]!))
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

import { describe, expect, test } from 'vitest'
import { ELEMENTS, type Scalar } from '../../src/compile/kernels/gemm/element.js'
import { PANEL, packB, packedBytes, panelColumns } from '../../src/compile/kernels/gemm/pack.js'
import { rows, rowsScratch } from '../../src/compile/kernels/gemm/rows.js'
import { hasRelaxedMadd } from '../../src/compile/wasm/index.js'
import { assemble } from './harness.js'

const DTYPES: readonly Scalar[] = ['float32', 'float64', 'int32']
const TARGETS = hasRelaxedMadd() ? [false, true] : [false]
/** Multiples of 1/64 (whole numbers for int32): products and sums are exact, so every order gives the same bits. */
const fill = (x: { [i: number]: number; length: number }, from: number, n: number, unit: number): void => {
  for (let i = 0; i < n; i++) x[from + i] = (((i * 37 + 11) % 129) - 64) * unit
}

/** Every kernel of the family in one module, at fixed addresses. */
const kernels = (dtype: Scalar, relaxed: boolean) => {
  const e = ELEMENTS[dtype]
  const made = assemble(
    (lib) => {
      const names = ['b', 'rowB', 'columnB', 'k', 'n', 'packed', 'panelBytes', 'first', 'last']
      const wrap = (name: string, list: readonly string[], ref: ReturnType<typeof rows>): void => {
        lib.module.function(
          name,
          Object.fromEntries(list.map((key) => [key, 'i32' as const])),
          [],
          (f, p) => f.call(ref, Object.values(p)),
          { export: true },
        )
      }
      wrap('packB', names, packB(lib, e))
      wrap(
        'rows',
        Array.from({ length: 13 }, (_, i) => `p${i}`),
        rows(lib, e),
      )
    },
    { relaxed },
  )
  const data = dtype === 'float32' ? made.f32 : dtype === 'float64' ? made.f64 : made.i32
  return { ...made, data, e }
}

const SIZES = [
  [1, 1, 1],
  [1, 8, 3],
  [2, 5, 1],
  [3, 17, 9],
  [5, 3, 2],
  [6, 16, 8],
  [7, 31, 5],
  [13, 9, 33],
  [4, 8, 0],
  [0, 8, 4],
  [4, 0, 4],
  [11, 45, 263],
  [3, 2, 700],
] as const

describe.each(DTYPES)('rows of a matrix product, %s', (dtype) => {
  describe.each(TARGETS)('relaxed: %s', (relaxed) => {
    const { call, data, e } = kernels(dtype, relaxed)
    const s = e.bytes
    const unit = dtype === 'int32' ? 1 : 1 / 64
    const [A, B, C] = [1 << 10, 1 << 17, 1 << 18]
    const [P, S] = [1 << 19, 1 << 20]

    const run = (
      [m, n, k]: readonly [number, number, number],
      ta: boolean,
      tb: boolean,
      packed: boolean,
      accumulate: boolean,
    ): { got: number[]; want: number[] } => {
      fill(data, A / s, m * k, unit)
      fill(data, B / s, k * n, unit)
      fill(data, C / s, m * n + 8, unit)
      const [rowA, columnA] = ta ? [s, m * s] : [k * s, s]
      const [rowB, columnB] = tb ? [s, k * s] : [n * s, s]
      const want: number[] = []
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = accumulate ? data[C / s + i * n + j]! : 0
          for (let p = 0; p < k; p++)
            sum += data[(A + i * rowA + p * columnA) / s]! * data[(B + p * rowB + j * columnB) / s]!
          want.push(sum)
        }
      const beyond = data[C / s + m * n]!
      const panels = Math.ceil(n / panelColumns(e))
      data.fill(Number.NaN, P / s, (P + packedBytes(e, k, n)) / s)
      data.fill(Number.NaN, S / s, (S + rowsScratch(e, m, k)) / s)
      if (packed) {
        // In two pieces, as threads would.
        const half = panels >> 1
        call.packB!(B, rowB, columnB, k, n, P, k * PANEL, half, panels)
        call.packB!(B, rowB, columnB, k, n, P, k * PANEL, 0, half)
      }
      const from = packed ? [P, k * PANEL, PANEL] : [B, PANEL, rowB]
      call.rows!(A, rowA, columnA, ...from, C, n * s, m, n, k, Number(accumulate), S)
      expect(data[C / s + m * n]).toBe(beyond)
      return { got: [...data.subarray(C / s, C / s + m * n)], want }
    }

    test.each(SIZES)('[%d, %d] summed over %d', (...size) => {
      for (const ta of [false, true])
        for (const accumulate of [false, true]) {
          for (const tb of [false, true]) {
            const { got, want } = run(size, ta, tb, true, accumulate)
            expect(got).toEqual(want)
          }
          const { got, want } = run(size, ta, false, false, accumulate)
          expect(got).toEqual(want)
        }
    })

    test('does not depend on the cut into blocks of rows', () => {
      const size = [23, 19, 300] as const
      // Numbers whose sums are rounded.
      const inexact = (): void => {
        if (dtype === 'int32') return
        for (let i = 0; i < 23 * 300; i++) data[A / s + i] = Math.sin(i)
        for (let i = 0; i < 300 * 19; i++) data[B / s + i] = Math.cos(i)
      }
      const product = (cut: number): number[] => {
        fill(data, A / s, 23 * 300, unit)
        fill(data, B / s, 300 * 19, unit)
        inexact()
        call.packB!(B, 19 * s, s, 300, 19, P, 300 * PANEL, 0, Math.ceil(19 / panelColumns(e)))
        for (let i = 0; i < 23; i += cut)
          call.rows!(
            A + i * 300 * s,
            300 * s,
            s,
            P,
            300 * PANEL,
            PANEL,
            C + i * 19 * s,
            19 * s,
            Math.min(cut, 23 - i),
            size[1],
            size[2],
            0,
            S,
          )
        return [...data.subarray(C / s, C / s + 23 * 19)]
      }
      const whole = product(23)
      for (const cut of [1, 2, 5, 6, 7, 12]) expect(product(cut)).toEqual(whole)
    })

    test('lets NaN and infinity through, and only where they belong', () => {
      if (dtype === 'int32') return
      fill(data, A / s, 7 * 5, unit)
      fill(data, B / s, 5 * 9, unit)
      data[A / s + 2 * 5 + 3] = Number.POSITIVE_INFINITY
      data[A / s + 6 * 5] = Number.NaN
      call.packB!(B, 9 * s, s, 5, 9, P, 5 * PANEL, 0, Math.ceil(9 / panelColumns(e)))
      call.rows!(A, 5 * s, s, P, 5 * PANEL, PANEL, C, 9 * s, 7, 9, 5, 0, S)
      for (let i = 0; i < 7; i++)
        for (let j = 0; j < 9; j++) {
          const y = data[C / s + i * 9 + j]!
          const factor = data[B / s + 3 * 9 + j]!
          if (i === 2)
            expect(y).toBe(factor === 0 ? Number.NaN : Math.sign(factor) * Number.POSITIVE_INFINITY)
          else expect(Number.isFinite(y)).toBe(i !== 6)
        }
    })
  })
})

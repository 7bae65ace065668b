import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convJob } from '../../src/compile/kernels/conv/conv.js'
import type { Scalar } from '../../src/compile/kernels/gemm/element.js'
import { hasRelaxedMadd } from '../../src/compile/wasm/index.js'
import { type ConvParams, convP } from '../../src/primitives/contraction.js'
import { range, sizeOf } from '../../src/shape.js'
import { entries, filled, runJob, type Shape } from './job.js'

const DTYPES: readonly Scalar[] = ['float32', 'float64', 'int32']
const TARGETS = hasRelaxedMadd() ? [false, true] : [false]

interface Case {
  readonly x: Shape
  readonly w: Shape
  readonly strides?: Shape
  readonly lo?: Shape
  readonly hi?: Shape
  readonly inputDilation?: Shape
  readonly windowDilation?: Shape
}

const paramsOf = ({ x, strides, lo, hi, inputDilation, windowDilation }: Case): ConvParams => {
  const all = (value: number): number[] => range(x.length - 3).map(() => value)
  return {
    strides: strides ?? all(1),
    lo: lo ?? all(0),
    hi: hi ?? all(0),
    inputDilation: inputDilation ?? all(1),
    windowDilation: windowDilation ?? all(1),
  }
}

/** Compares with the interpreter, whole and cut, and says which kernel ran. */
const check = (dtype: Scalar, item: Case, relaxed: boolean, cut?: number): string => {
  const params = paramsOf(item)
  const [x, w] = [filled(item.x, dtype, 1), filled(item.w, dtype, 9)]
  const out = convP.shape([x, w], params)[0]!
  const { job, got } = runJob(
    (lib) => convJob(lib, { dtype, x: item.x, w: item.w, params }),
    entries(x),
    entries(w),
    entries(filled([sizeOf(out.shape)], dtype, 3)),
    { relaxed, cut },
  )
  expect(got).toEqual([...entries(convP.kernel([x, w], params, [out])[0]!)])
  return job.variant
}

const CASES: Readonly<Record<string, Case & { readonly kernel: string }>> = {
  'no spatial axes': { x: [1, 5, 7], w: [1, 7, 9], kernel: 'inPlace' },
  '1x1': { x: [2, 3, 4, 5, 6], w: [2, 1, 1, 6, 10], kernel: 'inPlace' },
  'window as large as the input': { x: [1, 6, 4, 3, 5], w: [1, 4, 3, 5, 9], kernel: 'inPlace' },
  '1d, padded': { x: [1, 2, 11, 3], w: [1, 3, 3, 5], lo: [2], hi: [1], kernel: 'patches' },
  '2d, same': { x: [1, 2, 7, 9, 3], w: [1, 3, 3, 3, 8], lo: [1, 1], hi: [1, 1], kernel: 'patches' },
  '2d, strided': { x: [1, 2, 9, 8, 4], w: [1, 3, 2, 4, 12], strides: [2, 3], lo: [1, 0], kernel: 'patches' },
  '2d, dilated window': {
    x: [1, 1, 12, 11, 5],
    w: [1, 3, 3, 5, 6],
    windowDilation: [2, 3],
    lo: [2, 3],
    hi: [1, 3],
    kernel: 'patches',
  },
  'negative padding': {
    x: [1, 1, 9, 9, 2],
    w: [1, 3, 3, 2, 4],
    lo: [-1, -2],
    hi: [-2, 1],
    kernel: 'patches',
  },
  groups: { x: [3, 2, 6, 5, 2], w: [3, 2, 3, 2, 5], hi: [1, 1], kernel: 'patches' },
  '3d': { x: [1, 2, 4, 5, 6, 2], w: [1, 2, 3, 2, 2, 7], lo: [1, 1, 0], hi: [0, 1, 1], kernel: 'patches' },
  'window larger than the input': {
    x: [1, 1, 2, 2, 3],
    w: [1, 5, 5, 3, 4],
    lo: [4, 4],
    hi: [4, 4],
    kernel: 'patches',
  },
  'dilated input': {
    x: [1, 3, 4, 5, 3],
    w: [1, 3, 3, 3, 6],
    inputDilation: [2, 3],
    lo: [2, 1],
    hi: [1, 2],
    kernel: 'phases',
  },
  'dilated everything': {
    x: [2, 2, 5, 4, 2],
    w: [2, 3, 4, 2, 5],
    strides: [2, 3],
    inputDilation: [4, 2],
    windowDilation: [3, 2],
    lo: [3, 2],
    hi: [5, 4],
    kernel: 'phases',
  },
  'dilated input, some places without taps': {
    x: [1, 2, 5, 3],
    w: [1, 1, 3, 4],
    inputDilation: [3],
    hi: [2],
    kernel: 'phases',
  },
  'gradient in the window': { x: [1, 3, 12, 13, 30], w: [1, 10, 11, 30, 9], kernel: 'patches' },
  'gradient in the window, strided': {
    x: [1, 3, 12, 13, 6],
    w: [1, 5, 5, 6, 9],
    windowDilation: [2, 2],
    lo: [1, 1],
    hi: [1, 1],
    kernel: 'patches',
  },
  'gradient in the window, long lines': { x: [1, 2, 300, 5], w: [1, 298, 5, 4], lo: [1], kernel: 'patches' },
  'depthwise 1d': { x: [3, 2, 21, 1], w: [3, 3, 1, 1], lo: [1], hi: [2], kernel: 'lines' },
  depthwise: { x: [3, 2, 9, 23, 1], w: [3, 3, 3, 1, 1], lo: [1, 2], hi: [1, 0], kernel: 'lines' },
  'depthwise, strided': { x: [2, 2, 9, 22, 1], w: [2, 2, 3, 1, 1], strides: [2, 2], kernel: 'lines' },
  'depthwise, narrow, strided by 3': {
    x: [2, 1, 9, 8, 1],
    w: [2, 2, 3, 1, 1],
    strides: [1, 3],
    kernel: 'lines',
  },
  'depthwise, dilated, cut': {
    x: [2, 1, 9, 14, 1],
    w: [2, 2, 11, 1, 1],
    windowDilation: [3, 2],
    lo: [-2, 5],
    hi: [1, 6],
    kernel: 'lines',
  },
  'depthwise 3d': {
    x: [1, 2, 4, 5, 6, 1],
    w: [1, 2, 2, 3, 1, 1],
    lo: [1, 0, 1],
    hi: [0, 1, 1],
    kernel: 'lines',
  },
  'one filter': { x: [2, 2, 6, 7, 5], w: [2, 3, 3, 5, 1], lo: [1, 1], hi: [1, 1], kernel: 'dots' },
  'one filter, dilated': {
    x: [1, 2, 6, 9, 9],
    w: [1, 2, 3, 9, 1],
    windowDilation: [1, 2],
    hi: [3, 3],
    kernel: 'dots',
  },
  'gradient in the window, depthwise': {
    x: [3, 1, 9, 9, 2],
    w: [3, 9, 9, 2, 1],
    lo: [1, 2],
    hi: [1, 2],
    kernel: 'dots',
  },
  'depthwise, dilated input': {
    x: [3, 2, 6, 7, 1],
    w: [3, 3, 3, 1, 1],
    inputDilation: [2, 2],
    lo: [1, 1],
    hi: [2, 2],
    kernel: 'lines, phases',
  },
  'one filter, dilated input, some places without taps': {
    x: [2, 2, 5, 4, 9],
    w: [2, 1, 2, 9, 1],
    inputDilation: [2, 3],
    hi: [1, 2],
    kernel: 'dots, phases',
  },
  'no images': { x: [1, 0, 4, 2], w: [1, 2, 2, 3], kernel: 'nothing' },
  'no channels': { x: [1, 2, 4, 0], w: [1, 2, 0, 3], kernel: 'patches' },
  'empty input with padding': { x: [1, 2, 0, 3], w: [1, 2, 3, 3], lo: [2], hi: [2], kernel: 'patches' },
}

describe.each(TARGETS)('conv, relaxed: %s', (relaxed) => {
  describe.each(DTYPES)('%s', (dtype) => {
    test.each(Object.entries(CASES))('%s', (_, { kernel, ...item }) => {
      for (const cut of [undefined, 7]) expect(check(dtype, item, relaxed, cut)).toBe(kernel)
    })

    test('any small convolution', () => {
      const axis = fc.record({
        size: fc.integer({ min: 1, max: 7 }),
        window: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 3 }),
        lo: fc.integer({ min: -2, max: 4 }),
        hi: fc.integer({ min: -2, max: 4 }),
        spread: fc.integer({ min: 1, max: 3 }),
        apart: fc.integer({ min: 1, max: 3 }),
      })
      const one = fc.record({
        axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
        groups: fc.integer({ min: 1, max: 2 }),
        images: fc.integer({ min: 1, max: 2 }),
        channels: fc.constantFrom(1, 1, 3, 5),
        filters: fc.constantFrom(1, 1, 4, 9),
      })
      fc.assert(
        fc.property(one, ({ axes, groups, images, channels, filters }) => {
          check(
            dtype,
            {
              x: [groups, images, ...axes.map((a) => a.size), channels],
              w: [groups, ...axes.map((a) => a.window), channels, filters],
              strides: axes.map((a) => a.stride),
              lo: axes.map((a) => a.lo),
              hi: axes.map((a) => a.hi),
              inputDilation: axes.map((a) => a.spread),
              windowDilation: axes.map((a) => a.apart),
            },
            relaxed,
          )
        }),
        { numRuns: 50, seed: 11 },
      )
    })
  })
})

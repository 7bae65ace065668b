import { range, sizeOf } from '@cotangent/core/internal'
import { type Arithmetic, ZERO } from './arithmetic.js'
import { type Entry, type Kernel, permuted } from './kernel.js'
import { at, emptyFloats, type Pair, put } from './tensor.js'

const freeAxes = (rank: number, ...used: readonly (readonly number[])[]): number[] =>
  range(rank).filter((i) => !used.some((axes) => axes.includes(i)))

interface DotParams {
  readonly contract: readonly [readonly number[], readonly number[]]
  readonly batch: readonly [readonly number[], readonly number[]]
}

const dotOver =
  ({ add, mul }: Arithmetic): Kernel =>
  ({ inputs, params, outs }) => {
    const { contract, batch } = params as unknown as DotParams
    const [a, b] = [inputs[0]!, inputs[1]!]
    const fa = freeAxes(a.shape.length, contract[0], batch[0])
    const fb = freeAxes(b.shape.length, contract[1], batch[1])
    const A = permuted(a, [...batch[0], ...fa, ...contract[0]])
    const B = permuted(b, [...batch[1], ...fb, ...contract[1]])
    const count = (shape: readonly number[], axes: readonly number[]) => sizeOf(axes.map((i) => shape[i]!))
    const [m, k, n] = [count(a.shape, fa), count(a.shape, contract[0]), count(b.shape, fb)]
    const y = emptyFloats(outs[0]!)
    for (let o = 0; o < y.hi.length; o++) {
      const s = Math.floor(o / (m * n))
      const i = Math.floor(o / n) % m
      const [p, q] = [(s * m + i) * k, (s * n + (o % n)) * k]
      let sum = ZERO
      for (let c = 0; c < k; c++) sum = add(sum, mul(at(A, p + c), at(B, q + c)))
      put(y, o, sum)
    }
    return [y]
  }

interface ConvParams {
  readonly strides: readonly number[]
  readonly lo: readonly number[]
  readonly inputDilation: readonly number[]
  readonly windowDilation: readonly number[]
}

/** The coordinates of a row-major index. */
const coordinates = (index: number, shape: readonly number[]): number[] => {
  let left = index
  return shape
    .toReversed()
    .map((d) => {
      const c = left % d
      left = Math.floor(left / d)
      return c
    })
    .reverse()
}

// Written from the definition, one output position and window position at a time, and not from the float64 kernel.
const convOver =
  ({ add, mul }: Arithmetic): Kernel =>
  ({ inputs, params, outs }) => {
    const { strides, lo, inputDilation, windowDilation } = params as unknown as ConvParams
    const [x, w, y] = [inputs[0]!, inputs[1]!, emptyFloats(outs[0]!)]
    const [groups, batch] = y.shape
    const [spatial, window, result] = [x.shape.slice(2, -1), w.shape.slice(1, -2), y.shape.slice(2, -1)]
    const [cin, cout] = [x.shape.at(-1)!, y.shape.at(-1)!]
    const [nx, nw, ny] = [sizeOf(spatial), sizeOf(window), sizeOf(result)]
    /** The input position that an output position reads through a window position; -1 for padding and holes. */
    const source = (o: readonly number[], k: readonly number[]): number => {
      let index = 0
      for (let d = 0; d < spatial.length; d++) {
        const p = o[d]! * strides[d]! + k[d]! * windowDilation[d]! - lo[d]!
        const i = p / inputDilation[d]!
        if (p < 0 || !Number.isInteger(i) || i >= spatial[d]!) return -1
        index = index * spatial[d]! + i
      }
      return index
    }
    for (let o = 0; o < ny; o++)
      for (let k = 0; k < nw; k++) {
        const i = source(coordinates(o, result), coordinates(k, window))
        if (i < 0) continue
        for (let g = 0; g < groups!; g++)
          for (let n = 0; n < batch!; n++) {
            const from = ((g * batch! + n) * nx + i) * cin
            const to = ((g * batch! + n) * ny + o) * cout
            for (let j = 0; j < cout; j++) {
              let sum: Pair = at(y, to + j)
              for (let c = 0; c < cin; c++)
                sum = add(sum, mul(at(x, from + c), at(w, ((g * nw + k) * cin + c) * cout + j)))
              put(y, to + j, sum)
            }
          }
      }
    return [y]
  }

interface ScatterParams {
  readonly axis: number
  readonly batchDims: number
  readonly n: number
}

const scatterAddOver =
  ({ add }: Arithmetic): Kernel =>
  ({ inputs, params, outs, decide }) => {
    const { axis, batchDims, n } = params as unknown as ScatterParams
    const [u, indices, y] = [inputs[0]!, inputs[1]!, emptyFloats(outs[0]!)]
    const pre = sizeOf(y.shape.slice(batchDims, axis))
    const post = sizeOf(y.shape.slice(axis + 1))
    const count = sizeOf(indices.shape.slice(batchDims))
    for (let i = 0; i < u.hi.length; i++) {
      // i = ((b·pre + p)·count + k)·post + q
      const row = Math.floor(i / post)
      const outer = Math.floor(row / count)
      const index = indices.hi[Math.floor(outer / pre) * count + (row % count)]!
      decide(index)
      if (index < 0 || index >= n) throw new RangeError(`scatterAdd: index ${index} is out of range for ${n}`)
      const to = (outer * n + index) * post + (i % post)
      put(y, to, add(at(y, to), at(u, i)))
    }
    return [y]
  }

/** Sums of products, over any arithmetic. */
export const contractionOver = (by: Arithmetic) =>
  ({ dot: dotOver(by), conv: convOver(by), scatterAdd: scatterAddOver(by) }) as const satisfies Readonly<
    Record<string, Entry>
  >

import type { TypedArray } from './dtype.js'
import { showShape } from './errors.js'
import type { DType, Shape } from './types/index.js'

const EDGE = 3 // items shown at each end of a long axis
const LONG = 7 // axes up to this length are shown whole

const number = (x: number, dtype: DType): string => {
  if (dtype === 'bool') return x ? 'true' : 'false'
  if (dtype === 'int32' || Number.isInteger(x)) return Object.is(x, -0) ? '-0' : String(x)
  return String(Number.parseFloat(x.toPrecision(5)))
}

/** `Tensor(float32, [2, 2]) [[1, 2], [3, 4]]`: dtype, shape, and values with long axes cut in the middle. */
export const formatTensor = (shape: Shape, dtype: DType, data: TypedArray | undefined): string => {
  const head = `Tensor(${dtype}, ${showShape(shape)})`
  if (data === undefined) return `${head} <traced>`
  const row = (axis: number, offset: number, stride: number): string => {
    if (axis === shape.length) return number(data[offset]!, dtype)
    const n = shape[axis]!
    const step = n === 0 ? 0 : stride / n
    const item = (i: number) => row(axis + 1, offset + i * step, step)
    const all = Array.from({ length: n > LONG ? 2 * EDGE : n }, (_, i) =>
      item(n > LONG && i >= EDGE ? n - 2 * EDGE + i : i),
    )
    if (n > LONG) all.splice(EDGE, 0, '...')
    const last = axis === shape.length - 1
    return `[${all.join(last ? ', ' : `,${'\n'.repeat(1)}${' '.repeat(axis + 1)}`)}]`
  }
  const body = row(0, 0, data.length)
  return `${head}${body.includes('\n') ? '\n' : ' '}${body}`
}

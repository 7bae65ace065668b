import { allocate } from '../../../../src/dtype.js'
import { sizeOf } from '../../../../src/shape.js'
import { fromData, type Tensor } from '../../../../src/tensor.js'
import type { DType } from '../../../../src/types/index.js'
import { randomData } from '../data.js'
import type { Random } from '../random.js'
import { type Aim, finished, made, maker } from './aim.js'

// Long rows whose keys agree in most of their bytes; NaN of either sign and of many bits among them.

/** Keys that differ in a few bytes only. */
const keys = (r: Random, bytes: number, top: readonly number[]): (() => number[]) => {
  const base = Array.from({ length: bytes - top.length }, () => r.int(0, 255)).concat(top)
  const moving = r.subset(
    base.map((_, b) => b),
    r.pick([0.15, 0.3, 0.6]),
  )
  const reach = r.pick([1, 3, 255])
  return () => base.map((x, b) => (moving.includes(b) ? (x + r.int(0, reach)) & 255 : x))
}

/** The last bytes of floats that are NaN or large, and with another sign where the very last moves. */
const TOPS: Readonly<Record<'float32' | 'float64', readonly number[]>> = {
  float32: [0x90, 0x7f],
  float64: [0xf1, 0x7f],
}

/** Elements whose bytes are given: the bits of NaN are not touched. */
const ofBytes = (shape: readonly number[], dtype: DType, next: () => readonly number[]): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  const bytes = new Uint8Array(data.buffer)
  for (let i = 0; i < data.length; i++) bytes.set(next(), i * data.BYTES_PER_ELEMENT)
  return fromData(data, shape, dtype)
}

export const sorts: Aim = (r) => {
  const m = maker(r)
  const n = r.weighted([
    [2, r.int(2, 40)],
    [2, r.int(41, 60)],
    [2, r.int(200, 700)],
    [1, r.int(2000, 5000)],
  ])
  const shape = n < 500 && r.chance(0.3) ? [r.int(1, 3), n] : [n]
  const dtype = r.pick(['int32', 'float32', 'float64', 'bool'] as const)
  const holes = r.chance(0.3)
  const x =
    dtype === 'bool' || r.chance(0.1)
      ? randomData(r, { shape, dtype }, m.kind)
      : ofBytes(
          shape,
          dtype,
          keys(r, dtype === 'float64' ? 8 : 4, holes && dtype !== 'int32' ? TOPS[dtype] : []),
        )
  // The places that elements came from show whether equal keys kept their order.
  const places = made({ shape, dtype: r.pick(['int32', 'float64'] as const) }, (i) => i)
  return finished(m, m.add('sort', [m.argument(x), m.argument(places)]), { rounds: 1 })
}

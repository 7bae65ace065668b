import { allocate } from '../../src/dtype.js'
import type { Aval } from '../../src/graph/ir.js'
import { sizeOf } from '../../src/shape.js'
import { fromData, type Tensor } from '../../src/tensor.js'

/** Draws signed directions k/64 in [-1, 1], never 0, from a stream of its own. */
export type Probe = (like: Aval) => Tensor

/** A reproducible probe (mulberry32). */
export const probeFrom = (seed: number): Probe => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return ({ shape, dtype }) => {
    const data = allocate(dtype, sizeOf(shape))
    for (let i = 0; i < data.length; i++) {
      const r = next()
      data[i] = ((r & 1 ? 1 : -1) * (((r >>> 1) % 64) + 1)) / 64
    }
    return fromData(data, shape, dtype)
  }
}

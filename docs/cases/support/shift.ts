import { random, type Tensor, tensor } from '@cotangent/core'
import type { Augmentation } from '@cotangent/train'

const STEPS = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
] as const

/** Moves each image of 8 x 8 by one pixel up, down, left or right; what comes in from the edge is blank. */
export const alongAxis: Augmentation = (key, batch) => {
  const { x } = batch
  const from = x.toTypedArray()
  const count = x.shape[0]!
  const which = random.randint(key, [count], 0, 4).toTypedArray()
  const to = new Float32Array(from.length)
  for (let i = 0; i < count; i++) {
    const [down, right] = STEPS[which[i]!]!
    for (let k = 0; k < 64; k++) {
      const [row, column] = [(k >> 3) - down, (k & 7) - right]
      if (row >= 0 && row < 8 && column >= 0 && column < 8) to[64 * i + k] = from[64 * i + 8 * row + column]!
    }
  }
  return { ...batch, x: tensor(to, { shape: x.shape }) as Tensor }
}

import { random, type Tensor, tensor } from '@cotangent/core'
import { loadDigits } from '../data/digits/digits.js'

const PIXELS = 64
const TEST = 360

/** Images with ink from 0 to 1 and the digits on them. */
export interface Batch {
  readonly x: Tensor
  readonly labels: Tensor
}

const { count, pixels, labels } = loadDigits()

/** The images with the given numbers. */
export const batchOf = (indices: ArrayLike<number>): Batch => {
  const x = new Float32Array(indices.length * PIXELS)
  const y = new Int32Array(indices.length)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * PIXELS
    for (let k = 0; k < PIXELS; k++) x[i * PIXELS + k] = pixels[from + k]! / 16
    y[i] = labels[indices[i]!]!
  }
  return { x: tensor(x, { shape: [indices.length, PIXELS] }) as Tensor, labels: tensor(y) as Tensor }
}

const order = (key: Tensor, n: number): Int32Array => random.permutation(key, n).toTypedArray() as Int32Array
const shuffled = order(random.key(0), count)

const training = shuffled.slice(TEST)
/** 360 images that no run is trained on. */
export const test = batchOf(shuffled.slice(0, TEST))
/** The other 1,437. */
export const train = batchOf(training)

/** All training images in a new order, in batches of one size. */
export const epochOf = (key: Tensor, size: number): Batch[] => {
  const at = order(key, training.length).map((i) => training[i]!)
  return Array.from({ length: Math.floor(at.length / size) }, (_, i) =>
    batchOf(at.subarray(i * size, (i + 1) * size)),
  )
}

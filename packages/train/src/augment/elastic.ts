import { add, einsum, mul, random, type Tensor, tensor } from '@cotangent/core'
import { grid, interpolate } from './resample.js'
import { type Augmentation, inRange, onImages, refuse } from './types.js'

/** The matrix whose product with a column smooths it by a Gaussian window of deviation σ; rows sum to 1. */
const gaussian = (n: number, sigma: number): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => {
      const row = Array.from({ length: n }, (__, j) => Math.exp(-((i - j) ** 2) / (2 * sigma ** 2)))
      const total = row.reduce((a, b) => a + b, 0)
      return row.map((v) => v / total)
    }),
  ) as Tensor

/**
 * Distorts each image like rubber: a random displacement for every pixel, smoothed by a Gaussian of deviation sigma and
 * multiplied by alpha, both in pixels; linear between pixels, labels stay. Simard, Steinkraus, Platt 2003.
 *
 * @example
 * augment.elastic({ alpha: 0, sigma: 1 })(random.key(0), { x: tensor([[[1, 2], [3, 4]]]), y: tensor([0]) }).x // => [[[1, 2], [3, 4]]]
 */
export const elastic = ({
  alpha,
  sigma,
  fill = 0,
}: {
  readonly alpha: number
  readonly sigma: number
  readonly fill?: number
}): Augmentation => {
  inRange('elastic', 'alpha', alpha, 0)
  if (!(sigma > 0)) refuse('elastic', `sigma is ${sigma}. Give a positive number of pixels.`)
  return onImages('elastic', (key, images) => {
    const [n, height, width] = images.shape as [number, number, number]
    const raw = random.uniform(key, [2, n, height, width], { minval: -1, maxval: 1 }) as Tensor
    const smooth = einsum('ab,snbc,dc->snad', gaussian(height, sigma), raw, gaussian(width, sigma)) as Tensor
    const [down, right] = [...(mul(smooth, alpha) as Tensor)] as [Tensor, Tensor]
    const { row, column } = grid(height, width, 'float32')
    return interpolate(
      images,
      { row: add(row, down) as Tensor, column: add(column, right) as Tensor },
      { fill },
    )
  })
}

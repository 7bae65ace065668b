import { mul, notEqual, scale, shift } from '../../primitives/arithmetic.js'
import { iota } from '../../primitives/indexing.js'
import { lu as factorize } from '../../primitives/linalg/lu.js'
import { diagonal } from '../../primitives/linalg/matrices.js'
import { convert } from '../../primitives/passing.js'
import { dropAxes, sliceAxis } from '../../primitives/structural.js'
import { filled, type Tensor } from '../../tensor.js'

/** The product along the last axis, halves against halves. */
export const product = (x: Tensor): Tensor => {
  const axis = x.rank - 1
  const n = x.shape[axis]!
  if (n === 0) return filled(1, x.shape.slice(0, -1), x.dtype)
  if (n === 1) return dropAxes(x, [axis])
  const half = n >> 1
  const pairs = mul(sliceAxis(x, axis, 0, half), sliceAxis(x, axis, half, 2 * half))
  const rest = product(pairs)
  return n % 2 === 0 ? rest : mul(rest, dropAxes(sliceAxis(x, axis, n - 1, n), [axis]))
}

/** The diagonal of U, and -1 or 1 for each row swap. */
export const pivotsOf = (a: Tensor): { readonly pivots: Tensor; readonly signs: Tensor } => {
  const [lu, swaps] = factorize(a)
  const swapped = notEqual(swaps!, iota(swaps!.shape, swaps!.rank - 1))
  return { pivots: diagonal(lu!), signs: shift(scale(convert(swapped, a.dtype), -2), 1) }
}

import { cast, lessEqual, mul, type Num, notEqual, square, type Tensor, where } from '@cotangent/core'
import { type Entrywise, entrywise } from './entrywise.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

/**
 * R(x) = λ times the number of entries that are not 0; its gradient is 0, only its prox acts: x where |x| > √(2tλ).
 * Blumensath & Davies 2008, https://doi.org/10.1007/s00041-008-9035-z
 *
 * @example
 * l0(0.5).value(tensor([3, 0, -1])) // => 1
 * l0(0.5).prox(tensor([3, 0.9, -1.1]), 1) // => [3, 0, -1.1]
 */
export const l0 = (lambda: Num): Entrywise => {
  strength('l0', lambda)
  const value = (x: Tensor): Tensor => mul(cast(notEqual(x, 0), x.dtype), lambda)
  return entrywise({
    name: `l0(${show(lambda)})`,
    traits: { convex: false, smooth: false },
    value,
    slope: (x) => mul(x, 0),
    kink: lambda === 0 ? 0 : Number.POSITIVE_INFINITY,
    prox: (x, t) => where(lessEqual(square(x), times(times(t, lambda), 2)), 0, x),
  })
}

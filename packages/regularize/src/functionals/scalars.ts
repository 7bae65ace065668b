import { add, div, mul, type Num, neg, type Tensor } from '@cotangent/core'

// Two JavaScript numbers are computed as such: an operation would make them a float32 tensor, and λ lose digits on
// doubles.
const lift =
  (plain: (a: number, b: number) => number, op: (a: Num, b: Num) => Tensor) =>
  (a: Num, b: Num): Num =>
    typeof a === 'number' && typeof b === 'number' ? plain(a, b) : op(a, b)

/** a·b of numbers or scalars. */
export const times = lift((a, b) => a * b, mul)
/** a/b. */
export const over = lift((a, b) => a / b, div)
/** a + b. */
export const plus = lift((a, b) => a + b, add)
/** -a. */
export const minus = (a: Num): Num => (typeof a === 'number' ? -a : neg(a))

import {
  abs,
  all,
  div,
  lessEqual,
  maximum,
  minimum,
  mul,
  type Num,
  square,
  sub,
  sum,
  where,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { type Entrywise, entrywise } from './entrywise.js'
import { minus, over, plus, times } from './scalars.js'
import { above, show, strength } from './strength.js'

// δ/2λ·‖y‖² on the box |yᵢ| ≤ λ.
const conjugateOf = (name: string, lambda: Num, delta: Num): Functional => ({
  name: `${name}*`,
  traits: { convex: true, smooth: false, separable: 'entry' },
  value: (y) =>
    where(
      all(lessEqual(abs(y), lambda)),
      mul(sum(square(y)), over(over(delta, lambda), 2)),
      Number.POSITIVE_INFINITY,
    ),
  prox: (y, step, metric) => {
    const t = metric === undefined ? step : div(step, metric)
    return maximum(minimum(div(y, plus(times(t, over(delta, lambda)), 1)), lambda), minus(lambda))
  },
})

/**
 * R(x) = λ·Σh(xᵢ) with h(w) = w²/2δ up to |w| = δ and |w| - δ/2 from there: {@link l1} rounded at 0, its Moreau envelope.
 * Its prox is (1 - tλ/max(|x|, tλ + δ))·x. Huber 1964, https://doi.org/10.1214/aoms/1177703732
 *
 * @example
 * huber(1, 0.5).value(tensor([3, -0.25])) // => 2.8125
 * huber(1, 1).prox(tensor([1.5, 4]), 1) // => [0.75, 3]
 */
export const huber = (lambda: Num, delta: Num): Entrywise => {
  strength('huber', lambda)
  above('huber', 'δ', delta, 0)
  const name = `huber(${show(lambda)}, ${show(delta)})`
  return entrywise({
    name,
    traits: { convex: true, smooth: true },
    value: (x) => {
      const a = abs(x)
      const round = div(square(x), times(delta, 2))
      return mul(where(lessEqual(a, delta), round, sub(a, over(delta, 2))), lambda)
    },
    slope: (x) => mul(maximum(minimum(div(x, delta), 1), -1), lambda),
    kink: 0,
    prox: (x, t) => {
      const tau = times(t, lambda)
      return mul(x, sub(1, div(tau, maximum(abs(x), plus(tau, delta)))))
    },
    ...(lambda === 0 ? {} : { conjugate: conjugateOf(name, lambda, delta) }),
  })
}

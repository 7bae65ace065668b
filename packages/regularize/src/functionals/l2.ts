import { abs, add, div, mul, type Num, square, sum } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { over, plus, times } from './scalars.js'
import { show, strength } from './strength.js'

type Smooth = Functional & Required<Pick<Functional, 'prox' | 'kkt'>>

const halfSquare = (name: string, lambda: Num, conjugate?: Functional): Smooth => ({
  name,
  traits: {
    convex: true,
    smooth: true,
    separable: 'entry',
    homogeneous: 2,
    form: { l2: lambda },
    metric: true,
    shrinks: true,
    radial: true,
    invariant: ['signs', 'permutations', 'rotations'],
  },
  value: (x) => mul(sum(square(x)), times(lambda, 0.5)),
  prox: (x, step, metric) => {
    const t = times(step, lambda)
    return metric === undefined ? div(x, plus(t, 1)) : div(mul(metric, x), add(metric, t))
  },
  ...(conjugate === undefined ? {} : { conjugate }),
  kkt: (x, grad) => abs(add(grad, mul(x, lambda))),
})

/**
 * R(x) = λ/2·Σxᵢ²: half the squared norm, whose gradient is λx (weight decay λ). Its prox is d·x/(d + step·λ).
 * Not to be confused with {@link norm2}. Hoerl & Kennard 1970; Krogh & Hertz 1991.
 *
 * @example
 * l2(0.5).value(tensor([3, 4])) // => 6.25
 * l2(0.5).prox(tensor([3, -1]), 2) // => [1.5, -0.5]
 */
export const l2 = (lambda: Num): Smooth => {
  strength('l2', lambda)
  // The conjugate is ‖y‖²/2λ; at λ = 0 it is the indicator of 0, which is left out.
  const name = `l2(${show(lambda)})`
  return lambda === 0
    ? halfSquare(name, lambda)
    : halfSquare(name, lambda, halfSquare(`${name}*`, over(1, lambda)))
}

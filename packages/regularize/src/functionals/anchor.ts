import { add, CotangentError, div, mul, type Num, square, sub, type Tensor } from '@cotangent/core'
import { type Entrywise, entrywise } from './entrywise.js'
import { keepDtype } from './keepDtype.js'
import { over, plus, times } from './scalars.js'
import { show, strength } from './strength.js'

/**
 * R(x) = λ/2·ΣFᵢ(xᵢ - aᵢ)²: keeps parameters near the anchor a, as those of a pretrained network (L2-SP), the more so where
 * the Fisher information F is large (elastic weight consolidation). Its prox is (x + tλF·a)/(1 + tλF). Li et al. 2018,
 * https://arxiv.org/abs/1802.01483; Kirkpatrick et al. 2017, https://doi.org/10.1073/pnas.1611835114
 *
 * @example
 * anchor(1, tensor([1, 2])).value(tensor([3, 2])) // => 2
 * anchor(1, tensor([1, 2]), tensor([1, 0])).prox(tensor([3, 5]), 1) // => [2, 5]
 */
export const anchor = (lambda: Num, x0: Tensor, fisher: Num = 1): Entrywise => {
  strength('anchor', lambda)
  const fits = (x: Tensor): Tensor => {
    if (x.shape.join() === x0.shape.join()) return x
    throw new CotangentError(
      'Shape',
      `anchor: an anchor of shape [${x0.shape}] for a tensor of shape [${x.shape}]. Give a value for each entry.`,
      { op: 'anchor' },
    )
  }
  const pull = times(lambda, fisher)
  const name = `anchor(${show(lambda)})`
  return keepDtype(
    entrywise({
      name,
      even: false,
      traits: { convex: true, smooth: true },
      value: (x) => mul(square(sub(fits(x), x0)), times(pull, 0.5)),
      slope: (x) => mul(sub(fits(x), x0), pull),
      kink: 0,
      prox: (x, t) => {
        const tau = times(t, pull)
        return div(add(fits(x), mul(x0, tau)), plus(tau, 1))
      },
      ...(typeof pull === 'number' && pull > 0 ? { conjugate: conjugateOf(name, pull, x0) } : {}),
    }),
  )
}

// Σ yᵢ²/2λ + aᵢyᵢ.
const conjugateOf = (name: string, pull: number, x0: Tensor): Entrywise =>
  entrywise({
    name: `${name}*`,
    even: false,
    traits: { convex: true, smooth: true },
    value: (y) => add(div(square(y), 2 * pull), mul(x0, y)),
    slope: (y) => add(div(y, pull), x0),
    kink: 0,
    prox: (y, t) => div(sub(y, mul(x0, t)), plus(over(t, pull), 1)),
  })

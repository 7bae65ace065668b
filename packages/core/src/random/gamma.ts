import { whileLoop } from '../control/while.js'
import { fail } from '../errors.js'
import type { Num } from '../ops/coerce.js'
import {
  add,
  div,
  equal,
  greaterEqual,
  lessEqual,
  logicalAnd,
  logicalOr,
  max,
  mul,
  neg,
  scale,
  shift,
  square,
  sub,
} from '../primitives/arithmetic.js'
import { zerosLike } from '../primitives/define.js'
import { exp, log, pow, sqrt } from '../primitives/elementary.js'
import { select, stopGradient } from '../primitives/passing.js'
import { randomSplit } from '../primitives/random.js'
import { reshape } from '../primitives/structural.js'
import { filled, type Tensor } from '../tensor.js'
import { applyOp } from '../transforms/op.js'
import { vmap } from '../transforms/vmap.js'
import type { FloatDType, Shape } from '../types/index.js'
import { standardExponential } from './continuous.js'
import { logGammaSlope } from './gammaSlope.js'
import { checkKey, type KeyLike } from './keys.js'
import { standardNormal } from './normal.js'
import { parameters } from './parameters.js'
import { type SampleOptions, unit } from './uniform.js'

const keysOf = (key: Tensor, n: number): Tensor[] => [...randomSplit(key, n)]

/** One sample: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000, with the keys of JAX. */
const drawOne = (key: Tensor, alpha: Tensor, logSpace: boolean): Tensor => {
  const dtype = alpha.dtype as FloatDType
  const value = (x: number) => filled(x, [], dtype)
  // Below 1, gamma(a) is gamma(a + 1) times U^(1/a).
  const large = greaterEqual(alpha, value(1))
  const d = shift(select(large, alpha, shift(alpha, 1)), -1 / 3)
  const c = div(value(1 / 3), sqrt(d))
  const [loopKey, boostKey] = keysOf(key, 2) as [Tensor, Tensor]
  const [, , V] = whileLoop(
    ([, X, v, U]: readonly Tensor[]) =>
      logicalAnd(
        greaterEqual(U!, sub(value(1), scale(square(X!), 0.0331))),
        greaterEqual(log(U!), add(scale(X!, 0.5), mul(d, add(sub(value(1), v!), log(v!))))),
      ),
    ([from]: readonly Tensor[]): readonly Tensor[] => {
      const [next, normalKey, uniformKey] = keysOf(from!, 3) as [Tensor, Tensor, Tensor]
      const [, x, v] = whileLoop(
        ([, , candidate]: readonly Tensor[]) => lessEqual(candidate!, value(0)),
        ([k]: readonly Tensor[]): readonly Tensor[] => {
          const [rest, use] = keysOf(k!, 2) as [Tensor, Tensor]
          const z = standardNormal(use, [], dtype)
          return [rest, z, shift(mul(z, c), 1)]
        },
        [normalKey, value(0), value(-1)],
      )
      return [next, square(x!), mul(square(v!), v!), unit(uniformKey, [], dtype)]
    },
    [loopKey, value(0), value(1), value(2)],
  )
  if (!logSpace) {
    const u = sub(value(1), unit(boostKey, [], dtype))
    return mul(mul(d, V!), select(large, value(1), pow(u, div(value(1), alpha))))
  }
  const logU = neg(standardExponential(boostKey, [], dtype))
  const boost = select(logicalOr(large, equal(logU, value(0))), value(0), div(logU, alpha))
  return add(add(log(d), log(V!)), boost)
}

const draw = (key: Tensor, a: Tensor, logSpace: boolean): Tensor => {
  if (a.size === 0) return zerosLike(a)
  const one = vmap((k: Tensor, alpha: Tensor) => drawOne(k, alpha, logSpace))
  return reshape(one(randomSplit(key, a.size), reshape(a, [a.size])), a.shape)
}

// The steps of the rejection loop do not tell how a sample moves with `a`; the rule does.
const sample = (key: Tensor, a: Tensor, logSpace: boolean): Tensor =>
  applyOp(
    {
      name: logSpace ? 'logGamma' : 'gamma',
      expand: (k, alpha) => [draw(k!, stopGradient(alpha!), logSpace)],
      jvp: ([, alpha], [, t], [y]) => {
        const slope = logGammaSlope(alpha!, logSpace ? exp(y!) : y!)
        return [mul(t!, logSpace ? slope : mul(y!, slope))]
      },
    },
    [key, a],
  )[0]!

const checkPositive = (op: string, name: string, x: Num): void => {
  if (typeof x === 'number' && !(x > 0))
    fail('Value', `${op}: the parameter ${name} must be positive, not ${x}.`, { op })
}

/**
 * Samples of the gamma distribution of shape parameter `a > 0` and scale 1; multiply for another scale. Without a
 * shape, that of `a`. Differentiable in `a`, at every order, by implicit reparameterisation: a sample keeps its
 * probability level. The samples of `jax.random.gamma`, up to rounding.
 *
 * @example
 * random.gamma(random.key(0), 2.5, [2], { dtype: 'float64' }) // => [1.80488, 1.53856]
 */
export const gamma = (key: KeyLike, a: Num, shape?: Shape, { dtype }: SampleOptions = {}): Tensor => {
  const from = checkKey('gamma', key)
  checkPositive('gamma', 'a', a)
  return sample(from, parameters('gamma', [a], shape, dtype).values[0]!, false)
}

/**
 * Samples of the beta distribution of positive parameters a and b: `A/(A + B)` with gamma samples A and B, kept as
 * logarithms, so that small parameters do not underflow. Without a shape, that of the parameters. Differentiable in
 * both, as {@link gamma}. The samples of `jax.random.beta`, up to rounding.
 *
 * @example
 * random.beta(random.key(0), 2, 3, [2], { dtype: 'float64' }) // => [0.327956, 0.613809]
 */
export const beta = (key: KeyLike, a: Num, b: Num, shape?: Shape, { dtype }: SampleOptions = {}): Tensor => {
  const from = checkKey('beta', key)
  checkPositive('beta', 'a', a)
  checkPositive('beta', 'b', b)
  const [alpha, second] = parameters('beta', [a, b], shape, dtype).values as [Tensor, Tensor]
  const [keyA, keyB] = keysOf(from, 2) as [Tensor, Tensor]
  const [x, y] = [sample(keyA, alpha, true), sample(keyB, second, true)]
  // The shift by the larger cancels in the quotient, so it needs no derivative.
  const most = stopGradient(max(x, y))
  const [p, q] = [exp(sub(x, most)), exp(sub(y, most))]
  return div(p, add(p, q))
}

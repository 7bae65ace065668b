import { CotangentError, type Tensor } from '@cotangent/core'
import { type Context, type Empty, type Layer, stateless } from '../layer.js'

// What the layers share that are random while training and the identity otherwise.

/** The key of a context, or an error that says how to give one. */
export const keyFor = (op: string, { key }: Context): Tensor => {
  if (key === undefined)
    throw new CotangentError(
      'Value',
      `${op}: training needs a key. Pass { train: true, key: random.foldIn(key, step) }.`,
      { op },
    )
  return key
}

/** The share of what is dropped: never all of it, since the rest is divided by 1 - rate. */
export const checkRate = (op: string, rate: number): number => {
  if (!(rate >= 0 && rate < 1))
    throw new CotangentError('Value', `${op}: rate is ${rate}. Give a number in [0, 1).`, { op })
  return rate
}

/** `f` while training, unless its strength is 0; the identity otherwise. */
export const stochastic = (
  op: string,
  strength: number,
  f: (x: Tensor, key: Tensor) => Tensor,
): Layer<Empty> => ({
  ...stateless((x, context) => (context.train && strength > 0 ? f(x, keyFor(op, context)) : x)),
  kind: op,
})

import { cast, type Tensor } from '@cotangent/core'
import type { Functional } from '../functional.js'

const like = (y: Tensor, x: Tensor): Tensor => (y.dtype === x.dtype ? y : cast(y, x.dtype))

/** The same functional with results in the dtype of what it acts on: its own data do not widen the parameters. */
export const keepDtype = <F extends Functional>(f: F): F => {
  const { value, prox } = f
  return {
    ...f,
    value: (x: Tensor) => like(value(x), x),
    ...(prox === undefined
      ? {}
      : { prox: (...[x, step, metric]: Parameters<typeof prox>) => like(prox(x, step, metric), x) }),
  }
}

import { type CheckOptions, checkGrad, type GradFailure } from '@cotangent/check'
import { type NestedNumbers, type Tensor, tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'

/** A float64 tensor. */
export const d = (x: NestedNumbers): Tensor => tensor(x as number[], { dtype: 'float64' }) as Tensor

export type Fun = (...xs: Tensor[]) => unknown

/** The failures of a check; none where it passes. */
export const failuresOf = (f: Fun, xs: readonly Tensor[], options?: CheckOptions): readonly GradFailure[] => {
  const found = checkGrad(f, [...xs], options)
  return E.isLeft(found) ? found.left : []
}

export const tags = (failures: readonly GradFailure[]): string[] => failures.map((f) => f._tag)

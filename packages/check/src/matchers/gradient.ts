import { Tensor, tensor } from '@cotangent/core'
import type { Arbitrary } from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { type CheckOptions, checkGrad } from '../checkGrad.js'
import { type ForAllOptions, forAllGrad } from '../forAllGrad.js'
import { render } from '../report/render.js'
import type { Pair } from '../subject/given.js'
import type { Verdictual } from './verdict.js'

type Fun = (...args: unknown[]) => unknown

const isArbitrary = (x: unknown): x is Arbitrary<unknown> =>
  typeof x === 'object' && x !== null && 'generate' in x && 'shrink' in x

const allNumbers = (x: unknown): x is readonly number[] =>
  Array.isArray(x) && x.length > 0 && x.every((v) => typeof v === 'number')

/** A point is a list of arguments, or the one argument: a tensor, a number, a record, a vector of numbers. */
const argumentsAt = (f: Fun | Pair<never>, at: unknown): readonly unknown[] => {
  const call = typeof f === 'function' ? f : f.f
  if (allNumbers(at) && call.length <= 1)
    return [typeof f === 'function' ? (tensor(Float64Array.from(at)) as Tensor) : at]
  return Array.isArray(at) && !(at instanceof Tensor) ? at : [at]
}

export interface CorrectGradientOptions extends CheckOptions, Pick<ForAllOptions, 'runs' | 'path'> {
  readonly at: unknown
}

export const correctGradient = (
  f: Fun | Pair<never>,
  { at, ...options }: CorrectGradientOptions,
): Verdictual | Promise<Verdictual> => {
  const pass = (): Verdictual => ({ pass: true, message: () => 'the gradient is right, and should not be' })
  if (isArbitrary(at))
    return forAllGrad(f as Fun, at, options)().then((found) =>
      E.isRight(found)
        ? pass()
        : { pass: false, message: () => found.left.failures.map(render).join('\n\n') },
    )
  const found = checkGrad(f as Fun, [...argumentsAt(f, at)], options)
  return E.isRight(found) ? pass() : { pass: false, message: () => found.left.map(render).join('\n\n') }
}

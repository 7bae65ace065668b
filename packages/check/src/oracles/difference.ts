import { CotangentError } from '@cotangent/core'
import { flattenFloats } from '../subject/leaves.js'
import { EPS, EPS32 } from '../subject/subject.js'
import { lineAlong } from './direction.js'
import { ridders } from './ridders.js'

export interface DifferenceOptions {
  /** The largest step, in units of the magnitude of each entry (of 1 for entries that are 0); default 1/4. */
  readonly reach?: number
}

export interface Differences<A extends readonly unknown[]> {
  /** The gradient, one tree for each argument. */
  readonly gradient: { readonly [K in keyof A]: A[K] }
  /** A bound on the error of each entry; infinite where no derivative was found. */
  readonly error: { readonly [K in keyof A]: A[K] }
}

/**
 * The gradient of a scalar function by adaptive central differences, with a bound on the error of each entry:
 * ∂f/∂x_i ≈ lim (f(x + h e_i) - f(x - h e_i)) / 2h, extrapolated (Ridders 1982). Works on tensors, trees, numbers
 * and arrays; steps adapt to the magnitude of each entry and to the domain.
 *
 * @example
 * finiteDifference((x: number) => x * x * x, [2]).gradient // => [12]
 */
export const finiteDifference = <A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  args: readonly [...A],
  { reach = 0.25 }: DifferenceOptions = {},
): Differences<A> => {
  const at = flattenFloats(args)
  const value = (x: Float64Array) => {
    const y = flattenFloats(f(...(at.rebuild(x) as unknown as A)))
    if (y.data.length !== 1)
      throw new CotangentError(
        'Shape',
        `finiteDifference: the function returns ${y.data.length} numbers, not one. Sum them or take one.`,
        { op: 'finiteDifference' },
      )
    return y
  }
  // Out here, so that what the function throws at the point itself is seen.
  const eps = at.single || value(at.data).single ? EPS32 : EPS
  const unit = [1]
  const estimates = Array.from(at.data, (x, i) => {
    const scale = 4 * reach * (Math.abs(x) || 1)
    const d = new Float64Array(at.data.length)
    d[i] = scale
    const e = ridders(lineAlong((z) => value(z).data, at.data, unit, d, eps))
    return e
      ? { value: e.value / scale, error: e.error / scale }
      : { value: Number.NaN, error: Number.POSITIVE_INFINITY }
  })
  return {
    gradient: at.rebuild(Float64Array.from(estimates, (e) => e.value)),
    error: at.rebuild(Float64Array.from(estimates, (e) => e.error)),
  } as unknown as Differences<A>
}

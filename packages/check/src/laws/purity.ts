import type { Result } from '../subject/subject.js'
import { type Context, type Finding, fails, holds } from './context.js'

/** Where two vectors differ in a bit; -1 where they are the same. */
export const firstDifferent = (a: Float64Array, b: Float64Array): number =>
  a.findIndex((v, i) => !Object.is(v, b[i]))

/**
 * A function of its arguments has one value: two runs give the same bits, and so do two runs of the gradient, which is
 * also what makes a pullback reusable.
 */
export const purityLaw = (c: Context, what: 'value' | 'gradient', run: () => Result): Finding => {
  const [a, b] = [run(), run()]
  const i = firstDifferent(a.data, b.data)
  if (i < 0 && a.data.length === b.data.length) return holds('purity', 1)
  return fails({
    ...c.common('purity'),
    _tag: 'Impure',
    what,
    values: [a.data[i]!, b.data[i]!],
  })
}

import { CotangentError } from '../../../src/errors.js'
import type { Tensor } from '../../../src/tensor.js'
import { firstDifference, show } from './data.js'

/** What a call gave: its values, or why it was refused. */
export type Outcome<T> = { readonly values: T } | { readonly error: CotangentError }

export const attempt = <T>(f: () => T): Outcome<T> => {
  try {
    return { values: f() }
  } catch (error) {
    if (error instanceof CotangentError) return { error }
    throw error
  }
}

/** What an error says. */
export const textOf = ({ kind, message, op, shapes }: CotangentError): string =>
  JSON.stringify([kind, message, op, shapes])

/** Says what is not, bit by bit, as it was. */
export const other = (
  now: Outcome<readonly Tensor[]>,
  before: Outcome<readonly Tensor[]>,
): string | undefined => {
  if ('error' in now || 'error' in before) {
    const [says, said] = [now, before].map((o) => ('error' in o ? textOf(o.error) : 'nothing'))
    return says === said ? undefined : `says ${says} and should say ${said}`
  }
  for (const [k, was] of before.values.entries()) {
    const at = firstDifference(now.values[k]!, was)
    if (at !== undefined) return `result ${k}: ${show(now.values[k]!, was, at)}`
  }
  return undefined
}

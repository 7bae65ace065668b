import { CotangentError } from '../../../src/errors.js'

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

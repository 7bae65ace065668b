import { Graph, trace } from '@cotangent/core'
import { flattenFloats } from '../subject/leaves.js'
import { possibly, sameNumbers, together } from './bits.js'
import { type Context, type Finding, nothingFound } from './context.js'

/**
 * A graph is data: written as JSON and read back it is the same function, with the same derivatives, to the last bit. Rules of
 * defined operations are written as they were traced; one that closes over a value cannot be, and the law says nothing of it.
 */
export const serialisedLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.source) return nothingFound
  const { f, argsAt, pull } = s.source
  const args = argsAt(s.x)
  const text = possibly(() => JSON.stringify(trace(f as (...xs: never[]) => unknown, ...(args as never[]))))
  if (text === undefined) return nothingFound
  const again = Graph.fromJSON(text).toFunction()
  const numbers = (tree: unknown): Float64Array => flattenFloats(tree).data
  return together('serialised', [
    () => sameNumbers(c, 'serialised', 'value', s.value(s.x).data, numbers(again(...args))),
    () => sameNumbers(c, 'serialised', 'gradient', numbers(pull(f, args, v)), numbers(pull(again, args, v))),
  ])
}

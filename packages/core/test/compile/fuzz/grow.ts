import { type Maker, TooLarge } from './maker.js'
import { operations, rounded, weights } from './operations.js'

const table = (exact: boolean): (readonly [number, string])[] =>
  Object.keys(operations)
    .filter((name) => !exact || !rounded.has(name))
    .map((name) => [weights[name] ?? (rounded.has(name) ? 1.5 : 1), name] as const)

const tables = new Map<boolean, ReturnType<typeof table>>()
const tableOf = (exact: boolean): ReturnType<typeof table> => {
  const known = tables.get(exact) ?? table(exact)
  tables.set(exact, known)
  return known
}

/** Adds about so many operations. */
export const grow = (m: Maker, steps: number): void => {
  const rows = tableOf(m.kind !== 'real' && m.kind !== 'wide')
  for (let k = 0; k < steps; k++)
    try {
      operations[m.random.weighted(rows)]!(m)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
    }
}

import { CotangentError, random, type Tensor } from '@cotangent/core'

/** FNV-1a: a 32-bit hash of a name, the same on every machine. */
export const hashName = (name: string): number => {
  let h = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193)
  return h >>> 0
}

/** The key of a part: it depends on the part's name and not on its neighbours, so that adding one moves no other. */
export const keyOf = (key: Tensor, name: string): Tensor => random.foldIn(key, hashName(name))

const prefix = (path: string): string => `layer ${path}: `

/** Runs the work of a part; an error inside names the part, and the whole path when parts are nested. */
export const inLayer = <R>(name: string, work: () => R): R => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error
    const nested = error.path !== undefined && error.message.startsWith(prefix(error.path))
    const path = nested ? `${name}/${error.path}` : name
    const message = nested ? error.message.slice(prefix(error.path!).length) : error.message
    const { op, shapes } = error
    throw new CotangentError(error.kind, prefix(path) + message, {
      path,
      ...(op === undefined ? {} : { op }),
      ...(shapes === undefined ? {} : { shapes }),
    })
  }
}

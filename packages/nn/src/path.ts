import { CotangentError, random, type Tensor } from '@cotangent/core'
import type { Context, Initialised, Layer, Part } from './layer.js'

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

/** The context of a part: its own key. */
const contextOf = (context: Context, name: string): Context =>
  context.key === undefined ? context : { ...context, key: keyOf(context.key, name) }

/** Initialises a part under its own key; errors name it. */
export const initPart = <P, S>(
  name: string,
  layer: Layer<P, S>,
  key: Tensor,
  inputShape: readonly number[],
): Initialised<P, S> & { readonly part: Part } => {
  const init = inLayer(name, () => layer.init(keyOf(key, name), inputShape))
  return { ...init, part: { name, kind: layer.kind, init } }
}

/** Applies a part under its own key; errors name it. */
export const applyPart = <P, S>(
  name: string,
  layer: Layer<P, S>,
  params: P,
  state: S,
  x: Tensor,
  context: Context,
): { readonly y: Tensor; readonly state: S } =>
  inLayer(name, () => layer.apply(params, state, x, contextOf(context, name)))

import { type Tensor, tensor } from '@cotangent/core'
import type { Pair } from '../subject/given.js'
import type { CliOptions } from './options.js'

type Fun = (...args: never[]) => unknown

/** What cannot be tried, with what to do about it. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

const exported = (module: Readonly<Record<string, unknown>>, name: string, file: string): unknown => {
  if (name in module) return module[name]
  const names = Object.keys(module)
  throw new CliError(
    `${file} has no export '${name}'. It has ${names.length === 0 ? 'none' : names.join(', ')}.`,
  )
}

const kindOf = (x: unknown): string => (x === null ? 'null' : Array.isArray(x) ? 'an array' : `a ${typeof x}`)

const functionOf = (x: unknown, what: string): Fun => {
  if (typeof x === 'function') return x as Fun
  throw new CliError(`${what} is ${kindOf(x)}, not a function.`)
}

/** The function, or the pair of a function and its gradient. */
export const targetOf = (
  module: Readonly<Record<string, unknown>>,
  { file, name, gradient }: CliOptions,
): Fun | Pair<never> => {
  const found = exported(module, name, file)
  if (gradient !== undefined) {
    const f = functionOf(found, `'${name}' in ${file}`)
    return { f, gradient: functionOf(exported(module, gradient, file), `'${gradient}' in ${file}`) }
  }
  if (typeof found !== 'object' || found === null) return functionOf(found, `'${name}' in ${file}`)
  const pair = found as { readonly f?: unknown; readonly gradient?: unknown }
  if (!('f' in pair) || !('gradient' in pair))
    throw new CliError(
      `'${name}' in ${file} is an object without f and gradient. Export a function or { f, gradient }.`,
    )
  return {
    f: functionOf(pair.f, `f of '${name}'`),
    gradient: functionOf(pair.gradient, `gradient of '${name}'`),
  }
}

const isNested = (x: unknown): boolean =>
  typeof x === 'number' || (Array.isArray(x) && x.length > 0 && x.every(isNested))

const asTensors = (x: unknown): unknown => {
  if (isNested(x)) return tensor(x as number[], { dtype: 'float64' }) as Tensor
  if (Array.isArray(x)) return x.map(asTensors)
  if (typeof x !== 'object' || x === null) return x
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, asTensors(v)]))
}

/** The arguments of the call: one for a function of one parameter, otherwise the entries of an array. */
export const argumentsOf = (target: Fun | Pair<never>, { at, tensors }: CliOptions): readonly unknown[] => {
  const pair = typeof target !== 'function'
  const { length } = pair ? target.f : target
  if (length > 1 && (!Array.isArray(at) || at.length !== length))
    throw new CliError(
      `the function has ${length} parameters, so --at must be a JSON array with ${length} entries, not ${JSON.stringify(at)}.`,
    )
  const args = length > 1 ? (at as readonly unknown[]) : [at]
  return pair && !tensors ? args : args.map(asTensors)
}

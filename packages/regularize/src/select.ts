import type { Tensor } from '@cotangent/core'
import { PENALISED, type Role, roleOf } from './roles.js'

/** A choice of parameters that can explain itself. */
export interface Selection {
  readonly text: string
  matches(path: string, leaf: Tensor): boolean
}

/** A glob over paths (`*` within a name, `**` over any number of names), a predicate, or a selection. */
export type Selector = string | Selection | ((path: string, leaf: Tensor) => boolean)

const escape = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&')
const segment = (text: string): RegExp =>
  new RegExp(`^${escape(text).replaceAll('*', '.*').replaceAll('?', '.')}$`)

type Part = RegExp | '**'
const fits = (parts: readonly Part[], names: readonly string[]): boolean => {
  const [part, ...rest] = parts
  if (part === undefined) return names.length === 0
  if (part === '**') return fits(rest, names) || (names.length > 0 && fits(parts, names.slice(1)))
  return names.length > 0 && part.test(names[0]!) && fits(rest, names.slice(1))
}

const glob = (text: string): ((path: string) => boolean) => {
  const parts = text.split('/').map((part): Part => (part === '**' ? part : segment(part)))
  return (path) => fits(parts, path === '' ? [] : path.split('/'))
}

/** Any form of selector as a selection. */
export const selection = (selector: Selector): Selection => {
  if (typeof selector === 'function') return { text: selector.name || 'a predicate', matches: selector }
  if (typeof selector !== 'string') return selector
  return { text: `'${selector}'`, matches: glob(selector) }
}

/**
 * All parameters of a role.
 *
 * @example
 * role('bias').matches('hidden/bias', tensor(0)) // => true
 */
export const role = (wanted: Role): Selection => ({
  text: `role('${wanted}')`,
  matches: (path) => roleOf(path) === wanted,
})

/** What a penalty without a selector acts on: kernels, recurrent and embedding parameters. */
export const penalised: Selection = {
  text: 'kernels',
  matches: (path) => PENALISED.includes(roleOf(path)),
}

/** What any of the selectors selects. */
export const union = (...selectors: readonly Selector[]): Selection => {
  const all = selectors.map(selection)
  return {
    text: all.map((s) => s.text).join(' or '),
    matches: (path, leaf) => all.some((s) => s.matches(path, leaf)),
  }
}

/** What the first selector selects and the others do not. */
export const difference = (first: Selector, ...others: readonly Selector[]): Selection => {
  const [from, without] = [selection(first), union(...others)]
  return {
    text: `${from.text} without ${without.text}`,
    matches: (path, leaf) => from.matches(path, leaf) && !without.matches(path, leaf),
  }
}

/** What all of the selectors select. */
export const intersection = (...selectors: readonly Selector[]): Selection => {
  const all = selectors.map(selection)
  return {
    text: all.map((s) => s.text).join(' and '),
    matches: (path, leaf) => all.every((s) => s.matches(path, leaf)),
  }
}

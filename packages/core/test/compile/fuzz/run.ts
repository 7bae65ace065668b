import { CotangentError } from '../../../src/errors.js'
import { disagreement } from './check.js'
import { programOf } from './generate.js'
import { type Plan, planOf } from './plan.js'
import type { Program } from './program.js'
import { describe, shrink } from './shrink.js'

/** What is wrong with a program; an engine that refuses the code, or a crash, is wrong too. */
export const fault = (program: Program, plan: Plan, seed: number): string | undefined => {
  try {
    return disagreement(program, plan, seed)
  } catch (error) {
    if (error instanceof CotangentError && error.kind === 'Memory') return undefined
    return `threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}

/** The programs of these seeds that are not computed as the interpreter does; `each` sees every program. */
export const search = (
  from: number,
  count: number,
  options: { readonly relaxed: boolean },
  each: (program: Program) => void = () => {},
): number[] => {
  const found: number[] = []
  for (let seed = from; seed < from + count; seed++) {
    const program = programOf(seed)
    each(program)
    if (fault(program, planOf(seed, options, program.wish), seed) !== undefined) found.push(seed)
  }
  return found
}

/** The report on a program: what is wrong with it, and the smallest one that is still wrong. */
export const report = (seed: number, options: { readonly relaxed: boolean }): string => {
  const program = programOf(seed)
  const plan = planOf(seed, options, program.wish)
  const crashes = (what: string | undefined): boolean => what?.startsWith('threw') ?? false
  const what = fault(program, plan, seed)
  if (what === undefined) return `seed ${seed}: nothing is wrong`
  const small = shrink(program, (p) => {
    const now = fault(p, plan, seed)
    return now !== undefined && crashes(now) === crashes(what)
  })
  return [
    `seed ${seed}, ${JSON.stringify(plan)}: ${what}`,
    'shrunk:',
    describe(small),
    fault(small, plan, seed) ?? '',
  ].join('\n')
}

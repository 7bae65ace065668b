import { Tensor } from '@cotangent/core'
import { CommanderError } from 'commander'
import * as E from 'fp-ts/lib/Either.js'
import { checkGrad } from '../checkGrad.js'
import type { GradFailure } from '../failure.js'
import { renderCertificate } from '../report/certificate.js'
import { render } from '../report/render.js'
import { certificateAsJson, failuresAsJson } from './json.js'
import { type CliOptions, type Output, parseOptions } from './options.js'
import { argumentsOf, CliError, targetOf } from './target.js'

type Fun = (...args: never[]) => unknown

/** How it went, as an exit status. */
export const EXIT = { right: 0, wrong: 1, inconclusive: 2, untried: 3 } as const

export interface Surroundings extends Output {
  readonly version: string
  readonly load: (file: string) => Promise<Readonly<Record<string, unknown>>>
}

/** The command: reads the arguments, loads the file, checks, prints, and answers with the exit status. */
export const runCli = async (argv: readonly string[], around: Surroundings): Promise<number> => {
  const { err } = around
  try {
    const options = parseOptions(argv, around.version, around)
    return report(options, await checked(options, around), around)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.right : EXIT.untried
    err(`${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT.untried
  }
}

const checked = async (options: CliOptions, { load }: Surroundings) => {
  const { order, seed, atKinks, ulps } = options
  const target = targetOf(await load(options.file), options)
  const args = argumentsOf(target, options)
  if (typeof target === 'function') refusePlain(target, args, options)
  return checkGrad(target as (...xs: unknown[]) => unknown, [...args], {
    order,
    atKinks,
    ...(seed !== undefined && { seed }),
    ...(ulps !== undefined && { ulps }),
  })
}

const isTree = (x: unknown): boolean =>
  x instanceof Tensor || (typeof x === 'object' && x !== null && Object.values(x).some(isTree))

/** A plain function has no gradient to check: it has to be given. */
const refusePlain = (f: Fun, args: readonly unknown[], { name, at }: CliOptions): void => {
  const call = (xs: readonly unknown[]): unknown => {
    try {
      return (f as (...xs: unknown[]) => unknown)(...xs)
    } catch {
      // The check says what it throws.
      return undefined
    }
  }
  if (isTree(call(args))) return
  const y = call(f.length > 1 ? (at as readonly unknown[]) : [at])
  if (typeof y === 'number')
    throw new CliError(
      `'${name}' is a function of plain numbers, which brings no gradient of its own. ` +
        'Export { f, gradient }, or name the gradient with --gradient <export>.',
    )
}

const verdictOf = (failures: readonly GradFailure[]): 'wrong' | 'inconclusive' =>
  failures.every((f) => f._tag === 'Inconclusive') ? 'inconclusive' : 'wrong'

const report = (
  { json, name }: CliOptions,
  result: ReturnType<typeof checkGrad>,
  { out }: Surroundings,
): number => {
  if (E.isRight(result)) {
    out(`${json ? certificateAsJson(result.right) : renderCertificate(result.right, name)}\n`)
    return EXIT.right
  }
  const verdict = verdictOf(result.left)
  out(`${json ? failuresAsJson(result.left, verdict) : result.left.map(render).join('\n\n')}\n`)
  return EXIT[verdict]
}

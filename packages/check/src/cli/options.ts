import { Command, InvalidArgumentError, Option } from 'commander'

/** What was asked for on the command line. */
export interface CliOptions {
  readonly file: string
  /** Name of the export; `default` where none was given. */
  readonly name: string
  readonly at: unknown
  readonly gradient?: string
  readonly tensors: boolean
  readonly order: 1 | 2
  readonly seed?: number
  readonly atKinks: 'min-norm' | 'subgradient' | 'skip' | 'fail'
  readonly ulps?: number
  readonly json: boolean
}

const HELP = `
The export is a function of tensors made with Cotangent, or { f, gradient } on plain numbers and arrays. With --gradient the
gradient of a plain function is another export.

A function of one parameter gets the point as it is; one of several gets a JSON array with one entry for each.

Examples:
  $ npx @cotangent/check loss.ts#loss --at '[0.1, -2, 3]'
  $ npx @cotangent/check loss.ts#loss --gradient lossGradient --at '[0.1, -2, 3]'
  $ npx @cotangent/check model.ts#loss --at '[{ "kernel": [[1, 2]], "bias": [0] }, [3]]' --order 2 --json

Exit status: 0 the gradient is right; 1 it is wrong, or there is none; 2 nothing can be said; 3 it could not be tried.`

const number = (text: string): number => {
  const x = Number(text)
  if (text.trim() === '' || !Number.isFinite(x)) throw new InvalidArgumentError('Give a number.')
  return x
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(
      `It is not JSON (${(error as Error).message}). Quote it for the shell: --at '[1, 2]'.`,
    )
  }
}

export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** Reads the arguments; throws a `CommanderError`, having written help or what is wrong, where there is nothing to run. */
export const parseOptions = (argv: readonly string[], version: string, { out, err }: Output): CliOptions => {
  const command = new Command('cotangent-check')
    .description(
      'Checks whether a gradient is right: against the truth, with a measured error, not a tolerance.',
    )
    .argument(
      '<file#export>',
      'a TypeScript or JavaScript module and the name of an export; without #, the default',
    )
    .requiredOption('--at <json>', 'the point to check at', json)
    .option('--gradient <export>', 'the gradient of a plain function, another export of the file')
    .option('--tensors', 'give plain pairs tensors of float64 instead of arrays', false)
    .addOption(new Option('--order <n>', '2 checks second derivatives too').choices(['1', '2']).default('1'))
    .option('--seed <n>', 'of the random directions; fresh when left out, and printed', number)
    .addOption(
      new Option('--at-kinks <what>', 'what a gradient has to be where the function has a kink')
        .choices(['min-norm', 'subgradient', 'skip', 'fail'])
        .default('min-norm'),
    )
    .option(
      '--ulps <n>',
      'refuse rounding errors of the gradient above so many units in the last place',
      number,
    )
    .option('--json', 'print the result as JSON', false)
    .version(version, '--version')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help says more)')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
  command.parse([...argv], { from: 'user' })
  const [target = ''] = command.args
  const hash = target.lastIndexOf('#')
  const options = command.opts<Omit<CliOptions, 'file' | 'name' | 'order'> & { order: string }>()
  return {
    ...options,
    file: hash < 0 ? target : target.slice(0, hash),
    name: hash < 0 ? 'default' : target.slice(hash + 1) || 'default',
    order: options.order === '2' ? 2 : 1,
  }
}

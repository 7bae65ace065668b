import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CotangentError } from '@cotangent/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Config, configOf, DEFAULTS } from './config.js'
import { runConfig } from './run.js'

const numbers = (text: string): number[] =>
  text.split(',').map((part) => {
    const n = Number(part)
    if (part.trim() === '' || !Number.isFinite(n))
      throw new InvalidArgumentError(`${JSON.stringify(part)} is not a number.`)
    return n
  })
const number = (text: string): number => numbers(text)[0]!
const texts = (text: string): string[] => text.split(',').map((part) => part.trim())

/** The settings of a JSON file; its paths count from its folder. */
const fromJson = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as { readonly code?: string }).code !== 'ENOENT') throw error
    throw new CotangentError('Format', `there is no file ${file}.`, { op: 'train run' })
  })
  try {
    const settings = JSON.parse(text) as unknown
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
      throw new SyntaxError('it is not an object')
    const { csv } = settings as { readonly csv?: unknown }
    return { ...settings, ...(typeof csv === 'string' && { csv: resolve(dirname(file), csv) }) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new CotangentError('Format', `${file} is not JSON: ${error.message}.`, { op: 'train run' })
  }
}

const EXAMPLES = `
Examples:
  $ npx @cotangent/train run houses.csv --target price
  $ npx @cotangent/train run iris.csv --target species --hidden 16 --penalty l1
  $ npx @cotangent/train run config.json --epochs 50

A config is a JSON file with the same names: { "csv": "houses.csv", "target": "price", "hidden": [16] }.
What is given on the command line wins.`

/** Where the command writes. */
export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** The command line program. */
export const programOf = ({ out, err }: Output): Command => {
  const program = new Command('cotangent-train')
    .description('Trains models on tables, with a penalty whose strength is cross-validated.')
    .configureOutput({ writeOut: out, writeErr: err })
    .showHelpAfterError('(run with --help for what there is)')
    .showSuggestionAfterError()
  const d = DEFAULTS
  program
    .command('run')
    .description('Fit a model to a CSV file, choose the strength of its penalty, save model and report.')
    .argument('<file>', 'a CSV file with a header, or a JSON config')
    .option('--target <column>', 'the column to predict (default: the last)')
    .addOption(
      new Option('--task <task>', `what it is (default: ${d.task}: a class where it is text)`).choices([
        'auto',
        'regression',
        'classification',
      ]),
    )
    .option('--ignore <columns>', 'columns to leave out, with commas', texts)
    .option('--categorical <columns>', 'columns of text, with commas', texts)
    .addOption(
      new Option('--missing <how>', `missing values: refused, or filled in (default: ${d.missing})`).choices([
        'error',
        'mean',
        'median',
      ]),
    )
    .option(
      '--hidden <units>',
      'units of hidden layers, with commas (default: none, a linear model)',
      numbers,
    )
    .addOption(
      new Option('--penalty <name>', `the penalty of the weights (default: ${d.penalty})`).choices([
        'none',
        'l1',
        'l2',
      ]),
    )
    .option('--lambdas <values>', 'strengths to choose from, with commas; one is taken as it is', numbers)
    .option('--folds <n>', `folds of the cross-validation (default: ${d.folds})`, number)
    .addOption(
      new Option(
        '--rule <rule>',
        `which strength: of least error, or the largest within one standard error (default: ${d.rule})`,
      ).choices(['min', '1se']),
    )
    .option('--epochs <n>', `at most (default: ${d.epochs})`, number)
    .option('--batch-size <n>', `(default: ${d.batchSize})`, number)
    .option('--learning-rate <x>', `of Adam (default: ${d.learningRate})`, number)
    .option('--patience <n>', `epochs without improvement before stopping (default: ${d.patience})`, number)
    .option('--test <share>', `held back to test (default: ${d.test})`, number)
    .option('--seed <n>', `(default: ${d.seed})`, number)
    .option('--out <folder>', `(default: ${d.out})`)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: Partial<Config>) => {
      const base = /\.json$/i.test(file) ? await fromJson(file) : { csv: file }
      const config = configOf({ ...base, ...options }, /\.json$/i.test(file) ? file : 'options')
      await runConfig(config, (text) => out(`${text}\n`))
    })
  return program
}

/** Runs the program; what goes wrong with the input is one line, and the exit code is 1. */
export const main = async (args: readonly string[], output: Output): Promise<number> => {
  const program = programOf(output).exitOverride()
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeOut: output.out, writeErr: output.err })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CotangentError) {
      output.err(`error: ${error.message}\n`)
      return 1
    }
    const { code, exitCode } = error as { readonly code?: string; readonly exitCode?: number }
    if (code?.startsWith('commander.')) return exitCode ?? 1
    throw error
  }
}

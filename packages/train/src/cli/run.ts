import { random, reshape, type Tensor } from '@cotangent/core'
import { save } from '@cotangent/nn'
import { writeAtomically } from '../checkpoint/atomic.js'
import { fromCsv } from '../data/csv/fromCsv.js'
import type { CsvOptions } from '../data/csv/options.js'
import type { Dataset } from '../data/dataset.js'
import { impute, standardize } from '../data/fitted.js'
import { split } from '../data/split.js'
import type { Measured } from '../fit/epoch.js'
import { evaluate } from '../fit/evaluate.js'
import { progress } from '../progress/progress.js'
import { report } from '../report/report.js'
import { chooseLambda } from './choose.js'
import type { Config } from './config.js'
import { problemOf, train } from './model.js'

/** What a run of the command came to. */
export interface RunResult {
  readonly lambda: number
  readonly test: Measured | undefined
  readonly files: readonly string[]
}

const read = async ({ csv, target, task, ignore, categorical, missing }: Config): Promise<Dataset> => {
  const options: CsvOptions = {
    ignore,
    categorical,
    missing: missing === 'error' ? 'error' : 'nan',
    ...(target !== undefined && { target }),
  }
  if (task !== 'auto') return fromCsv(csv, { ...options, classes: task === 'classification' })
  // A target that is not made of numbers is a class.
  try {
    return await fromCsv(csv, options)
  } catch (error) {
    if (error instanceof Error && error.message.includes('Pass classes: true'))
      return fromCsv(csv, { ...options, classes: true })
    throw error
  }
}

/** Values of one target as a column, as a model gives them; classes stay numbers. */
const inColumns = (data: Dataset): Dataset =>
  data.y.rank === 1 && data.names?.classes === undefined
    ? { ...data, y: reshape(data.y, [data.y.size, 1]) as Tensor }
    : data

const shown = ({ loss, metrics }: Measured): string =>
  [
    `loss ${loss.toPrecision(4)}`,
    ...Object.entries(metrics).map(([name, v]) => `${name} ${v.toPrecision(4)}`),
  ].join(', ')

/** Reads, splits, chooses the strength of the penalty, trains, tests and saves. */
export const runConfig = async (config: Config, log: (text: string) => void): Promise<RunResult> => {
  const { mkdir } = await import('node:fs/promises')
  const { join } = await import('node:path')
  const all = inColumns(await read(config))
  const problem = problemOf(config, all)
  const { names } = all
  log(
    `${all.x.shape[0]} examples, ${all.x.shape[1]} features; ${problem.kind} of ${names?.target.join(', ')}${names?.classes === undefined ? '' : ` (${names.classes.join(', ')})`}`,
  )

  const stratify = problem.kind === 'classification'
  const held = split(all, { test: config.test, validation: 0.15, key: random.key(config.seed), stratify })
  const parts = [held.train, held.validation!, ...(held.test === undefined ? [] : [held.test])] as const
  const filled =
    config.missing === 'error' ? parts : impute(parts[0], parts.slice(1), { with: config.missing }).data
  const [trainPart, validation, test] = filled as [Dataset, Dataset, Dataset | undefined]

  if (config.penalty !== 'none' && config.lambdas?.length !== 1)
    log(`${config.penalty}: loss on the folds left out, of ${config.folds}`)
  const { lambda, candidates } = await chooseLambda(config, problem, trainPart, log)
  if (candidates.length > 0) log(`λ = ${lambda} (rule ${config.rule})`)

  await mkdir(config.out, { recursive: true })
  const [model, page, numbers] = ['model.safetensors', 'report.html', 'result.json'].map((name) =>
    join(config.out, name),
  ) as [string, string, string]
  const { data, mean, std } = standardize(trainPart, validation, ...(test === undefined ? [] : [test]))
  const title = `${names?.target.join(', ')} from ${names?.features.length} features`
  const { state, epoch } = await train(config, problem, lambda, { train: data[0]!, validation: data[1]! }, [
    progress(),
    report({ file: page, title }),
  ])
  const measured =
    data[2] === undefined ? undefined : await evaluate(problem, state.params, state.layers, data[2])
  log(`${epoch} epochs${state.stopped === undefined ? '' : `; ${state.stopped}`}`)
  if (measured !== undefined) log(`test: ${shown(measured)}`)

  // What has to be done to new data before the model sees it goes with the model.
  const preprocessing = JSON.stringify({ names, mean, std })
  await writeAtomically(model, save(state.params, state.layers, { metadata: { preprocessing } }))
  const result = { config, lambda, candidates, epochs: epoch, test: measured ?? null }
  await writeAtomically(numbers, new TextEncoder().encode(`${JSON.stringify(result, null, 2)}\n`))
  log(`wrote ${model}, ${page}, ${numbers}`)
  return { lambda, test: measured, files: [model, page, numbers] }
}

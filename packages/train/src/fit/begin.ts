import { CotangentError, random, type Tensor, tensor, tree } from '@cotangent/core'
import { type Plan, plan } from '@cotangent/regularize'
import type { Batch } from '../data/batches.js'
import type { FitOptions } from './options.js'
import { copied } from './state.js'
import { type Carry, noSums } from './step.js'

/** What a run works on from its first batch on. */
export interface Begun<P, S, O> {
  readonly carry: Carry<P, S, O>
  readonly plan: Plan | undefined
  readonly paths: readonly string[]
  readonly sizes: readonly number[]
}

const INIT = 0x1417

const shapesOf = (params: unknown): readonly string[] => {
  const paths = tree.paths(params)
  return tree.leaves(params).map((x, i) => `${paths[i]} [${x.shape.join(', ')}]`)
}

const sameModel = (params: unknown, expected: unknown): void => {
  const [got, want] = [shapesOf(params), shapesOf(expected)]
  const at = Array.from({ length: Math.max(got.length, want.length) }, (_, i) => i).find(
    (i) => got[i] !== want[i],
  )
  if (at !== undefined)
    throw new CotangentError(
      'Tree',
      `fit: the parameters given have ${got[at] ?? 'nothing'} where the model has ${want[at] ?? 'nothing'}. Resume with the model that was saved.`,
      { op: 'fit' },
    )
}

/** Initialises a run, or takes up one that was saved. The first batch tells the shape of the input. */
export const begin = <P, S, O>(options: FitOptions<P, S, O>, first: Batch): Begun<P, S, O> => {
  const { model, optimizer, key, resume, augment } = options
  const initKey = random.foldIn(key, INIT)
  const { x } = augment === undefined ? first : augment(initKey, first)
  const fresh = model.init(initKey, x.shape)
  const params = resume?.params ?? options.params ?? fresh.params
  if (params !== fresh.params) sameModel(params, fresh.params)
  const bound = options.penalty === undefined ? undefined : plan(options.penalty, params)
  const sizes = tree.leaves(params).map((p) => p.size)
  const named = (record: Readonly<Record<string, unknown>> = {}) => Object.keys(record).length
  return {
    // Copied: the first step takes over what it is given.
    carry: copied({
      params,
      layers: resume?.layers ?? options.layers ?? fresh.state,
      opt: resume?.opt ?? (optimizer.init(params) as O),
      key: resume?.key ?? key,
      step: tensor(resume?.step ?? 0, { dtype: 'int32' }) as Tensor,
      sums: resume?.sums ?? noSums(sizes.length, named(options.terms), named(options.metrics)),
    }),
    plan: bound,
    paths: tree.paths(params),
    sizes,
  }
}

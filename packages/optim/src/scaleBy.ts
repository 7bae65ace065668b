import { add, cast, type Num, type Tensor, tree } from '@cotangent/core'
import { type Hyper, hypers } from './hyper.js'
import { noUpdates, zerosLike } from './state.js'
import type { Transform } from './transform.js'

/** What a rule makes of one leaf. */
export interface Scaled<M extends string> {
  readonly memory: Readonly<Record<M, Tensor>>
  /** The direction, against which {@link scaleByLearningRate} goes. */
  readonly update: Tensor
  /** The diagonal D for which the update is D⁻¹·(mean gradient), where there is one. */
  readonly metric?: Tensor
}

/** An optimiser without its learning rate: what it remembers for a parameter, and what it does with a gradient. */
export interface Rule<M extends string, H extends string> {
  readonly hyper: Readonly<Record<H, Hyper>>
  /** Names of tensors like the parameter, zero before the first update. */
  readonly memory: readonly M[]
  /** t counts updates from 1, in doubles. */
  readonly rule: (
    hyper: Readonly<Record<H, Num>>,
    t: Tensor,
  ) => (g: Tensor, memory: Readonly<Record<M, Tensor>>) => Scaled<M>
}

/** How many updates were made, and the memory as trees like the parameters. */
export type ScaleState<M extends string> = { readonly count: Tensor } & { readonly [K in M]: unknown }

/** The transform of a rule: the same for every leaf. */
export const scaleBy = <M extends string, H extends string>(row: Rule<M, H>): Transform<ScaleState<M>> => ({
  init: (params) => state(noUpdates(), row.memory, () => zerosLike(params)),
  update: (grads, before) => {
    const values = hypers(row.hyper, before.count)
    const count = add(before.count, 1)
    const leaf = row.rule(values, cast(count, 'float64'))
    const done: Scaled<M>[] = []
    tree.map(
      (g: Tensor, ...memory: Tensor[]) => {
        const byName = Object.fromEntries(row.memory.map((m, i) => [m, memory[i]!]))
        done.push(leaf(g, byName as Record<M, Tensor>))
        return g
      },
      grads,
      ...row.memory.map((m) => before[m]),
    )
    const { def } = tree.flatten(grads)
    const metric = done.flatMap((d) => (d.metric === undefined ? [] : [d.metric]))
    const isMetric = metric.length === done.length && done.length > 0
    return {
      updates: tree.unflatten<typeof grads>(
        def,
        done.map((d) => d.update),
      ),
      state: state(count, row.memory, (m) =>
        tree.unflatten(
          def,
          done.map((d) => d.memory[m]),
        ),
      ),
      info: {
        count: before.count,
        hyper: values,
        ...(isMetric ? { metric: tree.unflatten(def, metric) } : {}),
      },
    }
  },
})

const state = <M extends string>(count: Tensor, names: readonly M[], of: (name: M) => unknown) =>
  ({ count, ...Object.fromEntries(names.map((m) => [m, of(m)])) }) as ScaleState<M>

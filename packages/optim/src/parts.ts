import { CotangentError, div, type Num, onesLike, type Tensor, tree } from '@cotangent/core'
import { like } from './hyper.js'
import { chosen, type On, partOf, withPart } from './select.js'
import type {
  AnyTransform,
  Info,
  NeedsOfAll,
  StateOf,
  Transform,
  UpdateContext,
  ValueAndGrad,
} from './transform.js'

/** The context as a part of the parameters sees it: the others stand still. */
const contextOf = (context: UpdateContext, keep: readonly boolean[]): UpdateContext => {
  const { params, valueAndGrad } = context
  const within = (f: ValueAndGrad) => (part: Readonly<Record<string, Tensor>>) => {
    const [value, grads] = f(withPart(params, part) as never)
    return [value, partOf(grads, keep)] as const
  }
  return {
    ...context,
    params: partOf(params, keep),
    ...(valueAndGrad === undefined ? {} : { valueAndGrad: within(valueAndGrad) }),
  }
}

const runOn = <P>(
  inner: AnyTransform,
  grads: P,
  state: unknown,
  context: UpdateContext,
  keep: readonly boolean[],
) => {
  const done = inner.update(partOf(grads, keep), state, contextOf(context, keep) as never)
  return { ...done, updates: withPart(grads, done.updates) }
}

/**
 * The inner transform on the chosen parameters; the updates of the others pass. The inner state has the chosen
 * parameters only, as a record by path.
 *
 * @example
 * const optimizer = masked(sgd({ learningRate: 1 }), (path: string) => path === 'w')
 * const p = { w: tensor(1), b: tensor(1) }
 * optimizer.update({ w: tensor(2), b: tensor(3) }, optimizer.init(p), { params: p }).updates.w // => -2
 * optimizer.update({ w: tensor(2), b: tensor(3) }, optimizer.init(p), { params: p }).updates.b // => 3
 */
export const masked = <S, C>(inner: Transform<S, C>, on: On): Transform<S, C> => ({
  init: (params) => inner.init(partOf(params, chosen(on, params))),
  update: (grads, state, context) => {
    const done = runOn(inner, grads, state, context, chosen(on, context.params))
    const { metric } = done.info
    const whole = (part: unknown) =>
      withPart(tree.map(onesLike, grads), part as Readonly<Record<string, Tensor>>)
    const info = metric === undefined ? done.info : { ...done.info, metric: whole(metric) }
    return { updates: done.updates, state: done.state as S, info }
  },
})

type States<T> = { readonly [K in keyof T]: StateOf<T[K]> }

/**
 * For every parameter the transform of its label. All labels that the function may return must be in the table, or it
 * does not compile. Each state has its own parameters only. Where transforms differ in learning rate, the report has
 * 1 and the metric D/η.
 *
 * @example
 * const optimizer = byLabel((path: string) => (path === 'b' ? 'bias' : 'rest'), {
 *   bias: sgd({ learningRate: 1 }),
 *   rest: sgd({ learningRate: 0.5 }),
 * })
 * const p = { w: tensor(1), b: tensor(1) }
 * optimizer.update({ w: tensor(2), b: tensor(3) }, optimizer.init(p), { params: p }).updates.w // => -1
 */
export const byLabel = <const L extends string, const T extends Readonly<Record<L, AnyTransform>>>(
  label: (path: string, leaf: Tensor) => L,
  table: T,
): Transform<States<T>, NeedsOfAll<T>> => {
  const rows = Object.entries(table) as [string, AnyTransform][]
  const labels = (params: unknown): readonly string[] => {
    const names = tree.paths(params)
    return tree.leaves(params).map((leaf, i) => {
      const given: string = label(names[i]!, leaf)
      if (Object.hasOwn(table, given)) return given
      throw new CotangentError(
        'Value',
        `byLabel: ${names[i] || 'the root'} has the label '${given}', the table has ${Object.keys(table).join(', ')}. Add it to the table.`,
        { op: 'byLabel', path: names[i]! },
      )
    })
  }
  return {
    init: (params) => {
      const given = labels(params)
      const states = rows.map(([name, t]) => [
        name,
        t.init(
          partOf(
            params,
            given.map((g) => g === name),
          ),
        ),
      ])
      return Object.fromEntries(states) as States<T>
    },
    update: (grads, state, context) => {
      const given = labels(context.params)
      let updates = grads
      const reports: { readonly keep: readonly boolean[]; readonly info: Info }[] = []
      const next = rows.map(([name, t]) => {
        const keep = given.map((g) => g === name)
        const done = runOn(t, updates, state[name as keyof T], context, keep)
        updates = done.updates
        reports.push({ keep, info: done.info })
        return [name, done.state]
      })
      const hyper = Object.fromEntries(
        rows.flatMap(([name], i) =>
          Object.entries(reports[i]!.info.hyper ?? {}).map(([h, v]) => [`${name}.${h}`, v]),
        ),
      )
      return {
        updates,
        state: Object.fromEntries(next) as States<T>,
        info: { ...joined(grads, reports), hyper },
      }
    },
  }
}

/** One learning rate and one metric for all parts. */
const joined = (
  grads: unknown,
  reports: readonly { readonly keep: readonly boolean[]; readonly info: Info }[],
): Info => {
  const used = reports.filter(({ keep }) => keep.some(Boolean))
  const rates = new Set(used.map(({ info }) => info.learningRate))
  const same = rates.size === 1
  const count = used[0]?.info.count
  const [rate] = rates
  const plain = used.every(({ info }) => info.metric === undefined)
  const base: Info = count === undefined ? {} : { count }
  if (same && plain) return rate === undefined ? base : { ...base, learningRate: rate }
  const metric = used.reduce((whole, { keep, info }) => {
    const own = info.metric === undefined ? partOf(whole, keep) : info.metric
    const perRate = (d: Tensor): Tensor => div(d, like(info.learningRate ?? 1, d))
    return withPart(whole, (same ? own : tree.map(perRate, own)) as Readonly<Record<string, Tensor>>)
  }, tree.map(onesLike, grads) as unknown)
  const learningRate: Num | undefined = same ? rate : 1
  return { ...base, metric, ...(learningRate === undefined ? {} : { learningRate }) }
}

import {
  add,
  any,
  argmin,
  cast,
  equal,
  isFinite as finite,
  jit,
  logicalAnd,
  logicalNot,
  max,
  maximum,
  mul,
  type Num,
  random,
  square,
  stack,
  sum,
  Tensor,
  take,
  tensor,
  tree,
  valueAndGrad,
  where,
  zeros,
} from '@cotangent/core'
import { step as optimise, type Transform } from '@cotangent/optim'
import type { Plan } from '@cotangent/regularize'
import type { Batch } from '../data/batches.js'
import type { FitOptions } from './options.js'
import type { Sums } from './state.js'

/** What one step takes and gives, and is donated to the next. */
export interface Carry<P, S, O> {
  readonly params: P
  readonly layers: S
  readonly opt: O
  readonly key: Tensor
  /** int32 */
  readonly step: Tensor
  readonly sums: Sums
}

const f64 = (x: Num): Tensor => (x instanceof Tensor ? cast(x, 'float64') : tensor(x, { dtype: 'float64' }))
const zero = (): Tensor => zeros([], 'float64') as Tensor

/** The sums before the first step of an epoch. Every tensor is its own: they are donated. */
export const noSums = (parameters: number, terms: number, metrics: number): Sums => ({
  count: zero(),
  data: zero(),
  terms: Array.from({ length: terms }, zero),
  metrics: Array.from({ length: metrics }, zero),
  squares: zeros([parameters], 'float64') as Tensor,
  peaks: zeros([parameters], 'float64') as Tensor,
  broken: zeros([2], 'int32') as Tensor,
  learningRate: tensor(Number.NaN, { dtype: 'float64' }) as Tensor,
})

const squaresOf = (grads: unknown): Tensor =>
  stack(tree.leaves(grads).map((g) => f64(sum(square(g))))) as Tensor

/** Keeps the first step and parameter whose gradient is not finite. */
const firstBroken = (broken: Tensor, squares: Tensor, step: Tensor): Tensor => {
  const isFine = finite(squares)
  const fresh = logicalAnd(any(logicalNot(isFine)), equal(max(broken), 0))
  const here = stack([add(step, 1), cast(argmin(cast(isFine, 'int32')), 'int32')]) as Tensor
  return where(fresh, here, broken) as Tensor
}

/** What a step is taken on: a batch, or rows of data that stays where it is. */
export interface Given {
  readonly whole: Batch
  /** int32 */
  readonly rows?: Tensor
}

const batchOf = ({ whole, rows }: Given): Batch => {
  if (rows === undefined) return whole
  const fields = Object.entries(whole).map(([name, t]) => [name, take(t, rows, { axis: 0 })])
  return Object.fromEntries(fields) as Batch
}

type StepOptions<P, S, O> = Pick<
  FitOptions<P, S, O>,
  'model' | 'loss' | 'optimizer' | 'augment' | 'terms' | 'metrics' | 'health'
>

/** Forward, backward, penalties, update and the sums of the report: one program. */
export const compileStep = <P, S, O>(
  { model, loss, optimizer, augment, terms = {}, metrics = {}, health }: StepOptions<P, S, O>,
  plan: Plan | undefined,
) => {
  const extra = Object.values(terms)
  const watched = Object.values(metrics)

  return jit(
    (carry: Carry<P, S, O>, on: Given): Carry<P, S, O> => {
      const { params, layers, opt, key, step, sums } = carry
      const [augmentKey, modelKey, optimizerKey, termKey] = random.split(
        random.foldIn(key, step),
        4,
      ) as Iterable<Tensor> as [Tensor, Tensor, Tensor, Tensor]
      const given = batchOf(on)
      const batch = augment === undefined ? given : augment(augmentKey, given)

      const objective = (p: P) => {
        const context = { train: true, key: modelKey }
        const { y, state } = model.apply(p, layers, batch.x, context)
        const data = loss(y, batch.y)
        const more = extra.map((term, i) =>
          term({
            params: p,
            layers,
            batch,
            key: random.foldIn(termKey, i),
            predict: (x) => model.apply(p, layers, x, context).y,
          }),
        )
        const penalised = plan === undefined ? data : add(data, plan.smooth(p, step))
        const total = more.reduce((a, b) => add(a, b), penalised)
        return [total, { state, data, more, y }] as [
          Tensor,
          { state: S; data: Tensor; more: Tensor[]; y: Tensor },
        ]
      }
      const [[value, { state, data, more, y }], grads] = valueAndGrad(objective, { hasAux: true })(params)
      const next = optimise(optimizer as Transform<O>, params, grads, opt, {
        value,
        key: optimizerKey,
        step,
        // What looks around sees the same batch and the same randomness.
        valueAndGrad: ((p: P) => valueAndGrad((q: P) => objective(q)[0])(p)) as never,
        ...(plan && { plan }),
      })

      const n = batch.x.shape[0]!
      const weighted = (x: Tensor): Tensor => mul(f64(x), n)
      const squares = health === false ? sums.squares : squaresOf(grads)
      return {
        params: next.params,
        layers: state,
        opt: next.state,
        key,
        step: add(step, 1),
        sums: {
          count: add(sums.count, n),
          data: add(sums.data, weighted(data)),
          terms: sums.terms.map((total, i) => add(total, weighted(more[i]!))),
          metrics: sums.metrics.map((total, i) => add(total, weighted(watched[i]!(y, batch.y)))),
          squares: health === false ? squares : add(sums.squares, squares),
          peaks: health === false ? sums.peaks : maximum(sums.peaks, squares),
          broken: health === false ? sums.broken : firstBroken(sums.broken, squares, step),
          learningRate: f64(next.info.learningRate ?? Number.NaN),
        },
      } as Carry<P, S, O>
    },
    { donate: [0] },
  )
}

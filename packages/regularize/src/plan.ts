import { add, CotangentError, type Num, Tensor, tensor, tree } from '@cotangent/core'
import { type Either, tryCatch } from 'fp-ts/lib/Either.js'
import { valueOf, weightOf } from './acting.js'
import { clustersOf, runCluster } from './clusters.js'
import { explainPlan } from './explain.js'
import type { Functional } from './functional.js'
import { times } from './functionals/scalars.js'
import { type Bound, bindTerm } from './match.js'
import { lambdaMaxOf, measure } from './measure.js'
import { type Penalty, toPenalty } from './penalty.js'
import type { Report } from './report.js'

/** Where a proximal step is taken. */
export interface ProximalStep {
  /** The step length of the optimiser. */
  readonly lr?: Num
  /** Its diagonal metric, a tree like the parameters; absent: the Euclidean one. */
  readonly metric?: unknown
  /** The time of scheduled weights. Default 0. */
  readonly step?: Num
}

/** A penalty bound to a tree of parameters: what matches what is settled. Its methods compile. */
export interface Plan {
  /** The coupled terms, to be added to the loss. */
  smooth(params: unknown, step?: Num): Tensor
  /**
   * The parameters after the proximal operators of the proximal and decoupled terms; in a metric, of the constraints too.
   * Terms that share tensors are taken together: by a composition that is proven, otherwise by an inner solver.
   */
  prox<P>(params: P, at: ProximalStep): P
  /** The parameters projected on the constraints. */
  project<P>(params: P): P
  /** All terms together. */
  value(params: unknown, step?: Num): Tensor
  /**
   * A row for each term: what it acts on, how, its value, the norm of its gradient, its zeros, and with the gradient of the
   * loss its distance from stationarity.
   */
  report(params: unknown, at?: Num | ReportAt): Report
  /** The largest distance from stationarity of loss + penalty, given the gradient of the loss; coupled terms are added to it. */
  kkt(params: unknown, grads: unknown, step?: Num): number
  /** Given the gradient of the loss at 0, the least strength λ that keeps the parameters at 0: the largest dual norm. */
  lambdaMax(grads: unknown): number
  /** What is done to which parameters and why, in sentences. */
  explain(): string
}

/** What a report may be told. */
export interface ReportAt {
  /** The time of scheduled weights. Default 0. */
  readonly step?: Num
  /** The gradient of the loss without the penalty, a tree like the parameters. */
  readonly grads?: unknown
}

const total = (values: readonly Tensor[]): Tensor =>
  values.length === 0 ? tensor(0) : values.reduce((a, b) => add(a, b))

/**
 * Binds a penalty to parameters: selectors are matched, modes are chosen, and what cannot work is refused here and not
 * at step 10 000.
 *
 * @example
 * const params = { hidden: { kernel: tensor([[3, -0.2]]), bias: tensor([5, 5]) } }
 * const bound = plan(combine(l1(0.5), on('**\/kernel', l2(2))), params)
 * bound.smooth(params) // => 9.04
 * bound.prox(params, { lr: 1 }).hidden.kernel // => [[2.5, 0]]
 * bound.value(params) // => 10.64
 */
export const plan = (penalty: Functional | Penalty, params: unknown): Plan => {
  const { leaves: first } = tree.flatten(params)
  const paths = tree.paths(params)
  const all = toPenalty(penalty).terms.map((term) => bindTerm(term, paths, first))
  const coupled = all.filter(({ mode }) => mode === 'coupled')
  const constraints = all.filter(({ mode }) => mode === 'constraint')
  const proximal = all.filter(({ mode }) => mode === 'proximal')
  const decoupled = clustersOf(all.filter(({ mode }) => mode === 'decoupled'))
  const together = clustersOf([...proximal, ...constraints])
  const projections = clustersOf(constraints)
  const acting = all.find(({ mode }) => mode === 'proximal' || mode === 'decoupled')
  const leavesOf = (p: unknown): Tensor[] => {
    const { leaves } = tree.flatten(p)
    if (leaves.length === paths.length) return leaves
    throw new CotangentError(
      'Tree',
      `plan: made for ${paths.length} parameters, used with ${leaves.length}. Make a new plan for another model.`,
      { op: 'plan' },
    )
  }
  return {
    smooth: (p, step = 0) => {
      const leaves = leavesOf(p)
      return total(coupled.map((bound) => valueOf(bound, leaves, step)))
    },
    value: (p, step = 0) => {
      const leaves = leavesOf(p)
      return total(all.map((bound) => valueOf(bound, leaves, step)))
    },
    prox: (p, { lr, metric, step = 0 }) => {
      if (acting === undefined && (metric === undefined || constraints.length === 0)) return p
      if (acting !== undefined && lr === undefined)
        throw new CotangentError(
          'Value',
          `plan: ${acting.term.name} acts by its proximal operator, and the optimiser reports no learning rate. ` +
            "Report it in info.learningRate, or choose mode 'coupled'.",
          { op: 'plan' },
        )
      const length = (bound: Bound): Num => times(lr ?? 1, weightOf(bound, step))
      const d = metric === undefined ? undefined : leavesOf(metric)
      let leaves = leavesOf(p)
      for (const cluster of decoupled) leaves = runCluster(cluster, leaves, { length, metric: undefined })
      for (const cluster of together) {
        // Constraints alone are projections: in a metric where they know it, otherwise at the end.
        const alone = cluster.terms.every(({ mode }) => mode === 'constraint')
        const knows = cluster.terms.every(({ term }) => term.functional.traits.metric)
        if (!alone || (d !== undefined && knows)) leaves = runCluster(cluster, leaves, { length, metric: d })
      }
      return tree.unflatten(tree.flatten(p).def, leaves)
    },
    project: (p) => {
      if (constraints.length === 0) return p
      const place = { length: () => 1, metric: undefined }
      const leaves = projections.reduce((now, cluster) => runCluster(cluster, now, place), leavesOf(p))
      return tree.unflatten(tree.flatten(p).def, leaves)
    },
    report: (p, at = {}) => {
      const { step = 0, grads } =
        typeof at === 'number' || at instanceof Tensor ? { step: at } : (at as ReportAt)
      return measure(all, leavesOf(p), step, grads === undefined ? undefined : leavesOf(grads))
    },
    kkt: (p, grads, step = 0) => {
      const report = measure(all, leavesOf(p), step, leavesOf(grads))
      const found = report.rows.filter((row) => row.mode !== 'coupled').map((row) => row.stationarity)
      const missing = report.rows.find((row) => row.mode !== 'coupled' && row.stationarity === undefined)
      if (missing !== undefined)
        throw new CotangentError('Value', `plan: ${missing.term} has no kkt. Give its functional one.`, {
          op: 'plan',
        })
      return Math.max(0, ...(found as number[]))
    },
    lambdaMax: (grads) => {
      const found = lambdaMaxOf(all, leavesOf(grads))
      if (found !== undefined) return found
      throw new CotangentError(
        'Value',
        'plan: no term has a dual norm, and so no λ keeps the parameters at 0. Smooth penalties such as l2 never do.',
        { op: 'plan' },
      )
    },
    explain: () => explainPlan(all, together),
  }
}

/**
 * {@link plan} for pipelines: Left is the error.
 *
 * @example
 * planEither(on('heed', l1(1)), { head: tensor([1]) })._tag // => 'Left'
 */
export const planEither = (penalty: Functional | Penalty, params: unknown): Either<CotangentError, Plan> =>
  tryCatch(
    () => plan(penalty, params),
    (error) => {
      if (error instanceof CotangentError) return error
      throw error
    },
  )

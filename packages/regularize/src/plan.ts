import {
  add,
  CotangentError,
  cast,
  concat,
  mul,
  type Num,
  reshape,
  slice,
  Tensor,
  tensor,
  tree,
} from '@cotangent/core'
import { type Either, tryCatch } from 'fp-ts/Either'
import type { Functional } from './functional.js'
import { times } from './functionals/scalars.js'
import { type Bound, bindTerm } from './match.js'
import { inProximalOrder } from './order.js'
import { type Penalty, toPenalty } from './penalty.js'
import { makeReport, type Report } from './report.js'

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
  /** The parameters after the proximal operators of the proximal and decoupled terms. */
  prox<P>(params: P, at: ProximalStep): P
  /** The parameters projected on the constraints. */
  project<P>(params: P): P
  /** All terms together. */
  value(params: unknown, step?: Num): Tensor
  /** A row for each term: what it acts on, how, its value and its zeros. */
  report(params: unknown, step?: Num): Report
}

const weightOf = ({ term }: Bound, step: Num): Num =>
  term.weights.map((w) => (typeof w === 'function' ? w(step) : w)).reduce<Num>((a, b) => times(a, b), 1)

const flat = (x: Tensor): Tensor => (x.rank === 1 ? x : reshape(x, [x.size]))
const joined = (xs: readonly Tensor[]): Tensor =>
  xs.length === 1 ? xs[0]! : concat(xs.map(flat), { axis: 0 })

const cut = (whole: Tensor, like: readonly Tensor[]): readonly Tensor[] => {
  if (like.length === 1) return [whole]
  let at = 0
  return like.map((x) => {
    const part = slice(whole, [at], [at + x.size])
    at += x.size
    return reshape(part, x.shape)
  })
}

const valueOf = (bound: Bound, leaves: readonly Tensor[], step: Num): Tensor => {
  const values = bound.blocks.map((block) =>
    bound.term.functional.value(joined(block.map((i) => leaves[i]!))),
  )
  const total = values.reduce((a, b) => add(a, b))
  const weight = weightOf(bound, step)
  return weight === 1 ? total : mul(total, weight)
}

const proxOf = (
  { blocks, term }: Bound,
  leaves: Tensor[],
  length: Num,
  metric: readonly Tensor[] | undefined,
): void => {
  const prox = term.functional.prox as NonNullable<Functional['prox']>
  for (const block of blocks) {
    const own = block.map((i) => leaves[i]!)
    const d = metric === undefined ? undefined : joined(block.map((i) => metric[i]!))
    const near = cut(prox(joined(own), length, d), own)
    // A strength or a step length of another dtype does not widen the parameters.
    block.forEach((i, k) => {
      const { dtype } = own[k]!
      leaves[i] = near[k]!.dtype === dtype ? near[k]! : cast(near[k]!, dtype)
    })
  }
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
  const proximal = inProximalOrder(all.filter(({ mode }) => mode === 'proximal' || mode === 'decoupled'))
  const constraints = all.filter(({ mode }) => mode === 'constraint')
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
      if (proximal.length === 0) return p
      if (lr === undefined)
        throw new CotangentError(
          'Value',
          `plan: ${proximal[0]!.term.name} acts by its proximal operator, and the optimiser reports no learning rate. ` +
            "Report it in info.learningRate, or choose mode 'coupled'.",
          { op: 'plan' },
        )
      const leaves = leavesOf(p)
      const d = metric === undefined ? undefined : leavesOf(metric)
      for (const bound of proximal) {
        const weight = weightOf(bound, step)
        proxOf(bound, leaves, times(lr, weight), bound.mode === 'proximal' ? d : undefined)
      }
      return tree.unflatten(tree.flatten(p).def, leaves)
    },
    project: (p) => {
      if (constraints.length === 0) return p
      const leaves = leavesOf(p)
      for (const bound of constraints) proxOf(bound, leaves, 1, undefined)
      return tree.unflatten(tree.flatten(p).def, leaves)
    },
    report: (p, step = 0) => {
      const leaves = leavesOf(p)
      const values = all.map((bound) => valueOf(bound, leaves, step).item())
      const sum = values.reduce((a, b) => a + b, 0)
      return makeReport(
        all.map((bound, i) => {
          const entries = bound.blocks.flat().map((k) => leaves[k]!.toTypedArray())
          const weight = weightOf(bound, step)
          return {
            term: bound.term.name,
            where: bound.term.where.text,
            mode: bound.mode,
            parameters: entries.length,
            size: entries.reduce((n, x) => n + x.length, 0),
            zeros: entries.reduce((n, x) => n + x.filter((v) => v === 0).length, 0),
            weight: weight instanceof Tensor ? weight.item() : weight,
            value: values[i]!,
            share: sum === 0 ? 0 : values[i]! / sum,
          }
        }),
      )
    },
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

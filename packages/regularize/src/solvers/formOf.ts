import { add, CotangentError, type Num, Tensor, tensor, tree } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'
import type { Form, Functional } from '../functional.js'
import { type GroupOptions, layout, weightsOf } from '../functionals/groups.js'
import { times } from '../functionals/scalars.js'
import { bindTerm } from '../match.js'
import { type Penalty, toPenalty, type Weight } from '../penalty.js'
import type { Strengths } from './quadratic.js'

/** A penalty of the coefficients of a linear model as one formula, strengths not yet numbers. */
export interface LinearForm {
  readonly l1: Num
  readonly l2: Num
  readonly norms: { readonly strength: Num; readonly options: GroupOptions | 'whole' } | undefined
  readonly positive: boolean
}

const valueOf = (weight: Weight): Num => (typeof weight === 'function' ? weight(0) : weight)
const sum = (x: Num, y: Num): Num =>
  typeof x === 'number' && typeof y === 'number' ? x + y : x === 0 ? y : y === 0 ? x : add(x, y)

/**
 * The formula of a penalty on the coefficients, or undefined where a term has none, or touches the intercept, or where
 * there are several of groups: then only general solvers will do.
 */
export const formOf = (penalty: Functional | Penalty, params: unknown): LinearForm | undefined => {
  const paths = tree.paths(params)
  const { leaves } = tree.flatten(params)
  const kernel = paths.findIndex((path) => path === '' || path === 'kernel')
  let form: LinearForm = { l1: 0, l2: 0, norms: undefined, positive: false }
  for (const term of toPenalty(penalty).terms) {
    const bound = bindTerm(term, paths, leaves)
    const own = term.functional.traits.form
    if (own === undefined || bound.blocks.length !== 1 || bound.blocks[0]!.join() !== String(kernel))
      return undefined
    const next = merged(form, own, term.weights.map(valueOf).reduce<Num>(times, 1))
    if (next === undefined) return undefined
    form = next
  }
  return form
}

const merged = (form: LinearForm, own: Form, k: Num): LinearForm | undefined => {
  if (own.norms !== undefined && form.norms !== undefined) return undefined
  return {
    l1: own.l1 === undefined ? form.l1 : sum(form.l1, times(own.l1, k)),
    l2: own.l2 === undefined ? form.l2 : sum(form.l2, times(own.l2, k)),
    norms: own.norms === undefined ? form.norms : { ...own.norms, strength: times(own.norms.strength, k) },
    positive: form.positive || own.positive === true,
  }
}

/** Groups of coefficients, and the strength cω_g of each. */
export interface GroupStrengths {
  readonly groups: readonly Int32Array[]
  readonly c: Float64Array
}

/** A {@link LinearForm} in numbers, for p coefficients. */
export interface PlainForm extends Strengths {
  readonly norms: GroupStrengths | undefined
}

const spreadOver = (op: string, x: Num, p: number): Float64Array => {
  const values = x instanceof Tensor ? Float64Array.from(dataOf(x)) : Float64Array.of(x)
  if (values.length !== 1 && values.length !== p)
    throw new CotangentError(
      'Shape',
      `${op}: ${values.length} strengths for ${p} coefficients. Give one for each.`,
      { op },
    )
  const bad = values.find((v) => !(v >= 0 && v < Number.POSITIVE_INFINITY))
  if (bad !== undefined)
    throw new CotangentError('Value', `${op}: a strength is ${bad}. Give numbers that are not negative.`, {
      op,
    })
  return values.length === p ? values : new Float64Array(p).fill(values[0]!)
}

/** Strengths as numbers; refuses negative ones. */
export const plainForm = (op: string, form: LinearForm, p: number): PlainForm => {
  const { norms } = form
  const groups = norms === undefined ? undefined : groupsOf(op, norms.options, p)
  return {
    a: spreadOver(op, form.l1, p),
    b: spreadOver(op, form.l2, p),
    positive: form.positive,
    norms:
      norms === undefined || groups === undefined
        ? undefined
        : {
            groups: groups.groups,
            c: groups.weights.map((w) => w * spreadOver(op, norms.strength, 1)[0]!),
          },
  }
}

/** The groups of p coefficients and their weights ω. */
export const groupsOf = (
  op: string,
  options: GroupOptions | 'whole',
  p: number,
): { readonly groups: readonly Int32Array[]; readonly weights: Float64Array } => {
  if (options === 'whole')
    return { groups: [Int32Array.from({ length: p }, (_, i) => i)], weights: Float64Array.of(1) }
  const like = tensor(Float64Array.from({ length: p }, (_, i) => i)) as Tensor
  const at = layout(op, options.groups, [p])
  const rows = at.rows(like, 'own')
  const width = rows.shape[1]!
  const flat = dataOf(rows)
  return {
    groups: at.sizes.map((size, g) => Int32Array.from({ length: size }, (_, k) => flat[g * width + k]!)),
    weights: Float64Array.from(dataOf(weightsOf(op, options.weights ?? 'size', at, like))),
  }
}

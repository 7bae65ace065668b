import { CotangentError } from '@cotangent/core'
import type { Functional } from './functional.js'
import { nonNegative } from './functionals/box.js'
import { elasticNet } from './functionals/elasticNet.js'
import { groupLasso } from './functionals/groupLasso.js'
import { l1 } from './functionals/l1.js'
import { l2 } from './functionals/l2.js'
import { maxNorm, unitNorm } from './functionals/norms.js'
import { combine, on, type Penalty } from './penalty.js'

const refuse = (op: string, text: string): never => {
  throw new CotangentError('Value', `${op}: ${text}`, { op })
}

const amount = (op: string, name: string, value: number | undefined): number => {
  if (value === undefined) return 0
  if (typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY) return value
  return refuse(op, `${name} is ${value}. Give a number that is not negative.`)
}

/** A regulariser or constraint as Keras prints it, or the arguments of its L1L2. */
export type KerasSpec =
  | { readonly l1?: number; readonly l2?: number }
  | { readonly class_name: string; readonly config?: Readonly<Record<string, unknown>> }

const KERAS: Readonly<Record<string, (c: Readonly<Record<string, unknown>>) => Functional>> = {
  MaxNorm: (c) => maxNorm(Number(c.max_value ?? 2), { axis: (c.axis as number | number[] | undefined) ?? 0 }),
  UnitNorm: (c) => unitNorm({ axis: (c.axis as number | number[] | undefined) ?? 0 }),
  NonNeg: () => nonNegative(),
}

/**
 * A Keras regulariser or constraint with its meaning. Its L2(a) is a‖w‖² without the ½, so that `l2` here gets 2a; its L1 is
 * the same. Applies to kernels; use {@link on} to select. (TensorFlow.js's l1l2 silently sets an l2 of 0.01 when only l1 is
 * given; this does not.)
 *
 * @example
 * fromKeras({ l1: 0.01, l2: 0.01 }).terms.map((t) => t.name) // => ['l1(0.01)', 'l2(0.02)']
 * fromKeras({ class_name: 'MaxNorm', config: { max_value: 3, axis: 0 } }).terms.map((t) => t.name) // => ['maxNorm(3)']
 */
export const fromKeras = (spec: KerasSpec): Penalty => {
  const op = 'fromKeras'
  if ('class_name' in spec) {
    const { class_name: name, config = {} } = spec
    if (/^(L1|L2|L1L2)$/.test(name)) return fromKeras(config as { l1?: number; l2?: number })
    const make = KERAS[name]
    if (make === undefined)
      return refuse(
        op,
        `the class ${name} is not known. Known are L1, L2, L1L2, ${Object.keys(KERAS).join(', ')}.`,
      )
    return combine(make(config))
  }
  const known = ['l1', 'l2', 'name', 'dtype']
  const odd = Object.keys(spec).find((k) => !known.includes(k))
  if (odd !== undefined) refuse(op, `the argument ${odd} is not known. Give l1 and l2.`)
  const [a, b] = [amount(op, 'l1', spec.l1), amount(op, 'l2', spec.l2)]
  return combine(...(a === 0 ? [] : [l1(a)]), ...(b === 0 ? [] : [l2(2 * b)]))
}

/** The arguments of a PyTorch optimiser that decay weights. */
export interface TorchSpec {
  readonly weight_decay: number
  /** Whose weight_decay it is: that of AdamW (and SGDW) is decoupled, all others add it to the gradient. Default SGD. */
  readonly optimizer?: string
}

/**
 * PyTorch's weight_decay with its meaning: a·w is added to the gradient, which is `l2(a)` as here; and it acts on all
 * parameters, biases and scales of normalisation too, which `l2(a)` by itself does not. That of AdamW becomes the mode
 * `decoupled`, w/(1 + ηλ) instead of w(1 - ηλ); for the latter to the bit use `adamw` of `@cotangent/optim`.
 *
 * @example
 * fromTorch({ weight_decay: 0.01 }).terms.map((t) => `${t.name} on ${t.where.text}, ${t.mode}`) // => ["l2(0.01) on '**', coupled"]
 * fromTorch({ weight_decay: 0.01, optimizer: 'AdamW' }).terms.map((t) => t.mode) // => ['decoupled']
 */
export const fromTorch = ({ weight_decay, optimizer = 'SGD' }: TorchSpec): Penalty => {
  const a = amount('fromTorch', 'weight_decay', weight_decay)
  const decoupled = /w$/i.test(optimizer)
  return a === 0 ? combine() : on('**', l2(a), { mode: decoupled ? 'decoupled' : 'coupled' })
}

/** A scikit-learn estimator with the parameters that regularise it. */
export interface SklearnSpec {
  readonly estimator: 'Lasso' | 'ElasticNet' | 'Ridge' | 'LogisticRegression' | 'MultiTaskLasso'
  readonly alpha?: number
  readonly l1_ratio?: number
  /** The inverse strength of LogisticRegression. */
  readonly C?: number
  readonly penalty?: 'l1' | 'l2' | 'elasticnet'
  /** Of samples: Ridge and LogisticRegression sum over them where losses here take the mean. */
  readonly n?: number
}

const samples = (s: SklearnSpec): number =>
  s.n !== undefined && Number.isInteger(s.n) && s.n > 0
    ? s.n
    : refuse('fromSklearn', `${s.estimator} sums its loss over samples. Give their number n.`)

/**
 * The penalty of a scikit-learn estimator, for a loss that is the mean over samples: `leastSquares`, 1/2n‖y - Xw‖², or the
 * mean log-loss. Lasso and ElasticNet have it already; Ridge is ‖y - Xw‖² + α‖w‖², so that `l2` gets α/n; LogisticRegression
 * is C·Σ log-loss + ½‖w‖² (or ‖w‖₁), so that the strength is 1/(nC).
 *
 * @example
 * fromSklearn({ estimator: 'Ridge', alpha: 1, n: 50 }).name // => 'l2(0.02)'
 * fromSklearn({ estimator: 'ElasticNet', alpha: 0.1, l1_ratio: 0.5 }).name // => 'elasticNet(0.1, 0.5)'
 * fromSklearn({ estimator: 'LogisticRegression', C: 2, penalty: 'l1', n: 50 }).name // => 'l1(0.01)'
 */
export const fromSklearn = (spec: SklearnSpec): Functional => {
  const op = 'fromSklearn'
  const alpha = amount(op, 'alpha', spec.alpha ?? 1)
  const ratio = spec.l1_ratio ?? 0.5
  switch (spec.estimator) {
    case 'Lasso':
      return l1(alpha)
    case 'ElasticNet':
      return elasticNet(alpha, ratio)
    case 'Ridge':
      return l2(alpha / samples(spec))
    case 'MultiTaskLasso':
      return groupLasso(alpha, { groups: { axis: 1 }, weights: 'none' })
    case 'LogisticRegression': {
      const c = spec.C ?? 1
      if (!(c > 0)) return refuse(op, `C is ${c}. Give a number above 0.`)
      const strength = 1 / (samples(spec) * c)
      if (spec.penalty === 'l1') return l1(strength)
      return spec.penalty === 'elasticnet' ? elasticNet(strength, ratio) : l2(strength)
    }
    default:
      return refuse(op, `the estimator ${String(spec.estimator)} is not known.`)
  }
}

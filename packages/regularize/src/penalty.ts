import type { Num } from '@cotangent/core'
import type { Monoid } from 'fp-ts/Monoid'
import type { Functional } from './functional.js'
import { intersection, penalised, type Selection, type Selector, selection } from './select.js'

/**
 * How a term acts. `coupled`: added to the loss. `proximal`: by its proximal operator after the step, in the metric of
 * the optimiser; this gives exact zeros. `decoupled`: the same in the Euclidean metric, which under Adam solves another
 * problem. `constraint`: a projection at the end. `auto`: coupled where smooth or without a prox, a constraint where an
 * indicator, otherwise proximal.
 */
export type Mode = 'auto' | 'coupled' | 'decoupled' | 'proximal' | 'constraint'
/** What a functional that acts on a block sees as one block: a tensor, all tensors of a layer, or all together. */
export type Group = 'perTensor' | 'perLayer' | 'global'
/** A factor of a term: fixed, a function of the step, or a tensor. */
export type Weight = Num | ((step: Num) => Num)

/** One functional on the parameters of a selection. */
export interface Term {
  readonly name: string
  readonly functional: Functional
  readonly where: Selection
  readonly group: Group
  readonly mode: Mode
  /** The term counts with the product of these. */
  readonly weights: readonly Weight[]
}

/** A sum of terms over a tree of parameters. */
export interface Penalty {
  readonly terms: readonly Term[]
}

/** Options of {@link on}. */
export interface OnOptions {
  /** Default `auto`. */
  readonly mode?: Mode
  /** Default `perTensor`. */
  readonly group?: Group
  /** Default 1. */
  readonly weight?: Weight
  /** Default: the name of the functional. */
  readonly name?: string
}

const isPenalty = (x: Functional | Penalty): x is Penalty => 'terms' in x

/** A functional as a penalty of kernels, recurrent and embedding parameters; biases and norm scales are left alone. */
export const toPenalty = (x: Functional | Penalty): Penalty => (isPenalty(x) ? x : on(penalised, x))

/**
 * A functional on the parameters that a selector selects. A penalty is restricted to the selection.
 *
 * @example
 * const penalty = on('hidden/**', l1(0.5))
 * plan(penalty, { hidden: { kernel: tensor([[2]]) }, head: { kernel: tensor([[7]]) } }).value({ hidden: { kernel: tensor([[2]]) }, head: { kernel: tensor([[7]]) } }) // => 1
 */
export const on = (selector: Selector, what: Functional | Penalty, options: OnOptions = {}): Penalty => {
  const { mode, group, weight, name } = options
  const weights = weight === undefined ? [] : [weight]
  if (!isPenalty(what))
    return {
      terms: [
        {
          name: name ?? what.name,
          functional: what,
          where: selection(selector),
          group: group ?? 'perTensor',
          mode: mode ?? 'auto',
          weights,
        },
      ],
    }
  return {
    terms: what.terms.map((term) => ({
      ...term,
      name: name ?? term.name,
      // A bare functional's own choice gives way to the one made here.
      where: term.where === penalised ? selection(selector) : intersection(selector, term.where),
      group: group ?? term.group,
      mode: mode ?? term.mode,
      weights: [...weights, ...term.weights],
    })),
  }
}

/** No penalty: the unit of {@link combine}. */
export const none: Penalty = { terms: [] }

/**
 * The sum of penalties. Associative, with {@link none} as unit.
 *
 * @example
 * combine(l1(0.1), l2(0.2)).terms.map((term) => term.name) // => ['l1(0.1)', 'l2(0.2)']
 */
export const combine = (...penalties: readonly (Functional | Penalty)[]): Penalty => ({
  terms: penalties.flatMap((p) => toPenalty(p).terms),
})

/**
 * A penalty k times: `k` is a number, a tensor or a schedule of the step.
 *
 * @example
 * const params = { kernel: tensor([[2]]) }
 * plan(scale(3, l1(0.5)), params).value(params) // => 3
 */
export const scale = (k: Weight, penalty: Functional | Penalty): Penalty => ({
  terms: toPenalty(penalty).terms.map((term) => ({ ...term, weights: [k, ...term.weights] })),
})

/**
 * Penalties under {@link combine}, for fp-ts.
 *
 * @example
 * PenaltyMonoid.concat(none, toPenalty(l1(1))).terms.length // => 1
 */
export const PenaltyMonoid: Monoid<Penalty> = { concat: (p, q) => combine(p, q), empty: none }

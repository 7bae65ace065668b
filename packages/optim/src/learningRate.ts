import { add, type Num, neg, type Tensor, tree } from '@cotangent/core'
import { type Hyper, hyper } from './hyper.js'
import { scaled } from './numeric.js'
import { noUpdates } from './state.js'
import type { Transform } from './transform.js'

// A number stays one: as a tensor it would be float32, and lose digits beside doubles.
const minus = (x: Num): Num => (typeof x === 'number' ? -x : neg(x))

/** -η·x for every leaf. */
export const descend = <P>(x: P, learningRate: Num): P =>
  tree.map((u: Tensor) => scaled(u, minus(learningRate)), x) as P

/**
 * -η·g: the last part of an optimiser, that turns a direction into a step down.
 *
 * @example
 * const last = scaleByLearningRate(0.5)
 * last.update(tensor([2]), last.init(tensor([0])), { params: tensor([0]) }).updates // => [-1]
 */
export const scaleByLearningRate = (learningRate: Hyper): Transform<{ readonly count: Tensor }> => ({
  init: () => ({ count: noUpdates() }),
  update: (grads, { count }) => {
    const eta = hyper(learningRate, count)
    return {
      updates: descend(grads, eta),
      state: { count: add(count, 1) },
      info: { learningRate: eta, count, hyper: { learningRate: eta } },
    }
  },
})

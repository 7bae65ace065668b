import type { Monoid } from 'fp-ts/Monoid'
import type { Info, StateOf, Transform } from './transform.js'

const partsOf = (t: Transform): readonly Transform[] => t.parts ?? [t]

type Flat<T extends readonly unknown[]> = T extends readonly [infer Only]
  ? StateOf<Only>
  : { readonly [K in keyof T]: StateOf<T[K]> }

/**
 * Does nothing: the unit of {@link chain}.
 *
 * @example
 * identity.update(tensor([3]), identity.init(tensor([3])), { params: tensor([1]) }).updates // => [3]
 */
export const identity: Transform<readonly []> = {
  parts: [],
  init: () => [],
  update: (grads, state) => ({ updates: grads, state, info: {} }),
}

/**
 * One transform after another: the updates of the first are the gradients of the second. The state is the flat list of
 * the states of all parts, so `chain(a, chain(b, c))` and `chain(chain(a, b), c)` are the same to the last bit and in
 * what they save, `chain(a)` is a, and `chain()` is the {@link identity}.
 *
 * @example
 * const twice = chain(sgd({ learningRate: 0.5 }), sgd({ learningRate: 2 }))
 * twice.update(tensor([3]), twice.init(tensor([3])), { params: tensor([1]) }).updates // => [3]
 */
export const chain = <const T extends readonly Transform[]>(...transforms: T): Transform<Flat<T>> =>
  link((transforms as readonly unknown[] as readonly Transform[]).flatMap(partsOf)) as Transform as Transform<
    Flat<T>
  >

const link = (parts: readonly Transform[]): Transform => {
  if (parts.length === 1) return parts[0]!
  if (parts.length === 0) return identity as Transform
  return {
    parts,
    init: (params) => parts.map((part) => part.init(params)),
    update: (grads, state, context) => {
      let updates = grads
      let info: Info = {}
      const next = parts.map((part, i) => {
        const done = part.update(updates, (state as readonly unknown[])[i], context)
        updates = done.updates
        info = { ...info, ...done.info }
        return done.state
      })
      return { updates, state: next, info }
    },
  }
}

/**
 * Transforms under {@link chain}, for fp-ts.
 *
 * @example
 * monoid.concat(monoid.empty, identity).init(tensor(1)) // => []
 */
export const monoid: Monoid<Transform> = {
  concat: (first, second) => link([...partsOf(first), ...partsOf(second)]),
  empty: identity as Transform,
}

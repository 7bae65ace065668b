import type { Monoid } from 'fp-ts/Monoid'
import type { AnyTransform, Info, NeedsOfAll, StateOf, Transform } from './transform.js'

const partsOf = (t: AnyTransform): readonly AnyTransform[] => t.parts ?? [t]

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
 * what they save, `chain(a)` is a, and `chain()` is the {@link identity}. The context must hold what any part needs.
 *
 * @example
 * const twice = chain(sgd({ learningRate: 0.5 }), sgd({ learningRate: 2 }))
 * twice.update(tensor([3]), twice.init(tensor([3])), { params: tensor([1]) }).updates // => [3]
 */
export const chain = <const T extends readonly AnyTransform[]>(
  ...transforms: T
): Transform<Flat<T>, NeedsOfAll<T>> => link(transforms.flatMap(partsOf)) as Transform<Flat<T>, NeedsOfAll<T>>

const link = (parts: readonly AnyTransform[]): AnyTransform => {
  if (parts.length === 1) return parts[0]!
  if (parts.length === 0) return identity as AnyTransform
  return {
    parts,
    init: (params) => parts.map((part) => part.init(params)),
    update: (grads, state, context) => {
      let updates = grads
      let info: Info = {}
      const next = parts.map((part, i) => {
        const done = part.update(updates, (state as readonly unknown[])[i], context)
        updates = done.updates
        info = both(info, done.info)
        return done.state
      })
      return { updates, state: next, info }
    },
  }
}

// The later report wins, but for hyper-parameters, of which all are shown.
const both = (first: Info, second: Info): Info => {
  const hyper = { ...first.hyper, ...second.hyper }
  return { ...first, ...second, ...(Object.keys(hyper).length === 0 ? {} : { hyper }) }
}

/**
 * Transforms under {@link chain}, for fp-ts.
 *
 * @example
 * monoid.concat(monoid.empty, identity).init(tensor(1)) // => []
 */
export const monoid: Monoid<Transform> = {
  concat: (first, second) => link([...partsOf(first), ...partsOf(second)]) as Transform,
  empty: identity as Transform,
}

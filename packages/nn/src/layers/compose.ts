import type { Layer } from '../layer.js'
import { type SequentialParams, type SequentialState, sequential } from './sequential.js'

// The type arguments of a layer stand in contravariant places; a bound that fits every layer names neither.
type AnyLayer = Layer<unknown, unknown>

/** Layers in a row that knows its parts. */
export interface Composed<L extends readonly AnyLayer[]>
  extends Layer<SequentialParams<L>, SequentialState<L>> {
  readonly layers: L
}

type PartsOf<L> = L extends Composed<infer Inner> ? Inner : readonly [L]
type Flat<L extends readonly unknown[]> = L extends readonly [infer Head, ...infer Rest]
  ? readonly [...PartsOf<Head>, ...Flat<Rest>]
  : readonly []
/** What {@link compose} makes of a list of layers. */
export type Composition<L extends readonly unknown[]> =
  Flat<L> extends readonly [infer Only]
    ? Only
    : Flat<L> extends readonly AnyLayer[]
      ? Composed<Flat<L>>
      : never

const partsOf = (layer: AnyLayer): readonly AnyLayer[] =>
  'layers' in layer ? (layer as Composed<readonly AnyLayer[]>).layers : [layer]

/**
 * Layers one after another, as the composition of a category: `compose()` is the identity, `compose(f)` is f itself, and
 * `compose(compose(f, g), h)`, `compose(f, compose(g, h))` and `compose(f, g, h)` are the same layer, with the same
 * parameters, keys and paths. Parameters are a list; to name them, and so to keep keys where layers are inserted in
 * front, use {@link sequential}.
 *
 * @example
 * const model = compose(dense(4), compose(activation(tanh), dense(2)), compose())
 * const { params, outputShape } = model.init(random.key(0), [1, 3])
 * outputShape // => [1, 2]
 * params.length // => 3
 */
export const compose = <const L extends readonly AnyLayer[]>(...layers: L): Composition<L> => {
  const parts = layers.flatMap(partsOf)
  const result = parts.length === 1 ? parts[0] : { ...sequential(parts), kind: 'compose', layers: parts }
  return result as Composition<L>
}

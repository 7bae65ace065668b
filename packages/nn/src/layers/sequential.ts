import type { Layer, ParamsOf, StateOf } from '../layer.js'
import { applyPart, initPart } from '../path.js'

type Layers = Readonly<Record<string, Layer<unknown, unknown>>> | readonly Layer<unknown, unknown>[]

/** The parameters of layers in a row: under their names, or by position. */
export type SequentialParams<L> = { readonly [K in keyof L]: ParamsOf<L[K]> }
/** The state of layers in a row. */
export type SequentialState<L> = { readonly [K in keyof L]: StateOf<L[K]> }

/**
 * Layers one after another. Given a record, the names of the layers are the keys of the parameter tree, in its value
 * and in its type; given a list, positions are. Each layer gets the key of its name, so that adding a layer leaves the
 * initial values of the others as they were. Errors name the path of the layer.
 *
 * @example
 * const model = sequential({ hidden: dense(4), act: activation(tanh), head: dense(2) })
 * const { params, state, outputShape } = model.init(random.key(0), [1, 3])
 * outputShape // => [1, 2]
 * params.hidden.kernel.shape // => [3, 4]
 * model.apply(params, state, zeros([1, 3]), { train: false }).y // => [[0, 0]]
 */
export const sequential = <const L extends Layers>(
  layers: L,
): Layer<SequentialParams<L>, SequentialState<L>> => {
  const named = Object.entries(layers) as [string, Layer<unknown, unknown>][]
  const collect = (values: readonly unknown[]): unknown =>
    Array.isArray(layers) ? values : Object.fromEntries(named.map(([name], i) => [name, values[i]]))
  return {
    kind: 'sequential',
    init: (key, inputShape) => {
      let shape = inputShape
      const parts = named.map(([name, layer]) => {
        const part = initPart(name, layer, key, shape)
        shape = part.outputShape
        return part
      })
      return {
        params: collect(parts.map((p) => p.params)) as SequentialParams<L>,
        state: collect(parts.map((p) => p.state)) as SequentialState<L>,
        outputShape: shape,
        parts: parts.map((p) => p.part),
      }
    },
    apply: (params, state, x, context) => {
      let y = x
      const states = named.map(([name, layer]) => {
        const own = name as keyof L
        const next = applyPart(name, layer, params[own], state[own], y, context)
        y = next.y
        return next.state
      })
      return { y, state: collect(states) as SequentialState<L> }
    },
  }
}

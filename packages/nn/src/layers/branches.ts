import { add, CotangentError, concat, div, type Tensor } from '@cotangent/core'
import type { Layer, ParamsOf, StateOf } from '../layer.js'
import { applyPart, initPart } from '../path.js'
import { compose } from './compose.js'
import { shapeAfter } from './window.js'

/** The two ways through a {@link residual}. */
export interface Branches<B, C> {
  readonly body: B
  readonly shortcut: C
}
/** Options of {@link residual}. */
export interface ResidualOptions<Q, T> {
  /** What the input passes on the other way; the identity by default. */
  readonly shortcut?: Layer<Q, T>
}

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`

const same = (op: string, shapes: readonly (readonly number[])[], hint: string): void => {
  const odd = shapes.find((s) => s.length !== shapes[0]!.length || s.some((n, i) => n !== shapes[0]![i]))
  if (odd !== undefined)
    throw new CotangentError(
      'Shape',
      `${op}: branches of ${show(shapes[0]!)} and ${show(odd)} cannot be added. ${hint}`,
      {
        op,
        shapes,
      },
    )
}
const HINT = 'Give a shortcut that ends in the shape of the body, such as dense or conv2d with window 1.'

/**
 * y = body(x) + shortcut(x), where the shortcut is the identity unless it is given.
 * He et al. 2015, https://arxiv.org/abs/1512.03385
 *
 * @example
 * const layer = residual(activation(relu))
 * const { params, state } = layer.init(random.key(0), [2])
 * layer.apply(params, state, tensor([-1, 2]), { train: false }).y // => [-1, 4]
 */
export const residual = <P, S, Q = readonly [], T = readonly []>(
  body: Layer<P, S>,
  { shortcut = compose() as unknown as Layer<Q, T> }: ResidualOptions<Q, T> = {},
): Layer<Branches<P, Q>, Branches<S, T>> => ({
  kind: 'residual',
  init: (key, inputShape) => {
    const b = initPart('body', body, key, inputShape)
    const c = initPart('shortcut', shortcut, key, inputShape)
    same('residual', [b.outputShape, c.outputShape], HINT)
    return {
      params: { body: b.params, shortcut: c.params },
      state: { body: b.state, shortcut: c.state },
      outputShape: b.outputShape,
      parts: [b.part, c.part],
    }
  },
  apply: (params, state, x, context) => {
    const b = applyPart('body', body, params.body, state.body, x, context)
    const c = applyPart('shortcut', shortcut, params.shortcut, state.shortcut, x, context)
    same('residual', [b.y.shape, c.y.shape], HINT)
    return { y: add(b.y, c.y), state: { body: b.state, shortcut: c.state } }
  },
})

type Named = Readonly<Record<string, Layer<unknown, unknown>>>

/** Options of {@link parallel}. */
export interface ParallelOptions {
  /** How the results become one: side by side on the last axis (the default), their sum, or their mean. */
  readonly merge?: 'concat' | 'sum' | 'mean'
}

/**
 * Layers side by side: each sees the input, and their results are joined on the last axis, added or averaged. Each layer
 * has the key of its name.
 *
 * @example
 * const layer = parallel({ same: activation((x: Tensor) => x), square: activation(square) })
 * const { params, state, outputShape } = layer.init(random.key(0), [1, 2])
 * outputShape // => [1, 4]
 * layer.apply(params, state, tensor([[2, 3]]), { train: false }).y // => [[2, 3, 4, 9]]
 */
export const parallel = <const L extends Named>(
  layers: L,
  { merge = 'concat' }: ParallelOptions = {},
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StateOf<L[K]> }> => {
  type Params = { readonly [K in keyof L]: ParamsOf<L[K]> }
  type State = { readonly [K in keyof L]: StateOf<L[K]> }
  const named = Object.entries(layers)
  if (named.length === 0)
    throw new CotangentError('Value', 'parallel: no layers. Give at least one.', { op: 'parallel' })
  const collect = (values: readonly unknown[]): unknown =>
    Object.fromEntries(named.map(([name], i) => [name, values[i]]))
  const join = (ys: readonly Tensor[]): Tensor => {
    if (merge === 'concat') return concat(ys as Tensor[], { axis: -1 }) as Tensor
    same(
      'parallel',
      ys.map((y) => y.shape),
      "Make them equal, or use merge: 'concat'.",
    )
    const total = ys.reduce((a, b) => add(a, b))
    return merge === 'sum' ? total : div(total, ys.length)
  }
  return {
    kind: 'parallel',
    init: (key, inputShape) => {
      const parts = named.map(([name, layer]) => initPart(name, layer, key, inputShape))
      return {
        params: collect(parts.map((p) => p.params)) as Params,
        state: collect(parts.map((p) => p.state)) as State,
        outputShape: joined(
          parts.map((p) => p.outputShape),
          join,
        ),
        parts: parts.map((p) => p.part),
      }
    },
    apply: (params, state, x, context) => {
      const results = named.map(([name, layer]) =>
        applyPart(name, layer, params[name], state[name], x, context),
      )
      return { y: join(results.map((r) => r.y)), state: collect(results.map((r) => r.state)) as State }
    },
  }
}

const joined = (shapes: readonly (readonly number[])[], join: (ys: readonly Tensor[]) => Tensor) =>
  shapeAfter((...ys) => join(ys as Tensor[]), ...shapes)

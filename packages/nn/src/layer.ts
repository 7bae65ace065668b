import type { Tensor } from '@cotangent/core'

/** What a layer is told when it is applied. */
export interface Context {
  /** True while training: dropout drops, normalisation uses the batch. */
  readonly train: boolean
  /** Randomness for layers that need it; the same key gives the same result. */
  readonly key?: Tensor
}

/** Fresh parameters and state, and the shape that comes out. */
export interface Initialised<P, S> {
  readonly params: P
  readonly state: S
  readonly outputShape: readonly number[]
  /** What the layers inside became, for {@link summary}. */
  readonly parts?: readonly Part[]
}

/** A layer inside another one. */
export interface Part {
  readonly name: string
  readonly kind: string | undefined
  readonly init: Initialised<unknown, unknown>
}

/**
 * A layer is data plus two pure functions. Parameters are what an optimiser changes; state is what the layer changes
 * itself (running means). Shapes include the batch axis, which comes first.
 */
export interface Layer<P, S = Empty> {
  /** What {@link summary} calls it. */
  readonly kind?: string
  init(key: Tensor, inputShape: readonly number[]): Initialised<P, S>
  apply(params: P, state: S, x: Tensor, context: Context): { readonly y: Tensor; readonly state: S }
}

/** The parameters or the state of a layer that has none. */
export type Empty = Readonly<Record<string, never>>

/** The parameters of a layer, as a type. */
export type ParamsOf<L> = L extends Layer<infer P, infer _> ? P : never
/** The state of a layer, as a type. */
export type StateOf<L> = L extends Layer<infer _, infer S> ? S : never

/** A layer that keeps the shape and has neither parameters nor state. */
export const stateless = (f: (x: Tensor, context: Context) => Tensor): Layer<Empty> => ({
  init: (_, inputShape) => ({ params: {}, state: {}, outputShape: inputShape }),
  apply: (_, state, x, context) => ({ y: f(x, context), state }),
})

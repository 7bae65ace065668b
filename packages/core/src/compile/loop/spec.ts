import type { Params } from '../../graph/ir.js'
import type { DType, Shape } from '../../types/index.js'
import type { View } from '../view.js'

/** A value computed at every point of a loop nest. */
export type LoopValue =
  /** The same number everywhere. */
  | { readonly kind: 'uniform'; readonly dtype: DType; readonly value: number }
  /** An element of a buffer; the view has the shape of the nest. */
  | { readonly kind: 'load'; readonly dtype: DType; readonly view: View }
  /** A primitive applied to values before it. */
  | {
      readonly kind: 'map'
      readonly dtype: DType
      readonly op: string
      readonly params: Params
      readonly args: readonly number[]
    }

/** Values written at every point. */
export interface LoopStore {
  readonly value: number
  readonly view: View
}

export type Reducer = 'sum' | 'reduceMax' | 'reduceMin'

/** A value combined over some axes; the view has the axes that stay. */
export interface LoopReduction {
  readonly reducer: Reducer
  readonly value: number
  readonly axes: readonly number[]
  readonly view: View
}

/** Element-wise work and reductions over one index space; all reductions are over the same axes. */
export interface LoopSpec {
  readonly shape: Shape
  readonly values: readonly LoopValue[]
  readonly stores: readonly LoopStore[]
  readonly reductions: readonly LoopReduction[]
}

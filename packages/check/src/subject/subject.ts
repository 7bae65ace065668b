import type { Tensor } from '@cotangent/core'
import { type GraphIR, withSites } from '@cotangent/core/internal'
import type { Entry } from './leaves.js'

/** A result as a vector; `layout` changes exactly when shapes or dtypes do. */
export interface Result {
  readonly data: Float64Array
  readonly layout: string
}

/** A graph with the values of its inputs. */
export interface Traced {
  readonly graph: GraphIR
  readonly inputs: readonly Tensor[]
}

/** A function of trees of tensors. */
export interface Source {
  readonly f: (...args: unknown[]) => unknown
  readonly argsAt: (x: Float64Array) => unknown[]
  /** The gradient of ⟨v, f⟩ of any function whose results are those of f, at arguments of any structure: one tree for each. */
  readonly pull: (f: (...args: unknown[]) => unknown, args: readonly unknown[], v: Float64Array) => unknown[]
}

/** What is checked: a function from vector to vector at a point, with derivatives that somebody claims. */
export interface Subject {
  readonly name: string
  readonly x: Float64Array
  readonly entries: readonly Entry[]
  /** Unit round-off of the arithmetic. */
  readonly eps: number
  /** The value; throws what the function throws. */
  readonly value: (x: Float64Array) => Result
  /** Jᵀv. */
  readonly reverse: (x: Float64Array, v: Float64Array) => Result
  /** Jd; absent where only a gradient was given. */
  readonly forward?: (x: Float64Array, d: Float64Array) => Result
  /** The derivative of Jᵀv along d, forward over reverse. */
  readonly second?: (x: Float64Array, v: Float64Array, d: Float64Array) => Result
  /** The value as each transform returns it. */
  readonly primals?: (x: Float64Array, v: Float64Array, d: Float64Array) => readonly Result[]
  /** Jᵀv with inner values computed again; null where the function cannot be traced without its values. */
  readonly checkpointed?: (x: Float64Array, v: Float64Array) => Result | null
  /** The values at several points, by vmap; null where the function is none of tensors alone. */
  readonly batched?: (xs: readonly Float64Array[]) => readonly Float64Array[] | null
  /** The function of trees as it was given, and its arguments at a point; absent for opaque functions. */
  readonly source?: Source
  /** The function as a graph with its inputs; absent for opaque functions. */
  readonly traced?: () => Traced
  /** The gradient of ⟨v, f⟩ as a graph. */
  readonly tracedGradient?: (v: Float64Array) => Traced
  /** The derivative along d of the gradient of ⟨v, f⟩ as a graph. */
  readonly tracedSecond?: (v: Float64Array, d: Float64Array) => Traced
  /** The tangent along d as a graph. */
  readonly tracedForward?: (d: Float64Array) => Traced
}

/** The function as a graph whose nodes know their lines of code: slow, and for reports. */
export const located = (s: Subject): Traced | undefined => s.traced && withSites(s.traced)

export const EPS = 2 ** -52
export const EPS32 = 2 ** -23

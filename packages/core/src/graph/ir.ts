import type { Tensor } from '../tensor.js'
import type { DType, Shape } from '../types/index.js'

/** What is known of a value before it is computed. */
export interface Aval {
  readonly shape: Shape
  readonly dtype: DType
}

/** Where a symbol was made; decides which graph an operation belongs to. */
export interface Scope {
  /** Later scopes are further inside. */
  readonly level: number
  readonly closed: boolean
  /** Which transform made it, for messages. */
  readonly kind: string
  /** Computes the value behind a symbol, if the inputs of this scope are known. */
  force(sym: Sym): Tensor
}

/** A value in a graph: an input, or one output of a node. */
export interface Sym extends Aval {
  readonly id: number
  readonly scope: Scope
}

/** Static parameters of a node. */
export type Params = Readonly<Record<string, unknown>>

/** One application of a primitive. */
export interface Node {
  readonly op: Primitive
  readonly params: Params
  readonly inputs: readonly Sym[]
  readonly outputs: readonly Sym[]
  /** Names given by `tag`, outermost first, joined with `/`. */
  readonly path: string
  /** `file.ts:12`, the line of code that asked for it, where that was recorded. */
  readonly site?: string
}

/** A function as data: nodes in order of evaluation. */
export interface GraphIR {
  readonly inputs: readonly Sym[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly Sym[]
}

/** An open or closed interval of reals, or a kind of matrix, from which a differentiable operand is drawn. */
export type Domain =
  | { readonly lo: number; readonly hi: number }
  | 'spd'
  | 'symmetric'
  | 'nonsingular'
  | 'lowerTriangular'
  | 'fullRank'

/** Where the function is not differentiable. */
export interface Kinks {
  /** The set, in words. */
  readonly text: string
  /** For element-wise operations: 0 exactly on the set, otherwise the signed distance to it. */
  readonly distance?: (...x: readonly number[]) => number
}

/** Absent tangents and cotangents are symbolic zeros. */
export type Maybe = Tensor | null

/** A linear map split off by `linearize`: its inputs are tangents, its residuals are baked in by reference. */
export interface Linearized {
  readonly outs: readonly Tensor[]
  /** Tangents of the outputs, as symbols of the linear scope. */
  readonly tangents: readonly Maybe[]
}

/**
 * A primitive: everything that is true of it, as one row. Rules are written with operations on tensors, so they
 * work on values and on symbols alike, and derivatives of every order follow.
 */
export interface Primitive<P extends Params = Params> {
  readonly name: string
  /** Shapes and dtypes of the outputs; refuses operands that do not fit. */
  shape(inputs: readonly Aval[], params: P): readonly Aval[]
  /** The meaning: plain and slow. */
  kernel(inputs: readonly Tensor[], params: P, outs: readonly Aval[]): readonly Tensor[]
  /** Tangents of the outputs from tangents of the inputs; linear in the tangents. */
  jvp(
    primals: readonly Tensor[],
    tangents: readonly Maybe[],
    outs: readonly Tensor[],
    params: P,
  ): readonly Maybe[]
  /** Cotangents of the linear inputs (given as null) from those of the outputs; 'nonlinear' if there are none. */
  readonly transpose:
    | 'nonlinear'
    | ((
        cts: readonly Maybe[],
        inputs: readonly Maybe[],
        params: P,
        avals: readonly Aval[],
        outs: readonly Aval[],
      ) => readonly Maybe[])
  /** The same operation over a leading batch axis, which some inputs have; all outputs have it. */
  batch(inputs: readonly Tensor[], batched: readonly boolean[], params: P, size: number): readonly Tensor[]
  /** Only for nodes with graphs inside: the forward pass and the linear map in one go. */
  linearize?(primals: readonly Tensor[], tangents: readonly Maybe[], params: P): Linearized
  /** Where operands are drawn from in tests: one entry for all, or one for each. */
  readonly domain: readonly Domain[]
  readonly kinks: 'none' | Kinks
  /** One line: the derivative, and where it comes from. */
  readonly derivation: string
  /** Floating-point operations. */
  flops(inputs: readonly Aval[], outs: readonly Aval[], params: P): number
}

import type { Maybe, Node } from '../graph/ir.js'
import type { Tensor } from '../tensor.js'

export type FlatRule = (...args: Tensor[]) => readonly Tensor[]

/** The flat form of an operation; `defineOp`, `customJvp`, `customVjp` and `checkpoint` are its typed faces. */
export interface OpSpec {
  readonly name: string
  /** Parameters baked into the rules, as text; operations with equal name and key are interchangeable. */
  readonly key?: string
  readonly expand: FlatRule
  /** Tangents of the outputs; all tangents are given, zeros included. */
  readonly jvp?: (
    primals: readonly Tensor[],
    tangents: readonly Tensor[],
    outs: readonly Tensor[],
  ) => readonly Maybe[]
  /** Reverse rule: a forward pass that keeps residuals, and cotangents of the inputs from them. */
  readonly reverse?: {
    readonly forward: (primals: readonly Tensor[]) => {
      readonly outs: readonly Tensor[]
      readonly residuals: readonly Tensor[]
    }
    readonly backward: (residuals: readonly Tensor[], cts: readonly Tensor[]) => readonly Maybe[]
  }
  /** The operation is linear in its inputs from `from` on, and `adjoint` is the transpose in them. */
  readonly linear?: {
    readonly from: number
    readonly adjoint: (fixed: readonly Tensor[], cts: readonly Tensor[]) => readonly Maybe[]
  }
  readonly batch?: (inputs: readonly Tensor[], batched: readonly boolean[], size: number) => readonly Tensor[]
  /** Recomputed in the backward pass, except for the nodes that this keeps. */
  readonly recompute?: (node: Node) => boolean
  /** Never merged with the code around it. */
  readonly opaque?: boolean
}

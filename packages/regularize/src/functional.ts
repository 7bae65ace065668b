import type { Num, Tensor } from '@cotangent/core'
import type { GroupOptions } from './functionals/groups.js'

/**
 * R(x) = Σ aᵢ|xᵢ| + ½Σ bᵢxᵢ² + c·Σ ω_g‖x_g‖, on x ≥ 0 where `positive`. Solvers that know a functional by this form need not
 * call it.
 */
export interface Form {
  /** a: one for all entries, or each its own. */
  readonly l1?: Num
  /** b. */
  readonly l2?: Num
  /** c, and the groups: `whole` is the tensor as one. */
  readonly norms?: { readonly strength: Num; readonly options: GroupOptions | 'whole' }
  readonly positive?: true
}

/** What a plan needs to know of a functional. */
export interface Traits {
  readonly convex: boolean
  /** Differentiable everywhere: may be added to the loss. */
  readonly smooth: boolean
  /** `entry`: a sum over entries. `block`: of the whole tensor at once, so that grouping matters. */
  readonly separable: 'entry' | 'block'
  /** R(s·x) = sᵏ·R(x) for s > 0. */
  readonly homogeneous?: 1 | 2
  /**
   * Of a function that is not convex, the least ρ for which R + ρ/2·‖·‖² is: below the step 1/ρ the prox is continuous,
   * from there on it jumps. Absent: infinite.
   */
  readonly weakConvexity?: Num
  /** 0 on a set and infinite outside; its proximal operator is the projection, whatever the step. */
  readonly indicator?: true
  /** Its formula, where it is of the common kind. */
  readonly form?: Form
  /** Its prox takes a diagonal metric. */
  readonly metric?: true
  /** What changes no value and commutes with the prox. `rotations`: of a matrix, on either side. */
  readonly invariant?: readonly ('signs' | 'permutations' | 'rotations')[]
  /** Every entry of prox(x) lies between 0 and that of x, in every metric that the prox takes. */
  readonly shrinks?: true
  /** A growing function of the length of the block alone: without a metric its prox scales the block. */
  readonly radial?: true
}

/** A function of one tensor to a scalar that penalises or constrains it. */
export interface Functional {
  /** Stable and printable, as `l1(0.1)`. */
  readonly name: string
  readonly traits: Traits
  /** R(x), a differentiable scalar. */
  value(x: Tensor): Tensor
  /**
   * prox(x) = argmin_z step·R(z) + ½·Σᵢ dᵢ(zᵢ - xᵢ)², with the diagonal metric d (default 1): exact, zeros included.
   */
  prox?(x: Tensor, step: Num, metric?: Tensor): Tensor
  /** R*(y) = sup_x ⟨x, y⟩ - R(x), coded on its own. */
  readonly conjugate?: Functional
  /** The dual norm of the gauge without λ; at 0 the smallest λ that keeps 0 is `dualNorm(gradient)`. */
  dualNorm?(y: Tensor): Tensor
  /**
   * The distance of -grad to the subdifferential ∂R(x), per entry or per block: 0 at a stationary point of loss + R. Where
   * the distance has no closed form it is |x - prox(x - grad, 1)|, which is 0 at the same points.
   */
  kkt?(x: Tensor, grad: Tensor): Tensor
}

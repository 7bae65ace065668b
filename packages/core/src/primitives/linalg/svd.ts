import type { Primitive } from '../../graph/ir.js'
import { svd as kernel } from '../../math/linalg/index.js'
import type { Tensor } from '../../tensor.js'
import { bind } from '../../trace/trace.js'
import { abs, add, constantLike, greater, mul, none, scale, sub } from '../arithmetic.js'
import { definePrimitive } from '../define.js'
import { select, stopGradient } from '../passing.js'
import { reduceMax } from '../reductions.js'
import { reciprocalWhere } from './eigh.js'
import {
  countOf,
  diagonal,
  eachMatrix,
  epsilon,
  inColumns,
  inMatrices,
  inRows,
  matmul,
  needMatrix,
  transposed,
} from './matrices.js'

/** Which singular values are not zero up to rounding: s > max(m, n) ε s₀, the rule of `matrixRank`. */
export const positiveValues = (s: Tensor, m: number, n: number): Tensor => {
  const values = stopGradient(s)
  const tolerance = scale(reduceMax(values, [s.rank - 1]), Math.max(m, n) * epsilon(s.dtype))
  return greater(values, inRows(tolerance, s.shape.at(-1)!))
}

/** U [..., m, k], s [..., k] descending, Vᵀ [..., k, n], k = min(m, n), with U diag(s) Vᵀ = A. */
export const svdP: Primitive<Readonly<Record<string, never>>> = definePrimitive<
  Readonly<Record<string, never>>
>({
  name: 'svd',
  shape: ([a]) => {
    const { shape, dtype } = needMatrix('svd', a!)
    const [m, n] = shape.slice(-2)
    const k = Math.min(m!, n!)
    const lead = shape.slice(0, -2)
    return [
      { shape: [...lead, m!, k], dtype },
      { shape: [...lead, k], dtype },
      { shape: [...lead, k, n!], dtype },
    ]
  },
  kernel: (inputs, _, outs) => {
    const [m, n] = inputs[0]!.shape.slice(-2)
    return eachMatrix(
      inputs,
      outs,
      (a) => {
        const f = kernel(a, m!, n!)
        return [f.u, f.s, f.vt]
      },
      [2, 1, 2],
    )
  },
  // U and V turn by antisymmetric K and L with P = Uᵀ dA V = K S + dS - S L. Its symmetric part gives K + L =
  // (P + Pᵀ)/(s_j - s_i), which is free between equal singular values and taken as 0 there; its antisymmetric part gives
  // K - L = (P - Pᵀ)/(s_j + s_i), which equal singular values do not disturb. So U Vᵀ has its derivative even then.
  jvp: ([a], [t], [u, s, vt]) => {
    const [m, n] = a!.shape.slice(-2)
    const k = s!.shape.at(-1)!
    if (!t || k === 0) return [null, null, null]
    const v = transposed(vt!)
    const ut = transposed(u!)
    const tv = matmul(t, v)
    const p = matmul(ut, tv)
    const alive = positiveValues(s!, m!, n!)
    const ds = select(alive, diagonal(p), constantLike(0, s!))

    const [si, sj] = [inRows(s!, k), inColumns(s!, k)]
    const size = reduceMax(stopGradient(s!), [s!.rank - 1])
    const tolerance = inMatrices(scale(size, Math.max(m!, n!) * epsilon(s!.dtype)), p.shape)
    const [gap, total] = [sub(sj, si), add(sj, si)]
    const pt = transposed(p)
    const even = mul(reciprocalWhere(greater(abs(gap), tolerance), gap), add(p, pt))
    const odd = mul(reciprocalWhere(greater(total, tolerance), total), sub(p, pt))
    const inverse = reciprocalWhere(alive, s!)

    let du = matmul(u!, scale(add(even, odd), 0.5))
    let dv = matmul(v, scale(sub(even, odd), 0.5))
    // What leaves the span of U, or of V, where they do not fill the space.
    if (m! > k) du = add(du, mul(sub(tv, matmul(u!, p)), inColumns(inverse, m!)))
    if (n! > k) {
      const tu = matmul(transposed(t), u!)
      dv = add(dv, mul(sub(tu, matmul(v, pt)), inColumns(inverse, n!)))
    }
    return [du, ds, transposed(dv)]
  },
  transpose: 'nonlinear',
  batch: ([a]) => svd(a!),
  domain: ['fullRank'],
  kinks: {
    text: 'singular vectors of equal singular values are free to turn; a singular value has a kink at 0',
  },
  derivation:
    'P = UᵀdAV: ds = diag(P), 0 at s = 0; dU, dV from (P ± Pᵀ)/(s_j ∓ s_i), masked where degenerate (Townsend 2016)',
  flops: ([a]) => {
    const [m, n] = a!.shape.slice(-2)
    const k = Math.min(m!, n!)
    return countOf(a!) * (6 * m! * n! * k + 20 * k ** 3)
  },
})
export const svd = (a: Tensor): readonly Tensor[] => bind(svdP, [a], none)

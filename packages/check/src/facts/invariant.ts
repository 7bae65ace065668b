import { type FactLaw, search, slack } from './fact.js'

/** A linear map that keeps lengths: a permutation, a rotation, a change of sign. */
export type Isometry = (x: Float64Array) => Float64Array

/** f(Qx) = f(x) for all x, with Q orthogonal. By the chain rule Qᵀ∇f(Qx) = ∇f(x), so that ∇f(Qx) = Q∇f(x). */
export const invariant: FactLaw<Isometry> = (k, turn) =>
  search(k, (y) => {
    const [f, turned] = [k.value(y), k.value(turn(y))]
    if (Math.abs(f - turned) > slack(k, f, turned)) return `f(Qx) is ${turned}, not ${f} = f(x)`
    const [left, right] = [k.gradient(turn(y)), turn(k.gradient(y))]
    const i = left.findIndex((v, j) => Math.abs(v - right[j]!) > slack(k, ...left))
    return i < 0 ? null : `entry ${i} of ∇f(Qx) is ${left[i]}, and ${right[i]} of Q∇f(x)`
  })

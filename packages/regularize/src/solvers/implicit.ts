import {
  add,
  cast,
  grad,
  implicitRoot,
  jvp,
  type LinearSolveOptions,
  linearSolve,
  mean,
  mul,
  type Num,
  notEqual,
  sign,
  sub,
  Tensor,
  tensor,
  tree,
  where,
} from '@cotangent/core'
import { symOf } from '@cotangent/core/internal'
import { groupLasso } from '../functionals/groupLasso.js'
import { norm2 } from '../functionals/norm2.js'
import { FAMILIES } from './family.js'
import type { LinearForm } from './formOf.js'
import { type Affine, type LinearData, predictions } from './losses.js'

/** All that a solution depends on, as tensors that may be symbols: data, and the strengths l1, l2 and of the norms. */
type Theta = readonly [X: Tensor, y: Tensor, l1: Tensor, l2: Tensor, norms: Tensor]

const double = (x: Num): Tensor =>
  x instanceof Tensor ? cast(x, 'float64') : (tensor(x, { dtype: 'float64' }) as Tensor)

// Up to here the equations are written down and factored; beyond, conjugate gradients need no matrix.
const DENSE = 400

/**
 * The solution of a linear model as a differentiable function of data and strengths. On the coefficients that are not 0 the
 * objective is smooth and its gradient is 0; the others stay 0 for small changes. Differentiating these equations gives
 * dw = -H⁻¹·d(gradient) on the support, with H the Hessian there: for the lasso dw/dλ = -(XᵀX)⁻¹·sign(w)·n (Bertrand et al.
 * 2020, https://arxiv.org/abs/2002.08943). Where a coefficient is about to come or go it is the derivative of one side.
 */
export const implicitSolution = <P>(
  data: LinearData,
  form: LinearForm,
  numeric: (data: LinearData, form: LinearForm) => P,
): P => {
  const theta: Theta = [data.X, data.y, double(form.l1), double(form.l2), double(form.norms?.strength ?? 0)]
  if (theta.every((t) => symOf(t) === undefined)) return numeric(data, form)
  const small = data.X.shape[1]! < DENSE
  const options: LinearSolveOptions = small ? { symmetric: true } : { method: 'cg', tolerance: 1e-12 }
  const residual = (params: Tensor | Affine, ...at: Theta) => stationarity(data, form, params, at)
  const root = implicitRoot(
    residual,
    (_: Tensor | Affine, ...at: Theta) => {
      const [X, y, l1, l2, strength] = at
      const norms = form.norms && { ...form.norms, strength }
      const found = numeric({ ...data, X, y }, { ...form, l1, l2, norms }) as Tensor | Affine
      return small ? refined(found, (params) => residual(params, ...at), options) : found
    },
    { solve: options },
  )
  return root(data.zero as Tensor | Affine, ...theta) as P
}

/**
 * The numbers of a solution with two steps of Newton's method: nothing to see in float64, but the graph of the solution now
 * says how it depends on data and strengths, to third order, for those who read it and not its derivative rule.
 */
const refined = (
  found: Tensor | Affine,
  residual: (params: Tensor | Affine) => Tensor | Affine,
  options: LinearSolveOptions,
): Tensor | Affine => {
  let params = found
  for (let i = 0; i < 2; i++) {
    const at = params
    const step = linearSolve(
      (v: Tensor | Affine) => jvp(residual, [at], [v])[1] as Tensor | Affine,
      residual(at),
      options,
    )
    params = tree.map((x: Tensor, dx: Tensor) => sub(x, dx), at, step) as Tensor | Affine
  }
  return params
}

/** The gradient of the objective on the support, and the coefficient itself off it. */
const stationarity = (
  { family }: LinearData,
  { norms }: LinearForm,
  params: Tensor | Affine,
  [X, y, l1, l2, strength]: Theta,
): Tensor | Affine => {
  const kernel = params instanceof Tensor ? params : params.kernel
  const alive = notEqual(kernel, 0)
  const w = mul(kernel, cast(alive, 'float64'))
  const loss = (at: Tensor | Affine): Tensor => mean(FAMILIES[family].value(predictions(X, at), y))
  const pull = (slope: Tensor): Tensor => {
    const entries = add(slope, add(mul(sign(w), l1), mul(w, l2)))
    if (norms === undefined) return where(alive, entries, kernel)
    const unit = norms.options === 'whole' ? norm2(1) : groupLasso(1, norms.options)
    return where(alive, add(entries, mul(grad(unit.value)(w), strength)), kernel)
  }
  if (params instanceof Tensor) return pull(grad(loss as (at: Tensor) => Tensor)(w))
  const slope = grad(loss as (at: Affine) => Tensor)({ kernel: w, bias: params.bias })
  return { kernel: pull(slope.kernel), bias: slope.bias }
}

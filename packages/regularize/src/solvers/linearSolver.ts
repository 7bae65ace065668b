import { CoordinateDescent } from './descent.js'
import { type Design, designOf, problemOf } from './design.js'
import { FAMILIES } from './family.js'
import type { PlainForm } from './formOf.js'
import type { LinearData } from './losses.js'
import { penaltyOf } from './optimality.js'
import { type Fitted, proxNewton } from './proxNewton.js'
import { type QuadraticSolver, quadraticSolver } from './subproblem.js'

/** What a fit of a linear model came to. */
export type LinearFit = Omit<Fitted, 'corr'>

/** Solves one linear model for one penalty after another, each from the solution before. */
export interface LinearSolver {
  readonly design: Design
  /** `tolerance` is a share of the loss at 0. */
  solve(form: PlainForm, tolerance: number, maxIterations: number): LinearFit
  /** -∂loss/∂w at the best fit with only what the penalty leaves free: the intercept and coefficients without a strength. */
  without(form: PlainForm): Float64Array
}

export const linearSolver = (op: string, loss: LinearData): LinearSolver => {
  const design = designOf(op, loss.X, loss.y)
  FAMILIES[loss.family].check(op, design.y)
  return loss.family === 'squared' ? bySquares(design, loss.intercept) : byNewton(design, loss)
}

/** A strength that no correlation reaches. */
const FORBIDDEN = 1e300

/** The penalty with every penalised coefficient forbidden; undefined where that leaves none. */
const onlyFree = ({ a, b, positive, norms }: PlainForm): PlainForm | undefined => {
  const bound = a.map((v) => (v > 0 ? FORBIDDEN : 0))
  norms?.groups.forEach((group, g) => {
    if (norms.c[g]! > 0) for (const j of group) bound[j] = FORBIDDEN
  })
  return bound.every((v) => v > 0) ? undefined : { a: bound, b, positive, norms: undefined }
}

const bySquares = (design: Design, intercept: boolean): LinearSolver => {
  const { problem, bias } = problemOf(design, intercept)
  let solver: QuadraticSolver | undefined
  let norms: PlainForm['norms']
  return {
    design,
    without: (form) => {
      const free = onlyFree(form)
      if (free === undefined) return Float64Array.from(problem.q)
      const descent = new CoordinateDescent(problem)
      descent.solve(free, 1e-14 * problem.yy, 10_000)
      return Float64Array.from(descent.set.corr)
    },
    solve: (form, tolerance, maxIterations) => {
      // The working set is of groups where the penalty has them, and they stay the same along a path.
      if (solver === undefined || norms?.groups !== form.norms?.groups) {
        norms = form.norms
        solver = quadraticSolver(problem, form)
      }
      const { gap, sweeps, converged } = solver.solve(form, tolerance * problem.yy, maxIterations)
      const w = solver.coefficients()
      const value = solver.meanSquare() / 2
      return {
        w,
        bias: bias(w),
        gap,
        iterations: sweeps,
        converged,
        loss: value,
        objective: value + penaltyOf(form, w),
      }
    },
  }
}

const byNewton = (design: Design, { family, intercept }: LinearData): LinearSolver => {
  const rule = FAMILIES[family]
  const { p } = design
  const none = { w: new Float64Array(p), bias: 0 }
  const nothing: PlainForm = {
    a: new Float64Array(p).fill(FORBIDDEN),
    b: none.w,
    positive: false,
    norms: undefined,
  }
  const null0 = proxNewton(design, rule, intercept, nothing, none, 0, 0)
  let at: { readonly w: Float64Array; readonly bias: number } = null0
  return {
    design,
    without: (form) => {
      const free = onlyFree(form)
      return free === undefined
        ? null0.corr
        : proxNewton(design, rule, intercept, free, null0, 1e-14 * null0.loss, 100).corr
    },
    solve: (form, tolerance, maxIterations) => {
      const fit = proxNewton(design, rule, intercept, form, at, tolerance * null0.loss, maxIterations)
      at = fit
      return fit
    },
  }
}

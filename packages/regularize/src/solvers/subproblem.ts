import { CoordinateDescent } from './descent.js'
import type { GroupStrengths, PlainForm } from './formOf.js'
import { GroupDescent } from './groupDescent.js'
import type { Descent, Quadratic } from './quadratic.js'

/** A solver of 1/2n·‖y - Xw‖² plus a penalty, that goes on from where it is. */
export interface QuadraticSolver {
  solve(form: PlainForm, tolerance: number, maxSweeps: number): Descent
  coefficients(): Float64Array
  /** ‖y - Xw‖²/n. */
  meanSquare(): number
  start(w: Float64Array, form: PlainForm): void
}

/** By coordinates, or by groups where the penalty has them. */
export const quadraticSolver = (problem: Quadratic, form: PlainForm): QuadraticSolver => {
  const descent = form.norms === undefined ? new CoordinateDescent(problem) : new GroupDescent(problem)
  return {
    solve: (f, tolerance, maxSweeps) => descent.solve(f, tolerance, maxSweeps),
    coefficients: () => descent.set.coefficients(),
    meanSquare: () => Math.max(descent.set.residualSums().rr, 0),
    start: (w, f) => {
      descent.start(w, f)
    },
  }
}

/** The penalty of some columns; groups come whole or not at all. */
export const restricted = (form: PlainForm, columns: readonly number[]): PlainForm => {
  const pick = (x: Float64Array): Float64Array => Float64Array.from(columns, (j) => x[j]!)
  return { ...form, a: pick(form.a), b: pick(form.b), norms: form.norms && renumbered(form.norms, columns) }
}

const renumbered = ({ groups, c }: GroupStrengths, columns: readonly number[]): GroupStrengths => {
  const place = new Map(columns.map((j, k) => [j, k]))
  const kept = groups.flatMap((group, g) => (place.has(group[0]!) ? [g] : []))
  return {
    groups: kept.map((g) => groups[g]!.map((j) => place.get(j)!)),
    c: Float64Array.from(kept, (g) => c[g]!),
  }
}

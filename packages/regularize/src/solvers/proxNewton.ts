import type { Floats } from '../arrays/kernels.js'
import { centred, type Design } from './design.js'
import type { Family } from './family.js'
import type { PlainForm } from './formOf.js'
import { type Outlook, outlook, penaltyOf } from './optimality.js'
import { quadraticSolver, restricted } from './subproblem.js'

/** Where a solver of linear models stands. */
export interface Fitted extends Outlook {
  readonly w: Float64Array
  readonly bias: number
  readonly iterations: number
  readonly converged: boolean
}

/** The quadratic model is solved to this share of the gap, since the step is only as good; it takes few sweeps. */
const EXACT = 1e-6
const INNER_SWEEPS = 2000
/** Curvatures are taken for at least this share of their bound: where they vanish the model would be flat. */
const FLAT = 1e-8

/**
 * Proximal Newton for the mean of ℓ(xᵢᵀw + b, yᵢ) plus a penalty: the loss is replaced by its quadratic model, whose
 * penalised minimum is found by descent over a working set of columns, and the way there is halved until the objective
 * falls (Lee, Sun, Saunders 2014). Starts from `w` and `bias`.
 */
export const proxNewton = (
  design: Design,
  family: Family,
  intercept: boolean,
  form: PlainForm,
  start: { readonly w: Float64Array; readonly bias: number },
  tolerance: number,
  maxIterations: number,
): Fitted => {
  const { work, n, p, x, y } = design
  let w: Float64Array = start.w.slice()
  const z = predict(design, w, start.bias)
  let bias = start.bias
  if (intercept) bias += centreSlopes(family, z, y)
  let now = outlook(design, family, form, w, z)
  const working = new Set<number>()
  for (let iterations = 0; ; iterations++) {
    if (now.gap <= tolerance || iterations >= maxIterations)
      return { ...now, w, bias, iterations, converged: now.gap <= tolerance }
    for (const j of wanted(form, now.corr, w)) working.add(j)
    const columns = [...working].sort((i, j) => i - j)

    const h = z.map((v) => Math.max(family.curvature(v), FLAT * family.bound))
    const target = z.map((v, i) => v - family.slope(v, y[i]!) / h[i]!)
    const part = new Float64Array(n * columns.length)
    columns.forEach((j, k) => {
      part.set(x.subarray(j * n, j * n + n), k * n)
    })
    const own = restricted(form, columns)
    const found = work.within(() => {
      const model = centred(work, { n, p: columns.length, x: part, y: target }, intercept, h)
      const solver = quadraticSolver(model.problem, own)
      solver.start(
        Float64Array.from(columns, (j) => w[j]!),
        own,
      )
      const { yy } = model.problem
      solver.solve(own, Math.max(EXACT * Math.min(now.gap, yy), 1e-15 * yy), INNER_SWEEPS)
      const inner = solver.coefficients()
      return { inner, bias: model.bias(inner) }
    })
    const there = new Float64Array(p)
    columns.forEach((j, k) => {
      there[j] = found.inner[k]!
    })

    const step = search(design, family, form, { w, bias, z }, there, found.bias)
    if (step === undefined) return { ...now, w, bias, iterations, converged: false }
    const nextZ = step.z
    const nextBias = step.bias + (intercept ? centreSlopes(family, nextZ, y) : 0)
    const next = outlook(design, family, form, step.w, nextZ)
    // Where the objective is flat to the last digit the gap decides.
    if (!step.fell && !(next.gap < now.gap)) return { ...now, w, bias, iterations, converged: false }
    w = step.w
    bias = nextBias
    z.set(nextZ)
    now = next
  }
}

/** Columns whose coefficients are not 0 or should not be; of a group all. */
const wanted = (form: PlainForm, corr: Float64Array, w: Float64Array): number[] => {
  const { a, b, positive, norms } = form
  const bad = (j: number): boolean => {
    const u = corr[j]! - b[j]! * w[j]!
    return w[j] !== 0 || (positive ? u : Math.abs(u)) > a[j]!
  }
  if (norms === undefined) return [...corr.keys()].filter(bad)
  return norms.groups.flatMap((group) => (group.some(bad) ? [...group] : []))
}

interface Point {
  readonly w: Float64Array
  readonly bias: number
  readonly z: Float64Array
}

/** The first of the halved steps at which the objective falls; the whole step where it is flat to rounding. */
const search = (
  design: Design,
  family: Family,
  form: PlainForm,
  from: Point,
  w: Float64Array,
  bias: number,
): (Point & { readonly fell: boolean }) | undefined => {
  const value = (at: Point): number => {
    let loss = 0
    for (let i = 0; i < design.n; i++) loss += family.at(at.z[i]!, design.y[i]!) / design.n
    return loss + penaltyOf(form, at.w)
  }
  const between = (u: number, v: number, t: number) => (t === 1 ? v : u + t * (v - u))
  const before = value(from)
  const far = predict(design, w, bias)
  const rounding = 1e-14 * Math.abs(before)
  for (let t = 1; t > 1e-10; t /= 2) {
    const at: Point = {
      w: from.w.map((v, j) => between(v, w[j]!, t)),
      bias: between(from.bias, bias, t),
      z: from.z.map((v, i) => between(v, far[i]!, t)),
    }
    const there = value(at)
    if (there < before - rounding) return { ...at, fell: true }
    if (t === 1 && there <= before + rounding) return { ...at, fell: false }
  }
  return undefined
}

const predict = ({ work, n, x }: Design, w: Float64Array, bias: number): Float64Array =>
  work.within(() => {
    const z = work.floats(n).fill(bias) as Floats
    w.forEach((v, j) => {
      if (v !== 0) work.kernels.axpy(v, x, j * n, z, 0, n)
    })
    return Float64Array.from(z)
  })

/** Shifts all predictions to where the slopes sum to 0, by Newton's method kept within its bracket; returns the shift. */
const centreSlopes = (family: Family, z: Float64Array, y: Float64Array): number => {
  let shift = 0
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let i = 0; i < 100; i++) {
    let slope = 0
    let bend = 0
    for (let k = 0; k < z.length; k++) {
      slope += family.slope(z[k]! + shift, y[k]!)
      bend += family.curvature(z[k]! + shift)
    }
    if (Math.abs(slope) <= 1e-15 * z.length) break
    if (slope > 0) high = shift
    else low = shift
    const newton = shift - slope / bend
    const inside = newton > low && newton < high
    const middle = low > Number.NEGATIVE_INFINITY && high < Number.POSITIVE_INFINITY
    const next = inside ? newton : middle ? (low + high) / 2 : shift - Math.sign(slope)
    if (next === shift) break
    shift = next
  }
  for (let k = 0; k < z.length; k++) z[k]! += shift
  return shift
}

import { add, CotangentError, mul, type Tensor, tree } from '@cotangent/core'
import { along, inner } from '../lbfgs.js'
import { checkOptions, compiled, iterate, type Solved } from './forwardBackward.js'
import { type SolverPenalty, simple, smoothPart } from './penalty.js'

/** A smooth loss and several penalties, each with its own proximal operator. */
export interface AdmmProblem<P> {
  readonly loss: (params: P) => Tensor
  /** Where to start. */
  readonly params: P
  /** Convex; they may act on the same parameters. */
  readonly penalties: readonly SolverPenalty[]
  /** argmin_x loss(x) + weight/2·‖x - v‖², where it is known in closed form; otherwise found by FISTA. */
  readonly proxOfLoss?: (v: P, weight: number) => P
  /** First weight ρ of the constraint that all copies agree; it follows the residuals. Default 1. */
  readonly rho?: number
  /** Of both residuals, relative to the parameters and multipliers. Default 1e-8. */
  readonly tolerance?: number
  /** Default 5,000. */
  readonly maxIterations?: number
}

const lengthOf = (x: unknown): number => Math.sqrt(inner(x, x).item())
const minus = <P>(x: P, y: P): P => along(x, -1, y)

/** ρ is doubled or halved where one residual is so many times the other (Boyd et al. 2011, 3.4.1). */
const UNBALANCED = 10

/**
 * Minimises a loss plus a sum of penalties that have proximal operators each but not together: every penalty has a copy z of
 * the parameters, and the copies are made to agree (alternating direction method of multipliers). The result is the copy of
 * the first penalty, so that its zeros or its constraint are exact. Boyd et al. 2011,
 * https://doi.org/10.1561/2200000016, section 7.1
 *
 * @example
 * const loss = (w: Tensor) => mul(sum(square(sub(w, tensor([3, -2])))), 0.5)
 * const soft = { traits: { convex: true }, value: (x: Tensor) => sum(abs(x)), prox: (x: Tensor, t: Num) => sub(x, clip(x, neg(t), t)) }
 * const box = { traits: { convex: true }, value: () => tensor(0), prox: (x: Tensor) => clip(x, -1.5, 1.5) }
 * admm({ loss, params: tensor([0, 0]), penalties: [box, soft], tolerance: 1e-5 }).params // => [1.5, -1]
 */
export const admm = <P>(problem: AdmmProblem<P>): Solved<P> => {
  const { loss, params, penalties, proxOfLoss, tolerance = 1e-8, maxIterations = 5000 } = problem
  let { rho = 1 } = problem
  checkOptions('admm', { rho, tolerance, maxIterations })
  if (penalties.length === 0)
    throw new CotangentError('Value', 'admm: there is no penalty. Give one at least, or use fista.', {
      op: 'admm',
    })
  const own = penalties.map((penalty) => simple('admm', penalty, params, true))
  const smooth = smoothPart(loss, own)
  const k = own.length
  // Scaled multipliers: the x-update is near the mean of z - u.
  const near = compiledNear(smooth)
  let x = params
  let z = own.map(() => params)
  let u = own.map(() => tree.map((p: Tensor) => mul(p, 0), params) as P)
  let accuracy = 1e-2
  for (let iterations = 1; ; iterations++) {
    const centre = scaledSum(
      z.map((zk, i) => minus(zk, u[i]!)),
      1 / k,
    )
    x = proxOfLoss === undefined ? near(x, centre, rho * k, accuracy) : proxOfLoss(centre, rho * k)
    const next = own.map(({ prox }, i) => prox(along(x, 1, u[i]!), 1 / rho))
    u = u.map((ui, i) => minus(along(ui, 1, x), next[i]!))
    const primal = Math.hypot(...next.map((zk) => lengthOf(minus(x, zk))))
    const dual = rho * Math.hypot(...next.map((zk, i) => lengthOf(minus(zk, z[i]!))))
    z = next
    const primalScale = 1 + Math.max(Math.sqrt(k) * lengthOf(x), Math.hypot(...z.map(lengthOf)))
    const dualScale = 1 + rho * Math.hypot(...u.map(lengthOf))
    const residual = Math.max(primal / primalScale, dual / dualScale)
    const converged = residual <= tolerance
    if (converged || iterations >= maxIterations)
      return { params: z[0]!, value: smooth(z[0]!).item(), residual, iterations, converged }
    accuracy = Math.min(accuracy, 0.1 * residual)
    const factor = primal > UNBALANCED * dual ? 2 : dual > UNBALANCED * primal ? 0.5 : 1
    if (factor !== 1 && iterations < maxIterations / 2) {
      rho *= factor
      u = u.map((ui) => tree.map((v: Tensor) => mul(v, 1 / factor), ui) as P)
    }
  }
}

const scaledSum = <P>(xs: readonly P[], factor: number): P =>
  tree.map(
    (x: Tensor) => mul(x, factor),
    xs.slice(1).reduce((total, x) => along(total, 1, x), xs[0]!),
  ) as P

/** argmin_x f(x) + weight/2·‖x - v‖², from `from`, as exactly as asked. */
const compiledNear = <P>(f: (params: P) => Tensor) => {
  const gradient = compiled(f)
  return (from: P, v: P, weight: number, accuracy: number): P => {
    const smooth = (at: P): readonly [Tensor, P] => {
      const [value, slope] = gradient(at)
      const away = minus(at, v)
      return [add(value, mul(inner(away, away), weight / 2)), along(slope, weight, away)]
    }
    return iterate('admm', smooth, { prox: (p) => p }, from, {
      accelerate: true,
      growth: 1,
      step: 1 / weight,
      tolerance: accuracy * weight,
      maxIterations: 1000,
    }).params
  }
}

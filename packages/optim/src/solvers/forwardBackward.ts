import { CotangentError, jit, type Tensor, valueAndGrad } from '@cotangent/core'
import { along, inner } from '../lbfgs.js'
import { type Simple, type SolverPenalty, simple, smoothPart } from './penalty.js'

/** A smooth loss and a penalty with a proximal operator. */
export interface CompositeProblem<P> {
  /** Differentiable; the terms of the penalty that are smooth are added to it. */
  readonly loss: (params: P) => Tensor
  /** Where to start. */
  readonly params: P
  readonly penalty?: SolverPenalty
  /** First step length; it is halved until the loss lies below its quadratic bound. Default 1. */
  readonly step?: number
  /** Stops where the length of the gradient mapping (y - prox(y - t·∇))/t is at most this, times that of the first gradient if it is above 1. Default 1e-8. */
  readonly tolerance?: number
  /** Default 10,000. */
  readonly maxIterations?: number
}

/** What a solver came to. */
export interface Solved<P> {
  readonly params: P
  /** The loss there, without the proximal terms. */
  readonly value: number
  /** What the tolerance is compared with. */
  readonly residual: number
  readonly iterations: number
  readonly converged: boolean
}

/** How steps follow each other. */
export interface Momentum {
  readonly accelerate: boolean
  /** Factor of the step length from one iteration to the next; backtracking takes it down again. */
  readonly growth: number
}

const squareOf = (x: unknown): number => inner(x, x).item()
const minus = <P>(x: P, y: P): P => along(x, -1, y)

/** Refuses options that are no numbers to work with; a tolerance of 0 is one, and asks for all iterations. */
export const checkOptions = (op: string, options: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(options))
    if (!(value > 0) && !(name === 'tolerance' && value === 0))
      throw new CotangentError('Value', `${op}: ${name} is ${value}. Give a number above 0.`, { op })
}

/** The smooth part with its gradient, compiled. */
type Smooth<P> = (params: P) => readonly [Tensor, P]
export const compiled = <P>(f: (params: P) => Tensor): Smooth<P> =>
  jit(valueAndGrad(f as (params: unknown) => Tensor)) as unknown as Smooth<P>

/**
 * x⁺ = prox(y - t·∇f(y), t) with y = x, or accelerated with y beyond x. The step length t is halved until
 * f(x⁺) ≤ f(y) + ⟨∇f(y), x⁺ - y⟩ + ‖x⁺ - y‖²/2t, up to rounding. The momentum starts anew where the step turns back on it
 * (O'Donoghue & Candès 2015).
 */
export const forwardBackward = <P>(
  op: string,
  problem: CompositeProblem<P>,
  { accelerate, growth }: Momentum,
  convex: boolean,
): Solved<P> => {
  const { loss, params, penalty, step = 1, tolerance = 1e-8, maxIterations = 10_000 } = problem
  checkOptions(op, { step, tolerance, maxIterations })
  const own = simple(op, penalty, params, convex)
  return iterate(op, compiled(smoothPart(loss, [own])), own, params, {
    accelerate,
    growth,
    step,
    tolerance,
    maxIterations,
  })
}

interface Settings extends Momentum {
  readonly step: number
  readonly tolerance: number
  readonly maxIterations: number
}

export const iterate = <P>(
  op: string,
  smooth: Smooth<P>,
  { prox }: Pick<Simple, 'prox'>,
  start: P,
  { accelerate, growth, step, tolerance, maxIterations }: Settings,
): Solved<P> => {
  let x = start
  let y = start
  let t = step
  let theta = 1
  let allowed = tolerance
  let [value, gradient] = smooth(y)
  for (let iterations = 0; ; iterations++) {
    const at = value.item()
    if (!Number.isFinite(at))
      throw new CotangentError(
        'NonFinite',
        `${op}: the loss is ${at} after ${iterations} iterations. Start where it is finite.`,
        { op },
      )
    if (iterations === 0) allowed = tolerance * Math.max(1, Math.sqrt(squareOf(gradient)))
    const { next, there, residual, length } = backtrack(op, smooth, prox, y, at, gradient, t)
    t = length
    if (residual <= allowed || iterations + 1 >= maxIterations)
      return {
        params: next,
        value: there[0].item(),
        residual,
        iterations: iterations + 1,
        converged: residual <= allowed,
      }
    const turned = accelerate && inner(minus(y, next), minus(next, x)).item() > 0
    if (!accelerate || turned) {
      theta = 1
      y = next
      ;[value, gradient] = there
    } else {
      const grown = (1 + Math.sqrt(1 + 4 * theta * theta)) / 2
      y = along(next, (theta - 1) / grown, minus(next, x))
      theta = grown
      ;[value, gradient] = smooth(y)
    }
    x = next
    t *= growth
  }
}

/** Halvings without a step that lowers the bound: less than the smallest double. */
const HALVINGS = 1100

const backtrack = <P>(
  op: string,
  smooth: Smooth<P>,
  prox: Simple['prox'],
  y: P,
  value: number,
  gradient: P,
  first: number,
): {
  readonly next: P
  readonly there: readonly [Tensor, P]
  readonly residual: number
  readonly length: number
} => {
  let t = first
  for (let i = 0; i < HALVINGS; i++, t /= 2) {
    const next = prox(along(y, -t, gradient), t)
    const move = minus(next, y)
    const square = squareOf(move)
    const there = smooth(next)
    const bound = value + inner(gradient, move).item() + square / (2 * t)
    // Where values agree to the last digits they cannot tell; the slopes can.
    const flat = Math.abs(there[0].item() - value) <= 1e-10 * Math.abs(value)
    const fits = flat ? inner(minus(there[1], gradient), move).item() <= square / t : there[0].item() <= bound
    if (fits) return { next, there, residual: Math.sqrt(square) / t, length: t }
  }
  throw new CotangentError(
    'NonFinite',
    `${op}: no step is short enough for the loss to fall. Its gradient is wrong or not finite there; try checkGrad.`,
    { op },
  )
}

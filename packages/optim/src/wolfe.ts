import {
  abs,
  add,
  equal,
  greater,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  mul,
  type Tensor,
  tensor,
  where,
  whileLoop,
} from '@cotangent/core'

/** Options of {@link wolfe}. */
export interface WolfeOptions {
  /** Share of the promised decrease that is asked for. Default 1e-4. */
  readonly decrease?: number
  /** Share of the slope that may be left. Default 0.9. */
  readonly curvature?: number
  /** Most evaluations. Default 30. */
  readonly tries?: number
}

/** The search: the next step length to try, and what is known to the left and right of a solution. */
interface Search {
  readonly t: Tensor
  readonly low: Tensor
  readonly high: Tensor
  readonly done: Tensor
  readonly tried: Tensor
}

const real = (x: number): Tensor => tensor(x, { dtype: 'float64' })

/**
 * A step length t with the strong Wolfe conditions φ(t) ≤ φ(0) + c₁tφ'(0) and |φ'(t)| ≤ c₂|φ'(0)|, by bisection.
 *
 * Invariant: at `low` there is enough decrease and φ still falls steeply; at `high` the decrease is too small or φ rises
 * steeply. So ψ(t) = φ(t) - φ(0) - c₁tφ'(0) has its least value over [low, high] inside, where φ' = c₁φ'(0): a point with
 * both conditions. A value of NaN counts as no decrease. After `tries` it is `low`, which is never worse than 0.
 */
export const wolfe = (
  phi: (t: Tensor) => readonly [Tensor, Tensor],
  value: Tensor,
  slope: Tensor,
  first: Tensor,
  { decrease = 1e-4, curvature = 0.9, tries = 30 }: WolfeOptions = {},
): Tensor => {
  const steep = mul(abs(slope), curvature)
  const end = whileLoop<Search>(
    ({ done, tried }) => logicalAnd(logicalNot(done), less(tried, tries)),
    ({ t, low, high, tried }) => {
      const [there, inclination] = phi(t)
      const enough = lessEqual(there, add(value, mul(mul(t, slope), decrease)))
      const short = logicalAnd(enough, less(inclination, mul(steep, -1)))
      const far = logicalOr(logicalNot(enough), greater(inclination, steep))
      const bounds = { low: where(short, t, low), high: where(far, t, high) }
      const open = equal(bounds.high, Number.POSITIVE_INFINITY)
      const middle = mul(add(bounds.low, where(open, bounds.low, bounds.high)), 0.5)
      const done = logicalNot(logicalOr(short, far))
      const next = where(open, mul(bounds.low, 2), middle)
      return { t: where(done, t, next), ...bounds, done, tried: add(tried, 1) }
    },
    {
      t: first,
      low: real(0),
      high: real(Number.POSITIVE_INFINITY),
      done: tensor(false),
      tried: tensor(0, { dtype: 'int32' }),
    },
  )
  return where(end.done, end.t, end.low)
}

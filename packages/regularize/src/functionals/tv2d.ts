import {
  abs,
  add,
  CotangentError,
  concat,
  div,
  greater,
  hypot,
  less,
  logicalAnd,
  maximum,
  minimum,
  mul,
  type Num,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
  zeros,
} from '@cotangent/core'
import type { Functional } from '../functional.js'
import { euclidean, fixedPoint, type Proximal } from './grouped.js'
import { times } from './scalars.js'
import { show, strength } from './strength.js'

/** How {@link tv2d} measures a gradient, and how well its prox is solved. */
export interface Tv2dOptions {
  /** `isotropic`: √(right² + down²) for each pixel; `anisotropic`: |right| + |down|. Default isotropic. */
  readonly variant?: 'isotropic' | 'anisotropic'
  /** The duality gap at which the prox stops, relative to ½‖x‖²; default 1e-14 for float64 and 1e-7 for float32. */
  readonly tolerance?: number
  /** Default 5000. */
  readonly maxIterations?: number
}

type Pair = readonly [Tensor, Tensor]

const image = (x: Tensor): readonly [number, number] => {
  if (x.rank === 2 && x.size > 0) return x.shape as [number, number]
  throw new CotangentError(
    'Shape',
    `tv2d: a tensor of shape [${x.shape}] is not an image. Give a matrix [rows, columns], or map over others with vmap.`,
    { op: 'tv2d', shapes: [x.shape] },
  )
}

/** Differences to the row below and to the column on the right, 0 at the edge. */
const differences = (x: Tensor): Pair => {
  const [m, n] = image(x)
  const edge = (shape: readonly [number, number]): Tensor => zeros(shape, x.dtype) as Tensor
  const down = sub(slice(x, [1, 0], [m, n]), slice(x, [0, 0], [m - 1, n]))
  const right = sub(slice(x, [0, 1], [m, n]), slice(x, [0, 0], [m, n - 1]))
  return [concat([down, edge([1, n])], { axis: 0 }), concat([right, edge([m, 1])], { axis: 1 })]
}

/** The adjoint of {@link differences}, for fields that are 0 at the edge. */
const adjoint = ([p, q]: Pair): Tensor => {
  const [m, n] = p.shape as [number, number]
  const edge = (shape: readonly [number, number]): Tensor => zeros(shape, p.dtype) as Tensor
  const above = concat([edge([1, n]), slice(p, [0, 0], [m - 1, n])], { axis: 0 })
  const left = concat([edge([m, 1]), slice(q, [0, 0], [m, n - 1])], { axis: 1 })
  return add(sub(above, p), sub(left, q))
}

const sizes = ([p, q]: Pair, isotropic: boolean): Tensor => (isotropic ? hypot(p, q) : add(abs(p), abs(q)))

const clip = ([p, q]: Pair, tau: Tensor, isotropic: boolean): Pair => {
  if (!isotropic) return [maximum(minimum(p, tau), mul(tau, -1)), maximum(minimum(q, tau), mul(tau, -1))]
  const n = sizes([p, q], true)
  const outside = greater(n, tau)
  const factor = where(outside, div(tau, where(outside, n, 1)), 1)
  return [mul(p, factor), mul(q, factor)]
}

const inner = (a: Pair, b: Pair): Tensor => add(sum(mul(a[0], b[0])), sum(mul(a[1], b[1])))
const minus = (a: Pair, b: Pair): Pair => [sub(a[0], b[0]), sub(a[1], b[1])]
const along = (a: Pair, s: Num, b: Pair): Pair => [add(a[0], mul(b[0], s)), add(a[1], mul(b[1], s))]

/**
 * argmin τ·TV(z) + ½‖z - x‖² by accelerated projection on its dual, min ½‖x - D*p‖² over |p| ≤ τ (Beck & Teboulle 2009), with
 * restarts where the momentum points uphill (O'Donoghue & Candès 2015). ‖D‖² ≤ 8. The gap τTV(z) - ⟨p, Dz⟩ bounds how far
 * the objective is from its minimum.
 */
const denoise = (x: Tensor, tau: Tensor, isotropic: boolean, tolerance: number, limit: number): Tensor => {
  const zero: Pair = [mul(x, 0), mul(x, 0)]
  // The gap itself rounds by ετΣ|x|.
  const epsilon = x.dtype === 'float64' ? 2 ** -50 : 2 ** -21
  const bound = maximum(mul(sum(square(x)), tolerance / 2), mul(mul(tau, sum(abs(x))), epsilon))
  const near = (p: Pair): Tensor => sub(x, adjoint(p))
  const gap = (p: Pair): Tensor => {
    const d = differences(near(p))
    return sub(mul(tau, sum(sizes(d, isotropic))), inner(p, d))
  }
  const one = add(mul(sum(tau), 0), 1)
  type State = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
  const [p, q] = whileLoop(
    ([p, q, , , , k]: State) => logicalAnd(less(k, limit), greater(gap([p, q]), bound)),
    ([p0, q0, y0, y1, t, k]: State): State => {
      const y: Pair = [y0, y1]
      const p = clip(along(y, 1 / 8, differences(near(y))), tau, isotropic)
      const move = minus(p, [p0, q0])
      const uphill = greater(inner(minus(y, p), move), 0)
      const s = where(uphill, one, t)
      const next = mul(add(sqrt(add(mul(square(s), 4), 1)), 1), 0.5)
      const momentum = where(uphill, mul(s, 0), div(sub(s, 1), next))
      const ahead = along(p, momentum, move)
      return [p[0], p[1], ahead[0], ahead[1], next, add(k, 1)]
    },
    [zero[0], zero[1], zero[0], zero[1], one, mul(one, 0)] as State,
  )
  return near([p, q])
}

/**
 * R(X) = λ·Σ‖∇X‖, the total variation of an image: the gradient at a pixel is its differences to the pixels below and on
 * the right. The prox is solved to a duality gap, not in closed form. Rudin, Osher & Fatemi 1992; Beck & Teboulle 2009,
 * https://doi.org/10.1109/TIP.2009.2028250
 *
 * @example
 * tv2d(1).value(tensor([[0, 3], [4, 0]])) // => 12
 * tv2d(1, { variant: 'anisotropic' }).value(tensor([[0, 3], [4, 0]])) // => 14
 * tv2d(1).prox(tensor([[0, 0], [8, 8]]), 1) // => [[1, 1], [7, 7]]
 */
export const tv2d = (
  lambda: Num,
  options: Tv2dOptions = {},
): Proximal & Required<Pick<Functional, 'kkt'>> => {
  strength('tv2d', lambda)
  const { variant = 'isotropic', tolerance, maxIterations = 5000 } = options
  const isotropic = variant === 'isotropic'
  const prox = (x: Tensor, step: Num, metric?: Tensor): Tensor => {
    euclidean('tv2d', metric)
    image(x)
    const tau = add(mul(sum(x), 0), times(step, lambda))
    return denoise(x, tau, isotropic, tolerance ?? (x.dtype === 'float64' ? 1e-14 : 1e-7), maxIterations)
  }
  return {
    name: `tv2d(${show(lambda)}${isotropic ? '' : ', anisotropic'})`,
    traits: { convex: true, smooth: false, separable: 'block', homogeneous: 1 },
    value: (x) => mul(sum(sizes(differences(x), isotropic)), lambda),
    prox,
    kkt: fixedPoint(prox),
  }
}

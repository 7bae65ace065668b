import {
  abs,
  add,
  cast,
  clip,
  div,
  equal,
  greater,
  maximum,
  mul,
  type Num,
  norm,
  sign,
  type Tensor,
  tree,
  where,
} from '@cotangent/core'
import { type Hyper, hyper, like } from './hyper.js'
import { globalNorm, scaled } from './numeric.js'
import { noUpdates } from './state.js'
import type { Info, Transform } from './transform.js'

type Counted = Transform<{ readonly count: Tensor }>

/** A transform that remembers nothing but the count, for its schedule. */
export const counted = (
  name: string,
  h: Hyper,
  f: <P>(grads: P, value: Num, params: unknown) => { readonly updates: P; readonly info?: Info },
): Counted => ({
  init: () => ({ count: noUpdates() }),
  update: (grads, { count }, { params }) => {
    const value = hyper(h, count)
    const { updates, info } = f(grads, value, params)
    return { updates, state: { count: add(count, 1) }, info: { ...info, hyper: { [name]: value } } }
  },
})

/**
 * Every entry held between -limit and limit.
 *
 * @example
 * const clipped = clipByValue(1)
 * clipped.update(tensor([3, -0.5]), clipped.init(tensor([0, 0])), { params: tensor([0, 0]) }).updates // => [1, -0.5]
 */
export const clipByValue = (limit: Hyper): Counted =>
  counted('clipByValue', limit, (grads, value) => ({
    updates: tree.map((g: Tensor) => bounded(g, value), grads) as typeof grads,
  }))

const bounded = (g: Tensor, limit: Num): Tensor => {
  const bound = like(limit, g)
  return clip(g, typeof bound === 'number' ? -bound : mul(bound, -1), bound)
}

/** x·limit/size where size is above the limit, x elsewhere; nothing is divided by 0, in the derivative neither. */
const shrink = (x: Tensor, size: Tensor, limit: Num): Tensor => {
  const above = greater(size, limit)
  return mul(x, like(where(above, div(limit, where(above, size, 1)), 1), x))
}

/**
 * All leaves as one vector of norm `limit` at most: g·min(1, limit/‖g‖). A gradient of 0 stays 0 and has a finite
 * derivative. An infinite gradient becomes its limit: infinite entries share the norm and the others are 0. The norm
 * before clipping is reported as `info.gradientNorm`. Pascanu, Mikolov & Bengio 2013, https://arxiv.org/abs/1211.5063
 *
 * @example
 * const clipped = clipByGlobalNorm(1)
 * clipped.update(tensor([3, 4]), clipped.init(tensor([0, 0])), { params: tensor([0, 0]) }).updates // => [0.6, 0.8]
 * clipped.update(tensor([Infinity, 4]), clipped.init(tensor([0, 0])), { params: tensor([0, 0]) }).updates // => [1, 0]
 */
export const clipByGlobalNorm = (limit: Hyper): Counted =>
  counted('clipByGlobalNorm', limit, (grads, value) => {
    const gradientNorm = globalNorm(grads)
    const infinite = equal(gradientNorm, Number.POSITIVE_INFINITY)
    const finite = tree.map((g: Tensor) => where(infinite, ends(g), g), grads)
    const size = globalNorm(finite)
    const updates = tree.map((g: Tensor) => shrink(g, size, value), finite)
    return { updates: updates as typeof grads, info: { gradientNorm } }
  })

/** The sign of infinite entries, 0 for others. */
const ends = (g: Tensor): Tensor => where(equal(abs(g), Number.POSITIVE_INFINITY), sign(g), 0)

/**
 * Every leaf with root mean square `limit` at most.
 *
 * @example
 * const clipped = clipByBlockRms(1)
 * clipped.update(tensor([2, -2]), clipped.init(tensor([0, 0])), { params: tensor([0, 0]) }).updates // => [1, -1]
 */
export const clipByBlockRms = (limit: Hyper): Counted =>
  counted('clipByBlockRms', limit, (grads, value) => ({
    updates: tree.map(
      (g: Tensor) => shrink(g, div(norm(cast(g, 'float64')), Math.sqrt(Math.max(g.size, 1))), value),
      grads,
    ) as typeof grads,
  }))

/** Options of {@link agc}. */
export interface AgcOptions {
  /** Units with smaller weights count as this large. Default 1e-3. */
  readonly eps?: number
  /** The axes over which a unit's weights lie. Default: all but the last, and all of a vector. */
  readonly axis?: number | readonly number[]
}

/** The axes within a unit of a leaf: all but the last, the outputs. */
export const unitAxes = (x: Tensor): readonly number[] =>
  x.rank <= 1 ? x.shape.map((_, i) => i) : x.shape.slice(1).map((_, i) => i)

/**
 * Adaptive gradient clipping: each unit's gradient has norm λ·max(‖w‖, ε) at most, w being the unit's weights.
 * Brock et al. 2021, https://arxiv.org/abs/2102.06171
 *
 * @example
 * const clipped = agc(0.01)
 * clipped.update(tensor([0.3, 0.4]), clipped.init(tensor([3, 4])), { params: tensor([3, 4]) }).updates // => [0.03, 0.04]
 */
export const agc = (clipping: Hyper, { eps = 1e-3, axis }: AgcOptions = {}): Counted =>
  counted('agc', clipping, (grads, value, params) => ({
    updates: tree.map(
      (g: Tensor, p: Tensor) => {
        const axes = axis ?? unitAxes(g)
        const unit = (x: Tensor): Tensor =>
          x.rank === 0 ? abs(cast(x, 'float64')) : norm(cast(x, 'float64'), { axis: axes, keepDims: true })
        return shrink(g, unit(g), scaled(maximum(unit(p), eps), value))
      },
      grads,
      params,
    ) as typeof grads,
  }))

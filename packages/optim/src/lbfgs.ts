import {
  add,
  cast,
  div,
  greater,
  logicalAnd,
  mul,
  type Num,
  neg,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  where,
} from '@cotangent/core'
import { choose, globalNorm, scaled } from './numeric.js'
import { noUpdates, zerosLike } from './state.js'
import { required, type Transform, type ValueAndGrad } from './transform.js'
import { type WolfeOptions, wolfe } from './wolfe.js'

/** Options of {@link lbfgs}. */
export interface LbfgsOptions extends WolfeOptions {
  /** How many pairs of steps and changes of the gradient are remembered. Default 10. */
  readonly memory?: number
}

/** A step s, the change y of the gradient along it, and 1/sᵀy; that is 0 for a pair that is not there yet. */
interface Pair {
  readonly s: unknown
  readonly y: unknown
  readonly rho: Tensor
}

/** State of {@link lbfgs}: the pairs, newest first, and where it came from. */
export interface LbfgsState {
  readonly count: Tensor
  readonly params: unknown
  readonly grads: unknown
  readonly pairs: readonly Pair[]
}

/** The inner product of two trees, in doubles. */
export const inner = (a: unknown, b: unknown): Tensor =>
  tree
    .leaves(tree.map((x: Tensor, y: Tensor) => sum(mul(cast(x, 'float64'), cast(y, 'float64'))), a, b))
    .reduce((total, x) => add(total, x))

/** a + k·b. */
export const along = <T>(a: T, k: Num, b: unknown): T =>
  tree.map((x: Tensor, y: Tensor) => add(x, scaled(y, k)), a, b) as T

/** H·g for the inverse Hessian H of the pairs: the two loops of Nocedal & Wright, algorithm 7.4. */
const inverseHessian = <P>(g: P, pairs: readonly Pair[]): P => {
  let q = g
  const alphas = pairs.map(({ s, y, rho }) => {
    const alpha = mul(rho, inner(s, q))
    q = along(q, neg(alpha), y)
    return alpha
  })
  const { rho, y } = pairs[0]!
  const known = greater(rho, 0)
  const gamma = where(known, div(1, where(known, mul(rho, inner(y, y)), 1)), 1)
  let r = tree.map((x: Tensor) => scaled(x, gamma), q) as P
  for (const [i, pair] of [...pairs.entries()].reverse())
    r = along(r, sub(alphas[i]!, mul(pair.rho, inner(pair.y, r))), pair.s)
  return r
}

/** The pairs with the newest in front; a step along which the objective did not curve upwards is left out. */
const remember = (state: LbfgsState, params: unknown, grads: unknown): readonly Pair[] => {
  const s = along(params, -1, state.params)
  const y = along(grads, -1, state.grads)
  const curvature = inner(s, y)
  const curved = logicalAnd(greater(state.count, 0), greater(curvature, mul(square(globalNorm(y)), 1e-12)))
  const newest: Pair = { s, y, rho: where(curved, div(1, where(curved, curvature, 1)), 0) }
  return choose(curved, [newest, ...state.pairs.slice(0, -1)], state.pairs)
}

/**
 * L-BFGS: the direction -H·g with the inverse Hessian H of the last pairs, and a step length by strong Wolfe conditions.
 * Needs `valueAndGrad` in the context, which it evaluates along the direction, and `value`. The reported learning rate is
 * the step length. Nocedal & Wright 2006, chapter 7. It is not for noisy gradients.
 *
 * @example
 * const f = valueAndGrad((w: Tensor) => mul(sum(square(w)), 0.5))
 * const optimizer = lbfgs()
 * const at = tensor([0.5])
 * optimizer.update(at, optimizer.init(at), { params: at, value: 0.125, valueAndGrad: f }).updates // => [-0.5]
 */
export const lbfgs = ({
  memory = 10,
  ...options
}: LbfgsOptions = {}): Transform<
  LbfgsState,
  { readonly value: Num; readonly valueAndGrad: ValueAndGrad }
> => ({
  init: (params) => {
    const zero = zerosLike(params)
    const none: Pair = { s: zero, y: zero, rho: tensor(0, { dtype: 'float64' }) }
    return { count: noUpdates(), params: zero, grads: zero, pairs: new Array<Pair>(memory).fill(none) }
  },
  update: (grads, state, context) => {
    const valueAndGrad = required('lbfgs', context, 'valueAndGrad')
    const value = cast(required('lbfgs', context, 'value'), 'float64')
    const { params } = context
    const pairs = remember(state, params, grads)
    const direction = tree.map((x: Tensor) => neg(x), inverseHessian(grads, pairs)) as typeof grads
    // Without a known scale the first step has length 1 at most.
    const size = globalNorm(direction)
    const long = logicalAnd(greater(size, 1), greater(1e-300, pairs[0]!.rho))
    const first = where(long, div(1, where(long, size, 1)), 1)
    const phi = (t: Tensor): readonly [Tensor, Tensor] => {
      const [there, slope] = valueAndGrad(along(params, t, direction) as never)
      return [cast(there, 'float64'), inner(slope, direction)]
    }
    const learningRate = wolfe(phi, value, inner(grads, direction), first, options)
    return {
      updates: tree.map((x: Tensor) => scaled(x, learningRate), direction) as typeof grads,
      state: { count: add(state.count, 1), params: tree.map((p: Tensor) => p, params), grads, pairs },
      info: { learningRate, count: state.count, hyper: { learningRate } },
    }
  },
})

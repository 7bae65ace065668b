import { type CompositeProblem, forwardBackward, type Solved } from './forwardBackward.js'

/**
 * Minimises loss + penalty by steps x⁺ = prox(x - t·∇loss(x), t), the length t found by backtracking. With a penalty that is
 * not convex it ends at a stationary point. The penalty is a functional of `@cotangent/regularize` where the parameters are one
 * tensor, or `plan(penalty, params)`. Lions & Mercier 1979; Beck & Teboulle 2009, https://doi.org/10.1137/080716542
 *
 * @example
 * const loss = (w: Tensor) => mul(sum(square(sub(w, tensor([3, 0.25])))), 0.5)
 * const soft = { traits: { convex: true }, value: (x: Tensor) => sum(abs(x)), prox: (x: Tensor, t: Num) => sub(x, clip(x, neg(t), t)) }
 * proximalGradient({ loss, params: tensor([0, 0]), penalty: soft }).params // => [2, 0]
 */
export const proximalGradient = <P>(problem: CompositeProblem<P>): Solved<P> =>
  forwardBackward('proximalGradient', problem, { accelerate: false, growth: 1.25 }, false)

/**
 * Minimises loss + penalty, both convex, by accelerated proximal gradient steps: FISTA, with a restart whenever the step turns
 * against the momentum, which makes it as fast on well-conditioned problems as if it knew how well. Arguments as of
 * {@link proximalGradient}. Beck & Teboulle 2009, https://doi.org/10.1137/080716542; O'Donoghue & Candès 2015,
 * https://doi.org/10.1007/s10208-013-9150-3
 *
 * @example
 * const loss = (w: Tensor) => mul(sum(square(sub(w, tensor([3, 0.25])))), 0.5)
 * fista({ loss, params: tensor([0, 0]) }).params // => [3, 0.25]
 */
export const fista = <P>(problem: CompositeProblem<P>): Solved<P> =>
  forwardBackward('fista', problem, { accelerate: true, growth: 1 }, true)

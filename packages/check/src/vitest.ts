import { expect } from 'vitest'
import { type AdjointOptions, type AdjointPair, satisfiesAdjointIdentity } from './matchers/adjoint.js'
import { type CloseOptions, closeToTensor } from './matchers/close.js'
import { type ConvexOptions, type ProxOptions, proxOf, subgradientOf } from './matchers/convex.js'
import { type CorrectGradientOptions, correctGradient } from './matchers/gradient.js'
import { convergesAtRate, type RateOptions } from './matchers/rate.js'

export type {
  AdjointOptions,
  AdjointPair,
  CloseOptions,
  ConvexOptions,
  CorrectGradientOptions,
  ProxOptions,
  RateOptions,
}

interface GradientMatchers<R = unknown> {
  /** `checkGrad` at a point, or `forAllGrad` at an arbitrary, which is to be awaited. */
  toHaveCorrectGradient(options: CorrectGradientOptions): R
  /** The received tensor is a subgradient of the convex function `f` at `x`. */
  toBeSubgradientOf(f: (x: never) => unknown, x: unknown, options?: ConvexOptions): R
  /** The received `(x, step) => p` is the proximal operator of `value`. */
  toBeProxOf(value: (x: never) => unknown, options: ProxOptions): R
  /** Equal shapes, and entries equal up to ulps or tolerances. */
  toBeCloseToTensor(expected: unknown, options?: CloseOptions): R
  /** The received function of h, a number or a tree of tensors, falls as hᵖ or faster when h is halved. */
  toConvergeAtRate(rate: number, options?: RateOptions): R
  /** The received pair `[map, adjoint]`, or `{ forward, adjoint }`, satisfies ⟨v, Au⟩ = ⟨Aᵀv, u⟩. */
  toSatisfyAdjointIdentity(options: AdjointOptions): R
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration merged with has this default
  interface Matchers<T = any> extends GradientMatchers<T> {}
}

expect.extend({
  toHaveCorrectGradient: (f, options: CorrectGradientOptions) => correctGradient(f, options),
  toBeSubgradientOf: (g, f: (x: never) => unknown, x: unknown, options?: ConvexOptions) =>
    subgradientOf(g, f, x, options),
  toBeProxOf: (prox, f: (x: never) => unknown, options: ProxOptions) => proxOf(prox, f, options),
  toBeCloseToTensor: (got, want: unknown, options?: CloseOptions) => closeToTensor(got, want, options),
  toConvergeAtRate: (f, rate: number, options?: RateOptions) => convergesAtRate(f, rate, options),
  toSatisfyAdjointIdentity: (pair, options: AdjointOptions) => satisfiesAdjointIdentity(pair, options),
})

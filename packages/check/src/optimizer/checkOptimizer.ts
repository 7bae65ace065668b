import { add, type Num, square, sub, sum, type Tensor, tensor } from '@cotangent/core'
import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { freshSeed } from '../random.js'
import type { Known, Optimizer, OptimizerLaw } from './claim.js'
import { differentiable } from './differentiable.js'
import { purity } from './purity.js'
import { structure } from './structure.js'
import { zeroGradient } from './zeroGradient.js'

const LAWS = { structure, purity, zeroGradient, differentiable } as const satisfies Readonly<
  Record<string, OptimizerLaw>
>

/** The laws of optimisers. */
export type OptimizerLawName = keyof typeof LAWS

/** A law that an optimiser breaks. */
export interface OptimizerFailure {
  readonly law: OptimizerLawName
  readonly text: string
  readonly seed: number
  toString(): string
}

/** The laws that hold, with the steps or cases tried. */
export interface OptimizerCertificate {
  readonly laws: readonly { readonly law: OptimizerLawName; readonly cases: number }[]
  readonly seed: number
}

export interface OptimizerCheckOptions {
  /** Where to begin, in float64 so that derivatives can be judged; default two leaves of two numbers. */
  readonly params?: unknown
  /** Default a sum of squares and of a quartic, which is convex and no parabola. */
  readonly loss?: (params: never) => Tensor
  /** What an update needs beside parameters, value and `valueAndGrad`, such as a random key. */
  readonly context?: Readonly<Record<string, unknown>>
  /** Default 0.01. */
  readonly learningRate?: number
  /** Default 3. */
  readonly steps?: number
  /** A gradient of 0 does not keep it from moving, as with decay. */
  readonly restless?: boolean
  readonly seed?: number
}

const START = {
  w: tensor([1, -0.5], { dtype: 'float64' }) as Tensor,
  b: tensor([0.75, 2], { dtype: 'float64' }) as Tensor,
}
const TARGET = tensor([0.25, 3], { dtype: 'float64' })
const bowl = ({ w, b }: typeof START): Tensor =>
  add(sum(square(sub(w, TARGET))), sum(square(square(sub(b, 1))))) as Tensor

/**
 * Whether an optimiser keeps its promises: a state whose structure, shapes and dtypes never change, the same bits twice, finite
 * updates at a gradient of 0 (and none, unless it is `restless`), and right derivatives of the loss after three steps by the
 * learning rate and by the parameters in the beginning. It is given as a function of its learning rate, and needs `init` and
 * `update` alone.
 *
 * @example
 * const descent = (rate: Num) => ({
 *   init: () => [],
 *   update: (g: Tensor, state: never[]) => ({ updates: mul(g, neg(rate)), state }),
 * })
 * const found = checkOptimizer(descent, { params: tensor([1, 2], { dtype: 'float64' }), loss: (x: Tensor) => sum(square(x)) })
 * found._tag // => 'Right'
 */
export const checkOptimizer = <S>(
  make: (learningRate: Num) => Optimizer<S>,
  options: OptimizerCheckOptions = {},
): Either<NonEmptyArray<OptimizerFailure>, OptimizerCertificate> => {
  const { params = START, loss = bowl, context = {}, learningRate = 0.01, steps = 3 } = options
  const { restless = false, seed = freshSeed() } = options
  const known: Known = {
    make: make as unknown as Known['make'],
    params,
    loss: loss as unknown as Known['loss'],
    context,
    learningRate,
    steps,
    restless,
    seed,
  }
  const found = (Object.keys(LAWS) as OptimizerLawName[]).map((law) => [law, LAWS[law](known)] as const)
  const [first, ...rest] = found.flatMap(([law, text]) =>
    typeof text === 'string'
      ? [{ law, text, seed, toString: () => `✗ ${law}: ${text}, seed ${seed}` } as OptimizerFailure]
      : [],
  )
  if (first) return E.left([first, ...rest])
  return E.right({
    laws: found.flatMap(([law, cases]) => (typeof cases === 'number' ? [{ law, cases }] : [])),
    seed,
  })
}

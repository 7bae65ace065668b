import { add, cast, type Num, type Tensor, tree, valueAndGrad } from '@cotangent/core'
import type { Known, Optimizer } from './claim.js'

interface Position {
  readonly params: unknown
  readonly state: unknown
  readonly updates: unknown
}

/** One update at a gradient of one's own. */
export const updated = (
  k: Known,
  optimizer: Optimizer,
  gradient: unknown,
  state: unknown,
  params: unknown,
  value: unknown,
  both: unknown,
): { readonly updates: unknown; readonly state: unknown } => {
  const context = { ...k.context, params, value, valueAndGrad: both }
  return (optimizer.update as (...xs: unknown[]) => { updates: unknown; state: unknown })(
    gradient,
    state,
    context,
  )
}

/** One step of gradient descent by an optimiser. */
export const advance = (
  k: Known,
  optimizer: Optimizer,
  { params, state }: Omit<Position, 'updates'>,
): Position => {
  const both = valueAndGrad(k.loss as (p: unknown) => Tensor)
  const [value, gradient] = both(params)
  const next = updated(k, optimizer, gradient, state, params, value, both)
  const moved = tree.map(
    (p: Tensor, u: Tensor) => (u.dtype === p.dtype ? add(p, u) : cast(add(p, u), p.dtype)) as Tensor,
    params as never,
    next.updates as never,
  )
  return { params: moved, state: next.state, updates: next.updates }
}

/** So many steps from some parameters. */
export const run = (k: Known, learningRate: Num, params: unknown, steps = k.steps): Position => {
  const optimizer = k.make(learningRate)
  let at: Position = { params, state: (optimizer.init as (p: unknown) => unknown)(params), updates: params }
  for (let i = 0; i < steps; i++) at = advance(k, optimizer, at)
  return at
}

/** Path, shape and dtype of every leaf. */
export const kinds = (t: unknown): string[] => {
  const paths = tree.paths(t as never)
  return (tree.leaves(t as never) as Tensor[]).map((x, i) => `${paths[i]}: ${x.dtype}[${x.shape}]`)
}

export const numbers = (t: unknown): number[] =>
  (tree.leaves(t as never) as Tensor[]).flatMap((x) => [...x.toTypedArray()])

/** The first line in which two lists differ, in words. */
export const difference = (expected: readonly string[], got: readonly string[]): string | null => {
  const i = Array.from({ length: Math.max(expected.length, got.length) }).findIndex(
    (_, k) => expected[k] !== got[k],
  )
  return i < 0 ? null : `${got[i] ?? 'nothing'} in place of ${expected[i] ?? 'nothing'}`
}

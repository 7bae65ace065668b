import {
  add,
  cast,
  customJvp,
  div,
  equal,
  mul,
  type Num,
  norm,
  pow,
  sqrt,
  stack,
  sub,
  Tensor,
  tree,
  where,
} from '@cotangent/core'
import { like } from './hyper.js'

// What the update rules share. Each takes hyper-parameters of any dtype and gives a result of the leaf's.

/** factor·x. */
export const scaled = (x: Tensor, factor: Num): Tensor => mul(x, like(factor, x))

/** 1 - b; a number stays one, since as a tensor it would be float32 and lose digits beside doubles. */
export const complement = (b: Num): Num => (typeof b === 'number' ? 1 - b : sub(1, b))

/** b·mean + (1 - b)·x. */
export const average = (b: Num, mean: Tensor, x: Tensor): Tensor =>
  add(scaled(mean, b), scaled(x, complement(b)))

/** 1 - bᵗ. t is a double: in single precision 1 - 0.999 is already off by 5e-5. */
export const correction = (b: Num, t: Tensor): Tensor => sub(1, pow(b, t))

/** 1/d, and 0 where d is 0. */
const reciprocal = (d: Tensor): Tensor => {
  const zero = equal(d, 0)
  return where(zero, 0, div(1, where(zero, 1, d)))
}

/** √x with slope 0 at 0: there x = g², and √g² = |g| has 0 as its least subgradient. An infinite slope never arises. */
export const root: (x: Tensor) => Tensor = customJvp(
  (x: Tensor): Tensor => sqrt(x),
  ([x], [dx]) => {
    const y = root(x!)
    return [y, mul(dx!, mul(0.5, reciprocal(y)))] as const
  },
)

/** Is it known to be positive in every dtype? */
export const isPositive = (x: Num): boolean => typeof x === 'number' && Math.fround(x) > 0

/** n/d for a d of at least ε, and 0 where d is 0: without an ε, an entry that never had a gradient does not move. */
export const ratio = (n: Tensor, d: Tensor, eps: Num): Tensor => {
  if (isPositive(eps)) return div(n, d)
  const zero = equal(d, 0)
  return where(zero, 0, div(n, where(zero, 1, d)))
}

/** The norm of all leaves as one vector, in doubles: squares of single precision do not overflow. */
export const globalNorm = (t: unknown): Tensor => {
  const norms = tree.leaves(t).map((x) => norm(cast(x, 'float64')))
  return norms.length === 0 ? cast(0, 'float64') : norm(stack(norms))
}

/** Leaf by leaf `yes` where the mask holds, `no` elsewhere. A selection: what is not selected may be NaN. */
export const choose = <T>(mask: Tensor, yes: T, no: unknown): T =>
  tree.map((a: Tensor, b: Tensor) => where(mask, a, b), yes, no) as T

/** As {@link choose}, for a report: a number or a tensor. */
export const chooseNum = (mask: Tensor, yes: Num, no: Num): Tensor => where(mask, wide(yes), wide(no))

const wide = (x: Num): Tensor => (x instanceof Tensor ? x : cast(x, 'float64'))

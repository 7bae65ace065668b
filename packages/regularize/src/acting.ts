import {
  abs,
  add,
  CotangentError,
  cast,
  concat,
  div,
  greater,
  less,
  logicalAnd,
  max,
  maximum,
  mul,
  type Num,
  reshape,
  slice,
  stopGradient,
  sub,
  type Tensor,
  whileLoop,
} from '@cotangent/core'
import type { Functional } from './functional.js'
import { times } from './functionals/scalars.js'
import type { Bound } from './match.js'

/** The product of a term's weights at a step. */
export const weightOf = ({ term }: Bound, step: Num): Num =>
  term.weights.map((w) => (typeof w === 'function' ? w(step) : w)).reduce<Num>((a, b) => times(a, b), 1)

const flat = (x: Tensor): Tensor => (x.rank === 1 ? x : reshape(x, [x.size]))

/** A block of several tensors is one vector. */
export const joined = (xs: readonly Tensor[]): Tensor =>
  xs.length === 1 ? xs[0]! : concat(xs.map(flat), { axis: 0 })

const cut = (whole: Tensor, like: readonly Tensor[]): readonly Tensor[] => {
  if (like.length === 1) return [whole]
  let at = 0
  return like.map((x) => {
    const part = slice(whole, [at], [at + x.size])
    at += x.size
    return reshape(part, x.shape)
  })
}

/** The value of a term without its weight. */
export const bareValue = ({ blocks, term }: Bound, leaves: readonly Tensor[]): Tensor =>
  blocks
    .map((block) => term.functional.value(joined(block.map((i) => leaves[i]!))))
    .reduce((a, b) => add(a, b))

/** The value of a term. */
export const valueOf = (bound: Bound, leaves: readonly Tensor[], step: Num): Tensor => {
  const weight = weightOf(bound, step)
  const value = bareValue(bound, leaves)
  return weight === 1 ? value : mul(value, weight)
}

/** Where a prox is taken: the step times the weight for each term, and the metric of each leaf. */
export interface Place {
  readonly length: (bound: Bound) => Num
  readonly metric: readonly Tensor[] | undefined
}

/** The leaves after the prox of one term. */
export const proxOf = (bound: Bound, leaves: readonly Tensor[], { length, metric }: Place): Tensor[] => {
  const { blocks, term } = bound
  const prox = term.functional.prox as NonNullable<Functional['prox']>
  const out = [...leaves]
  const step = length(bound)
  for (const block of blocks) {
    const own = block.map((i) => leaves[i]!)
    const d = metric === undefined ? undefined : joined(block.map((i) => metric[i]!))
    const near = cut(prox(joined(own), step, d), own)
    // A strength or a step length of another dtype does not widen the parameters.
    block.forEach((i, k) => {
      const { dtype } = own[k]!
      out[i] = near[k]!.dtype === dtype ? near[k]! : cast(near[k]!, dtype)
    })
  }
  return out
}

const CYCLES = 3000
const TOLERANCE = { float32: 1e-7, float64: 1e-13 } as const

interface Sweep {
  readonly x: Tensor[]
  readonly p: Tensor[][]
  readonly change: Tensor
  readonly k: Tensor
}

const largest = (xs: readonly Tensor[]): Tensor => xs.map((x) => max(abs(x))).reduce((a, b) => maximum(a, b))

/**
 * The prox of a sum of convex terms, by Dykstra's algorithm for functions: in turn x ← prox_f(x + p_f), where p_f is what the
 * prox of f removed last time. It is block coordinate descent on the dual problem, in the norm of the metric, and stops when
 * no p moves. Boyle & Dykstra 1986; Bauschke & Combettes 2008; Tseng 2001.
 */
export const proxOfSum = (terms: readonly Bound[], leaves: readonly Tensor[], place: Place): Tensor[] => {
  const used = [...new Set(terms.flatMap((t) => t.blocks.flat()))]
  const own = terms.map((t) => t.blocks.flat())
  const first = used.map((i) => leaves[i]!)
  const zero = mul(largest(first.map(stopGradient)), 0)
  const tolerance = TOLERANCE[first.some((x) => x.dtype === 'float32') ? 'float32' : 'float64']
  const init: Sweep = {
    x: first,
    p: own.map((list) => list.map((i) => mul(leaves[i]!, 0))),
    change: add(zero, 1),
    k: zero,
  }
  const done = whileLoop(
    ({ change, k }: Sweep) => logicalAnd(greater(change, tolerance), less(k, CYCLES)),
    ({ x, p, k }: Sweep): Sweep => {
      let now: Tensor[] = [...leaves]
      used.forEach((i, m) => {
        now[i] = x[m]!
      })
      const moved: Tensor[] = []
      const next = terms.map((term, t) => {
        const list = own[t]!
        const shifted = [...now]
        list.forEach((i, m) => {
          shifted[i] = add(now[i]!, p[t]![m]!)
        })
        now = proxOf(term, shifted, place)
        const removed = list.map((i) => sub(shifted[i]!, now[i]!))
        removed.forEach((v, m) => {
          moved.push(sub(v, p[t]![m]!))
        })
        return removed
      })
      const xs = used.map((i) => now[i]!)
      const change = largest(moved.map(stopGradient))
      const size = add(largest(xs.map(stopGradient)), 1)
      return { x: xs, p: next, change: div(change, size), k: add(k, 1) }
    },
    init,
  )
  const out = [...leaves]
  used.forEach((i, m) => {
    out[i] = done.x[m]!
  })
  return out
}

/** Refuses terms whose sum has no prox that is known. */
export const refuse = (a: Bound, b: Bound, path: string): never => {
  throw new CotangentError(
    'Value',
    `${a.term.name} and ${b.term.name} both act on ${path || 'the root'} by their proximal operators; no composition of ` +
      "the two is proven, and for what is not convex there is no solver. Select different parameters, or give one mode 'coupled'.",
    { op: 'plan', path },
  )
}

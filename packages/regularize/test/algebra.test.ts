import { exp, grad, jit, mul, type Num, square, sub, sum, type Tensor, tensor } from '@cotangent/core'
import {
  combine,
  type Functional,
  functional,
  l0Ball,
  l1,
  l2,
  linf,
  maxNorm,
  mcp,
  none,
  norm2,
  on,
  type Penalty,
  plan,
  role,
  scale,
  toPenalty,
} from '@cotangent/regularize'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' })
const params = {
  hidden: { kernel: d([[3, -4]]), bias: d([5, 5]) },
  head: { kernel: d([[12], [5]]), bias: d([7]) },
  norm: { scale: d([1, 2]) },
}
type Params = typeof params
const value = (p: Penalty) => plan(p, params).value(params).item()

// Strengths are dyadic, so that sums are exact and laws are equalities.
const dyadic = fc.integer({ min: 0, max: 256 }).map((k) => k / 64)
const leaf = fc
  .tuple(
    dyadic,
    fc.constantFrom<(l: number) => Functional>(l1, l2, norm2, linf),
    fc.constantFrom('**', 'hidden/**', 'head/kernel', '*/bias'),
    fc.constantFrom('perTensor' as const, 'perLayer' as const, 'global' as const),
  )
  .map(([l, f, where, group]) => on(where, f(l), { group, mode: 'coupled' }))
const penalty = fc.array(leaf, { maxLength: 4 }).map((terms) => combine(...terms))
const same = (p: Penalty, q: Penalty) => expect(value(p)).toBeCloseTo(value(q), 9)

describe('a commutative monoid with scaling, on values', () => {
  test('combine is associative and commutative, none is its unit', () =>
    fc.assert(
      fc.property(penalty, penalty, penalty, (p, q, r) => {
        expect(combine(combine(p, q), r)).toEqual(combine(p, combine(q, r)))
        same(combine(p, q), combine(q, p))
        expect(combine(p, none)).toEqual(p)
        expect(combine(none, p)).toEqual(p)
        expect(value(combine(p, q))).toBeCloseTo(value(p) + value(q), 9)
      }),
      { numRuns: 60 },
    ))

  test('scale is an action that distributes', () =>
    fc.assert(
      fc.property(penalty, penalty, dyadic, dyadic, (p, q, a, b) => {
        same(scale(a, scale(b, p)), scale(a * b, p))
        same(scale(a, combine(p, q)), combine(scale(a, p), scale(a, q)))
        same(scale(1, p), p)
        expect(value(scale(a, p))).toBeCloseTo(a * value(p), 9)
        expect(value(scale(0, p))).toBe(0)
      }),
      { numRuns: 60 },
    ))

  test('the gradient of the sum is the sum of the gradients', () =>
    fc.assert(
      fc.property(leaf, leaf, (p, q) => {
        const slope = (r: Penalty) => {
          const g = grad((x: Params) => plan(r, params).value(x))(params) as Params
          return [...g.hidden.kernel.toTypedArray(), ...g.head.kernel.toTypedArray()]
        }
        const [a, b, both] = [slope(p), slope(q), slope(combine(p, q))]
        both.forEach((v, i) => {
          expect(v).toBeCloseTo(a[i]! + b[i]!, 9)
        })
      }),
      { numRuns: 20 },
    ))
})

describe('weights', () => {
  const w = { kernel: d([3, -1, 0.5]) }
  test('that are tensors have derivatives: of the value, and of what the prox gives', () => {
    const log = tensor(-1, { dtype: 'float64' }) as Tensor
    const byValue = (l: Tensor) => plan(scale(exp(l), l1(1)), w).value(w)
    expect(byValue(log).item()).toBeCloseTo(4.5 * Math.exp(-1), 12)
    expect((grad(byValue)(log) as Tensor).item()).toBeCloseTo(4.5 * Math.exp(-1), 12)
    // z = (3 - λ, -1 + λ, 0.5 - λ) with λ = e^l: the derivative of Σz² is 2λ(-(3 - λ) + (-1 + λ) - (0.5 - λ)).
    const byProx = (l: Tensor) => sum(square(plan(scale(exp(l), l1(1)), w).prox(w, { lr: 1 }).kernel))
    const lambda = Math.exp(-1)
    const want = 2 * lambda * (-(3 - lambda) + (-1 + lambda) - (0.5 - lambda))
    expect((grad(byProx)(log) as Tensor).item()).toBeCloseTo(want, 12)
    expect((jit(grad(byProx))(log) as Tensor).item()).toBeCloseTo(want, 12)
  })

  test('a λ inside a functional can be learned, too', () => {
    const f = (l: Tensor) => sum(square(sub(l1(l).prox(w.kernel, 1), 1)))
    const at = (l: number) => f(tensor(l, { dtype: 'float64' }) as Tensor).item()
    const g = (grad(f)(tensor(0.3, { dtype: 'float64' }) as Tensor) as Tensor).item()
    expect(g).toBeCloseTo((at(0.3 + 1e-6) - at(0.3 - 1e-6)) / 2e-6, 7)
  })

  test('that are schedules follow the step, compiled', () => {
    const warm = (step: Num) => mul(d([0.1]), step) as Tensor
    const bound = plan(
      scale((step) => sum(warm(step)), l1(1)),
      w,
    )
    const run = jit((x: typeof w, step: Tensor) => bound.prox(x, { lr: 1, step }).kernel)
    expect(run(w, tensor(0, { dtype: 'float64' })).toArray()).toEqual([3, -1, 0.5])
    expect(run(w, tensor(5, { dtype: 'float64' })).toArray()).toEqual([2.5, -0.5, 0])
  })
})

describe('the report', () => {
  test('has value, share, zeros, gradient and stationarity of each term', () => {
    const w = { kernel: d([2, 0, -1]), bias: d([4]) }
    const p = combine(on('kernel', l1(0.5), { name: 'sparse' }), on(role('bias'), l2(0.25)))
    // The gradient that makes w stationary for sparse: -0.5·sign where not 0, at most 0.5 where 0.
    const grads = { kernel: d([-0.5, 0.2, 0.5]), bias: d([-1]) }
    const { rows, value: total } = plan(p, w).report(w, { grads })
    expect(total).toBe(3.5)
    expect(rows[0]).toMatchObject({
      term: 'sparse',
      value: 1.5,
      share: 1.5 / 3.5,
      zeros: 1,
      size: 3,
      stationarity: 0,
    })
    expect(rows[0]!.gradient).toBeCloseTo(Math.SQRT1_2, 12)
    expect(rows[1]).toMatchObject({ value: 2, gradient: 1, stationarity: 0 })
    const off = { ...grads, kernel: d([-0.5, 0.75, 0.5]) }
    expect(plan(p, w).report(w, { grads: off }).rows[0]!.stationarity).toBe(0.25)
    expect(plan(p, w).kkt(w, off)).toBe(0.25)
    expect(plan(p, w).report(w).rows[0]!.stationarity).toBeUndefined()
    expect(String(plan(p, w).report(w, { grads: off }))).toContain('2.5e-1')
  })

  test('weights count in the stationarity', () => {
    const w = { kernel: d([2, 0]) }
    const grads = { kernel: d([-1.5, 1]) }
    expect(plan(scale(3, l1(0.5)), w).kkt(w, grads)).toBe(0)
    expect(plan(scale(2, l1(0.5)), w).kkt(w, grads)).toBe(0.5)
  })

  test('lambdaMax is the largest dual norm, over blocks', () => {
    const zero = { a: { kernel: d([0, 0]) }, b: { kernel: d([0]) } }
    const grads = { a: { kernel: d([3, 4]) }, b: { kernel: d([-12]) } }
    expect(plan(l1(1), zero).lambdaMax(grads)).toBe(12)
    expect(plan(on('**', norm2(1), { group: 'global' }), zero).lambdaMax(grads)).toBe(13)
    expect(() => plan(l2(1), zero).lambdaMax(grads)).toThrow('no term has a dual norm')
  })
})

test('explain says what is done to what, and why', () => {
  const p = combine(
    on('**/kernel', l1(0.1)),
    on('hidden/kernel', norm2(0.5)),
    on('**/scale', l2(1)),
    on('head/bias', mcp(1, 4)),
    on('hidden/bias', l1(1), { mode: 'coupled' }),
    on('norm/scale', linf(0.1), { mode: 'decoupled' }),
  )
  expect(plan(p, params).explain()).toMatchInlineSnapshot(`
    "l1(0.1) on '**/kernel': 2 tensors (hidden/kernel, head/kernel), proximal, by its prox after the step, in the optimiser's metric
    norm2(0.5) on 'hidden/kernel': 1 tensor (hidden/kernel), proximal, by its prox after the step, in the optimiser's metric
      note: norm2 is the square-root norm, all or nothing; weight decay is l2
    l2(1) on '**/scale': 1 tensor (norm/scale), coupled, added to the loss
      note: it acts on scales of normalisation (norm/scale): intended?
    mcp(1, 4) on 'head/bias': 1 tensor (head/bias), proximal, by its prox after the step, in the optimiser's metric
      note: it is not convex: from the step 4.00 on its prox jumps, and is still exact
    l1(1) on 'hidden/bias': 1 tensor (hidden/bias), coupled, added to the loss
      note: it is not smooth: as part of the loss it gives no exact zeros (mode 'proximal' does)
    linf(0.1) on 'norm/scale': 1 tensor (norm/scale), decoupled, by its prox after the step, in the Euclidean metric
      note: under an adaptive optimiser this solves another problem than loss + penalty
      note: it acts on scales of normalisation (norm/scale): intended?
    l1(0.1) and norm2(0.5) share hidden/kernel: the prox of their sum is taken exactly, as l1(0.1), then norm2(0.5) (soft threshold first: Yu 2013, On decomposing the proximal map; Jenatton et al. 2011 for groups)"
  `)
  expect(plan(none, params).explain()).toBe('no penalty')
})

describe('bad input is refused where it is given', () => {
  const w = { kernel: d([1, 2]) }
  test.each([
    ['a negative λ', () => l1(-0.1), 'l1: λ is -0.1. Give a number that is not negative.'],
    ['a λ that is NaN', () => norm2(Number.NaN), 'norm2: λ is NaN.'],
    ['an infinite λ', () => l2(Number.POSITIVE_INFINITY), 'l2: λ is Infinity.'],
    [
      'a negative weight of a prox',
      () => plan(scale(-1, l1(1)), w),
      'l1(1): a weight is -1. Give a number that is not negative: a negative penalty has no prox.',
    ],
    [
      'a weight that is NaN',
      () => plan(scale(Number.NaN, l2(1)), w),
      'l2(1): a weight is NaN. Give a finite number.',
    ],
    [
      'a selection of nothing',
      () => plan(on('kernle', l1(1)), w),
      "'kernle' matches no parameter (term l1(1)). Did you mean 'kernel' (1 parameter)?",
    ],
    ['an empty tree', () => plan(l1(1), {}), 'kernels matches no parameter (term l1(1)). There are none.'],
    [
      'a constraint mode for a penalty',
      () => plan(on('**', l1(1), { mode: 'constraint' }), w),
      "l1(1): mode 'constraint' is for sets",
    ],
    [
      'a prox that is not there',
      () => plan(on('**', functional({ value: (x) => sum(x) }), { mode: 'proximal' }), w),
      "functional: mode 'proximal' needs a prox, and it has none.",
    ],
    [
      'another tree',
      () => plan(l1(1), w).value({ a: d([1]), b: d([2]) }),
      'plan: made for 1 parameters, used with 2.',
    ],
    [
      'two sets without a composition',
      () => plan(combine(l0Ball(1), on('**', maxNorm(1))), w),
      'no composition of the two is proven',
    ],
    [
      'no kkt',
      () => plan(on('**', functional({ value: (x) => sum(x), prox: (x) => x })), w).kkt(w, w),
      'functional has no kkt',
    ],
    [
      'no value',
      () => functional({} as { value: (x: Tensor) => Tensor }),
      'functional: the value is missing.',
    ],
  ] as const)('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  test('what is not convex says from which step on its prox jumps', () => {
    expect(plan(mcp(1, 4), w).explain()).toContain(
      'it is not convex: from the step 4.00 on its prox jumps, and is still exact',
    )
  })

  test('NaN in parameters stays visible', () => {
    const bad = { kernel: d([Number.NaN, 2]) }
    expect(plan(l1(1), bad).value(bad).item()).toBeNaN()
    expect(plan(l1(1), bad).prox(bad, { lr: 0.5 }).kernel.toArray()).toEqual([Number.NaN, 1.5])
    expect(toPenalty(l1(1)).terms).toHaveLength(1)
  })
})

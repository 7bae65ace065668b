import { grad, type Tensor, tensor } from '@cotangent/core'
import {
  combine,
  difference,
  type Functional,
  l1,
  l2,
  mcp,
  none,
  nonNegative,
  norm2,
  on,
  type Penalty,
  PenaltyMonoid,
  plan,
  planEither,
  role,
  roleOf,
  scale,
  toPenalty,
  union,
  unitNorm,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'

const params = {
  hidden: { kernel: tensor([[3, -4]]) as Tensor, bias: tensor([5, 5]) as Tensor },
  head: { kernel: tensor([[12], [5]]) as Tensor, bias: tensor([7]) as Tensor },
}
const valueOf = (p: Penalty) => plan(p, params).value(params).item()
const where = (p: Penalty) =>
  plan(p, params)
    .report(params)
    .rows.map((row) => [row.parameters, row.size])

describe('selection', () => {
  test.each([
    ['**/kernel', 2],
    ['hidden/*', 2],
    ['hidden/**', 2],
    ['**', 4],
    ['*/bias', 2],
    ['h*/kernel', 2],
    ['head/kernel', 1],
  ])("'%s' selects %i", (glob, n) => {
    expect(where(on(glob, l1(1)))[0]![0]).toBe(n)
  })

  test('roles, predicates, union and difference', () => {
    expect(where(on(role('bias'), l1(1)))).toEqual([[2, 3]])
    expect(where(on((_, leaf) => leaf.rank === 1, l1(1)))).toEqual([[2, 3]])
    expect(where(on(union('head/**', role('bias')), l1(1)))).toEqual([[3, 5]])
    expect(where(on(difference('**', role('bias')), l1(1)))).toEqual([[2, 4]])
    expect(['b', 'b1', 'w', '0/kernel', 'norm/scale', 'queryBias', ''].map(roleOf)).toEqual([
      'bias',
      'bias',
      'kernel',
      'kernel',
      'scale',
      'bias',
      'kernel',
    ])
  })

  test('a bare functional leaves biases alone; a lone tensor counts as a kernel', () => {
    expect(where(toPenalty(l1(1)))).toEqual([[2, 4]])
    expect(
      plan(l1(1), tensor([1, -2]))
        .value(tensor([1, -2]))
        .item(),
    ).toBe(3)
  })

  test('a selector that matches nothing is refused with the nearest that does', () => {
    expect(() => plan(on('hiden/**/kernel', l1(0.1)), params)).toThrow(
      "'hiden/**/kernel' matches no parameter (term l1(0.1)). Did you mean 'hidden/**/kernel' (1 parameter)?",
    )
    expect(() => plan(on(role('scale'), l1(1)), params)).toThrow(
      "role('scale') matches no parameter (term l1(1)). There are hidden/kernel (kernel), hidden/bias (bias), head/kernel (kernel), head/bias (bias).",
    )
    expect(planEither(on('nope', l1(1)), params)).toMatchObject({ _tag: 'Left', left: { kind: 'Selector' } })
  })
})

describe('algebra', () => {
  const [p, q, r] = [on('**', l1(0.5)), toPenalty(l2(0.25)), on('head/**', norm2(2), { group: 'perLayer' })]
  test('combine is a monoid on values, scale distributes', () => {
    expect(valueOf(combine(p, q))).toBeCloseTo(valueOf(p) + valueOf(q), 10)
    expect(valueOf(none)).toBe(0)
    expect(combine(combine(p, q), r)).toEqual(combine(p, combine(q, r)))
    expect(PenaltyMonoid.concat(PenaltyMonoid.empty, p)).toEqual(p)
    expect(PenaltyMonoid.concat(p, PenaltyMonoid.empty)).toEqual(p)
    expect(valueOf(scale(2, scale(3, r)))).toBeCloseTo(valueOf(scale(6, r)), 4)
    expect(valueOf(scale(3, combine(p, q)))).toBeCloseTo(3 * valueOf(combine(p, q)), 3)
  })

  test('groups matter for the norm and only for it: per layer 5 + 13, global √194', () => {
    const kernels = (group: 'perTensor' | 'perLayer' | 'global') =>
      valueOf(on(role('kernel'), norm2(1), { group }))
    expect(kernels('perTensor')).toBeCloseTo(18, 5)
    expect(kernels('perLayer')).toBeCloseTo(18, 5)
    expect(kernels('global')).toBeCloseTo(Math.sqrt(194), 5)
    expect(valueOf(on('**', l1(1), { group: 'global' }))).toBe(valueOf(on('**', l1(1))))
  })

  test('the gradient of the value is finite at 0', () => {
    const zero = tensor([0, 0]) as Tensor
    for (const f of [l1(1), l2(1), norm2(1)])
      expect(grad((x: Tensor) => f.value(x))(zero).toArray()).toEqual([0, 0])
  })

  test('a weight may follow the step', () => {
    const bound = plan(
      scale((step) => (typeof step === 'number' ? step / 10 : 0), l1(1)),
      params,
    )
    expect(bound.value(params, 0).item()).toBe(0)
    expect(bound.value(params, 5).item()).toBe(12)
  })
})

describe('modes', () => {
  test('auto: what is smooth is coupled, what is not is proximal', () => {
    const bound = plan(combine(l1(1), l2(1), norm2(1)), { head: params.head, b: tensor([[1]]) })
    expect(bound.report({ head: params.head, b: tensor([[1]]) }).rows.map((row) => row.mode)).toEqual([
      'proximal',
      'coupled',
      'proximal',
    ])
  })

  test('l1 and norm2 on one tensor compose to the prox of the sum, in whatever order they are given', () => {
    const x = { kernel: tensor([3, -1, 0.5, -0.2], { dtype: 'float64' }) as Tensor }
    for (const p of [combine(l1(0.5), norm2(1)), combine(norm2(1), l1(0.5))]) {
      const z = [...plan(p, x).prox(x, { lr: 1 }).kernel.toTypedArray()]
      ;[1.5194193, -0.3038839, 0, 0].forEach((v, i) => {
        expect(z[i]).toBeCloseTo(v, 6)
      })
    }
  })

  test('what is not convex composes as proven or is refused', () => {
    const both = (f: Functional, g: Functional) => () => plan(combine(f, on('**', g)), tensor([1, 2]))
    expect(both(mcp(1, 3), norm2(1))).toThrow(
      /mcp\(1, 3\) and norm2\(1\) both act on the root .* no composition of the two is proven/,
    )
    expect(both(l1(1), unitNorm())).toThrow(/l1\(1\) and unitNorm\(\) both act on the root/)
    expect(both(l1(1), mcp(1, 3))).not.toThrow()
    expect(both(mcp(1, 3), nonNegative())).not.toThrow()
  })

  test('a proximal term needs a learning rate', () => {
    expect(() => plan(l1(1), params).prox(params, {})).toThrow(/the optimiser reports no learning rate/)
  })

  test('a block of several tensors shrinks as one', () => {
    const near = plan(on(role('kernel'), norm2(1), { group: 'global' }), params).prox(params, {
      lr: Math.sqrt(194) / 2,
    })
    expect(near.hidden.kernel.toArray()).toEqual([[1.5, -2]])
    expect(near.head.kernel.shape).toEqual([2, 1])
    expect(near.head.bias).toBe(params.head.bias)
  })

  test('the report is a table', () => {
    expect(
      String(plan(on('head/*', l1(0.5), { name: 'sparse' }), params).report(params)),
    ).toMatchInlineSnapshot(`
      "term    where     mode      tensors  entries  zeros  weight  value    share  gradient
      ─────────────────────────────────────────────────────────────────────────────────────
      sparse  'head/*'  proximal        2        3  0.0 %       1     12  100.0 %    0.8660"
    `)
  })
})

import { add, grad, jit, mul, sum, type Tensor, tensor, zeros } from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const step = jit(
  function train(state: { w: Tensor; n: Tensor }, x: Tensor) {
    return { w: add(state.w, x), n: state.n }
  },
  { donate: [0] },
)
const start = (): { w: Tensor; n: Tensor } => ({ w: tensor([1, 2]), n: tensor(0) })

describe('a donated argument', () => {
  test('cannot be used afterwards, and the error says where it went', () => {
    const s = start()
    step(s, tensor([1, 1]))
    const text =
      /^this tensor was donated to train \(donation\.test\.ts:\d+\) and no longer holds its value\. Keep the returned state, or drop `donate`\.$/
    for (const use of [
      () => s.w.toArray(),
      () => add(s.w, 1),
      () => s.n.item(),
      () => step(s, tensor([1, 1])),
      () => grad((w: Tensor) => sum(w))(s.w).toArray() && sum(s.w).item(),
      () => jit((x: Tensor) => mul(x, 2))(s.w),
    ]) {
      expect(use).toThrow(text)
      expect(use).toThrow(expect.objectContaining({ kind: 'Donated', name: 'DonatedError' }))
    }
    expect(String(s.w)).toContain('[2]')
  })
  test('lives on in the state that comes back, even unchanged', () => {
    let s: { w: Tensor; n: Tensor } = start()
    for (let i = 0; i < 3; i++) s = step(s, tensor([1, 1]))
    expect([s.w.toArray(), s.n.item()]).toEqual([[4, 5], 0])
  })
  test('other arguments stay', () => {
    const x = tensor([1, 1])
    step(start(), x)
    expect(x.toArray()).toEqual([1, 1])
  })
  test('passed twice is refused, and nothing is given away', () => {
    const w = tensor([1, 2])
    expect(() => step({ w, n: tensor(0) }, w)).toThrow(
      'jit: the tensor of shape [2] donated as argument 0 at w is also passed as argument 1. Pass a copy in one of the two places, or drop `donate`.',
    )
    expect(() => step({ w, n: w as Tensor }, tensor(1))).toThrow(
      'donated as argument 0 at w is also passed as argument 0 at n.',
    )
    expect(w.toArray()).toEqual([1, 2])
    const last = jit((x: Tensor, y: Tensor) => add(x, y), { donate: 1 })
    expect(() => last(w, w)).toThrow('donated as argument 1 is also passed as argument 0.')
    expect(jit((x: Tensor, y: Tensor) => add(x, y))(w, w).toArray()).toEqual([2, 4])
  })
  test('is kept when the call fails', () => {
    const f = jit((x: Tensor) => add(x, zeros([3])), { donate: 0 })
    const x = tensor([1, 2])
    expect(() => f(x)).toThrow('do not broadcast')
    expect(x.toArray()).toEqual([1, 2])
  })
  test('under a transform is not given away: the caller still needs it', () => {
    const f = jit((x: Tensor) => sum(mul(x, x)), { donate: 0 })
    const x = tensor([1, 2])
    expect(grad(f)(x).toArray()).toEqual([2, 4])
    expect(x.toArray()).toEqual([1, 2])
  })
})

test('results are tensors of their own: donating one leaves the others', () => {
  const one = tensor([1, 2])
  const init = jit((x: Tensor) => ({ w: zeros([2]), copy: zeros([2]), same: one, x }))
  const use = jit((s: unknown) => s, { donate: 0 })
  const x = tensor([5, 6])
  use(init(x))
  expect(init(x).w.toArray()).toEqual([0, 0])
  expect([one.toArray(), x.toArray()]).toEqual([
    [1, 2],
    [5, 6],
  ])
})

test('an anonymous function goes by jit', () => {
  const x = tensor(1)
  jit((v: Tensor) => mul(v, 2), { donate: 0 })(x)
  expect(() => x.item()).toThrow(/^this tensor was donated to jit \(donation\.test\.ts:\d+\)/)
})

import { checkGrad, render, renderCertificate } from '@cotangent/check'
import {
  cos,
  defineOp,
  div,
  exp,
  mul,
  sigmoid,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { d, type Fun, failuresOf } from './helpers.js'

// Certificate B: right rules whose rounding is judged by itself.

const plain = defineOp({
  name: 'plainSigmoid',
  expand: (x: Tensor) => sigmoid(x) as Tensor,
  jvp: (_, [t], y) => mul(t!, mul(y, sub(1, y))) as Tensor,
})
const accuracyOf = (f: Fun, x: Tensor) => {
  const found = checkGrad(f, [x], { seed: 1 })
  return E.isRight(found) ? found.right.accuracy : undefined
}

test('σ(x)σ(-x) and y(1 - y) are one rule, and only one of them is accurate', () => {
  expect(accuracyOf((x) => sum(sigmoid(x!)), d([36, -1]))?.ulps).toBeLessThan(4)
  expect(accuracyOf((x) => sum(plain(x!)), d([36, -1]))?.ulps).toBeGreaterThan(1e12)
})
test('the slope of tanh keeps its digits where tanh is 1 to the last bit', () => {
  for (const at of [d([0.1, -1]), d([18, -5]), d([30, -300])])
    expect(accuracyOf((x) => sum(tanh(x!)), at)?.ulps).toBeLessThan(4)
})
test('with a limit the inaccurate operation is refused, and named', () => {
  expect(failuresOf((x) => sum(sigmoid(x!)), [d([36, -1])], { seed: 1, ulps: 4 })).toEqual([])
  const [first] = failuresOf((x) => sum(plain(x!)), [d([36, -1])], { seed: 1, ulps: 4 })
  expect(first).toMatchObject({
    _tag: 'Mismatch',
    law: 'accuracy',
    entry: { index: [0] },
    blame: [{ op: 'plainSigmoid', rule: 'accuracy' }],
  })
  expect(render(first!).split('\n')[0]).toBe(
    '✗ the rules are right, but rounding spoils the gradient, seed 1',
  )
})
test("digits that cancel between operations are nobody's rule", () => {
  const f: Fun = (x) => sum(div(sub(1, cos(x!)), square(x!)))
  expect(failuresOf(f, [d([1e-6])], { seed: 1, ulps: 16 })[0]).toMatchObject({ law: 'accuracy', blame: [] })
})
test('an entry that is nothing is not counted in its own units', () => {
  expect(failuresOf((x) => sum(softmax(x!)), [d([1, 2, 4])], { seed: 1, ulps: 16 })).toEqual([])
})
test('the report of a pass', () => {
  const found = checkGrad((x: Tensor) => sum(exp(x)), [d([0, 1])], { seed: 4, ulps: 8 })
  if (E.isLeft(found)) throw new Error('refused')
  const report = renderCertificate(found.right, 'loss').replace(/above \S+/, 'above e')
  expect(report).toMatchInlineSnapshot(`
    "✓ loss: gradient is right, seed 4
      holds            two runs give the same bits
                       shapes are the same nearby
                       values and derivatives are finite
                       directional derivative, reverse mode
                       directional derivative, forward mode
                       derivative by another oracle
                       adjoint identity ⟨v, Ju⟩ = ⟨Jᵀv, u⟩
                       derivatives are linear in tangents and cotangents
                       a zero cotangent gives zeros
                       what the value does not depend on has a gradient of 0
                       an absent tangent or cotangent is a zero
                       transforms return the value of the function
                       the optimised graph computes the same bits
                       what is written as JSON is read back as the same function
                       the order of leaves, and flattening, change nothing
                       the gradient is the same when inner values are computed again
                       vmap is a loop
                       rates of Taylor remainders
                       the gradient in float64 is accurate
      compared with    the same graph with 106 bits
      and with         imaginary steps through the same graph
      would see        relative errors above e
      accuracy         0 ulps at worst, in d/dx[0]: 1"
  `)
})
test('progress is told in order, and comes to its end', () => {
  const seen: string[] = []
  let [last, of] = [0, 0]
  checkGrad((x: Tensor) => sum(exp(x)), [d([0, 1])], {
    seed: 1,
    onProgress: (p) => {
      seen.push(p.law)
      ;[last, of] = [p.done, p.of]
    },
  })
  expect(seen.slice(0, 4)).toEqual(['purity', 'shape', 'finite', 'purity'])
  expect(last).toBe(of - 1)
})

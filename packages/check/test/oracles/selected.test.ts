import { checkGrad, type OracleName } from '@cotangent/check'
import { abs, exp, mul, prod, sin, square, sum, type Tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/checkGrad.js'
import { d, type Fun } from '../helpers.js'
import { MUTATIONS } from '../mutations/index.js'
import { NASTY } from '../nasty.js'

// Each oracle by itself as the truth, in place of double-double.

const tagOf = (f: Fun, at: readonly Tensor[], oracle: OracleName): string => {
  const found = check(f, [...at], { seed: 7, oracle, opinions: [], modes: ['rev'] }, false)
  if (E.isRight(found)) return found.right.oracle === oracle ? 'right' : `right by ${found.right.oracle}`
  const [first] = found.left
  const silent = first._tag === 'Inconclusive' && first.reason.startsWith(`${oracle} has no answer`)
  return silent ? 'no answer' : `${first._tag}: ${first.law}`
}

describe.each(['complex-step', 'exact-bilinear'] as const)('%s as the truth', (oracle) => {
  // Kinks make an operation that is not holomorphic: nothing is said of those, whatever is wrong there.
  test('no wrong rule passes', () => {
    const tags = MUTATIONS.filter((m) => m.law === 'derivative' && m.order === 1).map(({ op, at }) =>
      tagOf((...xs) => mul((op as unknown as (...xs: Tensor[]) => Tensor)(...xs), 3), at, oracle),
    )
    expect(tags.filter((tag) => tag !== 'no answer' && tag !== 'Mismatch: reverse')).toEqual([])
    const caught = tags.filter((tag) => tag === 'Mismatch: reverse').length
    expect(caught).toBeGreaterThanOrEqual(oracle === 'complex-step' ? 44 : 9)
  })
  test('no correct function is called wrong', () => {
    const tags = Object.values(NASTY).map(([f, at]) => tagOf(f, at, oracle))
    // Where digits cancel in the sum of all, float64 says that it cannot tell.
    expect(tags.filter((tag) => !/^(right|no answer|Inconclusive: reverse)$/.test(tag))).toEqual([])
    expect(tags.filter((tag) => tag === 'right').length).toBeGreaterThanOrEqual(
      oracle === 'complex-step' ? 18 : 5,
    )
  })
})

test('the reason names the operation', () => {
  const found = checkGrad((x: Tensor) => sum(abs(sin(x))), [d([0.5])], { seed: 1, oracle: 'complex-step' })
  expect(found).toMatchObject({
    left: [
      {
        _tag: 'Inconclusive',
        reason: 'complex-step has no answer: abs is not holomorphic, and its operand depends on the input',
      },
      {},
    ],
  })
})
test('the certificate says who was asked, and who had no answer', () => {
  const opinions = (f: Fun, at: readonly Tensor[]) => {
    const found = checkGrad(f, [...at], { seed: 1 })
    return E.isRight(found) ? found.right.opinions.map((o) => [o.oracle, o.verdict, o.reason]) : 'wrong'
  }
  expect(opinions((x) => sum(exp(x!)), [d([0.5])])).toEqual([
    ['complex-step', 'agrees', undefined],
    ['exact-bilinear', 'unavailable', 'exp is not bilinear'],
  ])
  expect(opinions((x, y) => sum(mul(square(x!), y!)), [d([0.5]), d([1])])).toEqual([
    ['complex-step', 'agrees', undefined],
    ['exact-bilinear', 'unavailable', 'it is a polynomial of degree 3, not bilinear'],
  ])
  expect(opinions((x, y) => sum(mul(x!, y!)), [d([0.5]), d([1])])).toEqual([
    ['complex-step', 'agrees', undefined],
    ['exact-bilinear', 'agrees', undefined],
  ])
  expect(opinions((x) => prod(abs(x!)), [d([0.5, 2])])).toMatchObject([
    ['complex-step', 'unavailable', expect.stringMatching(/^abs is not holomorphic/)],
    ['exact-bilinear', 'unavailable', 'abs is not bilinear'],
  ])
})
test('pairs of plain functions: exact differences see whether they are bilinear', () => {
  const area = { f: (x: number[]) => x[0]! * x[1]!, gradient: (x: number[]) => [x[1]!, x[0]!] }
  const found = checkGrad(area, [[0.5, 3]], { seed: 1, oracle: 'exact-bilinear' })
  expect(E.isRight(found) && found.right).toMatchObject({
    oracle: 'exact-bilinear',
    mde: expect.closeTo(0, 12),
  })
  const piece = { f: (x: number[]) => (x[0]! > 0.75 ? 2 : 1) * x[0]!, gradient: () => [1] }
  expect(checkGrad(piece, [[0.5]], { seed: 1, oracle: 'exact-bilinear' })).toMatchObject({
    left: [{ _tag: 'Inconclusive', reason: expect.stringMatching(/not those of a polynomial of degree 2/) }],
  })
})

import { checkGrad, LAWS, render } from '@cotangent/check'
import { exp, sum, type Tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { checkpointLaw } from '../src/laws/checkpoint.js'
import type { Context } from '../src/laws/context.js'
import { tracedSubject } from '../src/subject/traced.js'
import { d } from './helpers.js'
import { PLANTED } from './mutations/laws.js'

// A law that nothing breaks proves nothing: each is the first to refuse something.

describe('each law is the first to find something', () => {
  test('there is one for each', () => {
    expect([...Object.keys(PLANTED), 'checkpoint'].sort()).toEqual(Object.keys(LAWS).sort())
  })
  for (const [law, { what, f, at, options }] of Object.entries(PLANTED))
    test(`${law}: ${what}`, () => {
      const found = checkGrad(f as (...xs: unknown[]) => unknown, [...at], { seed: 7, ...options })
      expect(E.isLeft(found) ? found.left[0].law : 'right').toBe(law)
      // Every report says which law it was.
      if (E.isLeft(found)) expect(render(found.left[0])).toMatch(/^✗ .+, seed 7\n/)
    })
  test('checkpoint: one bit', () => {
    const s = tracedSubject((x: Tensor) => sum(exp(x)), [d([0, 1])])
    const law = (factor: number) =>
      checkpointLaw({
        v: Float64Array.of(1),
        common: (id: string) => ({ law: id, seed: 7, of: 'f', at: [] }),
        subject: {
          ...s,
          checkpointed: (x: Float64Array, v: Float64Array) => {
            const g = s.checkpointed!(x, v)!
            return { ...g, data: g.data.map((c) => c * factor) }
          },
        },
      } as unknown as Context)
    expect(law(1).failures).toEqual([])
    expect(law(1 + 2 ** -52).failures).toMatchObject([
      { _tag: 'Impure', law: 'checkpoint', what: 'gradient' },
    ])
  })
})

test('the reports of laws that say that something is another one', () => {
  const report = (law: keyof typeof PLANTED): string => {
    const { f, at, options } = PLANTED[law]
    const found = checkGrad(f as (...xs: unknown[]) => unknown, [...at], { seed: 7, ...options })
    return (E.isLeft(found) ? render(found.left[0]) : 'right')
      .replace(/\(\w+\.ts:\d+\)/, '(line)')
      .replace(/\(± [^)]*\)/, '(± e)')
  }
  expect(report('unused-input')).toMatchInlineSnapshot(`
    "✗ op: the gradient is another one: what the value does not depend on has a gradient of 0, seed 7
      at               x = [1/2, -1], y = [1/2, -1]
      entry            d/dy[0]   0, then 2.7593729831156205e-30
      replay           { seed: 7 }"
  `)
  expect(report('serialised')).toMatchInlineSnapshot(`
    "✗ the value is another one: what is written as JSON is read back as the same function, seed 7
      at               x = [1/2, -1]
      values           0.479425538604203, then 0.47990496414280714
      replay           { seed: 7 }"
  `)
  expect(report('robustness')).toMatchInlineSnapshot(`
    "✗ op: the gradient is not finite, seed 7
      at               x = [0, 0]
      value            NaN in d/dx[0]
      born in          quotientNorm (line), backward pass
      replay           { seed: 7 }"
  `)
  expect(report('taylor')).toMatchInlineSnapshot(`
    "✗ gradient is wrong: rates of Taylor remainders, seed 7
      at               x = [1/2, -1]
      wrong entry      d/dx[0]   given 0.43879128   true 0.076745835 (± e)   relative 4.7e+0
      perhaps          the function reads numbers out of tensors, and calculates with them
      smooth here      yes
      replay           { seed: 7 }"
  `)
})

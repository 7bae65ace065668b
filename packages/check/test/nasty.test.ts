import { arbitraries, checkGrad, forAllGrad } from '@cotangent/check'
import { exp, matmul, relu, sum, type Tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { d, failuresOf } from './helpers.js'
import { NASTY } from './nasty.js'

const SEEDS = { 1: [1, 2, 3], 2: [1] } as const

describe('correct functions raise no alarm', () => {
  test('there are many', () => expect(Object.keys(NASTY).length).toBeGreaterThanOrEqual(46))
  for (const [name, [f, at]] of Object.entries(NASTY))
    for (const order of [1, 2] as const)
      test(`${name}, order ${order}`, { timeout: 30_000 }, () => {
        for (const seed of SEEDS[order]) expect(failuresOf(f, at, { seed, order })).toEqual([])
      })
  test('a certificate states its power', () => {
    const found = checkGrad((x: Tensor) => sum(exp(x)), [d([0, 1])], { seed: 4, order: 2 })
    expect(E.isRight(found) && found.right).toMatchObject({ seed: 4, precision: 'float64' })
    expect(E.isRight(found) && found.right.mde).toBeLessThan(1e-9)
    expect(E.isRight(found) && found.right.laws.map((l) => l.law)).toContain('symmetry')
  })
  test('generated points of an ordinary function pass', { timeout: 30_000 }, async () => {
    const at = arbitraries.tree({
      w: arbitraries.tensor({ shape: [2, 3] }),
      x: arbitraries.tensor({ shape: [3] }),
    })
    const f = ({ w, x }: { w: Tensor; x: Tensor }) => sum(relu(matmul(w, x)))
    expect((await forAllGrad(f as never, at, { runs: 30, seed: 9 })())._tag).toBe('Right')
  })
})

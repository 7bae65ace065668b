import { checkProx, type Prox, type ProxCertificate, type ProxLawName } from '@cotangent/check'
import { abs, maximum, mul, sign, square, sub, sum, type Tensor, tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

type X = number[]
const total = (x: X, f: (v: number) => number): number => x.reduce((s, v) => s + f(v), 0)
const shrink = (x: X, t: number): X => x.map((v) => Math.sign(v) * Math.max(Math.abs(v) - t, 0))
const clip = (x: X): X => x.map((v) => Math.min(Math.max(v, -1), 1))

const l1: Prox<X> = { value: (x) => total(x, Math.abs), prox: shrink, convex: true, conjugate: clip }
const half: Prox<X> = {
  value: (x) => total(x, (v) => v * v) / 2,
  prox: (x, t) => x.map((v) => v / (1 + t)),
  convex: true,
}
const box: Prox<X> = {
  value: (x) => (x.every((v) => Math.abs(v) <= 1) ? 0 : Number.POSITIVE_INFINITY),
  prox: clip,
  convex: true,
  conjugate: (y, t) => shrink(y, t),
}
/** Half the number of entries that are not 0: hard thresholding. */
const l0: Prox<X> = {
  value: (x) => total(x, (v) => Number(v !== 0)) / 2,
  prox: (x, t) => x.map((v) => (v * v > t ? v : 0)),
}
const inTensors: Prox<Tensor> = {
  value: (x) => sum(abs(x)),
  prox: (x, t) => mul(sign(x), maximum(sub(abs(x), t), 0)) as Tensor,
  convex: true,
}
const broken = <A>(claim: Prox<A>, at: A): readonly ProxLawName[] => {
  const found = checkProx(claim, at, { seed: 1 })
  return E.isLeft(found) ? found.left.map((f) => f.law) : []
}
const at = [2, -0.25, 0.5]

const WRONG: Readonly<Record<string, readonly [Prox<X>, readonly ProxLawName[]]>> = {
  'half the step': [
    { ...l1, prox: (x, t) => shrink(x, t / 2) },
    ['dominance', 'optimality', 'moreau', 'envelope'],
  ],
  'said to be convex': [{ ...l0, convex: true }, ['optimality', 'nonexpansive']],
  'another conjugate': [{ ...l1, conjugate: (y) => y.map((v) => v / 2) }, ['moreau']],
  'a smaller box': [
    { value: box.value, convex: true, prox: (x) => clip(x).map((v) => v * 0.999) },
    ['dominance', 'optimality', 'envelope', 'projection'],
  ],
  'a sign lost': [
    { ...half, prox: (x, t) => x.map((v) => -v / (1 + t)) },
    ['dominance', 'optimality', 'nonexpansive', 'envelope', 'limit'],
  ],
  'a number too few': [
    { ...half, prox: (x) => x.slice(1) },
    ['dominance', 'optimality', 'nonexpansive', 'limit'],
  ],
}

describe('proximal operators', () => {
  test.each([
    ['l1', l1, ['projection', 'differentiable']],
    ['half the square', half, ['moreau', 'projection', 'differentiable']],
    ['a box', box, ['differentiable']],
    ['l0, which is not convex', l0, ['optimality', 'moreau', 'envelope', 'projection', 'differentiable']],
  ] as const)('%s', (_, claim, silent) => {
    const found = checkProx(claim as Prox<X>, at, { seed: 1 })
    expect(E.isRight(found) && found.right.silent.map((s) => s.law)).toEqual(silent)
    expect(E.isRight(found) && found.right.laws.every((l) => l.cases > 0)).toBe(true)
  })
  test('of tensors, derivatives too', () => {
    const found = checkProx(inTensors, tensor(at, { dtype: 'float64' }) as Tensor, { seed: 1 })
    expect(E.isRight(found) && found.right.silent.map((s) => s.law)).toEqual(['moreau', 'projection'])
  })
  test.each(Object.entries(WRONG))('%s', (_, [claim, laws]) => {
    expect(broken(claim, at)).toEqual(laws)
  })
  test('each law is broken by something', () => {
    const seen = new Set(Object.values(WRONG).flatMap(([, laws]) => laws))
    const { right } = checkProx(l1, at, { seed: 1 }) as E.Right<ProxCertificate>
    const all = [...right.laws, ...right.silent].map((l) => l.law)
    expect(all.filter((law) => !seen.has(law))).toEqual(['differentiable'])
  })
  test('a wrong derivative of a right prox', () => {
    const stopped: Prox<Tensor> = {
      ...inTensors,
      prox: (x, t) => mul(sign(x), maximum(sub(abs(x), t), 0)) as Tensor,
    }
    expect(broken(stopped, tensor([3], { dtype: 'float64' }) as Tensor)).toEqual([])
    const wrong: Prox<Tensor> = {
      value: (x) => mul(sum(square(x)), 0.5),
      prox: (x, t) => mul(x.toTypedArray()[0]! / (1 + t), 1) as Tensor,
    }
    expect(broken(wrong, tensor(3, { dtype: 'float64' }) as Tensor)).toEqual(['differentiable'])
  })
  test('the report', () => {
    const found = checkProx({ ...l1, conjugate: (y: X) => y.map((v) => v / 2) }, [2, -0.5], {
      seed: 1,
      steps: [1],
    })
    expect(E.isLeft(found) && String(found.left[0])).toMatchInlineSnapshot(
      `"✗ not the prox, by moreau: at [2, -1/2], step 1: the proxes of R and of its conjugate add up to [2,-0.25], seed 1"`,
    )
  })
})

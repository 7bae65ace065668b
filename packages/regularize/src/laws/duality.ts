import { add, div, grad, square, sub, sum, type Tensor } from '@cotangent/core'
import { claims, type Law, silent } from './law.js'
import { by, dot, finite, gap, minus, type Numbers, norm, numbersOf } from './numbers.js'
import { around, type Subject } from './subject.js'

const residual = (s: Subject, x: Numbers, step: number): readonly [Numbers, Numbers] => {
  const p = s.prox(x, step)
  return [p, by(1 / step, minus(x, p))]
}

export const dualityLaws: readonly Law[] = [
  {
    number: 2,
    name: 'Moreau',
    statement:
      'x = prox_{tR}(x) + t·prox_{R*/t}(x/t), or R(p) + R*(y) = ⟨p, y⟩ at y = (x - p)/t, with R* coded apart',
    test: (s) => {
      const { conjugate, prox } = s.f
      if (conjugate === undefined) return silent('it has no conjugate')
      if (prox === undefined) return silent('it has no prox')
      return claims((claim) => {
        const cases = s.points.flatMap((x) => s.steps.map((step) => ({ x, step })))
        const ps = s.proxes(
          cases.map((c) => c.x),
          cases.map((c) => c.step),
        )
        cases.forEach(({ x, step }, k) => {
          const p = ps[k]!
          const y = by(1 / step, minus(x, p))
          const scale = 1 + norm(x)
          if (conjugate.prox !== undefined) {
            const q = numbersOf(conjugate.prox(s.tensor(by(1 / step, x)), 1 / step))
            const back = p.map((v, i) => v + step * q[i]!)
            claim(gap(back, x) <= s.tolerance * 1e-4 * scale, () => ({
              text: 'the proxes of R and of its conjugate do not add up to x',
              step,
              x,
              got: back,
              want: x,
            }))
          }
          // Rounding must not carry y out of a set: a hair inside costs as much.
          const inside = by(1 - 1e-9, y).map((v) => (Math.abs(v) < 1e-14 ? 0 : v))
          const r = s.f.traits.indicator ? 0 : s.value(p)
          const total = r + conjugate.value(s.tensor(inside)).item() - dot(p, inside)
          const slack = s.tolerance * 1e-2 * (1 + Math.abs(r) + norm(p) * norm(y))
          claim(Math.abs(total) <= slack, () => ({
            text: "Fenchel and Young's equality fails: R(p) + R*(y) - ⟨p, y⟩ is not 0",
            step,
            x,
            got: total,
            want: 0,
          }))
          const zs = around(s, [p, x], 6)
          const star = conjugate.value(s.tensor(inside)).item()
          s.values(zs).forEach((v, m) => {
            claim(v + star >= dot(zs[m]!, inside) - slack, () => ({
              text: "Fenchel and Young's inequality fails at z, y",
              step,
              x: zs[m]!,
              got: v + star,
              want: dot(zs[m]!, inside),
            }))
          })
        })
      })
    },
  },
  {
    number: 5,
    name: 'envelope',
    statement: 'the gradient of the Moreau envelope, by differentiation through the prox, is (x - prox(x))/t',
    test: (s) => {
      const { prox, traits, value } = s.f
      if (prox === undefined) return silent('it has no prox')
      return claims((claim) => {
        const cases = s.generic.flatMap((x, i) => (i === 0 ? [0.1, 1] : [i]).map((step) => ({ x, step })))
        for (const { x, step } of cases) {
          const envelope = (v: Tensor): Tensor => {
            const p = prox(v, step)
            const near = div(sum(square(sub(v, p))), 2 * step)
            return traits.indicator ? near : add(value(p), near)
          }
          const [, y] = residual(s, x, step)
          const g = numbersOf(grad(envelope)(s.tensor(x)) as Tensor)
          claim(gap(g, y) <= s.tolerance * (1 + norm(y)), () => ({
            text: 'the envelope has another gradient',
            step,
            x,
            got: g,
            want: y,
          }))
        }
      })
    },
  },
  {
    number: 13,
    name: 'dual norm',
    statement: '⟨z, y⟩ ≤ R(z)·‖y‖°/λ for all z, with equality at z = prox(x), y = (x - z)/t, where ‖y‖° = λ',
    test: (s) => {
      const { dualNorm } = s.f
      if (dualNorm === undefined) return silent('it has no dual norm')
      if (s.f.traits.homogeneous !== 1) return silent('it is no norm: its dual norm is the λ that keeps 0')
      if (s.f.prox === undefined) return silent('it has no prox')
      return claims((claim) => {
        const size = (y: Numbers): number => dualNorm(s.tensor(y)).item()
        let lambda: number | undefined
        for (const x of s.generic)
          for (const step of [0.05, 0.2]) {
            const [p, y] = residual(s, x, step)
            const own = size(y)
            if (norm(p) === 0) continue
            lambda ??= own
            const known = lambda
            claim(finite([own]) && Math.abs(own - known) <= s.tolerance * (1 + known), () => ({
              text: 'the dual norm of (x - prox(x))/t is not the λ that it is elsewhere',
              step,
              x,
              got: own,
              want: known,
            }))
            if (known === 0) continue
            const attained = (s.value(p) * own) / known
            claim(Math.abs(attained - dot(p, y)) <= s.tolerance * (1 + attained), () => ({
              text: 'the bound is not attained at prox(x)',
              step,
              x,
              got: dot(p, y),
              want: attained,
            }))
            const ys = [y, x, ...around(s, [y], 4)].map((w) => ({ w, dual: size(w) }))
            const zs = around(s, [x, p], 20)
            const rs = s.values(zs)
            zs.forEach((z, k) => {
              for (const { w, dual } of ys) {
                const bound = (rs[k]! * dual) / known
                claim(dot(z, w) <= bound + s.tolerance * (1 + bound), () => ({
                  text: `⟨z, y⟩ exceeds R(z)·‖y‖°/λ at y = [${w}]`,
                  x: z,
                  got: dot(z, w),
                  want: bound,
                }))
              }
            })
          }
      })
    },
  },
]

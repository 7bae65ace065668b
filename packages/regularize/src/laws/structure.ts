import { CotangentError } from '@cotangent/core'
import { l1 } from '../functionals/l1.js'
import { combine, on } from '../penalty.js'
import { plan } from '../plan.js'
import { claims, type Law, silent } from './law.js'
import { gap, norm, numbersOf } from './numbers.js'
import { around } from './subject.js'

export const structureLaws: readonly Law[] = [
  {
    number: 15,
    name: 'structure',
    statement:
      'a sum over entries acts entry by entry; twins, such as groups of one entry and the entry-wise form, agree',
    test: (s) => {
      const { separable, indicator } = s.f.traits
      if (separable !== 'entry' && s.twins.length === 0)
        return silent('it is not a sum over entries, and no twin is given')
      return claims((claim) => {
        for (const x of s.points) {
          if (separable === 'entry' && s.f.prox !== undefined) {
            const other = x.map((v, i) => (i === 0 ? v : 2 - v))
            const [p, q] = [s.prox(x, 0.7), s.prox(other, 0.7)]
            claim(Math.abs(p[0]! - q[0]!) <= 1e-12 * (1 + norm(x)), () => ({
              text: 'entry 0 of the prox depends on the other entries',
              step: 0.7,
              x,
              got: q[0]!,
              want: p[0]!,
            }))
          }
          if (separable === 'entry' && !indicator) {
            // R(x) - R(x with entry i at 0) must not depend on what the others are.
            const without = (v: readonly number[]) => v.map((w, i) => (i === 0 ? 0 : w))
            const other = x.map((v, i) => (i === 0 ? v : v + 1))
            const share = (v: readonly number[]) => s.value(v) - s.value(without(v))
            const [got, want] = [share(other), share(x)]
            claim(Math.abs(got - want) <= 1e-10 * (1 + Math.abs(s.value(other))), () => ({
              text: 'the share of entry 0 in the value depends on the other entries',
              x,
              got,
              want,
            }))
          }
          for (const { name, a, b } of s.twins) {
            const [u, v] = [a, b].map((f) => f.value(s.tensor(x)).item()) as [number, number]
            claim(u === v || Math.abs(u - v) <= 1e-10 * (1 + Math.abs(v)), () => ({
              text: `${name}: the values differ`,
              x,
              got: u,
              want: v,
            }))
            if (a.prox === undefined || b.prox === undefined) continue
            const [p, q] = [a, b].map((f) => numbersOf(f.prox!(s.tensor(x), 0.7))) as [number[], number[]]
            claim(gap(p, q) <= s.tolerance * 1e-3 * (1 + norm(x)), () => ({
              text: `${name}: the proxes differ`,
              step: 0.7,
              x,
              got: p,
              want: q,
            }))
          }
        }
      })
    },
  },
  {
    number: 16,
    name: 'composition',
    statement: 'with l1 on the same tensor, a plan takes the prox of the sum, or refuses',
    test: (s) => {
      if (s.f.prox === undefined) return silent('it has no prox')
      const other = l1(0.3)
      const mode = s.f.traits.indicator ? 'constraint' : 'proximal'
      const params = { kernel: s.tensor(s.generic[0]!) }
      try {
        plan(combine(other, on('**', s.f, { mode })), params)
      } catch (error) {
        if (error instanceof CotangentError) return silent(`refused: ${error.message}`)
        throw error
      }
      const bound = plan(combine(other, on('**', s.f, { mode })), params)
      return claims((claim) => {
        const xs = [s.generic[0]!, s.generic[1]!, s.special[0]!]
        const cases = xs.flatMap((x) => [0.3, 2].map((step) => ({ x, step })))
        const set = s.f.traits.indicator === true
        for (const { x, step } of cases) {
          const p = numbersOf(bound.project(bound.prox({ kernel: s.tensor(x) }, { lr: step })).kernel)
          const near = around(s, [p, x], 40)
          const zs = [
            p,
            ...(set
              ? s.proxes(
                  near,
                  near.map(() => 1),
                )
              : near),
          ]
          const rs = s.values(zs)
          const values = zs.map((z, k) => {
            const one = z.reduce((n, v) => n + 0.3 * Math.abs(v), 0)
            return (
              (set ? rs[k]! : step * rs[k]!) +
              step * one +
              z.reduce((n, v, i) => n + 0.5 * (v - x[i]!) ** 2, 0)
            )
          })
          const best = Math.min(...values)
          claim(values[0]! - best <= 10 * s.excess * (1 + Math.abs(best)), () => ({
            text: 'a point has a lower objective of the sum than what the plan takes',
            step,
            x,
            got: p,
            want: zs[values.indexOf(best)]!,
          }))
        }
      })
    },
  },
]

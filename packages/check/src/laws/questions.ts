import { inner, innerSize, lineAlong } from '../oracles/direction.js'
import type { ExactOracle } from '../oracles/exact.js'
import type { Answer, Oracle } from '../oracles/oracle.js'
import type { Subject } from '../subject/subject.js'
import { gradientClaim, type Question } from './compare.js'

// What each mode claims of ⟨v, f⟩.

/** The same question, put to an oracle of one's choice. */
export const putTo = (
  oracle: Oracle | undefined,
  q: Question,
  along: (oracle: Oracle, d: Float64Array) => Answer,
): Question => (oracle ? { ...q, chosen: { name: oracle.name, along: (d) => along(oracle, d) } } : q)

const valueLine =
  (s: Subject, v: Float64Array, spread: number) =>
  (d: Float64Array): ReturnType<typeof lineAlong> =>
    lineAlong((x) => s.value(x).data, s.x, v, d, s.eps, spread)

/** ⟨Jᵀv, d⟩. */
export const reverseQuestion = (s: Subject, v: Float64Array, exact?: ExactOracle): Question => {
  const g = s.reverse(s.x, v).data
  const spread = innerSize(g, s.x)
  return {
    x: s.x,
    eps: s.eps,
    line: valueLine(s, v, spread),
    ...(exact && { exact: (d: Float64Array) => exact.reverse(v, d) }),
    claim: gradientClaim(g, (x) => s.reverse(x, v).data, s.x, s.eps),
  }
}

/** ⟨v, Jd⟩. */
export const forwardQuestion = (s: Subject, v: Float64Array, exact?: ExactOracle): Question => {
  const forward = s.forward!
  return {
    x: s.x,
    eps: s.eps,
    line: valueLine(s, v, 0),
    ...(exact && { exact: (d: Float64Array) => exact.forward(v, d) }),
    claim: {
      along: (d) => inner(v, forward(s.x, d).data),
      size: (d) => innerSize(v, forward(s.x, d).data),
      noise: (d) => lineAlong((x) => forward(x, d).data, s.x, v, d, s.eps).noise(),
    },
  }
}

/** ⟨u, H d⟩ against differences of ⟨u, ∇⟨v, f⟩⟩. */
export const secondQuestion = (
  s: Subject,
  v: Float64Array,
  u: Float64Array,
  exact?: ExactOracle,
): Question => {
  const second = s.second!
  const scale = s.x.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3)
  return {
    level: (innerSize(s.value(s.x).data, v) * u.reduce((t, c) => t + Math.abs(c), 0)) / scale,
    x: s.x,
    eps: s.eps,
    line: (d) => lineAlong((x) => s.reverse(x, v).data, s.x, u, d, s.eps),
    ...(exact && { exact: (d: Float64Array) => exact.second(v, u, d) }),
    claim: {
      along: (d) => inner(u, second(s.x, v, d).data),
      size: (d) => innerSize(u, second(s.x, v, d).data),
      noise: (d) => lineAlong((x) => second(x, v, d).data, s.x, u, d, s.eps).noise(),
    },
  }
}

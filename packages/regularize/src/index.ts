export type { Functional, Traits } from './functional.js'
export * as article from './functionals/article.js'
export { l2Ball, linfBall } from './functionals/balls.js'
export { l1 } from './functionals/l1.js'
export { l2 } from './functionals/l2.js'
export { norm2 } from './functionals/norm2.js'
export {
  combine,
  type Group,
  type Mode,
  none,
  type OnOptions,
  on,
  type Penalty,
  PenaltyMonoid,
  scale,
  type Term,
  toPenalty,
  type Weight,
} from './penalty.js'
export { type Plan, type ProximalStep, plan, planEither } from './plan.js'
export type { Report, ReportRow } from './report.js'
export { type Role, roleOf } from './roles.js'
export { difference, intersection, role, type Selection, type Selector, union } from './select.js'

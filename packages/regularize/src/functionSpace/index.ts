export { type VatOptions, vat } from './adversarial.js'
export type { Model } from './batch.js'
export {
  type GradientPenaltyOptions,
  gradientPenalty,
  inputGradient,
  interpolate,
  r1,
  type Weighted,
} from './critic.js'
export { gradientNorm, type HessianTraceOptions, hessianTrace } from './curvature.js'
export { contractive, type JacobianPenaltyOptions, jacobianPenalty } from './jacobian.js'
export { activityL1, activityL2, entropyPenalty, type KlSparsityOptions, klSparsity } from './outputs.js'

export { type Composition, compositions } from './compose.js'
export {
  fromKeras,
  fromSklearn,
  fromTorch,
  type KerasSpec,
  type SklearnSpec,
  type TorchSpec,
} from './convert.js'
export type { Form, Functional, Traits } from './functional.js'
export { anchor } from './functionals/anchor.js'
export * as article from './functionals/article.js'
export { l2Ball, linfBall } from './functionals/balls.js'
export { box, nonNegative } from './functionals/box.js'
export { cappedL1 } from './functionals/cappedL1.js'
export { elasticNet } from './functionals/elasticNet.js'
export { etp } from './functionals/etp.js'
export { exclusiveLasso } from './functionals/exclusiveLasso.js'
export { geman } from './functionals/geman.js'
export { graphLaplacian } from './functionals/graphLaplacian.js'
export { groupMcp, groupScad } from './functionals/groupConcave.js'
export { groupLasso, sparseGroupLasso } from './functionals/groupLasso.js'
export { groupLinf } from './functionals/groupLinf.js'
export type { GroupOptions, Groups } from './functionals/groups.js'
export { huber } from './functionals/huber.js'
export type { NormAxes } from './functionals/intoBall.js'
export { l0 } from './functionals/l0.js'
export { l1 } from './functionals/l1.js'
export { l2 } from './functionals/l2.js'
export { affine, halfspace } from './functionals/linear.js'
export { linf } from './functionals/linf.js'
export { logSum } from './functionals/logSum.js'
export {
  logDet,
  nuclear,
  nuclearBall,
  rank,
  type SpectralOptions,
  schatten,
  spectral,
  spectralBall,
} from './functionals/matrices.js'
export { l0Envelope, mcp } from './functionals/mcp.js'
export { norm2 } from './functionals/norm2.js'
export { maxNorm, unitNorm } from './functionals/norms.js'
export { type OrthogonalOptions, orthogonal, stiefel } from './functionals/orthogonal.js'
export { lHalf, lp, lTwoThirds } from './functionals/powers.js'
export { cauchy, welsch } from './functionals/redescending.js'
export { scad } from './functionals/scad.js'
export { l1Ball, simplex } from './functionals/simplex.js'
export { singularValues } from './functionals/singularValues.js'
export { slope } from './functionals/slope.js'
export { smoothL1 } from './functionals/smoothL1.js'
export { l0Ball } from './functionals/sparse.js'
export { fusedLasso, tv1d } from './functionals/tv1d.js'
export { type Tv2dOptions, tv2d } from './functionals/tv2d.js'
export { weightedL1 } from './functionals/weightedL1.js'
export * from './functionSpace/index.js'
export {
  checkPenalty,
  LAWS,
  type LawFailure,
  type PenaltyCertificate,
} from './laws/checkPenalty.js'
export type { Law, Outcome } from './laws/law.js'
export type { CheckPenaltyOptions, Twin } from './laws/subject.js'
export { functional, type OwnFunctional, type PrecomposeOptions, precompose } from './own.js'
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
export { type Plan, type ProximalStep, plan, planEither, type ReportAt } from './plan.js'
export type { Report, ReportRow } from './report.js'
export { type Role, roleOf } from './roles.js'
export { difference, intersection, role, type Selection, type Selector, union } from './select.js'
export { aic, bic, cp, gcv, type Scored } from './selection/criteria.js'
export { type CrossValidateOptions, type CrossValidation, crossValidate } from './selection/crossValidate.js'
export type { Folds } from './selection/folds.js'
export { type ExactPath, type ExactPathOptions, type Knot, larsPath, lassoPath } from './selection/lars.js'
export { lambdaPath, type PathFit, type PathOptions } from './selection/path.js'
export { noiseVariance, type RidgeFit, type RidgeOptions, ridgePath } from './selection/ridge.js'
export {
  type Affine,
  type LinearData,
  type LinearLoss,
  type LinearLossOf,
  type LinearLossOptions,
  leastSquares,
  logistic,
} from './solvers/losses.js'
export { minimise, type Solution, type SolveOptions, solve } from './solvers/solve.js'

export * as arbitraries from './arbitraries/index.js'
export { type CheckOptions, checkGrad, type Progress } from './checkGrad.js'
export {
  checkFacts,
  type FactFailure,
  type FactName,
  type FactOptions,
  type Facts,
} from './facts/checkFacts.js'
export type { Isometry } from './facts/invariant.js'
export {
  type Accuracy,
  type Blame,
  type Certificate,
  type GradFailure,
  type Impure,
  type Inconclusive,
  LAWS,
  type LawId,
  type LawResult,
  type Mismatch,
  type NonFinite,
  type NotSmooth,
  type Opinion,
  type ShapeDrift,
} from './failure.js'
export { type Counterexample, type ForAllOptions, forAllGrad } from './forAllGrad.js'
export { expectOpLaws, type OpLawOptions } from './opLaws.js'
export {
  checkOptimizer,
  type OptimizerCertificate,
  type OptimizerCheckOptions,
  type OptimizerFailure,
  type OptimizerLawName,
} from './optimizer/checkOptimizer.js'
export type { Optimizer } from './optimizer/claim.js'
export { type DifferenceOptions, type Differences, finiteDifference } from './oracles/difference.js'
export type { Estimate, OracleName } from './oracles/oracle.js'
export type { Params as ProgramParams, ProgramOperation } from './program/operations.js'
export {
  type MoreOperations,
  type Program,
  type ProgramInput,
  type ProgramStep,
  programInputs,
  prunedProgram,
  runProgram,
  showProgram,
} from './program/program.js'
export {
  checkProx,
  type ProxCertificate,
  type ProxCheckOptions,
  type ProxFailure,
  type ProxLawName,
} from './prox/checkProx.js'
export type { Prox } from './prox/claim.js'
export type { Verdict } from './regularity/regularity.js'
export { renderCertificate } from './report/certificate.js'
export { render } from './report/render.js'
export type { Pair } from './subject/given.js'
export type { Entry } from './subject/leaves.js'

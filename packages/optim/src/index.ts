export { type AccumulateOptions, type AccumulateState, accumulate } from './accumulate.js'
export {
  type AdamConstants,
  type AdamOptions,
  type AdamState,
  type AdamwOptions,
  adam,
  adamax,
  adamw,
  amsgrad,
  nadam,
  scaleByAdam,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByNadam,
} from './adam.js'
export {
  type AdadeltaOptions,
  type AdagradOptions,
  adadelta,
  adagrad,
  type LionOptions,
  lion,
  type RmspropOptions,
  rmsprop,
  scaleByAdadelta,
  scaleByAdagrad,
  scaleByLion,
  scaleByRms,
} from './adaptive.js'
export { type PolyakOptions, polyak, sam } from './around.js'
export { type EmaState, ema, type LookaheadOptions, type LookaheadState, lookahead } from './averages.js'
export { chain, identity, monoid } from './chain.js'
export { type AgcOptions, agc, clipByBlockRms, clipByGlobalNorm, clipByValue } from './clip.js'
export { addDecayedWeights } from './decay.js'
export { applyIfFinite, type IfFiniteState } from './finite.js'
export { addNoise, type CentralizeOptions, centralize, type NoiseOptions, zeroNans } from './gradients.js'
export type { Hyper } from './hyper.js'
export { type LbfgsOptions, type LbfgsState, lbfgs } from './lbfgs.js'
export { scaleByLearningRate } from './learningRate.js'
export { byLabel, masked } from './parts.js'
export { type Rule, type Scaled, type ScaleState, scaleBy } from './scaleBy.js'
export type { Schedule } from './schedule.js'
export * as schedule from './schedule.js'
export type { On } from './select.js'
export { type SgdOptions, type SgdState, sgd } from './sgd.js'
export { type AdmmProblem, admm } from './solvers/admm.js'
export type { CompositeProblem, Solved } from './solvers/forwardBackward.js'
export { gaussNewton, type LeastSquaresProblem } from './solvers/gaussNewton.js'
export type { BoundPenalty, SolverPenalty, TensorPenalty } from './solvers/penalty.js'
export { fista, proximalGradient } from './solvers/proximal.js'
export { applyUpdates, type ProximalPlan, type StepContext, step } from './step.js'
export type {
  AnyTransform,
  Info,
  NeedsOf,
  StateOf,
  Transform,
  UpdateContext,
  Updated,
  ValueAndGrad,
} from './transform.js'
export type { WolfeOptions } from './wolfe.js'

export type { Augmentation, Augmented, MixOptions, OutsideOptions } from './augment/index.js'
export * as augment from './augment/index.js'
export type { FileSystem } from './checkpoint/atomic.js'
export {
  type CheckpointOptions,
  checkpointEvery,
  readCheckpoint,
  readCheckpointTask,
} from './checkpoint/checkpoint.js'
export * as dataset from './data/index.js'
export * as figure from './figure/index.js'
export type { Callback, Reaction, Restored, RunEnd, RunInfo, StepInfo } from './fit/callback.js'
export type { Epoch, Measured, Step } from './fit/epoch.js'
export { type EvaluateOptions, evaluate } from './fit/evaluate.js'
export { type Fit, fit } from './fit/fit.js'
export type { FitOptions, Loss, Metric, ObjectiveTerm, TermContext } from './fit/options.js'
export type { Plain, Sums, TrainState } from './fit/state.js'
export {
  type GradientHealth,
  gradientHealth,
  type HealthOptions,
  type LayerHealth,
  type NonFinite,
  type Verdict,
} from './health/health.js'
export { type ProgressOptions, type ProgressStream, progress } from './progress/progress.js'
export { type ReportOptions, report } from './report/report.js'
export { all, any, type Combined } from './stop/combine.js'
export { type Criterion, type Losses, type Monitor, type Sequence, stopsAt } from './stop/criterion.js'
export { type Best, type EarlyStoppingOptions, earlyStopping } from './stop/earlyStopping.js'
export * as prechelt from './stop/prechelt.js'

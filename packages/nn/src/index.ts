export { accuracy } from './accuracy.js'
export type { Initializer, NormalOptions, VarianceScaling } from './init.js'
export * as init from './init.js'
export type { Context, Empty, Initialised, Layer, ParamsOf, Part, StateOf } from './layer.js'
export { type AttentionOptions, type AttentionParams, multiHeadAttention } from './layers/attention.js'
export { type BatchNormOptions, type BatchNormState, batchNorm } from './layers/batchNorm.js'
export { type BidirectionalOptions, type BidirectionalParams, bidirectional } from './layers/bidirectional.js'
export {
  type Branches,
  type ParallelOptions,
  parallel,
  type ResidualOptions,
  residual,
} from './layers/branches.js'
export { type Composed, type Composition, compose } from './layers/compose.js'
export { type ConvLayerOptions, conv1d, conv2d } from './layers/convolution.js'
export { type DenseOptions, type DenseParams, dense } from './layers/dense.js'
export { type DropBlockOptions, dropBlock } from './layers/dropBlock.js'
export { dropConnect } from './layers/dropConnect.js'
export {
  alphaDropout,
  type DropoutOptions,
  dropout,
  spatialDropout,
  stochasticDepth,
} from './layers/dropout.js'
export { type EmbeddingOptions, type EmbeddingParams, embedding } from './layers/embedding.js'
export { gru } from './layers/gru.js'
export { type LstmCarry, lstm } from './layers/lstm.js'
export { gaussianDropout, gaussianNoise } from './layers/noise.js'
export {
  groupNorm,
  instanceNorm,
  type LayerNormOptions,
  layerNorm,
  type NormOptions,
  rmsNorm,
} from './layers/normalisation.js'
export { avgPool2d, globalAvgPool, maxPool2d } from './layers/pooling.js'
export { type PositionalOptions, positionalEmbedding } from './layers/positional.js'
export type { Carry, RecurrentLayer, RecurrentOptions, RecurrentParams } from './layers/recurrent.js'
export {
  type SpectralNormOptions,
  type SpectralNormState,
  spectralNorm,
  weightNorm,
} from './layers/reparametrise.js'
export { type RnnOptions, rnn } from './layers/rnn.js'
export { type SequentialParams, type SequentialState, sequential } from './layers/sequential.js'
export { activation, flatten } from './layers/simple.js'
export type { NormParams } from './layers/standardise.js'
export { type TransformerOptions, type TransformerParams, transformerBlock } from './layers/transformer.js'
export type { LossOptions } from './losses.js'
export * as loss from './losses.js'
export type { LoadError } from './save/error.js'
export { type Loaded, type LoadOptions, load } from './save/load.js'
export { type SaveOptions, save } from './save/save.js'
export { summary } from './summary.js'

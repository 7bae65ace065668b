import { CotangentError, cast, type DType, full, mul, random, sub, type Tensor } from '@cotangent/core'

/** Fills a new parameter. */
export type Initializer = (key: Tensor, shape: readonly number[], dtype?: DType) => Tensor

/** Options of {@link varianceScaling}. */
export interface VarianceScaling {
  /** The variance is `scale / fan`. Default 1. */
  readonly scale?: number
  /** Which fan: inputs of a unit, outputs, or the mean of both. Default `fanIn`. */
  readonly mode?: 'fanIn' | 'fanOut' | 'fanAvg'
  /** Default `normal`. */
  readonly distribution?: 'normal' | 'uniform'
}

/** Inputs and outputs of one unit: kernels are `[...window, in, out]`. */
const fans = (shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } => {
  const window = shape.slice(0, -2).reduce((a, b) => a * b, 1)
  const last = shape.at(-1) ?? 1
  return { fanIn: window * (shape.at(-2) ?? last), fanOut: window * last }
}

/** Every entry 0. */
export const zeros: Initializer = (_, shape, dtype = 'float32') => full(shape, 0, dtype)
/** Every entry 1. */
export const ones: Initializer = (_, shape, dtype = 'float32') => full(shape, 1, dtype)
/**
 * Every entry `value`.
 *
 * @example
 * init.constant(0.5)(random.key(0), [2]) // => [0.5, 0.5]
 */
export const constant =
  (value: number): Initializer =>
  (_, shape, dtype = 'float32') =>
    full(shape, value, dtype)

/**
 * Mean 0 and variance `scale / fan`, so that signals keep their size through many layers: normal, or uniform on
 * ±√(3·scale/fan).
 *
 * @example
 * init.varianceScaling({ scale: 2, mode: 'fanIn' })(random.key(0), [64, 32]).shape // => [64, 32]
 */
export const varianceScaling = ({
  scale = 1,
  mode = 'fanIn',
  distribution = 'normal',
}: VarianceScaling = {}): Initializer => {
  if (!(scale > 0))
    throw new CotangentError('Value', `varianceScaling: scale is ${scale}. Give a positive number.`, {
      op: 'varianceScaling',
    })
  return (key, shape, dtype = 'float32') => {
    const { fanIn, fanOut } = fans(shape)
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode]
    const variance = scale / Math.max(fan, 1)
    if (distribution === 'normal') return mul(cast(random.normal(key, shape), dtype), Math.sqrt(variance))
    const limit = Math.sqrt(3 * variance)
    return sub(mul(cast(random.uniform(key, shape), dtype), 2 * limit), limit)
  }
}

/** Uniform with variance 2/(fanIn + fanOut). Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html */
export const xavierUniform = varianceScaling({ mode: 'fanAvg', distribution: 'uniform' })
/** Normal with variance 2/(fanIn + fanOut). Glorot & Bengio 2010. */
export const xavierNormal = varianceScaling({ mode: 'fanAvg' })
/** Uniform with variance 2/fanIn, for relu. He et al. 2015, https://arxiv.org/abs/1502.01852 */
export const heUniform = varianceScaling({ scale: 2, distribution: 'uniform' })
/** Normal with variance 2/fanIn, for relu. He et al. 2015. */
export const heNormal = varianceScaling({ scale: 2 })
/** Normal with variance 1/fanIn. LeCun et al. 1998, Efficient BackProp. */
export const lecunNormal = varianceScaling()

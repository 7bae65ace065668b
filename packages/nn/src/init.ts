import {
  add,
  CotangentError,
  cast,
  type DType,
  diag,
  equal,
  full,
  linalg,
  mul,
  random,
  reshape,
  sign,
  sub,
  type Tensor,
  tensor,
  transpose,
  where,
} from '@cotangent/core'

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

const float = (dtype: DType): 'float32' | 'float64' => (dtype === 'float64' ? 'float64' : 'float32')

/**
 * Uniform between `min` (-0.05) and `max` (0.05).
 *
 * @example
 * init.uniform({ min: 2, max: 3 })(random.key(0), [2]) // => [2.947667, 2.978509]
 */
export const uniform =
  ({ min = -0.05, max = 0.05 }: { readonly min?: number; readonly max?: number } = {}): Initializer =>
  (key, shape, dtype = 'float32') =>
    random.uniform(key, shape, { dtype: float(dtype), minval: min, maxval: max })

/** Mean and standard deviation of {@link normal} and, before its tails are cut, of {@link truncatedNormal}. */
export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number
  /** Default 0.05. */
  readonly std?: number
}

/**
 * Normal with mean 0 and standard deviation 0.05, unless told.
 *
 * @example
 * init.normal({ mean: 1, std: 0 })(random.key(0), [2]) // => [1, 1]
 */
export const normal =
  ({ mean = 0, std = 0.05 }: NormalOptions = {}): Initializer =>
  (key, shape, dtype = 'float32') =>
    add(mul(random.normal(key, shape, { dtype: float(dtype) }), std), mean)

/**
 * As {@link normal}, drawn again where it lies more than two standard deviations from the mean: what remains has the
 * standard deviation 0.8796·std.
 *
 * @example
 * init.truncatedNormal({ std: 2 })(random.key(0), [3, 4]).shape // => [3, 4]
 */
export const truncatedNormal =
  ({ mean = 0, std = 0.05 }: NormalOptions = {}): Initializer =>
  (key, shape, dtype = 'float32') =>
    add(mul(random.truncatedNormal(key, -2, 2, shape, { dtype: float(dtype) }), std), mean)

const matrixOf = (op: string, shape: readonly number[]): readonly [number, number] => {
  if (shape.length < 2)
    throw new CotangentError('Shape', `init.${op}: [${shape.join(', ')}] is not a kernel [..., in, out].`, {
      op,
      shapes: [shape],
    })
  return [shape.slice(0, -1).reduce((a, b) => a * b, 1), shape.at(-1)!]
}

/**
 * A random matrix `[window·in, out]` with orthonormal columns, or rows where there are fewer of them, times `gain`: it
 * keeps the length of signals. Uniform over all such matrices (Mezzadri 2007). Saxe et al. 2013,
 * https://arxiv.org/abs/1312.6120
 *
 * @example
 * const w = init.orthogonal()(random.key(0), [4, 2])
 * matmul(transpose(w), w) // => [[1, 0], [0, 1]]
 */
export const orthogonal =
  ({ gain = 1 }: { readonly gain?: number } = {}): Initializer =>
  (key, shape, dtype = 'float32') => {
    const [rows, columns] = matrixOf('orthogonal', shape)
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)]
    const { q, r } = linalg.qr(random.normal(key, [long, short], { dtype: float(dtype) }))
    // The signs of a QR decomposition are a convention; those of R make the distribution uniform.
    const signs = sign(diag(r))
    const tall = mul(q, mul(where(equal(signs, 0), 1, signs), gain))
    return reshape(rows >= columns ? tall : transpose(tall), shape)
  }

/**
 * The identity times `gain`: of a kernel `[...window, in, out]` the middle of the window passes channel i to filter i,
 * and everything else is 0. For recurrent layers of relu, Le et al. 2015, https://arxiv.org/abs/1504.00941
 *
 * @example
 * init.identity()(random.key(0), [2, 3]) // => [[1, 0, 0], [0, 1, 0]]
 * init.identity({ gain: 2 })(random.key(0), [3, 1, 1]) // => [[[0]], [[2]], [[0]]]
 */
export const identity =
  ({ gain = 1 }: { readonly gain?: number } = {}): Initializer =>
  (_, shape, dtype = 'float32') => {
    matrixOf('identity', shape)
    const window = shape.slice(0, -2)
    const [fanIn, fanOut] = [shape.at(-2)!, shape.at(-1)!]
    const middle = window.reduce((at, n) => at * n + Math.floor((n - 1) / 2), 0)
    const places = window.reduce((a, b) => a * b, 1)
    const values = new Float64Array(places * fanIn * fanOut)
    for (let i = 0; i < Math.min(fanIn, fanOut); i++) values[(middle * fanIn + i) * fanOut + i] = gain
    return cast(tensor(values, { shape }), dtype)
  }

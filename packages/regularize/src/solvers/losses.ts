import { add, CotangentError, cast, matmul, mean, type Tensor, take, tensor, zeros } from '@cotangent/core'
import { FAMILIES, type FamilyName } from './family.js'

/** Parameters of a linear model with an intercept. */
export interface Affine {
  /** Coefficients, [features]. */
  readonly kernel: Tensor
  /** The intercept, a scalar; penalties leave it alone. */
  readonly bias: Tensor
}

/** What the loss of a linear model is made of. */
export interface LinearData {
  readonly family: FamilyName
  /** [samples, features], float64. */
  readonly X: Tensor
  /** [samples], float64. */
  readonly y: Tensor
  readonly intercept: boolean
  /** Parameters that are 0. */
  readonly zero: unknown
}

/**
 * The loss of a linear model: a function of its parameters that can be differentiated like any other, and that shows
 * solvers what it is made of.
 */
export interface LinearLoss<P = Tensor | Affine> extends LinearData {
  (params: P): Tensor
  readonly zero: P
  /** The loss of some of the samples. */
  rows(indices: readonly number[]): LinearLoss<P>
}

/** Options of {@link leastSquares} and {@link logistic}. */
export interface LinearLossOptions<I extends boolean = boolean> {
  /** Whether the parameters are `{ kernel, bias }`, instead of the coefficients alone. Default false. */
  readonly intercept?: I
}

const checkShapes = (op: string, X: Tensor, y: Tensor): void => {
  const fits = X.rank === 2 && y.rank === 1 && y.shape[0] === X.shape[0] && X.size > 0
  if (!fits)
    throw new CotangentError(
      'Shape',
      `${op}: X of shape [${X.shape}] and y of shape [${y.shape}]. Give X as [samples, features] and y as [samples].`,
      { op, shapes: [X.shape, y.shape] },
    )
}

const double = (x: Tensor): Tensor => (x.dtype === 'float64' ? x : cast(x, 'float64'))

/** z = Xw, or Xw + b. */
export const predictions = (X: Tensor, params: Tensor | Affine): Tensor =>
  'kernel' in params ? add(matmul(X, double(params.kernel)), double(params.bias)) : matmul(X, double(params))

const linearLoss = (
  op: string,
  family: FamilyName,
  X: Tensor,
  y: Tensor,
  intercept: boolean,
): LinearLoss<Tensor | Affine> => {
  checkShapes(op, X, y)
  const data = { X: double(X), y: double(y) }
  const { value } = FAMILIES[family]
  const kernel = zeros([X.shape[1]!], 'float64') as Tensor
  const loss = (params: Tensor | Affine): Tensor => mean(value(predictions(data.X, params), data.y))
  return Object.assign(loss, {
    ...data,
    family,
    intercept,
    zero: intercept ? { kernel, bias: zeros([], 'float64') as Tensor } : kernel,
    rows: (indices: readonly number[]) => {
      const chosen = tensor(Int32Array.from(indices))
      return linearLoss(op, family, take(data.X, chosen, { axis: 0 }), take(data.y, chosen), intercept)
    },
  })
}

/** A loss of linear models, as {@link leastSquares} is one: made of data. */
export interface LinearLossOf {
  (X: Tensor, y: Tensor, options: LinearLossOptions<true>): LinearLoss<Affine>
  (X: Tensor, y: Tensor, options?: LinearLossOptions<false>): LinearLoss<Tensor>
}

/**
 * The loss 1/2n·‖y - Xw‖² of a linear model, the scaling of scikit-learn, glmnet and skglm; with `intercept`
 * 1/2n·‖y - Xw - b‖². In float64 whatever the dtypes of X [samples, features] and y [samples].
 *
 * @example
 * const loss = leastSquares(tensor([[1, 0], [0, 2]]), tensor([1, 4]))
 * loss(tensor([1, 1])) // => 1
 * solve({ loss, penalty: l1(0.5) }) // => [0, 1.75]
 */
export const leastSquares: LinearLossOf = ((
  X: Tensor,
  y: Tensor,
  { intercept = false }: LinearLossOptions = {},
) => linearLoss('leastSquares', 'squared', X, y, intercept)) as LinearLossOf

/**
 * The mean of log(1 + e^z) - y·z with z = Xw (+ b with `intercept`), for labels y of 0 and 1: logistic regression.
 *
 * @example
 * logistic(tensor([[1], [-1]]), tensor([1, 0]))(tensor([0])) // => 0.6931
 */
export const logistic: LinearLossOf = ((
  X: Tensor,
  y: Tensor,
  { intercept = false }: LinearLossOptions = {},
) => linearLoss('logistic', 'logistic', X, y, intercept)) as LinearLossOf

/** Whether a loss is of a linear model. */
export const isLinear = <P>(loss: ((params: P) => Tensor) | LinearLoss<P>): loss is LinearLoss<P> =>
  'family' in loss && 'X' in loss

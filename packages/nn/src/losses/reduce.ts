import { add, CotangentError, div, mean, mul, sum, type Tensor } from '@cotangent/core'

/** Options of the losses. */
export interface LossOptions {
  /** What becomes of the losses of the examples. Default `mean`. */
  readonly reduction?: 'mean' | 'sum' | 'none'
  /** Multiplies each loss before the reduction; `mean` still divides by their number. Broadcasts to the losses. */
  readonly weights?: Tensor
}

const show = (x: Tensor): string => `[${x.shape.join(', ')}]`

/** Weighs and reduces losses; `mean` divides by `total` where it is given. */
export const reduce = (
  op: string,
  losses: Tensor,
  { reduction = 'mean', weights }: LossOptions,
  total?: Tensor,
): Tensor => {
  if (weights !== undefined) {
    const offset = losses.rank - weights.rank
    if (offset < 0 || weights.shape.some((n, i) => n !== 1 && n !== losses.shape[i + offset]))
      throw new CotangentError(
        'Shape',
        `${op}: weights ${show(weights)} do not fit losses ${show(losses)}. Give one weight for each loss.`,
        { op, shapes: [losses.shape, weights.shape] },
      )
  }
  const weighted = weights === undefined ? losses : mul(losses, weights)
  if (reduction === 'none') return weighted
  if (reduction === 'sum') return sum(weighted)
  return total === undefined ? mean(weighted) : div(sum(weighted), total)
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i])

/** Refuses a target whose broadcasting would silently make a table of all pairs, [n, 1] with [n]. */
export const sameShapes = (op: string, prediction: Tensor, target: Tensor): void => {
  const [given, wanted] = [target.shape, prediction.shape]
  if (sameShape(given, wanted) || target.rank === 0) return
  // A model of one output, dense(1), and one number for each example.
  const column = wanted.at(-1) === 1 && sameShape([...given, 1], wanted)
  throw new CotangentError(
    'Shape',
    `${op}: predictions ${show(prediction)} and targets ${show(target)} differ. ${
      column
        ? `The model has one output for each example: give the targets as a column too, as [[1], [2]] or by reshape(y, [y.size, 1]).`
        : 'Reshape one to the shape of the other.'
    }`,
    { op, shapes: [prediction.shape, target.shape] },
  )
}

/** The labels mixed with the uniform distribution over `classes`: y(1 - ε) + ε/classes. */
export const smoothed = (op: string, labels: Tensor, epsilon: number, classes: number): Tensor => {
  if (!(epsilon >= 0 && epsilon <= 1))
    throw new CotangentError('Value', `${op}: labelSmoothing is ${epsilon}. Give a number in [0, 1].`, { op })
  return epsilon === 0 ? labels : smooth(labels, epsilon, classes)
}
const smooth = (labels: Tensor, epsilon: number, classes: number): Tensor => {
  const kept = mul(labels, 1 - epsilon)
  return add(kept, epsilon / classes)
}

import { CotangentError, type Num, norm, reshape, square, sum, Tensor } from '@cotangent/core'

/** From a batch [batch, ...] to outputs [batch] or [batch, ...]; examples must not see each other. */
export type Model = (x: Tensor) => Tensor

const shown = (x: Num): string => (typeof x === 'number' ? String(x) : 'a tensor')

/** Refuses a weight that is negative or not a number. */
export const weightOf = (op: string, weight: Num): Num => {
  if (weight instanceof Tensor || (weight >= 0 && weight < Number.POSITIVE_INFINITY)) return weight
  throw new CotangentError(
    'Value',
    `${op}: the weight is ${shown(weight)}. Give a number that is not negative.`,
    { op },
  )
}

/** Refuses what has no batch axis, or an empty one. */
export const batchOf = (op: string, x: Tensor): number => {
  if (x.rank > 0 && x.size > 0) return x.shape[0]!
  throw new CotangentError('Shape', `${op}: a tensor of shape [${x.shape}] is no batch. Give [batch, ...].`, {
    op,
    shapes: [x.shape],
  })
}

/** Refuses outputs that have not the batch axis of the inputs. */
export const outputsOf = (op: string, model: Model, x: Tensor): Tensor => {
  const n = batchOf(op, x)
  const z = model(x)
  if (z instanceof Tensor && z.rank > 0 && z.shape[0] === n) return z
  throw new CotangentError(
    'Shape',
    `${op}: for a batch [${x.shape}] the model gives ${z instanceof Tensor ? `[${z.shape}]` : 'no tensor'}. It has to give [${n}, ...], one output for each example.`,
    { op, shapes: [x.shape] },
  )
}

/** Each example as a row. */
export const rows = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, x.size / x.shape[0]!])

/** The length of each example, 0 with slope 0 where it is 0. */
export const lengthsOf = (x: Tensor): Tensor => norm(rows(x), { axis: 1 })

/** The squared length of each example. */
export const squaresOf = (x: Tensor): Tensor => sum(square(rows(x)), { axis: 1 })

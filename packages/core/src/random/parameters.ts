import { toFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import { asTensor, broadcastTensor, checkNum, commonDType, type Num } from '../ops/coerce.js'
import { convert } from '../primitives/passing.js'
import { broadcastShapes, checkShape, sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { FloatDType, Shape } from '../types/index.js'

/** Refuses a dtype that holds no fractions. */
export const checkFloat = (op: string, dtype: FloatDType): FloatDType =>
  dtype === 'float32' || dtype === 'float64'
    ? dtype
    : fail('DType', `${op}: samples are float32 or float64, not ${String(dtype)}.`, { op })

/** Parameters of a distribution in the shape and dtype of its samples. */
export interface Sampled {
  readonly shape: Shape
  readonly dtype: FloatDType
  readonly values: readonly Tensor[]
}

/** Without a shape, that of the parameters together; with one, the parameters must broadcast to it. */
export const parameters = (
  op: string,
  nums: readonly Num[],
  wanted: Shape | undefined,
  dtype: FloatDType | undefined,
): Sampled => {
  const checked = nums.map((x) => checkNum(op, x))
  const type = checkFloat(op, dtype ?? toFloat(commonDType(checked)))
  const tensors = checked.map((x) => convert(asTensor(op, x, type), type))
  const shapes = tensors.map((t) => t.shape)
  if (wanted !== undefined) checkShape(op, wanted)
  const shape = broadcastShapes(op, wanted === undefined ? shapes : [wanted, ...shapes])
  if (wanted !== undefined && !sameShape(shape, wanted))
    fail(
      'Shape',
      `${op}: parameters of shape ${shapes.map(showShape).join(' and ')} do not broadcast to the samples' shape ` +
        `${showShape(wanted)}. Ask for shape ${showShape(shape)} or leave the shape out.`,
      { op, shapes: [...shapes, wanted] },
    )
  return { shape, dtype: type, values: tensors.map((t) => broadcastTensor(t, shape)) }
}

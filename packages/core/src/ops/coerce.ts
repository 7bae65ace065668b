import { promote, toFloat } from '../dtype.js'
import { fail } from '../errors.js'
import { convert } from '../primitives/passing.js'
import { broadcast, reshape } from '../primitives/structural.js'
import { broadcastShapes, sameShape } from '../shape.js'
import { filled, Tensor } from '../tensor.js'
import type { DType, Shape } from '../types/index.js'

/** A tensor, or a JavaScript number that takes the dtype of its partner. */
export type Num = Tensor | number

/** Refuses what is neither a tensor nor a number. */
export const checkNum = (op: string, x: unknown): Num =>
  x instanceof Tensor || typeof x === 'number'
    ? x
    : fail(
        'DType',
        `${op}: expected a tensor or a number, not ${Array.isArray(x) ? 'an array' : typeof x}. Use tensor(...).`,
        { op },
      )

/** A tensor for any operand; numbers become float32 scalars. */
export const asTensor = (op: string, x: unknown, dtype: DType = 'float32'): Tensor => {
  const value = checkNum(op, x)
  return typeof value === 'number' ? filled(value, [], dtype) : value
}

/** The common dtype: weak numbers do not widen floats; a fraction makes integers float32. */
export const commonDType = (xs: readonly Num[]): DType => {
  const tensors = xs.filter((x) => typeof x !== 'number')
  if (tensors.length === 0) return 'float32'
  const strong = tensors.map((t) => t.dtype).reduce(promote)
  const numbers = xs.filter((x) => typeof x === 'number')
  if (numbers.length === 0 || strong === 'float32' || strong === 'float64') return strong
  return numbers.every((n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31)
    ? promote(strong, 'int32')
    : 'float32'
}

/** Spreads a tensor over a larger shape by the rules of NumPy. */
export const broadcastTensor = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x
  const offset = shape.length - x.rank
  const kept = x.shape.map((_, i) => i).filter((i) => x.shape[i] === shape[i + offset])
  return broadcast(
    reshape(
      x,
      kept.map((i) => x.shape[i]!),
    ),
    shape,
    kept.map((i) => i + offset),
  )
}

export interface OperandOptions {
  /** `float`: integers become float32 (division, exp). `number`: bools become int32 (add, mul). `any`: as they are. */
  readonly to?: 'float' | 'number' | 'any'
}

/** All operands in one shape and dtype, ready for a primitive: weak numbers, promotion and broadcasting happen here. */
export const operands = (
  op: string,
  xs: readonly unknown[],
  { to = 'number' }: OperandOptions = {},
): Tensor[] => {
  const nums = xs.map((x) => checkNum(op, x))
  const common = commonDType(nums)
  const dtype = to === 'float' ? toFloat(common) : to === 'number' && common === 'bool' ? 'int32' : common
  const tensors = nums.map((x) => (typeof x === 'number' ? filled(x, [], dtype) : convert(x, dtype)))
  const shape = broadcastShapes(
    op,
    tensors.map((t) => t.shape),
  )
  return tensors.map((t) => broadcastTensor(t, shape))
}

/** One operand as a float tensor. */
export const floatOperand = (op: string, x: unknown): Tensor => operands(op, [x], { to: 'float' })[0]!

import { allocate, checkDType, type TypedArray } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import { convert } from '../primitives/passing.js'
import { checkShape, sizeOf } from '../shape.js'
import { filled, fromData, type NestedNumbers, Tensor } from '../tensor.js'
import type { DType, Shape } from '../types/index.js'

/** Numbers or booleans nested to any depth. */
export type Nested = number | boolean | readonly Nested[]

/** Options of {@link tensor}. */
export interface TensorOptions<S extends Shape = Shape, D extends DType = DType> {
  readonly shape?: S
  readonly dtype?: D
}

type InferShape<T> = T extends number | boolean
  ? []
  : T extends TypedArray
    ? [number]
    : T extends readonly (infer E)[]
      ? E extends number | boolean
        ? T extends readonly [unknown, ...unknown[]]
          ? [T['length']]
          : [number]
        : E extends readonly (number | boolean)[]
          ? [number, number]
          : Shape
      : Shape
type InferDType<T> = T extends Float64Array
  ? 'float64'
  : T extends Int32Array
    ? 'int32'
    : T extends boolean | readonly boolean[]
      ? 'bool'
      : 'float32'

const shapeOfNested = (data: Nested): number[] => {
  const shape: number[] = []
  for (let x: Nested | undefined = data; Array.isArray(x); x = (x as readonly Nested[])[0])
    shape.push(x.length)
  return shape
}

const fill = (data: Nested, shape: readonly number[], out: TypedArray): void => {
  let at = 0
  const visit = (x: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof x !== 'number' && typeof x !== 'boolean')
        fail(
          'Value',
          `tensor: the entry at [${path}] is ${Array.isArray(x) ? 'an array' : `${typeof x} ${String(x)}`}, not a number. All rows need the same depth.`,
          { op: 'tensor' },
        )
      out[at++] = Number(x)
      return
    }
    if (!Array.isArray(x) || x.length !== shape[axis])
      fail(
        'Shape',
        `tensor: ragged data: the entry at [${path}] has ${Array.isArray(x) ? `length ${x.length}` : 'no length'}, expected ${shape[axis]}. Rows of a tensor are equally long.`,
        { op: 'tensor' },
      )
    ;(x as readonly unknown[]).forEach((item, i) => {
      visit(item, axis + 1, path === '' ? String(i) : `${path}, ${i}`)
    })
  }
  visit(data, 0, '')
}

const isTypedArray = (x: unknown): x is TypedArray =>
  x instanceof Float32Array || x instanceof Float64Array || x instanceof Int32Array || x instanceof Uint8Array

const typedDType = (x: TypedArray): DType =>
  x instanceof Float64Array ? 'float64' : x instanceof Float32Array ? 'float32' : 'int32'

const hasBooleans = (data: Nested): boolean =>
  Array.isArray(data)
    ? data.length > 0 && hasBooleans((data as readonly Nested[])[0]!)
    : typeof data === 'boolean'

/**
 * A tensor of nested numbers, of a typed array with a shape, or of one number. The default dtype is float32; a
 * Float64Array gives float64, an Int32Array int32, booleans bool. The data is copied.
 *
 * @example
 * tensor([[1, 2], [3, 4]]).shape // => [2, 2]
 * tensor(new Float64Array([1, 2, 3, 4]), { shape: [2, 2] }).dtype // => 'float64'
 */
export function tensor<const T extends Nested | TypedArray, D extends DType = InferDType<T>>(
  data: T,
  options?: { readonly dtype?: D },
): Tensor<InferShape<T>, D>
export function tensor<T extends Nested | TypedArray, const S extends Shape, D extends DType = InferDType<T>>(
  data: T,
  options: { readonly shape: readonly [...S]; readonly dtype?: D },
): Tensor<S, D>
export function tensor(
  data: Nested | TypedArray | NestedNumbers | Tensor,
  { shape, dtype }: TensorOptions = {},
): Tensor {
  if (data instanceof Tensor) return dtype === undefined ? data : convert(data, dtype)
  if (isTypedArray(data)) {
    const type = checkDType('tensor', dtype ?? typedDType(data))
    const dims = checkShape('tensor', shape ?? [data.length])
    if (sizeOf(dims) !== data.length)
      fail(
        'Shape',
        `tensor: ${data.length} numbers do not fill shape ${showShape(dims)}, which has ${sizeOf(dims)} entries.`,
        { op: 'tensor', shapes: [dims] },
      )
    const source = fromData(
      data.slice(),
      dims,
      data instanceof Uint8Array && type === 'bool' ? 'bool' : typedDType(data),
    )
    // A byte array is read as integers.
    const own = data instanceof Uint8Array ? fromData(Int32Array.from(data), dims, 'int32') : source
    return convert(own, type)
  }
  const type = checkDType('tensor', dtype ?? (hasBooleans(data as Nested) ? 'bool' : 'float32'))
  const nested = shapeOfNested(data as Nested)
  const wide = new Float64Array(sizeOf(nested))
  fill(data as Nested, nested, wide)
  const dims = checkShape('tensor', shape ?? nested)
  if (sizeOf(dims) !== wide.length)
    fail(
      'Shape',
      `tensor: ${wide.length} numbers do not fill shape ${showShape(dims)}, which has ${sizeOf(dims)} entries.`,
      { op: 'tensor', shapes: [dims] },
    )
  return convert(fromData(wide, dims, 'float64'), type)
}

const constant = <S extends Shape, D extends DType>(
  op: string,
  shape: readonly [...S],
  value: number,
  dtype: D | undefined,
): Tensor<S, D> =>
  filled(value, checkShape(op, shape), checkDType(op, dtype ?? 'float32')) as Tensor as Tensor<S, D>

/**
 * A tensor of one value.
 *
 * @example
 * full([2], 3) // => [3, 3]
 */
export const full = <const S extends Shape, D extends DType = 'float32'>(
  shape: readonly [...S],
  value: number,
  dtype?: D,
): Tensor<S, D> => constant('full', shape, value, dtype)

/**
 * Zeros.
 *
 * @example
 * zeros([2, 2]) // => [[0, 0], [0, 0]]
 */
export const zeros = <const S extends Shape, D extends DType = 'float32'>(
  shape: readonly [...S],
  dtype?: D,
): Tensor<S, D> => constant('zeros', shape, 0, dtype)

/**
 * Ones.
 *
 * @example
 * ones([3]) // => [1, 1, 1]
 */
export const ones = <const S extends Shape, D extends DType = 'float32'>(
  shape: readonly [...S],
  dtype?: D,
): Tensor<S, D> => constant('ones', shape, 1, dtype)

/**
 * Zeros in the shape and dtype of another tensor.
 *
 * @example
 * zerosLike(tensor([1, 2])) // => [0, 0]
 */
export const zerosLike = <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> =>
  filled(0, x.shape, x.dtype) as Tensor as Tensor<S, D>

/**
 * Ones in the shape and dtype of another tensor.
 *
 * @example
 * onesLike(tensor([5, 6])) // => [1, 1]
 */
export const onesLike = <S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> =>
  filled(1, x.shape, x.dtype) as Tensor as Tensor<S, D>

/**
 * The identity matrix, n by n, or n by m.
 *
 * @example
 * eye(2) // => [[1, 0], [0, 1]]
 */
export const eye = <const N extends number, D extends DType = 'float32'>(
  n: N,
  dtype?: D,
): Tensor<[N, N], D> => {
  const type = checkDType('eye', dtype ?? 'float32')
  checkShape('eye', [n])
  const out = allocate(type, n * n)
  for (let i = 0; i < n; i++) out[i * n + i] = 1
  return fromData(out, [n, n], type) as Tensor as Tensor<[N, N], D>
}

/**
 * Evenly spaced values: `arange(stop)`, `arange(start, stop)` or `arange(start, stop, step)`, without the stop.
 * Integers give int32, fractions float32.
 *
 * @example
 * arange(3) // => [0, 1, 2]
 * arange(0, 1, 0.25) // => [0, 0.25, 0.5, 0.75]
 */
export const arange = (start: number, stop?: number, step = 1, dtype?: DType): Tensor<[number]> => {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (!Number.isFinite(from) || !Number.isFinite(to) || !Number.isFinite(step) || step === 0)
    fail(
      'Value',
      `arange: cannot go from ${from} to ${to} in steps of ${step}. All must be finite and the step not 0.`,
      { op: 'arange' },
    )
  const n = Math.max(0, Math.ceil((to - from) / step))
  const type = checkDType('arange', dtype ?? ([from, to, step].every(Number.isInteger) ? 'int32' : 'float32'))
  const out = allocate(type, n)
  for (let i = 0; i < n; i++) out[i] = from + i * step
  return fromData(out, [n], type) as Tensor as Tensor<[number]>
}

/**
 * n evenly spaced values from start to stop, both included.
 *
 * @example
 * linspace(0, 1, 3) // => [0, 0.5, 1]
 */
export const linspace = <const N extends number>(
  start: number,
  stop: number,
  n: N,
  dtype?: DType,
): Tensor<[N]> => {
  const type = checkDType('linspace', dtype ?? 'float32')
  checkShape('linspace', [n])
  const out = allocate(type, n)
  for (let i = 0; i < n; i++)
    out[i] = i === n - 1 && n > 1 ? stop : start + ((stop - start) * i) / Math.max(1, n - 1)
  return fromData(out, [n], type) as Tensor as Tensor<[N]>
}

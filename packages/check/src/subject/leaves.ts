import { CotangentError, Tensor } from '@cotangent/core'
import { fromData, isFloat } from '@cotangent/core/internal'

// Arguments and results are trees of tensors, numbers and typed arrays. The checks see one flat vector.

/** Where a number of the flat vector comes from. */
export interface Entry {
  /** The leaf, with the position of the argument first: `0/hidden/kernel`. */
  readonly path: string
  /** Position in the leaf; empty for scalars. */
  readonly index: readonly number[]
}

/** A tree as a vector of its floats, and the way back. */
export interface FlatTree {
  readonly data: Float64Array
  readonly entries: readonly Entry[]
  /** A text that is equal for equal structures, shapes and dtypes only. */
  readonly layout: string
  /** Whether some floats are stored in single precision. */
  readonly single: boolean
  readonly rebuild: (data: Float64Array) => unknown
}

const indexOf = (at: number, shape: readonly number[]): number[] => {
  const index: number[] = []
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(at % shape[axis]!)
    at = Math.floor(at / shape[axis]!)
  }
  return index
}

const isTyped = (x: unknown): x is Float64Array | Float32Array =>
  x instanceof Float64Array || x instanceof Float32Array

type Take = (n: number) => Float64Array
type Rebuild = (take: Take) => unknown

export interface FlattenOptions {
  /** Single precision and plain numbers become float64 tensors. */
  readonly lift?: boolean
  /** Plain numbers become scalar tensors. */
  readonly tensors?: boolean
}

const join = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}/${key}`)

/** The floats of a tree in one vector; integers and bools stay where they are. */
export const flattenFloats = (
  tree: unknown,
  { lift = false, tensors = false }: FlattenOptions = {},
): FlatTree => {
  const data: number[] = []
  const entries: Entry[] = []
  const layout: string[] = []
  let single = false
  const put = (values: ArrayLike<number>, shape: readonly number[], path: string, dtype: string): void => {
    layout.push(`${path}:${dtype}[${shape}]`)
    for (let i = 0; i < values.length; i++) {
      data.push(values[i]!)
      entries.push({ path, index: indexOf(i, shape) })
    }
  }
  const visit = (x: unknown, path: string): Rebuild => {
    if (x instanceof Tensor) {
      if (!isFloat(x.dtype)) {
        layout.push(`${path}:${x.dtype}[${x.shape}]`)
        return () => x
      }
      const dtype = lift ? 'float64' : x.dtype
      single ||= dtype === 'float32'
      put(x.toTypedArray(), x.shape, path, dtype)
      const make = dtype === 'float64' ? Float64Array : Float32Array
      return (take) => fromData(make.from(take(x.size)), x.shape, dtype)
    }
    if (typeof x === 'number') {
      put([x], [], path, 'number')
      return (take) => (tensors ? fromData(Float64Array.from(take(1)), [], 'float64') : take(1)[0])
    }
    if (isTyped(x)) {
      single ||= x instanceof Float32Array
      put(x, [x.length], path, x.constructor.name)
      return (take) => (x instanceof Float64Array ? take(x.length) : Float32Array.from(take(x.length)))
    }
    if (Array.isArray(x)) {
      layout.push(`${path}[${x.length}]`)
      const items = x.map((item, i) => visit(item, join(path, i)))
      return (take) => items.map((f) => f(take))
    }
    if (typeof x === 'object' && x !== null) {
      const items = Object.entries(x).map(([k, v]) => [k, visit(v, join(path, k))] as const)
      return (take) => Object.fromEntries(items.map(([k, f]) => [k, f(take)]))
    }
    if (typeof x === 'boolean') return () => x
    throw new CotangentError(
      'Tree',
      `check: ${path === '' ? 'the value' : `the leaf at ${path}`} is ${x === null ? 'null' : `a ${typeof x}`}. Use trees of tensors and numbers.`,
      { op: 'check', path },
    )
  }
  const build = visit(tree, '')
  return {
    data: Float64Array.from(data),
    entries,
    layout: layout.join(' '),
    single,
    rebuild: (values) => {
      let at = 0
      return build((n) => {
        at += n
        return values.slice(at - n, at)
      })
    },
  }
}

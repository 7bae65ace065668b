import { allocate, type TypedArray } from './dtype.js'
import { CotangentError, callerSite, fail, showShape } from './errors.js'
import type { Sym } from './graph/ir.js'
import { formatTensor } from './print.js'
import { sizeOf } from './shape.js'
import type { DType, Shape } from './types/index.js'

/** Numbers nested as deep as the tensor's rank. */
export type NestedNumbers = number | readonly NestedNumbers[]

// Friends of the class: the buffer stays private to it, and these are the only ways in.
/** The symbol behind a traced tensor; undefined when it holds values. Internal. */
export let symOf: (t: Tensor) => Sym | undefined
/** The elements, not a copy; forces a symbol whose inputs are known. Internal. */
export let dataOf: (t: Tensor) => TypedArray
/** A copy of the elements. Internal. */
export let copyOfData: (t: Tensor) => TypedArray
/** Makes any further use an error that names `where`. Internal. */
export let markDonated: (t: Tensor, where: string) => void
/** Where the tensor was donated, if it was. Internal. */
export let donatedTo: (t: Tensor) => string | undefined
/** The elements kept elsewhere, if they are. Internal. */
export let remoteOf: (t: Tensor) => Remote | undefined
/** The one value of all elements, if the tensor knows of it. Internal. */
export let uniformOf: (t: Tensor) => number | undefined
/** A number that no other tensor has. Internal. */
export let identityOf: (t: Tensor) => number
/** Marks the tensor with the number of a call and says whether it had it already. Internal. */
export let stamped: (t: Tensor, call: number) => boolean

// Reading a row is an operation, which this file cannot import; the primitives install it.
let rowOf: ((t: Tensor, i: number) => Tensor) | undefined
/** Says how a row along the leading axis is read. Internal. */
export const installRowReader = (read: (t: Tensor, i: number) => Tensor): void => {
  rowOf = read
}

/** The shape of a row along the leading axis. */
export type RowShape<S extends Shape> = S extends readonly [number, ...infer Rest extends Shape]
  ? Rest
  : Shape

/** Elements that lie in the memory of compiled programs until somebody reads them. */
export interface Remote {
  /** A copy of the elements. */
  read(): TypedArray
}

interface Storage {
  readonly data?: TypedArray
  readonly sym?: Sym
  readonly remote?: Remote
  /** The shape is frozen already. */
  readonly frozen?: boolean
  /** All elements are this number; they are written out when somebody asks for them. */
  readonly uniform?: number
}

/**
 * An immutable array of numbers of one dtype. It holds either values or, while a transform traces a function,
 * a symbol: user code does not see the difference, except that a symbol of unknown value refuses to become a
 * number. Nothing has to be disposed.
 */
export class Tensor<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: S
  readonly dtype: D
  readonly #sym: Sym | undefined
  readonly #remote: Remote | undefined
  readonly #uniform: number | undefined
  #data: TypedArray | undefined
  #donatedTo: string | undefined
  #stamp = 0
  #identity = 0

  /** Use `tensor(...)`; the constructor is internal. */
  constructor(shape: S, dtype: D, storage: Storage) {
    this.shape = storage.frozen ? shape : (Object.freeze([...shape]) as unknown as S)
    this.dtype = dtype
    this.#data = storage.data
    this.#sym = storage.sym
    this.#remote = storage.remote
    this.#uniform = storage.uniform
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /** Nested numbers, row-major; a scalar gives a number, a bool 0 or 1. */
  toArray(): NestedNumbers {
    return nest(dataOf(this), this.shape)
  }

  /** A copy of the elements, row-major. */
  toTypedArray(): TypedArray {
    return copyOfData(this)
  }

  /** The number of a one-element tensor. */
  item(): number {
    if (this.size !== 1)
      fail(
        'Shape',
        `item: a tensor of shape ${showShape(this.shape)} has ${this.size} elements, not one. Use toArray().`,
        {
          op: 'item',
          shapes: [this.shape],
        },
      )
    return dataOf(this)[0]!
  }

  /** The rows along the leading axis, so that `const [k1, k2] = random.split(key)` works, traced or not. */
  *[Symbol.iterator](): Generator<Tensor<RowShape<S>, D>> {
    const n =
      this.shape[0] ??
      fail('Shape', 'a scalar has no rows to iterate over. Use item() for its number.', {
        op: 'iterator',
        shapes: [this.shape],
      })
    for (let i = 0; i < n; i++) yield rowOf!(this, i) as Tensor as Tensor<RowShape<S>, D>
  }

  toString(): string {
    return formatTensor(
      this.shape,
      this.dtype,
      this.#sym === undefined && !this.#donatedTo ? dataOf(this) : undefined,
    )
  }

  /** One-element tensors compare and compute as numbers; others only print. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'string' || (hint === 'default' && this.size !== 1) ? this.toString() : this.item()
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  static {
    symOf = (t) => t.#sym
    dataOf = (t) => {
      if (t.#donatedTo !== undefined)
        throw new CotangentError(
          'Donated',
          `this tensor was donated to ${t.#donatedTo} and no longer holds its value. ` +
            'Keep the returned state, or drop `donate`.',
          { shapes: [t.shape] },
        )
      if (t.#data) return t.#data
      if (t.#remote) {
        t.#data = t.#remote.read()
        return t.#data
      }
      if (t.#uniform !== undefined) {
        t.#data = allocate(t.dtype, t.size)
        if (!Object.is(t.#uniform, 0)) t.#data.fill(t.#uniform)
        return t.#data
      }
      return dataOf(t.#sym!.scope.force(t.#sym!))
    }
    copyOfData = (t) => {
      // What lies elsewhere is copied by being read.
      if (t.#remote && !t.#data && t.#donatedTo === undefined) return t.#remote.read()
      return dataOf(t).slice()
    }
    markDonated = (t, where) => {
      t.#donatedTo = where
    }
    donatedTo = (t) => t.#donatedTo
    remoteOf = (t) => t.#remote
    uniformOf = (t) => (t.#donatedTo === undefined ? t.#uniform : undefined)
    let identities = 0
    identityOf = (t) => {
      if (t.#identity === 0) t.#identity = ++identities
      return t.#identity
    }
    stamped = (t, call) => {
      if (t.#stamp === call) return true
      t.#stamp = call
      return false
    }
  }
}

/** A tensor of values; takes ownership of `data`. Internal. */
export const fromData = (data: TypedArray, shape: Shape, dtype: DType): Tensor =>
  new Tensor(shape, dtype, { data })

/** A tensor of values whose shape is frozen already. Internal. */
export const fromFrozen = (data: TypedArray, shape: Shape, dtype: DType): Tensor =>
  new Tensor(shape, dtype, { data, frozen: true })

/** A tensor whose values are read when they are asked for; its shape is frozen already. Internal. */
export const fromRemote = (remote: Remote, shape: Shape, dtype: DType): Tensor =>
  new Tensor(shape, dtype, { remote, frozen: true })

/** A traced tensor. Internal. */
export const fromSym = (sym: Sym): Tensor => new Tensor(sym.shape, sym.dtype, { sym })

const inDType = (value: number, dtype: DType): number => {
  const one = allocate(dtype, 1)
  one[0] = value
  return one[0]!
}

/** A tensor filled with one value; it takes no memory until its elements are asked for. Internal. */
export const filled = (value: number, shape: Shape, dtype: DType): Tensor =>
  new Tensor(shape, dtype, { uniform: inDType(value, dtype) })

/** The error for a branch on a value that is not known while tracing. Internal. */
export const tracedValueError = (kind: string): CotangentError => {
  const site = callerSite()
  return new CotangentError(
    'TracedValue',
    `the branch on a traced value${site === '' ? '' : ` in ${site}`} cannot be compiled: under ${kind} its value is not known. ` +
      'Use where(...) for values or cond(...) for work.',
  )
}

const nest = (data: TypedArray, shape: Shape): NestedNumbers => {
  let at = 0
  const build = (axis: number): NestedNumbers =>
    axis === shape.length ? data[at++]! : Array.from({ length: shape[axis]! }, () => build(axis + 1))
  return build(0)
}

const FEW = 256 // elements that are looked at

/** The one value of all elements of a tensor that has one; large tensors are asked, not looked through. Internal. */
export const sameEverywhere = (t: Tensor): number | undefined => {
  const known = uniformOf(t)
  if (known !== undefined || t.size === 0 || t.size > FEW || symOf(t) !== undefined) return known
  const data = dataOf(t)
  return data.every((x) => Object.is(x, data[0])) ? data[0] : undefined
}

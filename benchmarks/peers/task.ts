import type { TensorSpec } from './data.js'

/** One row of the tables: what is measured, on which inputs. */
export interface Row {
  readonly id: string
  readonly title: string
  /** Names the implementation in each peer. */
  readonly kind: string
  readonly tensors: Readonly<Record<string, TensorSpec>>
  readonly options?: Readonly<Record<string, number>>
  readonly dtype?: 'float32' | 'float64'
  /** Floating-point operations, or bytes that must pass through memory, of one call. */
  readonly flops?: number
  readonly bytes?: number
  /** Those of the others that have such a thing; all unless given. */
  readonly peers?: readonly string[]
  /** Only the first call of a fresh process counts. */
  readonly cold?: boolean
  /** Also measured with two threads. */
  readonly threads?: boolean
  /** What is known about why a peer is faster; printed where one is. */
  readonly reason?: string
}

/** One peer's implementation of a row, ready to run. */
export interface Task {
  /** One unit of what is measured; done when it returns, or when its promise resolves. */
  call(): unknown
  /** Numbers that must agree between the peers. Steps take three steps for it. */
  check(): readonly number[] | Promise<readonly number[]>
}

/** What an implementation is given. */
export interface Given {
  readonly row: Row
  readonly tensors: Readonly<Record<string, Float64Array>>
  readonly option: (name: string) => number
  readonly threads: number
}

export type Kinds = Readonly<Record<string, (given: Given) => Task | Promise<Task>>>

/** The entries of a result that are compared. */
export const sample = (x: ArrayLike<number>): readonly number[] => [
  x[0]!,
  x[x.length >> 1]!,
  x[x.length - 1]!,
]

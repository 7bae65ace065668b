import type { TypedArray } from '../dtype.js'
import type { Aval } from '../graph/ir.js'
import { fromRemote, type Remote, remoteOf, type Tensor } from '../tensor.js'
import type { Buffer } from './buffer.js'
import { copyOut } from './copy.js'
import type { Block, Heap } from './heap.js'

/** What results of one call hold in the memory of programs; a place is empty once it was given away. */
type Holdings = (Block | undefined)[]

const forgotten = new FinalizationRegistry<{ readonly heap: Heap; readonly holdings: Holdings }>(
  ({ heap, holdings }) => {
    for (const block of holdings) if (block) heap.releaseResident(block)
  },
)

/**
 * The results of one call that stay in the memory of programs, so that the next call need not copy them. When none of
 * them is reachable any more their memory is freed. When all were given away it can hold the results of another call.
 */
export class Residents {
  readonly #holdings: Holdings = []
  readonly #members: Resident[] = []
  #left = 0

  constructor(
    readonly heap: Heap,
    /** Whose results they are. */
    readonly program: object,
  ) {
    forgotten.register(this, { heap, holdings: this.#holdings }, this)
  }

  /** Result number `i` of a call. */
  add(i: number, block: Block, aval: Aval, size: number): Tensor {
    this.#holdings[i] = block
    this.#left++
    this.#members[i] ??= new Resident(this, i, { dtype: aval.dtype, size })
    return fromRemote(this.#members[i], aval.shape, aval.dtype)
  }

  /** Has everything been given away? */
  get empty(): boolean {
    return this.#left === 0
  }

  at(i: number): Block {
    return this.#holdings[i]!
  }

  take(i: number): Block {
    const block = this.#holdings[i]!
    this.#holdings[i] = undefined
    this.#left--
    return block
  }
}

/** One tensor's elements in the memory of programs. */
export class Resident implements Remote {
  constructor(
    readonly owner: Residents,
    readonly index: number,
    readonly content: Pick<Buffer, 'dtype' | 'size'>,
  ) {}

  get address(): number {
    return this.owner.at(this.index).address
  }

  read(): TypedArray {
    return copyOut(this.owner.heap.views, this.address, this.content)
  }

  /** Gives the memory away: the tensor holds nothing any more. */
  take(): Block {
    return this.owner.take(this.index)
  }
}

/** Where a tensor's elements lie in the memory of programs, if they do. */
export const residentOf = (t: Tensor): Resident | undefined => remoteOf(t) as Resident | undefined

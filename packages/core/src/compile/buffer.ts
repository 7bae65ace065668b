import { BYTES } from '../dtype.js'
import type { DType } from '../types/index.js'

/** Where a buffer lies when a program runs. */
export type Place =
  /** In the memory that all programs share while they run; the planner finds the offset. */
  | { readonly kind: 'arena'; offset: number }
  /** At an address that a cell of the program's frame holds: an argument or a result. */
  | { readonly kind: 'cell'; readonly cell: number }
  /** At a fixed address: constants. */
  | { readonly kind: 'fixed'; readonly address: number }

/** A piece of memory that holds one value, row-major. */
export interface Buffer {
  readonly id: number
  readonly dtype: DType
  /** Elements. */
  readonly size: number
  /** May be written up to the next multiple of ALIGNMENT. */
  readonly padded: boolean
  place: Place
}

/** Buffers start at multiples of this, but for rows of an array; all may be read up to the next multiple. */
export const ALIGNMENT = 64

export const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/** Bytes that a buffer takes: whole lines, at least one. */
export const bytesOf = ({ dtype, size }: Pick<Buffer, 'dtype' | 'size'>): number =>
  Math.max(ALIGNMENT, alignUp(size * BYTES[dtype]))

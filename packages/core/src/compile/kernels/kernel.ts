import type { Aval, Params } from '../../graph/ir.js'
import type { Library } from '../library.js'
import { type FunctionBuilder, type I32, i32, type Num } from '../wasm/index.js'

/** What a kernel has to know of a node of a graph: shapes, dtypes and static parameters. */
export interface KernelNode {
  readonly inputs: readonly Aval[]
  readonly outputs: readonly Aval[]
  readonly params: Params
}

/** Where the values of a node lie in memory: byte addresses, cheap to write more than once (locals or constants). */
export interface Places {
  readonly inputs: readonly I32[]
  readonly outputs: readonly I32[]
  /** As many bytes as `Kernel.scratch` asks for, aligned to 16. */
  readonly scratch: I32
}

/** A primitive as code: calls of functions that a module has once, whatever the number of nodes that use them. */
export interface Kernel {
  /** Bytes of scratch memory, free again behind the node. */
  scratch(node: KernelNode): number
  /**
   * Writes the call. If the node can fail, the result is a local: 0 if all is well, otherwise 1 + the position of the
   * first offending index in the input that holds the indices, and then the outputs are not to be used.
   */
  emit(f: FunctionBuilder, lib: Library, node: KernelNode, at: Places): I32 | undefined
}

/** Kernels by the name of their primitive. */
export type KernelTable = Readonly<Record<string, Kernel>>

export const noScratch = (): number => 0

/** base + index · 2^log: the address of an element. */
export const entry = (base: I32, index: Num<'i32'>, log: number): I32 =>
  typeof index === 'number'
    ? index === 0
      ? base
      : i32.add(base, index << log)
    : i32.add(base, log === 0 ? index : i32.shl(index, log))

/** Constants of a call. */
export const constants = (...xs: readonly number[]): I32[] => xs.map(i32.const)

/** Runs over 0 ... n-1 in steps of `lanes` with `vector`, and over what is left one by one with `scalar`. */
export const inLanes = (
  f: FunctionBuilder,
  n: Num<'i32'>,
  lanes: 2 | 4 | 16,
  vector: (i: I32) => void,
  scalar: (i: I32) => void,
): void => {
  const i = f.local('i32')
  if (typeof n === 'number') {
    if (n >= lanes) f.for(i, 0, n - (n % lanes), lanes, () => vector(i))
    if (n % lanes !== 0) f.for(i, n - (n % lanes), n, 1, () => scalar(i))
    return
  }
  f.for(i, 0, i32.and(n, -lanes), lanes, () => vector(i))
  f.for(i, i, n, 1, () => scalar(i))
}

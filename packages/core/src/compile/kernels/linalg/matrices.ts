import { BYTES } from '../../../dtype.js'
import type { Aval } from '../../../graph/ir.js'
import { sizeOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { type FunctionBuilder, type I32, i32 } from '../../wasm/index.js'
import { constants, entry, type Kernel, type KernelNode } from '../kernel.js'
import { narrow, widen } from './rows.js'

// A kernel of linear algebra is a function of float64 matrices, called for each matrix of a batch. float32 is widened
// before and rounded behind it, as the interpreter does.

interface Dense {
  /** Bytes of scratch memory for one matrix. */
  readonly scratch: (node: KernelNode) => number
  /** Writes the work on one matrix; inputs are not to be changed. */
  readonly emit: (
    f: FunctionBuilder,
    lib: Library,
    node: KernelNode,
    at: { readonly inputs: readonly I32[]; readonly outputs: readonly I32[]; readonly scratch: I32 },
  ) => void
}

const align = (bytes: number): number => (bytes + 15) & -16

/** Number of matrices, and entries that each has in a value. */
const countOf = (node: KernelNode): number => sizeOf(node.inputs[0]!.shape.slice(0, -2))
const partOf = (x: Aval, count: number): number => sizeOf(x.shape) / count

interface Operand extends Aval {
  /** Entries of one matrix. */
  readonly part: number
  /** Where its wide copy is, from the beginning of the scratch memory; undefined if it needs none. */
  readonly wide: number | undefined
}

/** Where wide copies of operands are, and where they end. */
const layout = (
  node: KernelNode,
  own: number,
): { readonly inputs: Operand[]; readonly outputs: Operand[]; readonly end: number } => {
  const count = countOf(node)
  let end = align(own)
  const operand = (x: Aval): Operand => {
    const part = partOf(x, count)
    const wide = x.dtype === 'float32' ? end : undefined
    if (wide !== undefined) end += align(8 * part)
    return { shape: x.shape, dtype: x.dtype, part, wide }
  }
  const inputs = node.inputs.map(operand)
  return { inputs, outputs: node.outputs.map(operand), end }
}

/** A kernel from the work on one matrix. */
export const eachMatrix = (dense: Dense): Kernel => ({
  scratch: (node) => (countOf(node) === 0 ? 0 : layout(node, dense.scratch(node)).end),
  emit: (f, lib, node, at) => {
    const count = countOf(node)
    if (count === 0) return undefined
    const { inputs, outputs } = layout(node, dense.scratch(node))
    const i = f.local('i32')
    f.for(i, 0, count, 1, () => {
      const places = (operands: readonly Operand[], bases: readonly I32[]) =>
        operands.map(({ dtype, part, wide }, k) => {
          const own = f.let(i32.add(bases[k]!, i32.mul(i, part * BYTES[dtype])))
          return { own, used: wide === undefined ? own : f.let(entry(at.scratch, wide, 0)), part }
        })
      const ins = places(inputs, at.inputs)
      const outs = places(outputs, at.outputs)
      for (const { own, used, part } of ins)
        if (used !== own) f.call(widen(lib), [used, own, ...constants(part)])
      dense.emit(f, lib, node, {
        inputs: ins.map((x) => x.used),
        outputs: outs.map((x) => x.used),
        scratch: at.scratch,
      })
      for (const { own, used, part } of outs)
        if (used !== own) f.call(narrow(lib), [own, used, ...constants(part)])
    })
    return undefined
  },
})

/** Rows and columns of the matrices of an operand. */
export const sizesOf = (x: Aval): readonly [rows: number, cols: number] => [x.shape.at(-2)!, x.shape.at(-1)!]

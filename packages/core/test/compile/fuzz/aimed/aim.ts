import { allocate } from '../../../../src/dtype.js'
import type { Aval, Sym } from '../../../../src/graph/ir.js'
import { sizeOf } from '../../../../src/shape.js'
import { filled, fromData, type Tensor } from '../../../../src/tensor.js'
import type { DType } from '../../../../src/types/index.js'
import { type Kind, kinds } from '../data.js'
import { grow } from '../grow.js'
import { Maker } from '../maker.js'
import { operations } from '../operations.js'
import type { Program, Wish } from '../program.js'
import type { Random } from '../random.js'

/** Makes programs for one part of the compiler. */
export type Aim = (random: Random) => Program

export const REAL: readonly DType[] = ['float32', 'float64']

/** A maker whose inputs hold whole numbers, unless it is told otherwise: then most results have to be equal bit by bit. */
export const maker = (random: Random, kind: Kind = random.chance(0.75) ? 'whole' : random.weighted(kinds)) =>
  new Maker(random, kind, grow)

export const finished = (m: Maker, outputs: readonly Sym[], wish?: Wish): Program => ({
  graph: m.graph(outputs),
  args: m.args,
  ...(wish && { wish }),
})

/** Elements made one by one. */
export const made = ({ shape, dtype }: Aval, each: (i: number) => number): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = each(i)
  return fromData(data, shape, dtype)
}

/** The same number in a shape. */
export const uniform = (m: Maker, x: number, { shape, dtype }: Aval): Sym =>
  m.add('broadcast', [m.constant(filled(x, [], dtype))], { shape, dims: [] })[0]!

/** Applies an operation that chooses its operand to this one; what it made last. */
export const on = (m: Maker, s: Sym, name: string): Sym => {
  const before = m.values.splice(0)
  m.values.push(s)
  m.sure = true
  try {
    operations[name]!(m)
    return m.values[m.values.length - 1]!
  } finally {
    m.sure = false
    m.values.unshift(...before)
  }
}

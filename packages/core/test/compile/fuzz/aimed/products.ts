import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import { type Aim, finished, maker } from './aim.js'

// Products of matrices of all proportions, as they lie or transposed, and what layers do with them.

const SMALL = [1, 1, 2, 3, 4, 5, 7, 8, 9]
const SIZES = [...SMALL, ...SMALL, 12, 13, 15, 16, 17, 31, 33, 64, 65, 100]
const MOST = 150_000

export const products: Aim = (r) => {
  const m = maker(r)
  const dtype = r.pick(['float32', 'float32', 'float64', 'float64', 'int32'] as const)
  let [rows, k, cols] = [r.pick(SIZES), r.pick([...SIZES, 0, 257, 600]), r.pick(SIZES)]
  while (rows * k > 6000 || k * cols > 6000 || rows * k * cols > MOST)
    [rows, k, cols] = [Math.ceil(rows / 2), k > 64 ? k : Math.ceil(k / 2), Math.ceil(cols / 2)]
  const batch = r.chance(0.2) && rows * k < 1000 && k * cols < 1000 ? [r.int(1, 3)] : []
  const [atA, atB] = [r.int(0, 1), r.int(0, 1)] // the place of the contracted axis
  const operand = (free: number, at: number): Sym => {
    const shape = [...batch, ...(at === 0 ? [k, free] : [free, k])]
    const s = m.argument(randomData(r, { shape, dtype }, m.kind))
    return s
  }
  const [a, b] = [operand(rows, atA), operand(cols, atB)]
  const lead = batch.length
  const [y] = m.add('dot', [a, b], {
    contract: [[lead + atA], [lead + atB]],
    batch: [batch.map((_, i) => i), batch.map((_, i) => i)],
  })
  let last = y!
  const outputs: Sym[] = []
  if (r.chance(0.5)) {
    // A bias along rows or columns, an activation, a scale; the product itself may be wanted too.
    if (r.chance(0.3)) outputs.push(last)
    const steps = r.int(1, 3)
    for (let i = 0; i < steps; i++) {
      const style = r.pick(['row', 'column', 'whole', 'max', 'scale', 'convert'] as const)
      const rank = last.shape.length
      if (style === 'row' || style === 'column') {
        const at = style === 'row' ? rank - 1 : rank - 2
        const bias = m.argument(randomData(r, { shape: [last.shape[at]!], dtype: last.dtype }, m.kind))
        const [wide] = m.add('broadcast', [bias], { shape: last.shape, dims: [at] })
        last = m.add('add', r.shuffle([last, wide!]))[0]!
      } else if (style === 'convert') {
        last = m.add('convert', [last], { dtype: r.pick(['float32', 'float64', 'int32'] as const) })[0]!
      } else
        last = m.add(style === 'whole' ? 'sub' : style === 'max' ? 'max' : 'mul', [last, m.like(last)])[0]!
    }
  } else if (r.chance(0.3)) {
    const rank = last.shape.length
    last = m.add('permute', [last], { perm: [...batch.map((_, i) => i), rank - 1, rank - 2] })[0]!
  }
  outputs.push(last)
  if (r.chance(0.15)) outputs.push(m.add('sum', [last], { axes: [last.shape.length - r.int(1, 2)] })[0]!)
  return finished(m, outputs, { rounds: r.pick([1, 1, 3]) })
}

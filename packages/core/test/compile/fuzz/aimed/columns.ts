import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import { type Aim, finished, maker, on } from './aim.js'

// Sums of many columns over leading axes, and along rows: where both lie in memory is up to the strides.

const WIDTHS = [64, 65, 66, 67, 70, 96, 100, 127, 128, 129, 130, 192, 257, 300, 514]
const LENGTHS = [255, 300, 513, 1000, 1030, 1999]
const HEIGHTS = [7, 8, 9, 16, 17, 33, 64, 65, 66, 67, 90]

export const columns: Aim = (r) => {
  const m = maker(r)
  const dtype = r.weighted([
    [5, 'float32'],
    [4, 'float64'],
    [2, 'int32'],
    [1.5, 'bool'],
  ] as const)
  const long = r.chance(0.2)
  const width = r.pick(long ? LENGTHS : WIDTHS)
  const height = long ? r.int(1, 3) : r.pick(HEIGHTS.filter((h) => h * width <= 6000))
  const lead = r.chance(0.3) && 2 * height * width <= 6000 ? [2] : []
  const turned = r.chance(0.25)
  const shape = [...lead, ...(turned ? [width, height] : [height, width])]
  let x = m.argument(randomData(r, { shape, dtype }, m.kind))
  if (turned)
    x = m.add('permute', [x], {
      perm: lead.length > 0 ? r.pick([[0, 2, 1] as const, [2, 0, 1]]) : [1, 0],
    })[0]!
  if (r.chance(0.3)) x = on(m, x, 'reverse')
  const rank = x.shape.length
  // All axes but one, mostly the last; of long rows the last.
  const kept = r.chance(0.75) ? rank - 1 : r.int(0, rank - 1)
  const some = (lead.length > 0 && r.chance(0.4) ? [rank - 2] : [...x.shape.keys()]).filter((a) => a !== kept)
  const axes = long ? [rank - 1] : some
  const outputs: Sym[] = []
  for (let k = r.int(1, 3); k > 0; k--) {
    let y = x
    if (r.chance(0.5)) y = on(m, y, dtype === 'bool' ? 'logicalNot' : r.pick(['mul', 'sub', 'max', 'abs']))
    if (r.chance(0.15))
      y = m.add('convert', [y], { dtype: r.pick(['float64', 'int32', 'bool'] as const) })[0]!
    const reducer = r.pick(y.dtype === 'bool' ? ['reduceMax', 'reduceMin'] : ['sum', 'sum', 'reduceMax'])
    const [s] = m.add(reducer, [y], { axes })
    outputs.push(s!)
    if (r.chance(0.3)) {
      // Less its sum: what normalisations do.
      const dims = [...x.shape.keys()].filter((a) => !axes.includes(a))
      const [wide] = m.add('broadcast', [s!], { shape: y.shape, dims })
      outputs.push(m.add('max', [y, wide!])[0]!)
    }
  }
  return finished(m, outputs)
}

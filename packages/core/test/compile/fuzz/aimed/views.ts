import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import { type Aim, finished, maker, on } from './aim.js'

// Chains of views, axes of length 1 and joined axes among them, read by loops of every width of lanes.

const CHAIN = ['permute', 'reshape', 'reshape', 'slice', 'reverse', 'broadcast'] as const
const SHAPES = [[6], [1, 8], [4, 6], [5, 1, 4], [3, 4], [2, 3, 4], [1, 12, 1], [8, 9], [2, 1, 6, 2], [16, 3]]

export const views: Aim = (r) => {
  const m = maker(r)
  const dtype = r.pick(['bool', 'bool', 'float32', 'float64', 'int32'] as const)
  const shape = r.pick(SHAPES)
  let s = m.argument(randomData(r, { shape, dtype }, m.kind))
  const seen: Sym[] = []
  for (let k = r.int(1, 4); k > 0; k--) {
    const name = r.pick(CHAIN)
    if (s.shape.length < 2 && name === 'permute') continue
    if (s.shape.length === 0 && name !== 'reshape' && name !== 'broadcast') continue
    s = on(m, s, name)
    seen.push(s)
  }
  const dtypes = ['float64', 'float64', 'float32', 'int32'] as const
  const ends = Array.from({ length: r.int(1, 2) }, (): Sym => {
    const t = r.chance(0.8) ? s : r.pick(seen.length > 0 ? seen : [s])
    if (t.dtype === 'bool' && r.chance(0.6)) {
      const x = m.argument(randomData(r, { shape: t.shape, dtype: r.pick(dtypes) }, m.kind))
      return m.add('select', [t, x, m.like(x)])[0]!
    }
    if (r.chance(0.4)) return m.add('convert', [t], { dtype: r.pick(dtypes) })[0]!
    if (r.chance(0.3)) return on(m, t, r.pick(['concat', 'pad', 'reshape', 'notEqual']))
    if (r.chance(0.3)) return on(m, t, r.pick(['reduceMax', 'reduceMin']))
    return t.dtype === 'bool' ? m.add('logicalNot', [t])[0]! : m.add('add', [t, m.like(t)])[0]!
  })
  return finished(m, ends, { rounds: 1 })
}

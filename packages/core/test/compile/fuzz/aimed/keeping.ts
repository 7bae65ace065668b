import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import { type Aim, finished, maker } from './aim.js'

// Several calls: large arguments that come again or not, and state of several sizes that is handed on.

export const keeping: Aim = (r) => {
  const m = maker(r)
  const dtypes = ['float32', 'float64', 'int32'] as const
  const sizes = [[1024], [1025], [40, 40], [3], [33], [7, 5], [512], []]
  const given = Array.from({ length: r.int(1, 5) }, () =>
    m.argument(randomData(r, { shape: r.pick(sizes), dtype: r.pick(dtypes) }, m.kind)),
  )
  const outputs: Sym[] = []
  for (const s of given) {
    if (r.chance(0.25)) continue
    // A new state made of the old one, and of others like it; two may change places.
    const like = given.find((t) => t !== s && t.dtype === s.dtype && t.shape.join() === s.shape.join())
    const [next] = m.add(r.pick(['sub', 'max', 'add']), [like && r.chance(0.7) ? like : s, m.like(s)])
    outputs.push(r.chance(0.15) ? s : next!)
  }
  m.grow(r.int(0, 3))
  if (outputs.length === 0 || r.chance(0.5)) outputs.push(m.values[m.values.length - 1]!)
  return finished(m, r.chance(0.3) ? r.shuffle(outputs) : outputs, { rounds: r.int(3, 6) })
}

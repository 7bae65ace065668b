import { range, sizeOf } from '../../../../src/shape.js'
import { randomData } from '../data.js'
import { type Aim, finished, made, maker } from './aim.js'

// Sums of updates, in short and long rows: many in one entry, none, or one that is -0.

export const updates: Aim = (r) => {
  const m = maker(r)
  const dtype = r.pick(['float32', 'float32', 'float64', 'int32'] as const)
  const batch = r.pick([[], [], [2]])
  const pre = r.pick([[], [], [3]])
  const count = r.pick([[r.int(0, 12)], [r.int(1, 3), r.int(1, 3)], []])
  const post = r.pick([[], [r.int(1, 3)], [4], [r.int(5, 9)], [r.int(1, 3), 3], [17]])
  const n = r.pick([1, 2, 4, 7, 30])
  const shape = [...batch, ...pre, ...count, ...post]
  const data = randomData(r, { shape, dtype }, m.kind)
  const zeros = r.chance(0.4) && dtype !== 'int32'
  const u = m.argument(zeros ? made({ shape, dtype }, () => r.pick([-0, -0, -0, 0, 1])) : data)
  const idx = m.indices([...batch, ...count], n)
  const axis = batch.length + pre.length
  const outputs = [...m.add('scatterAdd', [u, idx], { axis, batchDims: batch.length, n })]
  if (r.chance(0.5)) {
    const from = [...batch, ...pre, r.int(1, 9), ...post]
    if (sizeOf(from) > 0) {
      const dtypes = ['float32', 'float64', 'int32', 'bool'] as const
      const x = m.argument(randomData(r, { shape: from, dtype: r.pick(dtypes) }, m.kind))
      const at = m.indices([...batch, ...range(r.int(0, 2)).map(() => r.int(1, 9))], from[axis]!)
      outputs.push(...m.add('gather', [x, at], { axis, batchDims: batch.length }))
    }
  }
  return finished(m, outputs, { rounds: 1 })
}

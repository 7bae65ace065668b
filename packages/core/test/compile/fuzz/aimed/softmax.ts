import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import { differentiated } from '../program.js'
import { type Aim, finished, maker, REAL, uniform } from './aim.js'

// Rows that are normalised: softmax, its logarithm, and what layers of normalisation do.

export const softmax: Aim = (r) => {
  const m = maker(r, r.pick(['real', 'real', 'dyadic', 'wide', 'special'] as const))
  const dtype = r.pick(REAL)
  const shape = [
    ...r.pick([[], [r.int(1, 9)], [2, r.int(1, 5)]]),
    r.pick([1, 2, 3, 7, 8, 9, 33, 64, 65, 130]),
  ]
  const x = m.argument(randomData(r, { shape, dtype }, m.kind))
  const axis = r.chance(0.7) ? shape.length - 1 : r.int(0, shape.length - 1)
  const dims = [...shape.keys()].filter((d) => d !== axis)
  const over = (name: string, s: Sym): Sym => m.add(name, [s], { axes: [axis] })[0]!
  const wide = (s: Sym): Sym => m.add('broadcast', [s], { shape, dims })[0]!
  const two = (name: string, a: Sym, b: Sym): Sym => m.add(name, [a, b])[0]!
  const outputs: Sym[] = []
  if (r.chance(0.5)) {
    const centred = two('sub', x, wide(over('reduceMax', x)))
    const [e] = m.add('exp', [centred])
    const sum = over('sum', e!)
    outputs.push(
      r.chance(0.5) ? two('div', e!, wide(sum)) : two('sub', centred, wide(m.add('log', [sum])[0]!)),
    )
    if (r.chance(0.3)) outputs.push(sum)
  } else {
    const n = uniform(m, shape[axis]!, { shape: dims.map((d) => shape[d]!), dtype })
    const centred = two('sub', x, wide(two('div', over('sum', x), n)))
    const variance = two('div', over('sum', two('mul', centred, centred)), n)
    const [root] = m.add('rsqrt', [two('add', variance, uniform(m, 2 ** -10, variance))])
    outputs.push(two('mul', centred, wide(root!)))
    if (r.chance(0.3)) outputs.push(variance)
  }
  const program = finished(m, outputs)
  return r.chance(0.4) ? (differentiated(program, r) ?? program) : program
}

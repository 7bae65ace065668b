import type { Sym } from '../../../../src/graph/ir.js'
import type { DType } from '../../../../src/types/index.js'
import { randomData } from '../data.js'
import { type Aim, finished, maker } from './aim.js'

// Element-wise programs with every dtype in one loop: masks of 64-bit numbers choose among 32-bit ones and the other way
// round.

const NUMBERS: readonly DType[] = ['float32', 'float64', 'int32']
const COMPARISONS = ['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const
const LOGIC = ['logicalAnd', 'logicalOr', 'logicalNot'] as const
const ARITHMETIC = ['add', 'sub', 'mul', 'max', 'min', 'neg', 'abs'] as const
const ALONE = new Set<string>(['logicalNot', 'neg', 'abs'])

export const mixed: Aim = (r) => {
  const m = maker(r)
  const shape = r.pick([[1], [3], [7], [2, 5], [16], [19], [4, 9], [64], [67]])
  const pool: Sym[] = (['float64', 'float32', 'int32', 'bool'] as const).map((dtype) =>
    m.argument(randomData(r, { shape, dtype }, m.kind)),
  )
  // The latest most times, so that what is made depends on much of what was made before.
  const of = (dtypes: readonly DType[]): Sym => {
    const found = pool.filter((s) => dtypes.includes(s.dtype))
    return r.chance(0.6) ? found[found.length - 1]! : r.pick(found)
  }
  const pair = (name: string, s: Sym): Sym => m.add(name, ALONE.has(name) ? [s] : [s, of([s.dtype])])[0]!
  const steps: readonly (readonly [number, () => Sym])[] = [
    [2.5, () => pair(r.pick(COMPARISONS), of(r.chance(0.5) ? ['float64'] : NUMBERS))],
    [1, () => pair(r.pick(LOGIC), of(['bool']))],
    [
      4,
      () => {
        const s = of([r.pick([...NUMBERS, 'bool'])])
        return m.add('select', [of(['bool']), s, of([s.dtype])])[0]!
      },
    ],
    [1.5, () => m.add('convert', [of([...NUMBERS, 'bool'])], { dtype: r.pick([...NUMBERS, 'bool']) })[0]!],
    [1.5, () => pair(r.pick(ARITHMETIC), of(NUMBERS))],
  ]
  for (let k = r.int(3, 9); k > 0; k--) pool.push(r.weighted(steps)())
  return finished(m, pool.slice(-r.int(1, 3)), { rounds: 1 })
}

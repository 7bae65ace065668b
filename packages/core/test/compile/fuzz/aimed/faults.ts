import type { Sym } from '../../../../src/graph/ir.js'
import { filled } from '../../../../src/tensor.js'
import { randomData, randomIndices } from '../data.js'
import { type Aim, finished, made, maker, uniform } from './aim.js'

// Programs that stop at an index that is out of range, in the first call or once a counter has come that far, with
// arguments that are given away.

/** A loop that stops, or comes to where a step changes nothing while the condition holds. */
const endless: Aim = (r) => {
  const m = maker(r, 'whole')
  const dtype = r.pick(['float32', 'float64', 'int32'] as const)
  const special = dtype !== 'int32' && r.chance(0.5)
  const start = special ? r.pick([Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY, -0]) : r.int(-2, 2)
  const x = m.argument(made({ shape: r.pick([[], [3]]), dtype }, () => start))
  const other = m.argument(randomData(r, { shape: [5], dtype: 'float64' }, m.kind))
  const test = m.nested()
  const c = test.parameter(x)
  test.parameter(other)
  const all = x.shape.map((_, d) => d)
  const [most] = test.add('reduceMax', [c], { axes: all })
  const limit = test.constant(filled(8, [], dtype))
  const [small] = test.add('less', [most!, limit])
  const more = special ? test.add('logicalNot', test.add('less', [limit, most!]))[0]! : small!
  const body = m.nested()
  const [s, t] = [body.parameter(x), body.parameter(other)]
  // Doubling ends but for 0; the sign of NaN turns.
  const turns = Number.isNaN(start) && r.chance(0.5)
  const next = turns
    ? body.add('neg', [s])
    : r.pick([
        () => body.add('add', [s, s]),
        () => body.add('max', [s, uniform(body, 1, s)]),
        () => body.add('add', [s, uniform(body, 1, s)]),
      ])()
  const step = r.chance(0.5) ? t : body.add('sub', [t, t])[0]!
  const out = m.add('while', [x, other], {
    test: test.graph([more]),
    body: body.graph([next[0]!, step]),
    testConsts: 0,
    bodyConsts: 0,
  })
  return finished(m, out, { rounds: 2 })
}

export const faults: Aim = (r) => {
  if (r.chance(0.25)) return endless(r)
  const m = maker(r)
  const dtype = r.pick(['float32', 'float64', 'int32'] as const)
  const n = r.int(1, 6)
  const shape = [n, ...r.pick([[], [r.int(1, 5)], [20]])]
  const state = m.argument(randomData(r, { shape, dtype }, m.kind))
  const outputs: Sym[] = []
  const name = r.pick(['gather', 'scatterAdd', 'dynamicSlice', 'dynamicUpdate'])
  // What comes before the index is looked at, and what comes behind.
  const before = m.add(r.pick(['add', 'sub', 'max']), [state, m.like(state)])[0]!
  const style = r.pick(['at once', 'counter', 'counter', 'branch'] as const)
  const many = name === 'gather' || name === 'scatterAdd' ? [r.int(1, 9)] : []
  let at: Sym
  if (style !== 'counter') {
    m.faults.left = style === 'at once' ? 1 : 0
    at = style === 'at once' ? m.indices(many, n) : m.rightIndices(many, 1)
  } else {
    // A counter that is handed on.
    const count = m.argument(randomIndices(r, many, r.int(-1, 0), n - 1))
    at = count
    const step = uniform(m, r.pick([1, 1, -1, 2]), { shape: many, dtype: 'int32' })
    outputs.push(m.add('add', [count, step])[0]!)
  }
  const source = r.chance(0.5) ? state : before
  const looked = ((): Sym => {
    switch (name) {
      case 'gather':
        return m.add(name, [source, at], { axis: 0, batchDims: 0 })[0]!
      case 'scatterAdd': {
        const u = m.argument(randomData(r, { shape: [...many, 3], dtype }, m.kind))
        return m.add(name, [u, at], { axis: 0, batchDims: 0, n })[0]!
      }
      case 'dynamicSlice':
        return m.add(name, [source, at], { axis: 0, size: r.int(1, n) })[0]!
      default: {
        const u = m.argument(randomData(r, { shape: [r.int(1, n), ...shape.slice(1)], dtype }, m.kind))
        return m.add(name, [source, u, at], { axis: 0 })[0]!
      }
    }
  })()
  const after = m.add(r.pick(['add', 'sub', 'max']), [r.chance(0.5) ? before : state, m.like(state)])[0]!
  // In a branch, only the branch that is taken may fail.
  if (style === 'branch' || r.chance(0.1)) {
    const way = m.argument(randomData(r, { shape: [], dtype: 'bool' }, m.kind))
    const branch = (wrong: boolean) => {
      const to = m.nested()
      const [x, i] = [to.parameter(source), to.parameter({ shape: [], dtype: 'int32' })]
      const index = wrong ? to.constant(filled(r.pick([n, -1]), [], 'int32')) : i
      return to.graph(to.add('dynamicSlice', [x, index], { axis: 0, size: n }))
    }
    const zero = m.constant(filled(0, [], 'int32'))
    const branches = r.shuffle([branch(false), branch(style === 'branch')])
    outputs.push(m.add('cond', [way, source, zero], { branches })[0]!)
  }
  outputs.push(...r.shuffle([r.chance(0.7) ? after : before, looked]))
  return finished(m, r.shuffle(outputs), { rounds: r.int(2, 6) })
}

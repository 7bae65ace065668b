import type { Aval, Sym } from '../../../../src/graph/ir.js'
import { range } from '../../../../src/shape.js'
import { filled } from '../../../../src/tensor.js'
import { randomData } from '../data.js'
import type { Maker } from '../maker.js'
import { type Aim, finished, maker } from './aim.js'
import { mixed, one, reduced } from './rows.js'

// Branches and loops inside of loops, forwards and backwards, over rows of odd lengths. What is carried changes places, and
// an index deep inside may be out of range.

const LENGTHS = [1, 3, 5, 7, 9, 13, 17, 21, 33]
const DEEPEST = 3

/** Makes a value like `x` of two that are alike; `at` is a number that may be an index. */
type Nest = (m: Maker, x: Sym, y: Sym, at: Sym) => Sym

/** One entry of x everywhere, or those at some indices. */
const taken: Nest = (m, x, _, at) => {
  const { random: r, faults } = m
  const bound = (n: number): Sym => m.constant(filled(n, [], 'int32'))
  const fails = faults.left > 0 && m.depth > 0
  const index = (): Sym => {
    if (r.chance(fails ? 0.2 : 0.5)) return m.indices(x.shape, x.shape[0]!)
    if (fails) faults.left--
    const inside = fails ? at : one(m, 'clamp', [at, bound(0), bound(x.shape[0]! - 1)])
    return one(m, 'broadcast', [inside], { shape: x.shape, dims: [] })
  }
  return one(m, 'gather', [x, index()], { axis: 0, batchDims: 0 })
}

const plain: Nest = (m, x, y, at) => {
  const wrong = m.faults.left > 0 && m.depth > 0
  return m.random.weighted<Nest>([
    [4, mixed],
    [1.5, () => mixed(m, x, one(m, 'reverse', [y], { axes: [0] }))],
    [1.5, () => reduced(m, mixed(m, x, y), 0)],
    [wrong ? 5 : 1, taken],
  ])(m, x, y, at)
}

/** Is the largest entry of x below that of y? */
const below = (m: Maker, x: Sym, y: Sym): Sym => {
  const top = (s: Sym): Sym => one(m, 'reduceMax', [s], { axes: [0] })
  return one(m, 'less', [top(x), top(y)])
}

const parameters = (m: Maker, like: readonly Sym[]): Sym[] =>
  like.map(({ shape, dtype }) => m.parameter({ shape, dtype }))

const branches: Nest = (m, x, y, at) => {
  const branch = () => {
    const to = m.nested()
    const [a, b, i] = parameters(to, [x, y, at])
    return to.graph([nest(to, a!, b!, i!), to.random.chance(0.3) ? b! : nest(to, b!, a!, i!)])
  }
  const [p, q] = m.add('cond', [below(m, x, y), x, y, at], {
    branches: m.random.shuffle([branch(), branch()]),
  })
  return m.random.chance(0.5) ? p! : mixed(m, p!, q!)
}

/** A loop over rows like x; its rows and what it carries. */
const rounds = (m: Maker, x: Sym, y: Sym, at: Sym): Sym[] => {
  const { random: r } = m
  const length = r.pick([0, 1, 2, 3, 4, 5])
  const rows = m.fresh({ shape: [length, ...x.shape], dtype: x.dtype })
  const body = m.nested()
  const [c, i, a, b, row] = parameters(body, [x, at, x, y, x]) as [Sym, Sym, Sym, Sym, Sym]
  const next = nest(body, a, row, i)
  const other = r.chance(0.5) ? a : nest(body, b, c, i)
  const ys = [nest(body, row, b, i), ...(r.chance(0.4) ? [one(body, 'less', [a, row])] : [])]
  // The two often change places.
  const carried = r.chance(0.6) ? [b, next] : [next, other]
  return m.add('scan', [y, at, x, y, rows], {
    body: body.graph([...carried, ...ys]),
    consts: 2,
    carry: 2,
    length,
    reverse: r.chance(0.5),
  })
}

const scanned: Nest = (m, x, y, at) => {
  const [p, q, rows] = rounds(m, x, y, at) as [Sym, Sym, Sym]
  const all = mixed(m, p, q)
  return rows.shape[0]! > 0 && m.random.chance(0.6)
    ? mixed(m, all, one(m, m.random.pick(['sum', 'reduceMax']), [rows], { axes: [0] }))
    : all
}

const repeated: Nest = (m, x, y, at) => {
  const { random: r } = m
  const number = (to: Maker, n: number): Sym => to.constant(filled(n, [], 'int32'))
  const [limit, start] = [number(m, r.int(0, 4)), number(m, 0)]
  const test = m.nested()
  const [end, count] = parameters(test, [limit, start, x, y])
  const body = m.nested()
  const [k, i, a, b] = parameters(body, [at, start, x, y]) as [Sym, Sym, Sym, Sym]
  const next = nest(body, a, b, r.chance(0.5) ? i : k)
  const counted = one(body, 'add', [i, number(body, 1)])
  const out = m.add('while', [limit, at, start, x, y], {
    test: test.graph([one(test, 'less', [count!, end!])]),
    body: body.graph([counted, ...(r.chance(0.6) ? [b, next] : [next, b])]),
    testConsts: 1,
    bodyConsts: 1,
  })
  return r.chance(0.5) ? out[1]! : mixed(m, out[1]!, out[2]!)
}

const nest: Nest = (m, x, y, at) => {
  const deep = m.depth < DEEPEST
  return m.random.weighted<Nest>([
    [m.faults.left > 0 ? 9 : 4, plain],
    [deep ? 2 : 0, branches],
    [deep ? 1.5 : 0, scanned],
    [deep ? 1.5 : 0, repeated],
  ])(m, x, y, at)
}

export const nesting: Aim = (r) => {
  const m = maker(r)
  const fails = r.chance(0.35)
  if (fails) m.faults.left = 1
  const n = r.pick(LENGTHS)
  const aval: Aval = { shape: [n], dtype: r.pick(['float32', 'float64', 'int32'] as const) }
  // Counted from call to call, so that a later one fails.
  const at = m.argument(filled(Math.max(0, n - r.int(1, 3)), [], 'int32'))
  const [x, y] = range(2).map(() => m.argument(randomData(r, aval, m.kind))) as [Sym, Sym]
  const before = r.chance(fails ? 1 : 0.3) ? mixed(m, x, y) : x
  const outputs = r.chance(fails ? 0.5 : 0.8)
    ? [...rounds(m, before, y, at)]
    : [r.pick([branches, branches, repeated])(m, before, y, at)]
  // What is there before a loop fails may lie where an argument was.
  if (before !== x && (fails || r.chance(0.5))) outputs.unshift(before)
  else if (r.chance(0.3)) outputs.push(mixed(m, outputs[0]!, before))
  if (fails) outputs.push(one(m, 'add', [at, m.constant(filled(1, [], 'int32'))]))
  return finished(m, r.chance(0.2) ? r.shuffle(outputs) : outputs, {
    rounds: fails ? 4 : r.pick([1, 1, 3]),
    nodes: r.chance(0.1),
  })
}

import type { Aval, GraphIR, Sym } from '../../../src/graph/ir.js'
import { range, sameShape } from '../../../src/shape.js'
import { filled, type Tensor } from '../../../src/tensor.js'
import { evaluate } from '../../../src/transforms/evaluate.js'
import type { Maker } from './maker.js'

// Nodes with graphs inside.

const MOST = 2 // nodes inside nodes

const avalOf = ({ shape, dtype }: Aval): Aval => ({ shape, dtype })
const same = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)

/** A graph of these parameters; `outputs` chooses its results from what has grown. */
const inner = (
  m: Maker,
  avals: readonly Aval[],
  outputs: (to: Maker, given: readonly Sym[]) => Sym[],
): GraphIR => {
  const to = m.nested()
  const given = avals.map((a) => to.parameter(a))
  to.grow(m.random.int(0, 5))
  return to.graph(outputs(to, given))
}

/** A value of this kind: any that there is, often one that was computed. */
const some = (m: Maker, aval: Aval): Sym => m.find((s) => same(s, aval)) ?? m.like(aval)

const anyOf = (m: Maker): Sym =>
  m.values.length > 0 ? m.random.pick(m.values) : m.fresh({ shape: m.shape(), dtype: m.dtype() })

const operands = (m: Maker, n: number): Sym[] =>
  range(n).map(() => m.some(['float32', 'float64', 'int32', 'bool'], (s) => s.shape.length < 4))

export const control: Readonly<Record<string, (m: Maker) => unknown>> = {
  cond: (m) => {
    if (m.depth >= MOST) return
    const predicate =
      m.find((s) => s.dtype === 'bool' && s.shape.length === 0) ?? m.fresh({ shape: [], dtype: 'bool' })
    const xs = operands(m, m.random.int(0, 3))
    const outs = range(m.random.int(1, 2)).map(() =>
      avalOf(
        xs.length > 0 && m.random.chance(0.7) ? m.random.pick(xs) : { shape: m.shape(), dtype: m.dtype() },
      ),
    )
    const branch = () => inner(m, xs.map(avalOf), (to) => outs.map((o) => some(to, o)))
    m.add('cond', [predicate, ...xs], { branches: [branch(), branch()] })
  },
  scan: (m) => {
    if (m.depth >= MOST) return
    const consts = operands(m, m.random.int(0, 2))
    const carry = operands(m, m.random.int(0, 3))
    // Values of one kind may change places from round to round.
    if (carry.length > 0 && m.random.chance(0.5)) carry.push(some(m, m.random.pick(carry)))
    const first = m.find((s) => s.shape.length > 0 && s.shape[0]! <= 9)
    const rows = first && m.random.chance(0.8) ? [first] : []
    const length = first && rows.length > 0 ? first.shape[0]! : m.random.int(0, 5)
    if (rows.length > 0 && m.random.chance(0.4))
      rows.push(m.like({ shape: [length, ...m.shape(m.random.int(0, 2))], dtype: m.dtype() }))
    const params = [...consts, ...carry]
      .map(avalOf)
      .concat(rows.map((s) => ({ shape: s.shape.slice(1), dtype: s.dtype })))
    const count = m.random.int(carry.length === 0 ? 1 : 0, 2)
    const body = inner(m, params, (to, given) => {
      const carried = given.slice(consts.length, consts.length + carry.length)
      const next = carried.map((c) => some(to, c))
      const ys = range(count).map(() => anyOf(to))
      return [...next, ...ys]
    })
    m.add('scan', [...consts, ...carry, ...rows], {
      body,
      consts: consts.length,
      carry: carry.length,
      length,
      reverse: m.random.chance(0.4),
    })
  },
  while: (m) => {
    if (m.depth >= MOST) return
    // The argument may be any number in a later call.
    const bound = (n: number): Sym => m.constant(filled(n, [], 'int32'))
    const limit = m.add('clamp', [m.rightIndices([], 5), bound(0), bound(4)])[0]!
    const counter = m.add('broadcast', [m.constant(filled(0, [], 'int32'))], { shape: [], dims: [] })[0]!
    const consts = operands(m, m.random.int(0, 2))
    const carry = operands(m, m.random.int(1, 3))
    if (m.random.chance(0.5)) carry.push(some(m, m.random.pick(carry)))
    const state = [counter, ...carry].map(avalOf)
    const test = m.nested()
    const [n, i] = [limit, ...[counter, ...carry]].map((s) => test.parameter(avalOf(s)))
    const [more] = test.add('less', [i!, n!])
    const body = inner(m, [...consts.map(avalOf), ...state], (to, given) => {
      const [count, ...carried] = given.slice(consts.length)
      const one = to.constant(filled(1, [], 'int32'))
      return [to.add('add', [count!, one])[0]!, ...carried.map((c) => some(to, c))]
    })
    m.add('while', [limit, ...consts, counter, ...carry], {
      test: test.graph([more!]),
      body,
      testConsts: 1,
      bodyConsts: consts.length,
    })
  },
  op: (m) => {
    if (m.depth >= MOST) return
    const xs = operands(m, m.random.int(1, 3))
    const graph = inner(m, xs.map(avalOf), (to) => range(to.random.int(1, 2)).map(() => anyOf(to)))
    const spec = {
      name: 'fuzzed',
      ...(m.random.chance(0.5) && { opaque: true }),
      expand: (...xs: readonly Tensor[]) => evaluate(graph, xs),
    }
    m.add('op', xs, { spec, graph: () => graph, outs: graph.outputs.map(avalOf) })
  },
}

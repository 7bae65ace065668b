import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import type { Maker } from '../maker.js'
import { differentiated } from '../program.js'
import { type Aim, finished, maker } from './aim.js'
import {
  alongRows,
  elsewhere,
  exponentials,
  last,
  mixed,
  norm,
  one,
  reduced,
  rowSteps,
  sameRows,
} from './rows.js'

// Chains of steps that go through the same rows, or seem to: what one leaves is read by the next in its own row, in
// another one, in columns, or by a step behind the chain.

const WIDTHS = [1, 2, 3, 5, 7, 8, 9, 15, 17, 33, 64, 66]
const HEIGHTS = [1, 2, 3, 5, 7, 9, 15, 16, 17, 31, 33, 50, 67, 100]
const TALL = [97, 100, 130, 193, 250, 300]

type Real = 'float32' | 'float64' | 'int32'

const data = (m: Maker, shape: readonly number[], dtype: Real): Sym =>
  m.argument(randomData(m.random, { shape, dtype }, m.kind))

const product = (m: Maker, a: Sym, b: Sym, turned: boolean): Sym =>
  one(m, 'dot', [a, b], {
    contract: [[last(a)], [turned ? last(b) : last(b) - 1]],
    batch: last(a) > 1 ? [[0], [0]] : [[], []],
  })

/** An argument or a product. */
const beginning = (m: Maker, dtype: Real): Sym => {
  const { random: r } = m
  const width = r.pick(WIDTHS)
  const lead = r.chance(0.35) ? [r.int(1, 5)] : []
  if (r.chance(0.65)) {
    const x = data(m, [...lead, r.pick(HEIGHTS), width], dtype)
    return r.chance(0.3) ? mixed(m, x, m.like(x)) : x
  }
  // Some rows of a product are worth doing together from 96 on; more columns are packed.
  const k = r.pick([1, 2, 3, 5, 8, 9, 33])
  const turned = r.chance(0.4)
  const a = data(m, [...lead, r.pick(width < 64 ? TALL : HEIGHTS), k], dtype)
  return product(m, a, data(m, [...lead, ...(turned ? [width, k] : [k, width])], dtype), turned)
}

/** One step after the other. */
const chain = (m: Maker, dtype: Real, rounded: boolean): Sym[] => {
  const { random: r } = m
  const outputs: Sym[] = []
  let x = beginning(m, dtype)
  const first = x
  for (let k = r.int(1, 6); k > 0; k--) {
    if (r.chance(0.25)) outputs.push(x)
    if (r.chance(0.15) && sameRows(first, x)) x = mixed(m, x, first)
    else x = (rounded && r.chance(0.4) ? r.pick([exponentials, norm]) : r.weighted(rowSteps))(m, x)
  }
  return [r.chance(0.3) ? one(m, 'sum', [x], { axes: [last(x)] }) : x, ...outputs]
}

/** What is made of an argument, often of other rows, meets the argument itself, whose place the result may take. */
const around = (m: Maker, dtype: Real): Sym[] => {
  const { random: r } = m
  const multiplied = r.chance(0.4)
  const n = r.pick(multiplied ? [33, 97, 100] : HEIGHTS)
  const x = data(m, [n, r.pick(multiplied ? [3, 9, 17] : WIDTHS)], dtype)
  const y = multiplied
    ? product(m, data(m, [n, n], dtype), x, false)
    : mixed(m, x, r.chance(0.6) ? elsewhere(m, x) : m.like(x))
  const z = r.chance(0.7) ? alongRows(m, y) : y
  const outputs = [mixed(m, z, x)]
  if (r.chance(0.6)) outputs.push(r.pick([y, z]))
  return outputs
}

/** Columns that are reduced in blocks, again and again. */
const columns = (m: Maker, dtype: Real): Sym[] => {
  const { random: r } = m
  let x = data(m, [r.int(8, 30), r.pick([64, 128, 130, 192])], dtype)
  const outputs: Sym[] = []
  for (let k = r.int(2, 3); k > 0; k--) {
    if (r.chance(0.3)) outputs.push(x)
    x = reduced(m, x, r.chance(0.8) ? 0 : 1)
  }
  return [x, ...outputs]
}

export const sweeps: Aim = (r) => {
  const rounded = r.chance(0.2)
  // Not wide: products of products would overflow in another order.
  const kind = r.pick(
    rounded ? (['real', 'dyadic', 'special'] as const) : (['whole', 'whole', 'special'] as const),
  )
  const m = maker(r, kind)
  const dtype = r.pick(
    rounded ? (['float32', 'float64'] as const) : (['float32', 'float64', 'int32'] as const),
  )
  const outputs = r.weighted([
    [6, chain],
    [4, around],
    [2, columns],
  ])(m, dtype, rounded)
  const program = finished(m, r.shuffle(outputs), {
    sweeps: true,
    nodes: false,
    rounds: r.pick([1, 3]),
    threads: r.chance(0.3),
  })
  return rounded && r.chance(0.2) ? (differentiated(program, r) ?? program) : program
}

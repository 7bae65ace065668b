import { isFloat } from '../../../../src/dtype.js'
import type { Sym } from '../../../../src/graph/ir.js'
import { randomData } from '../data.js'
import type { Maker } from '../maker.js'
import { type Aim, finished, maker } from './aim.js'

// Programs so large that several threads work on them: products, convolutions, functions of many elements, sums along
// rows and columns, and rows that are normalised.

const SIZES = [1, 2, 3, 5, 17, 31, 64, 65, 96, 130, 200, 257, 300]
const HEIGHTS = [...SIZES, 1000, 4000]
const MOST = 60_000 // elements
const MOST_PRODUCTS = 3e6

type Step = (m: Maker, x: Sym) => Sym

/** How many columns a result may have that takes `each` products for an element. */
const columnsFor = (m: Maker, rows: number, each: number): number =>
  m.random.pick(
    SIZES.filter(
      (n) => n === 1 || (n * each <= MOST && n * rows <= MOST && n * rows * each <= MOST_PRODUCTS),
    ),
  )

const weight = (m: Maker, shape: readonly number[], { dtype }: Sym): Sym =>
  m.argument(randomData(m.random, { shape, dtype }, m.kind))

/** What is done with a matrix. */
const STEPS: Readonly<Record<string, Step>> = {
  product: (m, x) => {
    const [rows, k] = x.shape as [number, number]
    const w = weight(m, [k, columnsFor(m, rows, k)], x)
    return m.add('dot', [x, w], { contract: [[1], [0]], batch: [[], []] })[0]!
  },
  // The rows are places of one image, the columns its channels.
  convolution: (m, x) => {
    const { random } = m
    const [rows, k] = x.shape as [number, number]
    const window = random.int(1, Math.min(4, rows))
    const [image] = m.add('reshape', [x], { shape: [1, 1, rows, k] })
    const w = weight(m, [1, window, k, columnsFor(m, rows, window * k)], x)
    const [y] = m.add('conv', [image!, w], {
      strides: [random.int(1, 2)],
      lo: [random.int(0, 2)],
      hi: [random.int(0, 2)],
      inputDilation: [1],
      windowDilation: [1],
    })
    return m.add('reshape', [y!], { shape: y!.shape.slice(2) })[0]!
  },
  function: (m, x) =>
    isFloat(x.dtype)
      ? m.add(m.random.pick(['tanh', 'exp', 'sin', 'erf', 'cbrt', 'sigmoid', 'atan']), [x])[0]!
      : m.add('neg', [x])[0]!,
  arithmetic: (m, x) => m.add(m.random.pick(['add', 'sub', 'mul', 'max']), [x, m.like(x)])[0]!,
  turned: (m, x) => m.add('permute', [x], { perm: [1, 0] })[0]!,
  'less its sums': (m, x) => {
    const axis = m.random.int(0, 1)
    const [sum] = m.add(m.random.pick(['sum', 'reduceMax']), [x], { axes: [axis] })
    const [wide] = m.add('broadcast', [sum!], { shape: x.shape, dims: [1 - axis] })
    return m.add(m.random.pick(['sub', 'max']), [x, wide!])[0]!
  },
}

export const sharing: Aim = (r) => {
  const m = maker(r, r.pick(['real', 'real', 'whole', 'dyadic'] as const))
  m.largest = 2 * MOST
  const rows = r.pick(HEIGHTS)
  const shape = [rows, r.pick(SIZES.filter((n) => n * rows <= MOST))]
  const dtype = r.pick(['float32', 'float32', 'float64', 'int32'] as const)
  let x = m.argument(randomData(r, { shape, dtype }, m.kind))
  const outputs: Sym[] = []
  for (let k = r.int(1, 5); k > 0; k--) {
    x = STEPS[r.pick(Object.keys(STEPS))]!(m, x)
    if (r.chance(0.2)) outputs.push(x)
    if (r.chance(0.5)) outputs.push(m.add('sum', [x], { axes: r.pick([[0], [0], [1], [0, 1]]) })[0]!)
  }
  outputs.push(x)
  return finished(m, outputs, { rounds: 0, nodes: false, shared: true })
}

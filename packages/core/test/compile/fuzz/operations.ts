import type { TypedArray } from '../../../src/dtype.js'
import type { Sym } from '../../../src/graph/ir.js'
import { range, sizeOf } from '../../../src/shape.js'
import { filled, fromData, type Tensor } from '../../../src/tensor.js'
import type { DType } from '../../../src/types/index.js'
import { control } from './control.js'
import type { Maker } from './maker.js'

// One row for each primitive: how a program grows by it.

type Grow = (m: Maker) => unknown

export const REAL: readonly DType[] = ['float32', 'float64']
const NUMBER: readonly DType[] = ['float32', 'float64', 'int32']
const ANY: readonly DType[] = ['float32', 'float64', 'int32', 'bool']

const unary =
  (name: string, dtypes = REAL): Grow =>
  (m) =>
    m.add(name, [m.some(dtypes)])
const binary =
  (name: string, dtypes = NUMBER): Grow =>
  (m) => {
    const x = m.some(dtypes)
    m.add(name, m.random.shuffle([x, m.like(x)]))
  }
const each = (names: string, row: (name: string) => Grow): Record<string, Grow> =>
  Object.fromEntries(names.split(' ').map((name) => [name, row(name)]))

const ranked = (s: Sym): boolean => s.shape.length > 0
const anAxis = (m: Maker, { shape }: Sym): number => m.random.int(0, shape.length - 1)
const axesOf = (m: Maker, { shape }: Sym): number[] =>
  m.random.chance(0.3) ? range(shape.length) : m.random.subset(range(shape.length))
const replaced = (shape: readonly number[], at: number, by: readonly number[]): number[] => [
  ...shape.slice(0, at),
  ...by,
  ...shape.slice(at + 1),
]

/** Splits and joins axes of a shape at random. */
const regrouped = (m: Maker, shape: readonly number[]): number[] => {
  const { random } = m
  let out = [...shape]
  for (let k = random.int(1, 3); k > 0; k--) {
    const at = random.int(0, Math.max(0, out.length - 1))
    const n = out[at]
    if (random.chance(0.3)) out = [...out.slice(0, at), 1, ...out.slice(at)]
    else if (n === 1 && random.chance(0.7)) out = replaced(out, at, [])
    else if (random.chance(0.5) && at + 1 < out.length)
      out = [...out.slice(0, at), n! * out[at + 1]!, ...out.slice(at + 2)]
    else {
      const factors = [2, 3, 4, 5].filter((f) => n !== undefined && n > 0 && n % f === 0)
      if (factors.length > 0) {
        const f = random.pick(factors)
        out = replaced(out, at, random.shuffle([f, n! / f]))
      }
    }
  }
  return out.length > 6 ? [sizeOf(out)] : out
}

const reduction =
  (dtypes: readonly DType[]) =>
  (name: string): Grow =>
  (m) => {
    const x = m.some(dtypes)
    const axes = axesOf(m, x)
    if (name !== 'sum' && axes.some((a) => x.shape[a] === 0)) return
    m.add(name, [x], { axes })
  }

const indexed = (m: Maker): { x: Sym; at: number; batchDims: number } => {
  const x = m.some(ANY, ranked)
  const at = anAxis(m, x)
  return { x, at, batchDims: m.random.chance(0.4) ? m.random.int(0, at) : 0 }
}

/** Products are often wanted in another order of axes: that of gradients is. */
const contraction: Grow = (m) => {
  product(m)
  const y = m.values[m.values.length - 1]!
  const rank = y.shape.length
  if (m.random.chance(0.3) && rank > 1)
    m.add('permute', [y], {
      perm: m.random.chance(0.5) ? m.random.shuffle(range(rank)) : [...range(rank - 2), rank - 1, rank - 2],
    })
}

const product = (m: Maker): void => {
  const { random } = m
  const x = m.some(NUMBER)
  const axes = random.shuffle(range(x.shape.length))
  const shared = random.chance(0.3) ? axes.splice(0, random.int(0, 1)) : []
  const contracted = axes.splice(
    0,
    random.weighted([
      [1, 0],
      [6, 1],
      [1, 2],
    ]),
  )
  const known = m.find(
    (s) =>
      s.dtype === x.dtype &&
      s.shape.length > 0 &&
      contracted.length === 1 &&
      shared.length === 0 &&
      s.shape.includes(x.shape[contracted[0]!]!),
  )
  if (known && random.chance(0.6)) {
    m.add('dot', [x, known], {
      contract: [contracted, [known.shape.indexOf(x.shape[contracted[0]!]!)]],
      batch: [[], []],
    })
    return
  }
  const free = m.shape(
    random.weighted([
      [2, 0],
      [5, 1],
      [1, 2],
    ]),
  )
  const lengths = [...shared, ...contracted].map((a) => x.shape[a]!).concat(free)
  const order = random.shuffle(range(lengths.length))
  const place = (i: number): number => order.indexOf(i)
  const shape = order.map((i) => lengths[i]!)
  if (sizeOf(shape) > 3000) return
  const y = m.like({ shape, dtype: x.dtype })
  m.add('dot', [x, y], {
    contract: [contracted, contracted.map((_, i) => place(shared.length + i))],
    batch: [shared, shared.map((_, i) => place(i))],
  })
}

const convolution: Grow = (m) => {
  const { random } = m
  const dtype = random.pick(REAL)
  const rank = random.int(1, 2)
  const [groups, batch, cin, cout] = [
    random.pick([1, 1, 2, 3]),
    random.int(1, 3),
    random.int(1, 5),
    random.int(1, 9),
  ]
  const axes = range(rank).map(() => {
    const a = {
      n: random.int(1, 9),
      k: random.int(1, 4),
      stride: random.int(1, 3),
      lo: random.int(0, 2),
      hi: random.int(0, 2),
      inputDilation: random.pick([1, 1, 1, 2]),
      windowDilation: random.pick([1, 1, 1, 2]),
    }
    const enough = (a.n - 1) * a.inputDilation + 1 + a.lo + a.hi >= (a.k - 1) * a.windowDilation + 1
    return enough ? a : { ...a, k: 1 }
  })
  const x = m.like({ shape: [groups, batch, ...axes.map((a) => a.n), cin], dtype })
  const w = m.like({ shape: [groups, ...axes.map((a) => a.k), cin, cout], dtype })
  const column = (name: 'stride' | 'lo' | 'hi' | 'inputDilation' | 'windowDilation') =>
    axes.map((a) => a[name])
  m.add('conv', [x, w], {
    strides: column('stride'),
    lo: column('lo'),
    hi: column('hi'),
    inputDilation: column('inputDilation'),
    windowDilation: column('windowDilation'),
  })
}

const tensorOf = (data: TypedArray, shape: readonly number[], dtype: DType): Tensor =>
  fromData(data, shape, dtype)

const numberLike = (m: Maker, x: number, { shape, dtype }: Sym): Sym =>
  m.add('broadcast', [m.constant(filled(x, [], dtype))], { shape, dims: [] })[0]!

/** Keys and counters: all 32 bits. */
const words = (m: Maker, shape: readonly number[]): Tensor => {
  const data = new Int32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = m.random.next() * 2 ** 32
  return fromData(data, shape, 'int32')
}

/** Square (or not) matrices far from singular: small entries and a heavy diagonal. */
const matrices = (m: Maker, square: boolean): Sym => {
  const { random } = m
  const dtype = random.pick(REAL)
  const rows = random.int(1, 5)
  const columns = square ? rows : random.int(1, 5)
  const lead = random.pick([[], [], [2], [3, 1]])
  const shape = [...lead, rows, columns]
  const x = m.fresh({ shape, dtype })
  const eye = new (dtype === 'float32' ? Float32Array : Float64Array)(rows * columns)
  for (let i = 0; i < Math.min(rows, columns); i++) eye[i * columns + i] = 7 + 5 * i
  const heavy = m.holding(tensorOf(eye, [rows, columns], dtype))
  const [wide] = m.add('broadcast', [heavy], { shape, dims: [lead.length, lead.length + 1] })
  const bounded = m.add('clamp', [x, ...[-1, 1].map((c) => numberLike(m, c, x))])[0]!
  const finite = m.add('select', [m.add('isFinite', [x])[0]!, bounded, numberLike(m, 0.5, x)])[0]!
  return m.add('add', [finite, wide!])[0]!
}

const symmetric = (m: Maker): Sym => {
  const a = matrices(m, true)
  const rank = a.shape.length
  const [t] = m.add('permute', [a], { perm: [...range(rank - 2), rank - 1, rank - 2] })
  return m.add('add', [a, t!])[0]!
}

const random: Readonly<Record<string, Grow>> = {
  randomBits: (m) => {
    const key = m.holding(words(m, [...m.random.pick([[], [2], [3, 1]]), 2]))
    m.add('randomBits', [key], {
      shape: m.shape(m.random.int(0, 2)),
      word: m.random.pick(['bits', 'float32', 'float64hi', 'float64lo']),
    })
  },
  randomSplit: (m) =>
    m.add('randomSplit', [m.holding(words(m, [...m.random.pick([[], [2]]), 2]))], { n: m.random.int(0, 5) }),
  foldIn: (m) => {
    const lead = m.random.pick([[], [2], [5]])
    m.add('foldIn', [m.holding(words(m, [...lead, 2])), m.holding(words(m, lead))])
  },
}

export const operations: Readonly<Record<string, Grow>> = {
  ...each('add sub mul max min', (name) =>
    binary(name, name.startsWith('m') && name !== 'mul' ? ANY : NUMBER),
  ),
  ...each('div strongMul pow atan2', (name) => binary(name, REAL)),
  mod: binary('mod', NUMBER),
  ...each('neg sign', (name) => unary(name, NUMBER)),
  ...each('abs floor ceil trunc round isFinite isNaN', (name) => unary(name, ANY)),
  ...each('equal notEqual less lessEqual greater greaterEqual', (name) => binary(name, ANY)),
  ...each('logicalAnd logicalOr', (name) => binary(name, ['bool'])),
  logicalNot: unary('logicalNot', ['bool']),
  relu: unary('relu'),
  ...each(
    'exp expm1 log log1p sqrt rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid softplus erf erfc erfInv lgamma digamma',
    (name) => unary(name),
  ),
  // As in every program that is trained: the slope beside the value.
  tanh: (m) => {
    const x = m.some(REAL)
    m.add('tanh', [x])
    m.add('sech2', [x])
  },
  ...each('stopGradient', (name) => unary(name, ANY)),
  tag: (m) => m.add('tag', [m.some(ANY)], { name: 'here' }),
  integerPow: (m) => m.add('integerPow', [m.some(REAL)], { n: m.random.int(-3, 5) }),
  polygamma: (m) => m.add('polygamma', [m.some(REAL)], { n: m.random.int(1, 3) }),
  fma: (m) => {
    const x = m.some(REAL)
    m.add('fma', [x, m.like(x), m.like(x)])
  },
  clamp: (m) => {
    const x = m.some(ANY)
    m.add('clamp', [x, m.like(x), m.like(x)])
  },
  select: (m) => {
    const x = m.some(ANY)
    m.add('select', [m.like({ shape: x.shape, dtype: 'bool' }), x, m.like(x)])
  },
  convert: (m) => m.add('convert', [m.some(ANY)], { dtype: m.dtype() }),

  reshape: (m) => {
    const x = m.some(ANY)
    m.add('reshape', [x], { shape: regrouped(m, x.shape) })
  },
  permute: (m) => {
    const x = m.some(ANY, (s) => s.shape.length > 1)
    m.add('permute', [x], { perm: m.random.shuffle(range(x.shape.length)) })
  },
  broadcast: (m) => {
    const x = m.some(ANY)
    const shape = [...x.shape]
    const dims = range(shape.length)
    for (let k = m.random.int(1, 2); k > 0; k--) {
      const at = m.random.int(0, shape.length)
      shape.splice(at, 0, m.axis())
      dims.forEach((d, i) => {
        if (d >= at) dims[i] = d + 1
      })
    }
    m.add('broadcast', [x], { shape, dims })
  },
  slice: (m) => {
    const x = m.some(ANY, ranked)
    const cuts = x.shape.map((n) => {
      if (m.random.chance(0.3)) return [0, n, m.random.int(1, 2)] as const
      const [a, b] = [m.random.int(0, n), m.random.int(0, n)]
      return [Math.min(a, b), Math.max(a, b), m.random.int(1, 3)] as const
    })
    m.add('slice', [x], {
      begin: cuts.map((c) => c[0]),
      end: cuts.map((c) => c[1]),
      strides: cuts.map((c) => c[2]),
    })
  },
  pad: (m) => {
    const x = m.some(ANY, ranked)
    const bits = x.dtype === 'bool'
    const cuts = x.shape.map(
      (n) => [m.random.int(-Math.min(2, n), 2), m.random.int(0, 2), m.random.pick([0, 0, 1, 2])] as const,
    )
    // Cutting at both ends must leave at least nothing.
    const hi = cuts.map(([lo, h, k], d) => {
      const n = x.shape[d]!
      const full = n === 0 ? 0 : (n - 1) * (k + 1) + 1
      const most = Math.min(2, Math.max(0, full + lo))
      return m.random.chance(0.3) ? -m.random.int(0, most) : h
    })
    m.add('pad', [x], {
      lo: cuts.map((c) => c[0]),
      hi,
      interior: cuts.map((c) => c[2]),
      value: bits
        ? m.random.int(0, 1)
        : m.random.pick([
            0,
            0,
            1,
            -2,
            ...(x.dtype === 'int32' ? [] : [-0, Number.NaN, Number.NEGATIVE_INFINITY]),
          ]),
    })
  },
  reverse: (m) => {
    const x = m.some(ANY, ranked)
    m.add('reverse', [x], { axes: axesOf(m, x) })
  },
  concat: (m) => {
    const x = m.some(ANY, ranked)
    const axis = anAxis(m, x)
    const others = range(m.random.int(0, 3)).map(() =>
      m.like({
        shape: replaced(x.shape, axis, [m.random.chance(0.5) ? x.shape[axis]! : m.random.int(0, 4)]),
        dtype: x.dtype,
      }),
    )
    m.add('concat', m.random.shuffle([x, ...others]), { axis })
  },

  ...each('sum', reduction(NUMBER)),
  ...each('reduceMax reduceMin', reduction(ANY)),
  ...each('argmax argmin', (name) => (m) => {
    const x = m.some(ANY, (s) => ranked(s) && sizeOf(s.shape) > 0)
    if (sizeOf(x.shape) > 0) m.add(name, [x], { axis: anAxis(m, x) })
  }),
  cumsum: (m) => {
    const x = m.some(NUMBER, ranked)
    m.add('cumsum', [x], { axis: anAxis(m, x), backwards: m.random.chance(0.5) })
  },
  sort: (m) => {
    const x = m.some(ANY, ranked)
    const followers = range(m.random.int(0, 2)).map(() => m.like({ shape: x.shape, dtype: m.dtype() }))
    m.add('sort', [x, ...followers])
  },

  gather: (m) => {
    const { x, at, batchDims } = indexed(m)
    if (x.shape[at] === 0) return
    const idx = m.indices([...x.shape.slice(0, batchDims), ...m.shape(m.random.int(0, 2))], x.shape[at]!)
    m.add('gather', [x, idx], { axis: at, batchDims })
  },
  scatterAdd: (m) => {
    const u = m.some(NUMBER)
    const rank = u.shape.length
    const batchDims = m.random.chance(0.3) ? m.random.int(0, rank) : 0
    const axis = m.random.int(batchDims, rank)
    const count = m.random.int(0, Math.min(2, rank - axis))
    const n = m.random.int(1, 9)
    const idx = m.indices([...u.shape.slice(0, batchDims), ...u.shape.slice(axis, axis + count)], n)
    m.add('scatterAdd', [u, idx], { axis, batchDims, n })
  },
  dynamicSlice: (m) => {
    const x = m.some(ANY, (s) => ranked(s) && !s.shape.includes(0))
    if (x.shape.includes(0)) return
    const axis = anAxis(m, x)
    const n = x.shape[axis]!
    const size = m.random.int(1, n)
    m.add('dynamicSlice', [x, m.indices([], n - size + 1)], { axis, size })
  },
  dynamicUpdate: (m) => {
    const x = m.some(ANY, (s) => ranked(s) && !s.shape.includes(0))
    if (x.shape.includes(0)) return
    const axis = anAxis(m, x)
    const n = x.shape[axis]!
    const size = m.random.int(1, n)
    const update = m.like({ shape: replaced(x.shape, axis, [size]), dtype: x.dtype })
    m.add('dynamicUpdate', [x, update, m.indices([], n - size + 1)], { axis })
  },

  dot: contraction,
  conv: convolution,
  cholesky: (m) => m.add('cholesky', [symmetric(m)]),
  eigh: (m) => m.add('eigh', [symmetric(m)]),
  lu: (m) => m.add('lu', [matrices(m, true)]),
  qr: (m) => m.add('qr', [matrices(m, false)]),
  svd: (m) => m.add('svd', [matrices(m, false)]),
  triangularSolve: (m) => {
    const a = matrices(m, true)
    const b = m.like({ shape: [...a.shape.slice(0, -1), m.random.int(0, 4)], dtype: a.dtype })
    m.add('triangularSolve', [a, b], {
      lower: m.random.chance(0.5),
      transpose: m.random.chance(0.5),
      unitDiagonal: m.random.chance(0.5),
    })
  },

  ...random,
  ...control,
}

/** How often each comes, relative to 1. */
export const weights: Readonly<Record<string, number>> = {
  add: 5,
  sub: 3,
  mul: 5,
  max: 2,
  min: 2,
  div: 2,
  select: 4,
  convert: 3,
  sum: 5,
  reduceMax: 3,
  reduceMin: 2,
  reshape: 5,
  permute: 5,
  broadcast: 4,
  slice: 5,
  pad: 5,
  reverse: 4,
  concat: 4,
  dot: 6,
  conv: 2,
  gather: 3,
  scatterAdd: 3,
  cumsum: 2,
  sort: 2,
  cond: 2,
  scan: 4,
  while: 2,
}

/** Those that leave results inexact, so that what follows is not compared bit by bit. */
export const rounded = new Set(
  (
    'pow atan2 exp expm1 log log1p rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh sech2 asinh acosh atanh sigmoid softplus ' +
    'erf erfc erfInv lgamma digamma polygamma integerPow cholesky eigh lu qr svd triangularSolve'
  ).split(' '),
)

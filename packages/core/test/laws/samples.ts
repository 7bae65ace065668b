import fc from 'fast-check'
import type { Aval, Params, Primitive } from '../../src/graph/ir.js'
import * as p from '../../src/primitives/arithmetic.js'
import * as e from '../../src/primitives/elementary.js'
import * as r from '../../src/primitives/random.js'
import { range, sizeOf } from '../../src/shape.js'
import type { Tensor } from '../../src/tensor.js'
import { build } from '../../src/trace/build.js'
import type { OpSpec } from '../../src/transforms/op.js'
import {
  axis,
  bools,
  caseOf,
  distinct,
  dyadic,
  type Entry,
  elementwise,
  type Float,
  floats,
  fullAxis,
  i32,
  ints,
  shapes,
} from './generate.js'
import { matrices } from './matrices.js'
import { convert } from './tensors.js'

// One entry for each primitive: shapes of rank 0 to 4, axes of length 1, empty axes where they mean something.

type AnyRow = Primitive<never>
const as = (row: AnyRow): Primitive => row as unknown as Primitive
const real = [-4, 4] as const
const unary = (row: AnyRow, lo = -4, hi = 4): Entry => elementwise(as(row), [[lo, hi]])
const binary = (row: AnyRow, a: readonly [number, number] = real, b = a): Entry =>
  elementwise(as(row), [a, b])

const one = { linear: [[0]] } as const
const subset = (rank: number, minLength = 0): fc.Arbitrary<number[]> =>
  fc.subarray(range(rank), { minLength: Math.min(minLength, rank) })
const order = (rank: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(range(rank), { minLength: rank, maxLength: rank })
const shapeAnd = <T>(next: (shape: number[]) => fc.Arbitrary<T>, minRank = 0, length = axis) =>
  shapes(minRank, 4, length).chain((shape) => next(shape).map((rest) => ({ shape, rest })))
/** One float operand of a shape, with parameters. */
const linearIn = <T>(
  structure: fc.Arbitrary<{ shape: number[]; rest: T }>,
  params: (rest: T, shape: number[]) => Params,
): Entry => ({
  cases: caseOf(
    structure,
    ({ shape }) => floats(shape).map((x) => [x]),
    ({ shape, rest }) => params(rest, shape),
  ),
  ...one,
})
const perAxis = <T>(shape: readonly number[], make: (n: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  shape.length === 0 ? fc.constant([]) : fc.tuple(...shape.map(make)).map((xs) => [...xs])
const someAxis = (shape: readonly number[]): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: shape.length - 1 })

/** A shape whose number of elements is the same. */
const reshaped = (shape: readonly number[]): fc.Arbitrary<number[]> => {
  const n = sizeOf(shape)
  return fc.constantFrom(
    [n],
    [1, n],
    [n, 1, 1],
    shape.toReversed(),
    ...(n % 2 === 0 ? [[2, n / 2]] : [[n, 1]]),
  )
}

const words = (shape: readonly number[]) => ints(shape, -(2 ** 31), 2 ** 31 - 1)

const classification: Entry = {
  cases: caseOf(shapes(), (shape) =>
    floats(
      shape,
      fc.constantFrom(1, Number.NaN, -2.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    ).map((x) => [x]),
  ),
}

const booleans = (n: number): Entry => ({
  cases: caseOf(shapes(), (shape) => fc.tuple(...range(n).map(() => bools(shape)))),
})

const selections: Entry = {
  cases: caseOf(shapes(), (shape) => fc.tuple(bools(shape), floats(shape), floats(shape))),
  linear: [[1, 2], [1], [2]],
}

const conversions: Entry = {
  cases: caseOf(
    fc.record({ shape: shapes(), dtype: fc.constantFrom('float32', 'float64', 'int32', 'bool') }),
    ({ shape }) =>
      floats(
        shape,
        dyadic().filter((x) => Math.abs(x - Math.round(x)) >= 1 / 8),
      ).map((x) => [x]),
    ({ dtype }) => ({ dtype }),
  ),
  ...one,
}

const concatenation: Entry = {
  cases: caseOf(
    shapeAnd(
      (s) => fc.record({ at: someAxis(s), lengths: fc.array(axis, { minLength: 1, maxLength: 3 }) }),
      1,
    ),
    ({ shape, rest }) =>
      fc.tuple(...rest.lengths.map((n) => floats(shape.map((d, i) => (i === rest.at ? n : d))))),
    ({ rest }) => ({ axis: rest.at }),
  ),
  linear: [[0, 1, 2]],
}

const slicing: Entry = linearIn(
  shapeAnd((s) =>
    perAxis(s, (n) =>
      fc
        .tuple(fc.integer({ min: 0, max: n }), fc.integer({ min: 0, max: n }), fc.integer({ min: 1, max: 3 }))
        .map(([a, b, stride]) => ({ begin: Math.min(a, b), end: Math.max(a, b), stride })),
    ),
  ),
  (axes) => ({
    begin: axes.map((a) => a.begin),
    end: axes.map((a) => a.end),
    strides: axes.map((a) => a.stride),
  }),
)

const padding: Entry = linearIn(
  shapeAnd((s) =>
    fc.record({
      value: dyadic(),
      axes: perAxis(s, (n) =>
        fc.record({
          lo: fc.integer({ min: -Math.min(1, n), max: 2 }),
          hi: fc.integer({ min: 0, max: 2 }),
          interior: fc.integer({ min: 0, max: 2 }),
        }),
      ),
    }),
  ),
  ({ axes, value }) => ({
    lo: axes.map((a) => a.lo),
    hi: axes.map((a) => a.hi),
    interior: axes.map((a) => a.interior),
    value,
  }),
)

const broadcasting: Entry = linearIn(
  shapes().chain((shape) =>
    subset(shape.length).map((dims) => ({ shape: dims.map((d) => shape[d]!), rest: { shape, dims } })),
  ),
  (rest) => rest,
)

const reductions = (row: AnyRow): Entry => ({
  cases: caseOf(
    shapeAnd((s) => subset(s.length, 1), 1, fullAxis),
    ({ shape }) => distinct(shape).map((x) => [x]),
    ({ rest }) => ({ axes: rest }),
  ),
  ...(row.transpose !== 'nonlinear' && one),
})
const alongAxis = (minLength = axis): fc.Arbitrary<{ shape: number[]; rest: number }> =>
  shapeAnd(someAxis, 1, minLength)

const sorting: Entry = {
  cases: caseOf(
    fc.record({ shape: shapes(1, 3), followers: fc.integer({ min: 0, max: 2 }) }),
    ({ shape, followers }) =>
      fc.tuple(
        distinct(shape),
        ...range(followers).map((k) => (k === 0 ? floats(shape) : ints(shape, 0, 9))),
      ),
  ),
}

/** Operand, indices, and where the indexed axis is. */
const indexed = fc
  .record({ batch: shapes(0, 1), pre: shapes(0, 1), post: shapes(0, 1), n: fullAxis, idx: shapes(0, 2) })
  .map((s) => ({ ...s, axis: s.batch.length + s.pre.length, batchDims: s.batch.length }))
const gathering: Entry = {
  cases: caseOf(
    indexed,
    (s) => fc.tuple(floats([...s.batch, ...s.pre, s.n, ...s.post]), ints([...s.batch, ...s.idx], 0, s.n - 1)),
    (s) => ({ axis: s.axis, batchDims: s.batchDims }),
  ),
  ...one,
}
const scattering: Entry = {
  cases: caseOf(
    indexed,
    (s) =>
      fc.tuple(floats([...s.batch, ...s.pre, ...s.idx, ...s.post]), ints([...s.batch, ...s.idx], 0, s.n - 1)),
    (s) => ({ axis: s.axis, batchDims: s.batchDims, n: s.n }),
  ),
  ...one,
}

const part = shapes(1, 3, fullAxis).chain((shape) =>
  someAxis(shape).chain((at) => fc.integer({ min: 1, max: shape[at]! }).map((size) => ({ shape, at, size }))),
)
const start = (s: { shape: number[]; at: number; size: number }) => ints([], 0, s.shape[s.at]! - s.size)
const dynamicSlices: Entry = {
  cases: caseOf(
    part,
    (s) => fc.tuple(floats(s.shape), start(s)),
    (s) => ({ axis: s.at, size: s.size }),
  ),
  ...one,
}
const dynamicUpdates: Entry = {
  cases: caseOf(
    part,
    (s) => fc.tuple(floats(s.shape), floats(s.shape.map((d, i) => (i === s.at ? s.size : d))), start(s)),
    (s) => ({ axis: s.at }),
  ),
  linear: [[0, 1], [0], [1]],
}

// Axes of each operand in a random order: shared, contracted and free ones, so that every permutation comes up.
const dots: Entry = {
  cases: caseOf(
    fc
      .record({ shared: shapes(0, 2), contracted: shapes(0, 2), left: shapes(0, 1), right: shapes(0, 1) })
      .filter((s) => sizeOf([...s.shared, ...s.contracted, ...s.left, ...s.right]) <= 64)
      .chain((s) => {
        const count = s.shared.length + s.contracted.length
        return fc.record({
          s: fc.constant(s),
          a: order(count + s.left.length),
          b: order(count + s.right.length),
        })
      })
      .map(({ s, a, b }) => {
        // Entry i of the canonical order [shared, contracted, free] is axis a[i].
        const place = (lengths: readonly number[], to: readonly number[]) => {
          const shape = new Array<number>(lengths.length)
          lengths.forEach((n, i) => {
            shape[to[i]!] = n
          })
          return shape
        }
        const [nb, nc] = [s.shared.length, s.contracted.length]
        return {
          a: place([...s.shared, ...s.contracted, ...s.left], a),
          b: place([...s.shared, ...s.contracted, ...s.right], b),
          batch: [a.slice(0, nb), b.slice(0, nb)],
          contract: [a.slice(nb, nb + nc), b.slice(nb, nb + nc)],
        }
      }),
    (s) => fc.tuple(floats(s.a), floats(s.b)),
    ({ batch, contract }) => ({ batch, contract }),
  ),
  linear: [[0], [1]],
}

const convolutions: Entry = {
  cases: caseOf(
    fc.record({
      groups: fc.integer({ min: 1, max: 2 }),
      batch: fc.integer({ min: 1, max: 2 }),
      cin: fc.integer({ min: 1, max: 2 }),
      cout: fc.integer({ min: 1, max: 2 }),
      axes: fc.array(
        fc
          .record({
            n: fc.integer({ min: 1, max: 5 }),
            k: fc.integer({ min: 1, max: 3 }),
            stride: fc.integer({ min: 1, max: 3 }),
            lo: fc.integer({ min: 0, max: 2 }),
            hi: fc.integer({ min: 0, max: 2 }),
            inputDilation: fc.integer({ min: 1, max: 2 }),
            windowDilation: fc.integer({ min: 1, max: 2 }),
          })
          .filter((s) => (s.n - 1) * s.inputDilation + 1 + s.lo + s.hi >= (s.k - 1) * s.windowDilation + 1),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    (s) =>
      fc.tuple(
        floats([s.groups, s.batch, ...s.axes.map((a) => a.n), s.cin]),
        floats([s.groups, ...s.axes.map((a) => a.k), s.cin, s.cout]),
      ),
    ({ axes }) => ({
      strides: axes.map((a) => a.stride),
      lo: axes.map((a) => a.lo),
      hi: axes.map((a) => a.hi),
      inputDilation: axes.map((a) => a.inputDilation),
      windowDilation: axes.map((a) => a.windowDilation),
    }),
  ),
  linear: [[0], [1]],
}

// --- nodes with graphs inside

const aval = (shape: readonly number[], dtype: Aval['dtype']): Aval => ({ shape, dtype })
const graphOf = (avals: readonly Aval[], f: (...xs: Tensor[]) => readonly Tensor[]) =>
  build('law', avals, f).graph

const conditional: Entry = {
  cases: caseOf(
    shapes(0, 2),
    (s) => fc.tuple(bools([]), floats(s), floats(s)),
    (s, dtype) => {
      const avals = [aval(s, dtype), aval(s, dtype)]
      return {
        branches: [
          graphOf(avals, (x, y) => [p.mul(x!, y!), p.neg(x!)]),
          graphOf(avals, (x) => [e.sin(x!), p.square(x!)]),
        ],
      }
    },
  ),
  linear: [],
}

const scanning: Entry = {
  cases: caseOf(
    fc.record({ s: shapes(0, 1), length: fc.integer({ min: 0, max: 4 }), reverse: fc.boolean() }),
    ({ s, length }) =>
      fc.tuple(floats(s, dyadic(-1, 1)), floats(s, dyadic(-1, 1)), floats([length, ...s], dyadic(-1, 1))),
    ({ s, length, reverse }, dtype) => ({
      body: graphOf([aval(s, dtype), aval(s, dtype), aval(s, dtype)], (w, carry, x) => {
        const next = e.sin(p.add(p.mul(w!, carry!), x!))
        return [next, p.mul(next, x!)]
      }),
      consts: 1,
      carry: 1,
      length,
      reverse,
    }),
  ),
  linear: [],
  ulps: 16,
}

const looping: Entry = {
  cases: caseOf(
    shapes(0, 1),
    (s) => fc.tuple(ints([], 0, 5), floats(s, dyadic(-1, 1)), ints([], 0, 1), floats(s, dyadic(-1, 1))),
    (s, dtype) => ({
      test: graphOf([aval([], 'int32'), aval([], 'int32'), aval(s, dtype)], (n, i) => [p.less(i!, n!)]),
      body: graphOf([aval(s, dtype), aval([], 'int32'), aval(s, dtype)], (w, i, x) => [
        p.add(i!, i32([1], [])),
        e.sin(p.add(p.mul(w!, x!), x!)),
      ]),
      testConsts: 1,
      bodyConsts: 1,
    }),
  ),
  linear: [],
  ulps: 16,
}

const square2 = (x: Tensor, y: Tensor): Tensor => p.mul(p.square(x), e.sin(y))
const operations: readonly OpSpec[] = [
  { name: 'derived', expand: (x, y) => [square2(x!, y!), p.add(x!, y!)] },
  {
    name: 'with a jvp',
    expand: (x, y) => [square2(x!, y!)],
    jvp: ([x, y], [tx, ty]) => [
      p.add(p.mul(tx!, p.mul(p.scale(x!, 2), e.sin(y!))), p.mul(ty!, p.mul(p.square(x!), e.cos(y!)))),
    ],
  },
  {
    name: 'with a vjp',
    expand: (x, y) => [square2(x!, y!)],
    reverse: {
      forward: ([x, y]) => ({ outs: [square2(x!, y!)], residuals: [x!, y!] }),
      backward: ([x, y], [ct]) => [
        p.mul(ct!, p.mul(p.scale(x!, 2), e.sin(y!))),
        p.mul(ct!, p.mul(p.square(x!), e.cos(y!))),
      ],
    },
  },
  { name: 'recomputed', expand: (x, y) => [square2(e.sin(x!), y!)], recompute: () => false },
  {
    name: 'partly recomputed',
    expand: (x, y) => [square2(e.sin(x!), y!)],
    recompute: (n) => n.op.name === 'sin',
  },
  {
    name: 'linear',
    expand: (x, y) => [p.mul(e.sin(x!), y!)],
    linear: { from: 1, adjoint: ([x], [ct]) => [p.mul(e.sin(x!), ct!)] },
  },
]
const opParams = (spec: OpSpec, shape: readonly number[], dtype: Float): Params => {
  const graph = graphOf([aval(shape, dtype), aval(shape, dtype)], spec.expand)
  return { spec, graph: () => graph, outs: graph.outputs.map((s) => aval(s.shape, s.dtype)) }
}
const defined: Entry = {
  cases: caseOf(
    fc.record({ shape: shapes(0, 2), spec: fc.constantFrom(...operations) }),
    ({ shape }) => fc.tuple(floats(shape), floats(shape)),
    ({ shape, spec }, dtype) => opParams(spec, shape, dtype),
  ),
  linear: [],
  ulps: 8,
}

export const samples: Readonly<Record<string, Entry>> = {
  constant: {
    cases: shapes()
      .chain((s) => floats(s))
      .map((value) => ({
        draws: [[], [], []],
        params: (dtype: Float) => ({ value: convert(value, dtype) }),
      })),
  },

  // structure
  reshape: linearIn(shapeAnd(reshaped), (shape) => ({ shape })),
  permute: linearIn(
    shapeAnd((s) => order(s.length)),
    (perm) => ({ perm }),
  ),
  broadcast: broadcasting,
  sum: linearIn(
    shapeAnd((s) => subset(s.length)),
    (axes) => ({ axes }),
  ),
  slice: slicing,
  pad: padding,
  reverse: linearIn(
    shapeAnd((s) => subset(s.length)),
    (axes) => ({ axes }),
  ),
  concat: concatenation,
  select: selections,
  convert: conversions,
  tag: linearIn(
    shapeAnd(() => fc.constant('here')),
    (name) => ({ name }),
  ),

  // arithmetic
  neg: { ...unary(p.negP), ...one },
  add: { ...binary(p.addP), linear: [[0, 1], [0], [1]] },
  sub: { ...binary(p.subP), linear: [[0, 1], [0], [1]] },
  mul: { ...binary(p.mulP), linear: [[0], [1]] },
  strongMul: { ...binary(p.strongMulP), linear: [[0], [1]] },
  div: { ...binary(p.divP), linear: [[0]] },
  mod: binary(p.modP, real, [1, 4]),
  max: binary(p.maxP),
  min: binary(p.minP),
  clamp: elementwise(as(p.clampP), [
    [-4, 4],
    [-2, -1 / 2],
    [1 / 2, 2],
  ]),
  abs: unary(p.absP),

  // exponentials, powers
  exp: unary(e.expP),
  expm1: unary(e.expm1P),
  log: unary(e.logP, 0, 4),
  log1p: unary(e.log1pP, -1, 4),
  sqrt: unary(e.sqrtP, 0, 4),
  rsqrt: unary(e.rsqrtP, 0, 4),
  cbrt: unary(e.cbrtP),
  integerPow: elementwise(as(e.integerPowP), [[-3, 3]], {
    params: fc.integer({ min: -3, max: 5 }).map((n) => ({ n })),
  }),
  pow: binary(e.powP, [0, 3], [-3, 3]),

  // circular and hyperbolic
  sin: unary(e.sinP),
  cos: unary(e.cosP),
  tan: unary(e.tanP, -1.25, 1.25),
  asin: unary(e.asinP, -1, 1),
  acos: unary(e.acosP, -1, 1),
  atan: unary(e.atanP),
  atan2: elementwise(as(e.atan2P), [real, real], {
    distance: (y, x) => (x! < 0 ? y! : Math.hypot(y!, x!)),
  }),
  sinh: unary(e.sinhP),
  cosh: unary(e.coshP),
  tanh: unary(e.tanhP),
  sech2: unary(e.sech2P),
  asinh: unary(e.asinhP),
  acosh: unary(e.acoshP, 1, 4),
  atanh: unary(e.atanhP, -1, 1),
  sigmoid: unary(e.sigmoidP, -8, 8),
  softplus: unary(e.softplusP, -8, 8),
  relu: unary(e.reluP),

  // error and gamma functions
  erf: unary(e.erfP, -3, 3),
  erfc: unary(e.erfcP, -3, 5),
  erfInv: unary(e.erfInvP, -1, 1),
  lgamma: unary(e.lgammaP, 1 / 4, 6),
  digamma: unary(e.digammaP, 1 / 4, 6),
  polygamma: elementwise(as(e.polygammaP), [[1 / 2, 6]], {
    params: fc.integer({ min: 1, max: 3 }).map((n) => ({ n })),
  }),

  // reductions and order
  reduceMax: reductions({ transpose: 'nonlinear' } as AnyRow),
  reduceMin: reductions({ transpose: 'nonlinear' } as AnyRow),
  argmax: {
    cases: caseOf(
      alongAxis(fullAxis),
      ({ shape }) => distinct(shape).map((x) => [x]),
      ({ rest }) => ({ axis: rest }),
    ),
  },
  argmin: {
    cases: caseOf(
      alongAxis(fullAxis),
      ({ shape }) => distinct(shape).map((x) => [x]),
      ({ rest }) => ({ axis: rest }),
    ),
  },
  cumsum: linearIn(
    alongAxis().chain(({ shape, rest }) =>
      fc.boolean().map((backwards) => ({ shape, rest: { axis: rest, backwards } })),
    ),
    (rest) => rest,
  ),
  sort: sorting,

  // indexing and contraction
  gather: gathering,
  scatterAdd: scattering,
  dynamicSlice: dynamicSlices,
  dynamicUpdate: dynamicUpdates,
  dot: dots,
  conv: convolutions,

  ...matrices,

  // random numbers
  fma: elementwise(as(r.fmaP), [real, real, real]),
  randomBits: {
    cases: caseOf(
      fc.record({
        keys: shapes(0, 2),
        shape: shapes(0, 2),
        word: fc.constantFrom('bits', 'float32', 'float64hi', 'float64lo'),
      }),
      ({ keys }) => words([...keys, 2]).map((k) => [k]),
      ({ shape, word }) => ({ shape, word }),
    ),
  },
  randomSplit: {
    cases: caseOf(
      fc.record({ keys: shapes(0, 2), n: axis }),
      ({ keys }) => words([...keys, 2]).map((k) => [k]),
      ({ n }) => ({ n }),
    ),
  },
  foldIn: { cases: caseOf(shapes(0, 2), (keys) => fc.tuple(words([...keys, 2]), words(keys))) },

  // no tangent
  stopGradient: { ...unary({ kinks: 'none' } as AnyRow), stopped: true },
  sign: unary(p.signP),
  floor: unary(p.floorP),
  ceil: unary(p.ceilP),
  trunc: unary(p.truncP),
  round: unary(p.roundP),
  isFinite: classification,
  isNaN: classification,
  equal: binary(p.equalP),
  notEqual: binary(p.notEqualP),
  less: binary(p.lessP),
  lessEqual: binary(p.lessEqualP),
  greater: binary(p.greaterP),
  greaterEqual: binary(p.greaterEqualP),
  logicalAnd: booleans(2),
  logicalOr: booleans(2),
  logicalNot: booleans(1),

  // control
  cond: conditional,
  scan: scanning,
  while: looping,
  op: defined,
}

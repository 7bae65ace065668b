import type { Tensor } from '@cotangent/core'
import * as core from '@cotangent/core'
import fc from 'fast-check'
import { dyadic, f64, fullAxis, i32, shapes } from './generate.js'

// The public operations, each with the arguments that its laws are tried on: shapes are generated, broadcasting
// included, and values keep away from kinks and poles, which the tests of conventions visit.

type Fn = (...xs: Tensor[]) => Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>
/** A function of float64 tensors, and a point. */
export interface Sample {
  readonly f: Fn
  readonly args: readonly Tensor[]
}
export type Samples = fc.Arbitrary<Sample>

const size = (s: readonly number[]) => s.reduce((a, b) => a * b, 1)

/** Values that are pairwise at least 1/4 apart, in random order, offset from 0 and from each other's negatives. */
const apart = (shape: readonly number[], lo = -2, scale = 1): fc.Arbitrary<Tensor> => {
  const n = size(shape)
  return fc
    .tuple(
      fc.shuffledSubarray(
        Array.from({ length: n }, (_, i) => i),
        { minLength: n, maxLength: n },
      ),
      fc.integer({ min: 1, max: 6 }),
    )
    .map(([order, jitter]) =>
      f64(
        order.map((k) => lo + scale * (k / 4 + jitter / 64 + 3 / 128)),
        shape,
      ),
    )
}
const values = (shape: readonly number[], lo: number, hi: number): fc.Arbitrary<Tensor> =>
  fc.array(dyadic(lo, hi), { minLength: size(shape), maxLength: size(shape) }).map((v) => f64(v, shape))
const full = (min = 0, max = 3) => shapes(min, max, fullAxis)

/** Two shapes that broadcast: some leading axes dropped, some lengths 1, on either side. */
const pair: fc.Arbitrary<readonly [number[], number[]]> = full().chain((s) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: s.length }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: s.length, maxLength: s.length }),
      fc.boolean(),
    )
    .map(([drop, ones, swap]) => {
      const a = s.map((d, i) => (ones[i] === 1 ? 1 : d))
      const b = s.map((d, i) => (ones[i] === 2 ? 1 : d)).slice(drop)
      return swap ? ([b, a] as const) : ([a, b] as const)
    }),
)

const un = (f: unknown, lo = -2, hi = 2): Samples =>
  full()
    .chain((s) => values(s, lo, hi))
    .map((x) => ({ f: f as Fn, args: [x] }))
/** One operand away from 0 and from integers and halves. */
const generic = (f: unknown): Samples =>
  full()
    .chain((s) => apart(s, -1.5, 0.8))
    .map((x) => ({ f: f as Fn, args: [x] }))
const bin = (
  f: unknown,
  [alo, ahi]: readonly [number, number] = [-2, 2],
  [blo, bhi]: readonly [number, number] = [-2, 2],
): Samples =>
  pair
    .chain(([a, b]) => fc.tuple(values(a, alo, ahi), values(b, blo, bhi)))
    .map((args) => ({ f: f as Fn, args }))
/** Two operands that never meet. */
const binApart = (f: unknown): Samples =>
  pair
    .chain(([a, b]) => fc.tuple(apart(a, -1.9, 1.3), apart(b, -1.75, 0.9)))
    .filter(([a, b]) =>
      [...a.toTypedArray()].every((x) =>
        [...b.toTypedArray()].every(
          (y) =>
            Math.abs(x - y) > 0.05 &&
            Math.abs(x) > 0.05 &&
            Math.abs(y) > 0.05 &&
            Math.abs(x / y - Math.round(x / y)) > 0.03,
        ),
      ),
    )
    .map((args) => ({ f: f as Fn, args }))

/** A reduction with and without axes. */
const reduction = (
  f: (x: Tensor, o: { axis?: number | number[]; keepDims?: boolean }) => Tensor,
  lo = -2,
  scale = 0.7,
): Samples =>
  full(1, 3).chain((s) =>
    fc
      .tuple(
        apart(s, lo, scale),
        fc.option(
          fc.subarray(
            s.map((_, i) => i),
            { minLength: 1 },
          ),
          { nil: undefined },
        ),
        fc.boolean(),
      )
      .map(([x, axis, keepDims]) => ({
        f: ((t: Tensor) =>
          f(
            t,
            axis === undefined
              ? { keepDims }
              : { axis: axis.length === 1 ? axis[0]! - s.length : axis, keepDims },
          )) as Fn,
        args: [x],
      })),
  )
const along = (f: (x: Tensor, axis: number) => unknown): Samples =>
  full(1, 3).chain((s) =>
    fc
      .tuple(apart(s, -1.4, 0.8), fc.integer({ min: -s.length, max: s.length - 1 }))
      .map(([x, axis]) => ({ f: ((t: Tensor) => f(t, axis)) as Fn, args: [x] })),
  )
const at = (f: unknown, ...shapesOf: readonly (readonly number[])[]): Samples =>
  fc.tuple(...shapesOf.map((s) => values(s, -2, 2))).map((args) => ({ f: f as Fn, args }))
const oneOf = (...samples: readonly Samples[]): Samples => fc.oneof(...samples)
/** A well-conditioned square matrix. */
const regular = (n: number): fc.Arbitrary<Tensor> =>
  values([n, n], -1, 1).map((x) => core.add(x, core.mul(2 + n / 2, core.eye(n, 'float64'))) as Tensor)
const square = (f: unknown): Samples =>
  fc
    .integer({ min: 1, max: 3 })
    .chain(regular)
    .map((x) => ({ f: f as Fn, args: [x] }))
const symmetric = (f: (x: Tensor) => unknown): Samples =>
  fc
    .integer({ min: 1, max: 3 })
    .chain((n) =>
      values([n, n], -0.25, 0.25).map(
        (x) => core.add(x, core.diag(core.linspace(1, n + 1, n, 'float64') as Tensor)) as Tensor,
      ),
    )
    .map((x) => ({ f: ((t: Tensor) => f(core.add(t, core.transpose(t)) as Tensor)) as Fn, args: [x] }))
const tall = (f: unknown): Samples =>
  fc
    .constantFrom([3, 2], [2, 2], [3, 1])
    .chain(([m, n]) =>
      values([m!, n!], -0.25, 0.25).map(
        (x) =>
          core.add(
            x,
            f64(
              Array.from({ length: m! * n! }, (_, i) => (Math.floor(i / n!) === i % n! ? 2 + (i % n!) : 0)),
              [m!, n!],
            ),
          ) as Tensor,
      ),
    )
    .map((x) => ({ f: f as Fn, args: [x] }))

const { linalg: la } = core
const idx = (v: readonly number[], s: readonly number[] = [v.length]) => i32(v, s)

export const publicOps: Readonly<Record<string, Samples>> = {
  add: bin(core.add),
  sub: bin(core.sub),
  mul: bin(core.mul),
  div: bin(core.div, [-2, 2], [0.5, 3]),
  strongMul: bin(core.strongMul, [0.25, 2]),
  pow: oneOf(
    bin(core.pow, [0.5, 2]),
    generic((x: Tensor) => core.pow(x, 3)),
    generic((x: Tensor) => core.pow(x, -2)),
    generic((x: Tensor) => core.pow(x, 0)),
  ),
  mod: binApart(core.mod),
  maximum: binApart(core.maximum),
  minimum: binApart(core.minimum),
  hypot: bin(core.hypot, [0.25, 2], [-2, -0.25]),
  logaddexp: bin(core.logaddexp),
  xlogy: bin(core.xlogy, [0.25, 2], [0.25, 3]),
  atan2: bin(core.atan2, [0.25, 2]),
  where: pair
    .chain(([a, b]) => fc.tuple(values(a, -2, 2), values(b, -2, 2)))
    .map((args) => ({
      f: ((a: Tensor, b: Tensor) =>
        core.where(core.less(core.stopGradient(core.add(core.mul(a, 0), 0.5)), 1), a, b)) as Fn,
      args,
    })),
  tag: un((x: Tensor) => core.tag(x, 'name')),
  neg: un(core.neg),
  abs: generic(core.abs),
  square: un(core.square),
  sqrt: un(core.sqrt, 0.25, 3),
  rsqrt: un(core.rsqrt, 0.25, 3),
  cbrt: un(core.cbrt, 0.25, 3),
  reciprocal: un(core.reciprocal, 0.5, 3),
  exp: un(core.exp),
  expm1: un(core.expm1),
  log: un(core.log, 0.25, 3),
  log1p: un(core.log1p, -0.5, 3),
  log2: un(core.log2, 0.25, 3),
  sin: un(core.sin),
  cos: un(core.cos),
  tan: un(core.tan, -1, 1),
  asin: un(core.asin, -0.75, 0.75),
  acos: un(core.acos, -0.75, 0.75),
  atan: un(core.atan),
  sinh: un(core.sinh),
  cosh: un(core.cosh),
  tanh: un(core.tanh),
  asinh: un(core.asinh),
  acosh: un(core.acosh, 1.25, 3),
  atanh: un(core.atanh, -0.75, 0.75),
  erf: un(core.erf),
  erfc: un(core.erfc),
  erfInv: un(core.erfInv, -0.75, 0.75),
  lgamma: un(core.lgamma, 0.5, 4),
  digamma: un(core.digamma, 0.5, 4),
  polygamma: un((x: Tensor) => core.polygamma(x, 1), 0.5, 4),
  sigmoid: un(core.sigmoid),
  softplus: un(core.softplus),
  logSigmoid: un(core.logSigmoid),
  relu: generic(core.relu),
  gelu: oneOf(
    un(core.gelu),
    un((x: Tensor) => core.gelu(x, { approximate: true })),
  ),
  silu: un(core.silu),
  elu: generic(core.elu),
  leakyRelu: generic(core.leakyRelu),
  clip: generic((x: Tensor) => core.clip(x, -0.7, 0.6)),
  cast: un((x: Tensor) => core.cast(x, 'float64')),
  sum: reduction(core.sum as never),
  mean: reduction(core.mean as never),
  prod: reduction(core.prod as never, -1.1, 0.3),
  max: reduction(core.max as never),
  min: reduction(core.min as never),
  variance: reduction(core.variance as never),
  std: full(1, 2)
    .filter((s) => size(s) > 1)
    .chain((s) => apart(s))
    .map((x) => ({ f: ((t: Tensor) => core.std(t)) as Fn, args: [x] })),
  norm: oneOf(
    reduction(core.norm as never),
    reduction(((x: Tensor, o: object) => core.norm(x, { ...o, ord: 1 })) as never),
    reduction(((x: Tensor, o: object) => core.norm(x, { ...o, ord: 3 })) as never, 0.25),
  ),
  logsumexp: reduction(core.logsumexp as never),
  cumsum: along((x, axis) => core.cumsum(x, { axis })),
  cumprod: along((x, axis) => core.cumprod(x, { axis })),
  cummax: along((x, axis) => core.cummax(x, { axis })),
  cummin: along((x, axis) => core.cummin(x, { axis })),
  softmax: along((x, axis) => core.softmax(x, { axis })),
  logSoftmax: along((x, axis) => core.logSoftmax(x, { axis })),
  sort: along((x, axis) => core.sort(x, { axis })),
  flip: along((x, axis) => core.flip(x, { axis })),
  topK: full(1, 2)
    .chain((s) => apart(s))
    .map((x) => ({ f: ((t: Tensor) => core.topK(t, 1).values) as Fn, args: [x] })),
  reshape: at((x: Tensor) => core.reshape(x, [3, -1]), [2, 3]),
  transpose: oneOf(
    at(core.transpose, [2, 3]),
    at((x: Tensor) => core.transpose(x, [2, 0, 1]), [2, 3, 1]),
  ),
  broadcastTo: at((x: Tensor) => core.broadcastTo(x, [2, 2, 3]), [2, 1]),
  expandDims: at((x: Tensor) => core.expandDims(x, 1), [2, 3]),
  squeeze: at(core.squeeze, [2, 1, 3]),
  concat: at((x: Tensor, y: Tensor) => core.concat([x, y], { axis: 1 }), [2, 1], [2, 3]),
  stack: at((x: Tensor, y: Tensor) => core.stack([x, y], { axis: -1 }), [2, 3], [2, 3]),
  split: at((x: Tensor) => core.split(x, 2, { axis: 1 }), [2, 4]),
  slice: at((x: Tensor) => core.slice(x, [1, -1], [3, null] as never, [1, 1]), [4, 3]),
  pad: at(
    (x: Tensor) =>
      core.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        { value: 3 },
      ),
    [2, 2],
  ),
  roll: at((x: Tensor) => core.roll(x, 2, { axis: 0 }), [3, 2]),
  tile: at((x: Tensor) => core.tile(x, [2, 2]), [2, 3]),
  repeat: at((x: Tensor) => core.repeat(x, 2, { axis: 1 }), [2, 2]),
  diag: oneOf(at(core.diag, [3]), at(core.diag, [3, 2])),
  tril: at(core.tril, [3, 3]),
  triu: at(core.triu, [2, 3]),
  matmul: oneOf(
    at(core.matmul, [2, 3], [3, 2]),
    at(core.matmul, [2, 1, 2, 3], [3, 3, 1]),
    at(core.matmul, [3], [3]),
    at(core.matmul, [3], [2, 3, 2]),
  ),
  dot: at(core.dot, [2, 3], [3]),
  outer: at(core.outer, [2], [3]),
  einsum: oneOf(
    at((x: Tensor, y: Tensor) => core.einsum('ij,jk->ki', x, y), [2, 3], [3, 2]),
    at((x: Tensor) => core.einsum('ii->i', x), [3, 3]),
    at((x: Tensor, y: Tensor, z: Tensor) => core.einsum('...i,ij,j->...', x, y, z), [2, 3], [3, 2], [2]),
  ),
  tensordot: at((x: Tensor, y: Tensor) => core.tensordot(x, y, 1), [2, 3], [3, 2]),
  take: at((x: Tensor) => core.take(x, idx([2, 0, 2, -1]), { axis: 0 }), [3, 2]),
  takeAlongAxis: at((x: Tensor) => core.takeAlongAxis(x, idx([0, 0, 2, 1], [2, 2]), { axis: 1 }), [2, 3]),
  scatterAdd: at((x: Tensor, u: Tensor) => core.scatterAdd(x, idx([1, 1, 0]), u), [3, 2], [3, 2]),
  conv: oneOf(
    at((x: Tensor, w: Tensor) => core.conv(x, w, { strides: 2, padding: 'same' }), [1, 5, 2], [3, 2, 1]),
    at(
      (x: Tensor, w: Tensor) => core.conv(x, w, { dilation: 2, groups: 2, padding: 1 }),
      [1, 4, 4, 2],
      [2, 2, 1, 2],
    ),
  ),
  convTranspose: at((x: Tensor, w: Tensor) => core.convTranspose(x, w, { strides: 2 }), [1, 3, 1], [2, 1, 2]),
  maxPool: fc
    .constant([1, 4, 4, 1])
    .chain((s) => apart(s))
    .map((x) => ({ f: ((t: Tensor) => core.maxPool(t, { window: 2 })) as Fn, args: [x] })),
  avgPool: at((x: Tensor) => core.avgPool(x, { window: 2, strides: 1, padding: 'same' }), [1, 3, 3, 1]),
  'linalg.cholesky': symmetric((x) => la.cholesky(core.matmul(x, core.transpose(x)))),
  'linalg.solve': fc.tuple(regular(3), values([3, 2], -2, 2)).map((args) => ({ f: la.solve as Fn, args })),
  'linalg.triangularSolve': fc.tuple(regular(3), values([3, 2], -2, 2)).map((args) => ({
    f: ((a: Tensor, b: Tensor) => la.triangularSolve(a, b, { lower: true })) as Fn,
    args,
  })),
  'linalg.inv': square(la.inv),
  'linalg.det': square(la.det),
  'linalg.slogdet': square((x: Tensor) => la.slogdet(x).logabsdet),
  'linalg.qr': tall((x: Tensor) => la.qr(x)),
  'linalg.eigh': symmetric((x) => la.eigh(x)),
  'linalg.eigvalsh': symmetric((x) => la.eigvalsh(x)),
  'linalg.svd': tall((x: Tensor) => la.svd(x)),
  'linalg.svdvals': tall((x: Tensor) => la.svdvals(x)),
  'linalg.lstsq': fc
    .tuple(tall(core.neg), values([3], -2, 2))
    .filter(([s]) => s.args[0]!.shape[0] === 3)
    .map(([s, b]) => ({ f: la.lstsq as Fn, args: [s.args[0]!, b] })),
  'linalg.pinv': tall(la.pinv),
  'linalg.norm': oneOf(
    tall(la.norm),
    tall((x: Tensor) => la.norm(x, { ord: 'nuc' })),
    tall((x: Tensor) => la.norm(x, { ord: 2 })),
  ),
  'linalg.matrixPower': square((x: Tensor) => la.matrixPower(x, -2)),
  'linalg.expm': at(la.expm, [2, 2]),
  'linalg.trace': at(la.trace, [3, 3]),
}

/** Exported functions that are no differentiable operation: creation, comparison, steps, transforms, classes. */
export const notDifferentiable: readonly string[] = [
  'tensor',
  'zeros',
  'ones',
  'full',
  'eye',
  'arange',
  'linspace',
  'zerosLike',
  'onesLike',
  'oneHot',
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
  'logicalAnd',
  'logicalOr',
  'logicalNot',
  'isFinite',
  'isNaN',
  'all',
  'any',
  'argmax',
  'argmin',
  'argsort',
  'linalg.matrixRank',
  'sign',
  'floor',
  'ceil',
  'round',
  'trunc',
  'stopGradient',
  'grad',
  'valueAndGrad',
  'vjp',
  'jvp',
  'linearize',
  'jacobian',
  'hessian',
  'hvp',
  'vmap',
  'jit',
  'checkpoint',
  'defineOp',
  'customVjp',
  'customJvp',
  'cond',
  'whileLoop',
  'foriLoop',
  'scan',
  'implicitRoot',
  'linearSolve',
  'trace',
  'Graph',
  'Tensor',
  'CotangentError',
]

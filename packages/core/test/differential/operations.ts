import type { Tensor } from '@cotangent/core'
import * as ct from '@cotangent/core'

/** What a step passes besides tensors; the operation knows what it expects. */
export type Params = Readonly<Record<string, unknown>>

export interface Step {
  readonly op: string
  readonly args: readonly number[]
  readonly params?: Params
}

type Operation = (xs: readonly Tensor[], p: Params) => Tensor
type Axis = { readonly axis: number }
type Reduction = { readonly axis?: number | number[]; readonly keepDims?: boolean }

const int32 = (nested: unknown): Tensor => ct.tensor(nested as number[], { dtype: 'int32' })
const positive = (x: Tensor) => ct.greater(x, 0)
const { linalg } = ct

const unary = {
  neg: ct.neg,
  abs: ct.abs,
  square: ct.square,
  sqrt: ct.sqrt,
  rsqrt: ct.rsqrt,
  cbrt: ct.cbrt,
  reciprocal: ct.reciprocal,
  exp: ct.exp,
  expm1: ct.expm1,
  log: ct.log,
  log1p: ct.log1p,
  log2: ct.log2,
  sin: ct.sin,
  cos: ct.cos,
  tan: ct.tan,
  asin: ct.asin,
  acos: ct.acos,
  atan: ct.atan,
  sinh: ct.sinh,
  cosh: ct.cosh,
  tanh: ct.tanh,
  asinh: ct.asinh,
  acosh: ct.acosh,
  atanh: ct.atanh,
  erf: ct.erf,
  erfc: ct.erfc,
  erfInv: ct.erfInv,
  lgamma: ct.lgamma,
  digamma: ct.digamma,
  sigmoid: ct.sigmoid,
  softplus: ct.softplus,
  logSigmoid: ct.logSigmoid,
  silu: ct.silu,
  relu: ct.relu,
  elu: ct.elu,
  leakyRelu: ct.leakyRelu,
  gelu: ct.gelu,
  stopGradient: ct.stopGradient,
} as const

/** Constant between jumps: times the argument, so that there is something to differentiate. */
const stepwise = { sign: ct.sign, floor: ct.floor, ceil: ct.ceil, trunc: ct.trunc, round: ct.round }

const binary = {
  add: ct.add,
  sub: ct.sub,
  mul: ct.mul,
  div: ct.div,
  pow: ct.pow,
  atan2: ct.atan2,
  hypot: ct.hypot,
  logaddexp: ct.logaddexp,
  xlogy: ct.xlogy,
  maximum: ct.maximum,
  minimum: ct.minimum,
  mod: ct.mod,
}

const comparisons = {
  equal: ct.equal,
  notEqual: ct.notEqual,
  less: ct.less,
  lessEqual: ct.lessEqual,
  greater: ct.greater,
  greaterEqual: ct.greaterEqual,
}

const reductions = {
  sum: ct.sum,
  mean: ct.mean,
  prod: ct.prod,
  max: ct.max,
  min: ct.min,
  variance: ct.variance,
  std: ct.std,
  norm: ct.norm,
  logsumexp: ct.logsumexp,
}

const alongAxis = {
  cumsum: ct.cumsum,
  cumprod: ct.cumprod,
  cummax: ct.cummax,
  softmax: ct.softmax,
  logSoftmax: ct.logSoftmax,
  sort: ct.sort,
  flip: ct.flip,
}

const table = <F>(row: Readonly<Record<string, F>>, as: (f: F) => Operation): Record<string, Operation> =>
  Object.fromEntries(Object.entries(row).map(([name, f]) => [name, as(f)]))

const gatherAt = (index: Tensor, x: Tensor, axis: number): Tensor => ct.takeAlongAxis(x, index, { axis })
const steps = (p: Params, key: string): readonly Step[] => p[key] as readonly Step[]
const last = (values: readonly Tensor[]): Tensor => values.at(-1)!

const matrices: Record<string, Operation> = {
  gram: ([a]) => ct.add(ct.matmul(a!, ct.transpose(a!)), ct.eye(a!.shape[0]!, 'float64')),
  cholesky: ([a]) => linalg.cholesky(a!),
  solve: ([a, b]) => linalg.solve(a!, b!),
  triangularSolve: ([a, b], { lower, transposed }) =>
    linalg.triangularSolve(a!, b!, { lower: lower as boolean, transpose: transposed as boolean }),
  inv: ([a]) => linalg.inv(a!),
  det: ([a]) => linalg.det(a!),
  slogdet: ([a]) => linalg.slogdet(a!).logabsdet,
  // The signs of the rows of R, of eigenvectors and of singular vectors are free: results that do not depend on them.
  qr: ([a], { part }) => {
    const { q, r } = linalg.qr(a!)
    const s = ct.stopGradient(ct.sign(ct.diag(r)))
    return part === 'q' ? ct.mul(q, s) : ct.mul(r, ct.expandDims(s, 1))
  },
  eigh: ([a], { part }) => (part === 'values' ? linalg.eigh(a!).values : ct.square(linalg.eigh(a!).vectors)),
  eigvalsh: ([a]) => linalg.eigvalsh(a!),
  svd: ([a], { part }) => ct.square(linalg.svd(a!)[part as 'u' | 'vt']),
  svdvals: ([a]) => linalg.svdvals(a!),
  lstsq: ([a, b]) => linalg.lstsq(a!, b!),
  expm: ([a]) => linalg.expm(a!),
  matrixPower: ([a], { n }) => linalg.matrixPower(a!, n as number),
}

const control: Record<string, Operation> = {
  scan: ([init, xs, constant], p) => {
    const body = (c: Tensor, x: Tensor) => {
      const values = run([c, x, constant!], steps(p, 'body'))
      return [values.at(-1)!, values.at(-2)!] as const
    }
    const [carry, ys] = ct.scan(body, init!, xs!, { reverse: p.reverse as boolean })
    return ct.add(ys, carry)
  },
  foriLoop: ([init, constant], p) =>
    ct.foriLoop(
      p.n as number,
      (i: Tensor, c: Tensor) =>
        last(run([c, constant!, ct.mul(ct.cast(ct.add(i, 1), 'float64'), 0.25)], steps(p, 'body'))),
      init!,
    ),
  cond: ([x, constant], p) =>
    ct.cond(
      ct.greater(ct.sum(x!), p.above as number),
      (v: Tensor) => last(run([v, constant!], steps(p, 'yes'))),
      (v: Tensor) => last(run([v, constant!], steps(p, 'no'))),
      x!,
    ),
  whileLoop: ([x, constant], p) =>
    ct.whileLoop(
      (v: Tensor) => ct.less(ct.sum(ct.mul(v, v)), p.below as number),
      (v: Tensor) => ct.add(ct.mul(v, 1.5), ct.mul(last(run([v, constant!], steps(p, 'body'))), 0.25)),
      x!,
    ),
}

const convolution: Operation = ([x, w], p) =>
  ct.conv(x!, w!, p as { strides: number[]; padding: [number, number][]; dilation: number[]; groups: number })

/** The name of a step in programs.json -> the public operations that compute it. */
export const operations: Readonly<Record<string, Operation>> = {
  ...table(
    unary,
    (f) =>
      ([x]) =>
        f!(x!),
  ),
  ...table(
    stepwise,
    (f) =>
      ([x]) =>
        ct.mul(f(x!), x!),
  ),
  ...table(
    binary,
    (f) =>
      ([x, y], { k }) =>
        f(x!, y ?? (k as number)),
  ),
  ...table(
    comparisons,
    (f) =>
      ([a, b, x, y]) =>
        ct.where(f(a!, b!), x!, y!),
  ),
  ...table(
    reductions,
    (f) =>
      ([x], p) =>
        f(x!, p as Reduction),
  ),
  ...table(
    alongAxis,
    (f) =>
      ([x], p) =>
        f(x!, p as Axis),
  ),
  ...matrices,
  ...control,
  logicalAnd: ([x, y]) => ct.where(ct.logicalAnd(positive(x!), positive(y!)), x!, y!),
  logicalOr: ([x, y]) => ct.where(ct.logicalOr(positive(x!), positive(y!)), x!, y!),
  logicalNot: ([x, y]) => ct.where(ct.logicalNot(positive(x!)), x!, y!),
  // No mask inside: the branch that is not selected is NaN.
  where: ([x, y]) => ct.where(positive(x!), ct.log(x!), y!),
  clip: ([x], { lo, hi }) => ct.clip(x!, lo as number, hi as number),
  polygamma: ([x], { n }) => ct.polygamma(x!, n as number),
  isFinite: ([x]) => ct.where(ct.isFinite(x!), x!, 0),
  isNaN: ([x]) => ct.where(ct.isNaN(x!), 0, x!),
  all: ([x], { axis }) =>
    ct.where(ct.all(positive(x!), { axis: axis as number, keepDims: true }), x!, ct.neg(x!)),
  any: ([x], { axis }) =>
    ct.where(ct.any(positive(x!), { axis: axis as number, keepDims: true }), x!, ct.neg(x!)),
  argmax: ([x, y], { axis }) =>
    gatherAt(ct.argmax(x!, { axis: axis as number, keepDims: true }), y!, axis as number),
  argmin: ([x, y], { axis }) =>
    gatherAt(ct.argmin(x!, { axis: axis as number, keepDims: true }), y!, axis as number),
  argsort: ([x, y], { axis }) => gatherAt(ct.argsort(x!, { axis: axis as number }), y!, axis as number),
  topK: ([x], { k }) => ct.topK(x!, k as number).values,
  reshape: ([x], { shape }) => ct.reshape(x!, shape as number[]),
  transpose: ([x], { perm }) => (perm === undefined ? ct.transpose(x!) : ct.transpose(x!, perm as number[])),
  broadcastTo: ([x], { shape }) => ct.broadcastTo(x!, shape as number[]),
  expandDims: ([x], { axis }) => ct.expandDims(x!, axis as number),
  squeeze: ([x], { axis }) => ct.squeeze(x!, axis as number),
  concat: (xs, { axis }) => ct.concat(xs, { axis: axis as number }),
  stack: (xs, { axis }) => ct.stack(xs, { axis: axis as number }),
  split: ([x], { parts, axis, part }) =>
    ct.split(x!, parts as number, { axis: axis as number })[part as number]!,
  slice: ([x], { begin, end, strides }) =>
    ct.slice(x!, begin as number[], end as number[], strides as number[]),
  pad: ([x], { pads, value }) => ct.pad(x!, pads as [number, number][], { value: value as number }),
  roll: ([x], { shift, axis }) => ct.roll(x!, shift as number, { axis: axis as number }),
  tile: ([x], { reps }) => ct.tile(x!, reps as number[]),
  repeat: ([x], { n, axis }) => ct.repeat(x!, n as number, { axis: axis as number }),
  diag: ([x]) => ct.diag(x!),
  tril: ([x]) => ct.tril(x!),
  triu: ([x]) => ct.triu(x!),
  matmul: ([x, y]) => ct.matmul(x!, y!),
  dot: ([x, y]) => ct.dot(x!, y!),
  outer: ([x, y]) => ct.outer(x!, y!),
  einsum: (xs, { spec }) => ct.einsum(spec as string, ...xs),
  tensordot: ([x, y], { axes }) => ct.tensordot(x!, y!, axes as number),
  take: ([x], { indices, axis }) => ct.take(x!, int32(indices), { axis: axis as number }),
  takeAlongAxis: ([x], { indices, axis }) => gatherAt(int32(indices), x!, axis as number),
  scatterAdd: ([x, updates], { indices }) => ct.scatterAdd(x!, int32(indices), updates!),
  oneHot: ([x], { indices }) => ct.matmul(ct.cast(ct.oneHot(int32(indices), x!.shape[0]!), 'float64'), x!),
  conv1d: convolution,
  conv2d: convolution,
  maxPool: ([x], p) => ct.maxPool(x!, p as { window: number[]; strides: number[] }),
  avgPool: ([x], p) => ct.avgPool(x!, p as { window: number[]; strides: number[] }),
}

/** All values in order, those given first. Bodies of loops and branches are run by the same function. */
export const run = (values: readonly Tensor[], steps: readonly Step[]): readonly Tensor[] => {
  const known = [...values]
  for (const { op, args, params = {} } of steps) {
    const f = operations[op]
    if (f === undefined) throw new Error(`programs.json uses ${op}, which operations.ts does not have`)
    const inputs = args.map((i) => known[i]!)
    known.push(f(inputs, params))
  }
  return known
}

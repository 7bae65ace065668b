import type { Tensor } from '@cotangent/core'
import * as ct from '@cotangent/core'
import { conditional, loops } from './control.js'
import { matrices } from './matrices.js'
import { primitives } from './primitives.js'
import { shapes } from './shapes.js'

export type Params = Readonly<Record<string, unknown>>

/** A number below n, from the choices of the generator: 0 is the simplest, and what shrinking tends to. */
export type Draw = (n: number) => number

/** An operation that programs are made of. */
export interface ProgramOperation {
  readonly arity: number
  /** Parameters that fit the operands; null where none do. Absent where there are none. */
  readonly params?: (xs: readonly Tensor[], draw: Draw) => Params | null
  readonly apply: (xs: readonly Tensor[], params: Params) => Tensor
}

type Table = Readonly<Record<string, ProgramOperation>>

const table = <F>(row: Readonly<Record<string, F>>, as: (f: F) => ProgramOperation): Table =>
  Object.fromEntries(Object.entries(row).map(([name, f]) => [name, as(f)]))

const unary: Table = table(
  {
    ...{ neg: ct.neg, abs: ct.abs, square: ct.square, sqrt: ct.sqrt, rsqrt: ct.rsqrt, cbrt: ct.cbrt },
    ...{ reciprocal: ct.reciprocal, exp: ct.exp, expm1: ct.expm1, log: ct.log, log1p: ct.log1p },
    ...{ sin: ct.sin, cos: ct.cos, tan: ct.tan, asin: ct.asin, acos: ct.acos, atan: ct.atan },
    ...{ sinh: ct.sinh, cosh: ct.cosh, tanh: ct.tanh, asinh: ct.asinh, acosh: ct.acosh, atanh: ct.atanh },
    ...{ erf: ct.erf, erfc: ct.erfc, erfInv: ct.erfInv, lgamma: ct.lgamma, digamma: ct.digamma },
    ...{
      sigmoid: ct.sigmoid,
      softplus: ct.softplus,
      logSigmoid: ct.logSigmoid,
      silu: ct.silu,
      relu: ct.relu,
    },
    ...{ elu: ct.elu, gelu: ct.gelu, sign: ct.sign, floor: ct.floor, ceil: ct.ceil, trunc: ct.trunc },
    ...{ round: ct.round, isFinite: ct.isFinite, isNaN: ct.isNaN, stopGradient: ct.stopGradient },
    ...{ logicalNot: (x: Tensor) => ct.logicalNot(ct.greater(x, 0)) },
  },
  (f) => ({ arity: 1, apply: ([x]) => (f as (x: Tensor) => Tensor)(x!) }),
)

const binary: Table = table(
  {
    ...{ add: ct.add, sub: ct.sub, mul: ct.mul, div: ct.div, pow: ct.pow, atan2: ct.atan2, hypot: ct.hypot },
    ...{ maximum: ct.maximum, minimum: ct.minimum, mod: ct.mod, logaddexp: ct.logaddexp, xlogy: ct.xlogy },
    ...{ equal: ct.equal, notEqual: ct.notEqual, less: ct.less, lessEqual: ct.lessEqual },
    ...{ greater: ct.greater, greaterEqual: ct.greaterEqual, strongMul: ct.strongMul },
    ...{ logicalAnd: (x: Tensor, y: Tensor) => ct.logicalAnd(ct.greater(x, 0), ct.greater(y, 0)) },
    ...{ logicalOr: (x: Tensor, y: Tensor) => ct.logicalOr(ct.greater(x, 0), ct.greater(y, 0)) },
  },
  (f) => ({ arity: 2, apply: ([x, y]) => (f as (x: Tensor, y: Tensor) => Tensor)(x!, y!) }),
)

const someAxis = ([x]: readonly Tensor[], draw: Draw): Params | null =>
  x!.rank === 0 ? null : { axis: draw(x!.rank) }

const reductions: Table = table(
  {
    ...{ sum: ct.sum, mean: ct.mean, prod: ct.prod, max: ct.max, min: ct.min, variance: ct.variance },
    ...{ std: ct.std, norm: ct.norm, logsumexp: ct.logsumexp, all: ct.all, any: ct.any },
    ...{ argmax: ct.argmax, argmin: ct.argmin },
  },
  (f) => ({
    arity: 1,
    params: ([x], draw) => {
      const all = draw(2) === 0
      return all || x!.rank === 0 ? {} : { axis: draw(x!.rank), keepDims: draw(2) === 1 }
    },
    apply: ([x], p) => (f as (x: Tensor, p: Params) => Tensor)(x!, p),
  }),
)

const alongAxis: Table = table(
  {
    ...{ cumsum: ct.cumsum, cumprod: ct.cumprod, cummax: ct.cummax, softmax: ct.softmax },
    ...{ logSoftmax: ct.logSoftmax, sort: ct.sort, argsort: ct.argsort, flip: ct.flip },
  },
  (f) => ({ arity: 1, params: someAxis, apply: ([x], p) => (f as (x: Tensor, p: Params) => Tensor)(x!, p) }),
)

const selections: Table = {
  power: {
    arity: 1,
    params: (_, draw) => ({ n: 2 + draw(3) }),
    apply: ([x], { n }) => ct.pow(x!, n as number) as Tensor,
  },
  polygamma: {
    arity: 1,
    params: (_, draw) => ({ n: 1 + draw(2) }),
    apply: ([x], { n }) => ct.polygamma(ct.add(ct.square(x!), 1) as Tensor, n as number) as Tensor,
  },
  tag: { arity: 1, apply: ([x]) => ct.tag(x!, 'here') as Tensor },
  /** Random bits that depend on an integer of the program. */
  noise: {
    arity: 2,
    params: ([, i]) => (i!.dtype === 'int32' && i!.size > 0 ? {} : null),
    apply: ([x, i]) => {
      const which = ct.take(ct.reshape(i!, [-1]), 0, { axis: 0 }) as Tensor
      const keys = ct.random.split(ct.random.foldIn(ct.random.key(0), which), 2)
      return ct.add(x!, ct.random.uniform(ct.take(keys, 1, { axis: 0 }) as typeof keys, x!.shape)) as Tensor
    },
  },
  where: { arity: 3, apply: ([p, x, y]) => ct.where(ct.greater(p!, 0), x!, y!) as Tensor },
  clip: {
    arity: 1,
    params: (_, draw) => ({ lo: -1 - draw(3) / 2, hi: 1 + draw(3) / 2 }),
    apply: ([x], { lo, hi }) => ct.clip(x!, lo as number, hi as number) as Tensor,
  },
  cast: {
    arity: 1,
    params: (_, draw) => ({ dtype: (['float64', 'float32', 'int32', 'bool'] as const)[draw(4)]! }),
    apply: ([x], { dtype }) => ct.cast(x!, dtype as 'float32') as Tensor,
  },
}

/** Operations after which no derivative is left: they are drawn less often, as an error before them cannot be seen any more. */
export const FLAT: ReadonlySet<string> = new Set([
  ...['sign', 'floor', 'ceil', 'trunc', 'round', 'isFinite', 'isNaN', 'logicalNot', 'equal', 'notEqual'],
  ...['less', 'lessEqual', 'greater', 'greaterEqual', 'logicalAnd', 'logicalOr', 'all', 'any', 'argmax'],
  ...['argmin', 'argsort', 'oneHot'],
])

/** Everything that programs are made of, by name. */
export const OPERATIONS: Table = {
  ...unary,
  ...binary,
  ...reductions,
  ...alongAxis,
  ...selections,
  ...shapes,
  ...matrices,
  ...conditional,
  ...loops,
  ...primitives,
}

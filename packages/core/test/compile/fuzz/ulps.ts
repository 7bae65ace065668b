import { type DoubleDouble, neg } from '../../../../check/src/oracles/doubleDouble/arithmetic.js'
import * as functions from '../../../../check/src/oracles/doubleDouble/functions/index.js'
import type { Node } from '../../../src/graph/ir.js'
import { dataOf, fromData, type Tensor } from '../../../src/tensor.js'
import type { Random } from './random.js'

// Functions that are rounded: how far from the true value they may be, in units in the last place. The true value is the
// oracle's, of 106 bits.

type Fun = (...x: DoubleDouble[]) => DoubleDouble
const truth: Readonly<Record<string, unknown>> = { ...functions }

interface Bound {
  readonly float32: number
  readonly float64: number
  /** The function; undefined where the interpreter's algorithm, in float64 for float32, is what is asked for. */
  readonly of?: (node: Node) => Fun
}

const row = (name: string, float32: number, float64: number): [string, Bound] => [
  name,
  { float32, float64, of: () => truth[name] as Fun },
]

const power =
  (n: number): Fun =>
  (x) => {
    const size = functions.pow([Math.abs(x![0]), 0], [n, 0])
    return x![0] < 0 && n % 2 !== 0 ? neg(size) : size
  }

/** A little more than the largest errors that are stated in kernels/math/index.ts. */
const BOUNDS: Readonly<Record<string, Bound>> = {
  ...Object.fromEntries([
    row('exp', 1.03, 1),
    row('expm1', 1.45, 1.35),
    row('log', 0.85, 0.85),
    row('log1p', 1.45, 1.25),
    row('tanh', 1.75, 1.65),
    row('sech2', 1.95, 1.95),
    row('sigmoid', 1.75, 1.65),
    row('softplus', 1.75, 1.65),
    row('sin', 0.52, 0.8),
    row('cos', 0.52, 0.8),
    row('tan', 0.52, 2),
    row('asinh', 1.7, 1.7),
    row('acosh', 2, 2),
    row('asin', 0.52, 0.9),
    row('acos', 0.52, 0.9),
    row('atan', 0.52, 0.8),
    row('atan2', 0.52, 1.5),
    row('cbrt', 0.52, 0.7),
    row('pow', 0.52, 0.76), // subnormal results are rounded twice
    row('erf', 0.52, 1.25),
    row('erfc', 0.52, 1.45),
    row('erfInv', 0.53, 1.65),
    row('sinh', 1.7, 1.6),
    row('cosh', 1.6, 1.4),
    row('atanh', 1.7, 1.75),
    row('rsqrt', 1.5, 1.5),
  ]),
  integerPow: { float32: 2, float64: 2, of: ({ params }) => power(params.n as number) },
  lgamma: { float32: 1, float64: 1 },
  digamma: { float32: 1, float64: 1 },
  polygamma: { float32: 1, float64: 1 },
}

type Real = 'float32' | 'float64'

/** The spacing of floats about x. */
const spacing = (x: number, dtype: Real): number => {
  const exponent = ((new Uint32Array(Float64Array.of(x).buffer)[1]! >>> 20) & 2047) - 1023
  return dtype === 'float32'
    ? 2 ** (Math.min(127, Math.max(-126, exponent)) - 23)
    : 2 ** (Math.max(-1022, exponent) - 52)
}

const TOP = { float32: 2 ** 128 * (1 - 2 ** -24), float64: Number.MAX_VALUE } as const

/** How far a float is from a value, in units in the last place; beyond the largest float all numbers are the same. */
const distance = (y: number, [hi, lo]: DoubleDouble, dtype: Real): number => {
  if (Number.isNaN(y) || Number.isNaN(hi)) return Number.isNaN(y) === Number.isNaN(hi) ? 0 : Infinity
  const top = TOP[dtype]
  const within = (x: number): number => Math.max(-top, Math.min(top, x))
  if (Math.abs(hi) > top || Math.abs(y) > top) return Math.abs(within(y) - within(hi)) / spacing(top, dtype)
  // The low part of a value next to the least is rounded itself.
  const blurred = 2 ** -1074 / spacing(hi, dtype) / 2
  return Math.max(0, Math.abs(y - hi - lo) / spacing(hi, dtype) - blurred)
}

const SAMPLE = 40 // entries looked at

/** The entry that is furthest from its true value, and how far. */
export interface Worst {
  readonly ulps: number
  readonly at: number
}

/** Looks at a node's result, given what the interpreter makes of the same operands. */
export const worstOf = (
  node: Node,
  operands: readonly Tensor[],
  got: Tensor,
  want: Tensor,
  r: Random,
): Worst => {
  const dtype = got.dtype as Real
  const [y, w] = [dataOf(got), dataOf(want)]
  const x = operands.map((t) => dataOf(t))
  const f = BOUNDS[node.op.name]!.of?.(node)
  const fine = f ? undefined : dataOf(node.op.kernel(operands.map(wide), node.params, [wide(want)])[0]!)
  const ulpsAt = (i: number): number => {
    const xs = x.map((a) => a[i]!)
    const plain = xs.every((v) => Number.isFinite(v) && v !== 0)
    // What follows from zeros, infinities and NaN, and the signs of zeros, are the interpreter's.
    if ((!plain && (w[i] === 0 || !Number.isFinite(w[i]!))) || (w[i] === 0 && y[i] === 0))
      return Object.is(y[i], w[i]) ? 0 : Number.POSITIVE_INFINITY
    if (f && plain) return distance(y[i]!, f(...xs.map((v): DoubleDouble => [v, 0])), dtype)
    return distance(y[i]!, [fine ? fine[i]! : w[i]!, 0], dtype) - (f ? 0.5 : 0)
  }
  const places =
    y.length <= SAMPLE ? [...y.keys()] : Array.from({ length: SAMPLE }, () => r.int(0, y.length - 1))
  let worst: Worst = { ulps: 0, at: 0 }
  for (const at of places) {
    const ulps = ulpsAt(at)
    if (!(ulps <= worst.ulps)) worst = { ulps, at }
  }
  return worst
}

/** How far a node's result may be from its true value; undefined where nothing is said of it. */
export const boundOf = ({ op, outputs }: Node): number | undefined =>
  BOUNDS[op.name]?.[outputs[0]!.dtype as Real]

const wide = (t: Tensor): Tensor => fromData(Float64Array.from(dataOf(t)), t.shape, 'float64')

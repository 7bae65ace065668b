import type { Call, Entry, Kernel } from '../../words/kernel.js'
import {
  abs,
  add,
  ceil,
  compare,
  type DoubleDouble,
  dd,
  div,
  floor,
  mul,
  NAN,
  neg,
  round,
  signOf,
  sqrt,
  sub,
  trunc,
} from '../arithmetic.js'
import { PI } from '../constants.js'
import * as f from '../functions/index.js'
import { at, map, ofIntegers } from '../tensor.js'

// Element-wise rows: the function, and the discrete decision that it takes, if any. On one side of a decision the
// function is smooth; where operands x - hd, x and x + hd decide alike, a difference quotient is legitimate.

type Fun = (...x: DoubleDouble[]) => DoubleDouble
type Decision = (...x: DoubleDouble[]) => number

const smooth =
  (g: Fun): Kernel =>
  ({ inputs, outs }) => [map(outs[0]!, inputs, g)]

const deciding =
  (g: Fun, decision: Decision): Kernel =>
  ({ inputs, outs, decide }) => [
    map(outs[0]!, inputs, (...x) => {
      decide(decision(...x))
      return g(...x)
    }),
  ]

/** Piecewise constant: the value is the decision. */
const stepping = (g: (x: DoubleDouble) => DoubleDouble): Kernel => {
  const whole: Decision = (x) => {
    const y = g(x!)
    return (y[0] % 2 ** 31) + y[1]
  }
  return deciding((x) => g(x!), whole)
}

const predicate =
  (g: (...x: DoubleDouble[]) => boolean): Kernel =>
  ({ inputs, outs, decide }: Call) => {
    const n = inputs[0]!.hi.length
    const bits = new Uint8Array(n)
    for (let i = 0; i < n; i++) {
      bits[i] = Number(g(...inputs.map((x) => at(x, i))))
      decide(bits[i]!)
    }
    return [ofIntegers(outs[0]!, bits)]
  }
/**
 * For floats the decision of a comparison is where the operands lie, not only what came out: at equality another
 * value may be chosen than on both sides of it.
 */
const comparison =
  (holds: (order: number) => boolean): Kernel =>
  (call) => {
    const [x, y] = call.inputs
    for (let i = 0; i < x!.hi.length; i++) call.decide(compare(at(x!, i), at(y!, i)))
    return predicate((a, b) => holds(compare(a!, b!)))({ ...call, decide: () => {} })
  }

const order: Decision = (x, y) => compare(x!, y!)
const sideOfZero: Decision = (x) => signOf(x!)
const notNumber = (...x: DoubleDouble[]): boolean => x.some(([hi]) => Number.isNaN(hi))

const maximum: Fun = (x, y) =>
  notNumber(x!, y!)
    ? NAN
    : x![0] === 0 && y![0] === 0
      ? dd(Math.max(x![0], y![0]))
      : compare(x!, y!) >= 0
        ? x!
        : y!
const minimum: Fun = (x, y) => neg(maximum(neg(x!), neg(y!)))
const relu: Fun = (x) => (x![0] > 0 || Number.isNaN(x![0]) ? x! : dd(0))

const floorQuotient = (x: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  const q = floor(div(x, y))
  // The quotient is rounded, so that its floor may be one off: the remainder tells.
  const r = sub(x, mul(q, y))
  if (r[0] !== 0 && r[0] < 0 !== y[0] < 0) return sub(q, dd(1))
  return compare(abs(r), abs(y)) >= 0 ? add(q, dd(1)) : q
}
/** x - y·floor(x/y), with the sign of y. */
const mod: Fun = (x, y) => {
  // The remainder of each word is exact, whatever the size of the quotient.
  if (y![1] === 0) {
    const r = dd(x![0] % y![0])
    return intoPeriod(x![1] === 0 ? r : add(r, dd(x![1] % y![0])), y!)
  }
  return sub(x!, mul(floorQuotient(x!, y!), y!))
}
/** From (-2y, 2y) into [0, y). */
const intoPeriod = (r: DoubleDouble, y: DoubleDouble): DoubleDouble => {
  if (r[0] !== 0 && r[0] < 0 !== y[0] < 0) return add(r, y)
  return compare(abs(r), abs(y)) >= 0 ? sub(r, y) : r
}

/** The piece of the negative axis between two poles; 1 for all positive numbers. */
const betweenPoles: Decision = (x) => (x![0] > 0 ? 1 : floor(x!)[0])
/**
 * The side of the cut y = 0, x < 0, told only in a narrow sector around it: elsewhere the angle is smooth, and any
 * partition of the plane would have a border there.
 */
const besideCut: Decision = (y, x) =>
  x![0] === 0 && y![0] === 0 ? 9 : x![0] < 0 && Math.abs(y![0]) < -x![0] * 2 ** -20 ? 2 + signOf(y!) : 0
const halfTurn: Decision = (x) => floor(add(div(x!, PI), dd(0.5)))[0]

const one =
  (g: (x: DoubleDouble) => DoubleDouble): Fun =>
  (x) =>
    g(x!)
const two =
  (g: (x: DoubleDouble, y: DoubleDouble) => DoubleDouble): Fun =>
  (x, y) =>
    g(x!, y!)

export const elementwise = {
  neg: smooth(one(neg)),
  add: smooth(two(add)),
  sub: smooth(two(sub)),
  mul: smooth(two(mul)),
  // Where the second factor is finite a zero first factor decides nothing.
  strongMul: deciding(
    (x, y) => (x![0] === 0 ? dd(0) : mul(x!, y!)),
    (x, y) => (Number.isFinite(y![0]) ? 0 : x![0] === 0 ? 1 : 2),
  ),
  div: deciding(two(div), (_, y) => signOf(y!)),
  fma: smooth((x, y, z) => add(mul(x!, y!), z!)),
  mod: deciding(mod, (x, y) => floorQuotient(x!, y!)[0]),
  max: deciding(maximum, order),
  min: deciding(minimum, order),
  clamp: deciding(
    (x, lo, hi) => minimum(maximum(x!, lo!), hi!),
    (x, lo, hi) => 3 * compare(x!, lo!) + compare(x!, hi!),
  ),
  abs: deciding(one(abs), sideOfZero),
  relu: deciding(relu, sideOfZero),
  sign: deciding((x) => dd(Math.sign(x![0])), sideOfZero),
  floor: stepping(floor),
  ceil: stepping(ceil),
  trunc: stepping(trunc),
  round: stepping(round),

  equal: comparison((o) => o === 0),
  notEqual: comparison((o) => o !== 0),
  less: comparison((o) => o < 0),
  lessEqual: comparison((o) => o <= 0),
  greater: comparison((o) => o > 0),
  greaterEqual: comparison((o) => o >= 0),
  isFinite: predicate((x) => Number.isFinite(x![0])),
  isNaN: predicate((x) => Number.isNaN(x![0])),
  logicalAnd: predicate((x, y) => x![0] !== 0 && y![0] !== 0),
  logicalOr: predicate((x, y) => x![0] !== 0 || y![0] !== 0),
  logicalNot: predicate((x) => x![0] === 0),

  exp: smooth(one(f.exp)),
  expm1: smooth(one(f.expm1)),
  log: smooth(one(f.log)),
  log1p: smooth(one(f.log1p)),
  sqrt: smooth(one(sqrt)),
  rsqrt: smooth(one(f.rsqrt)),
  cbrt: deciding(one(f.cbrt), sideOfZero),
  integerPow: ({ inputs, outs, params, decide }) => {
    const { n } = params as { readonly n: number }
    return [
      map(outs[0]!, inputs, (x) => {
        if (n < 0) decide(signOf(x!))
        return f.integerPower(x!, n)
      }),
    ]
  },
  pow: deciding(two(f.pow), (x, y) => (x![0] > 0 ? 1 : signOf(x!) + 4 * signOf(y!))),

  sin: smooth(one(f.sin)),
  cos: smooth(one(f.cos)),
  tan: deciding(one(f.tan), halfTurn),
  asin: smooth(one(f.asin)),
  acos: smooth(one(f.acos)),
  atan: smooth(one(f.atan)),
  atan2: deciding(two(f.atan2), besideCut),
  sinh: smooth(one(f.sinh)),
  cosh: smooth(one(f.cosh)),
  tanh: smooth(one(f.tanh)),
  sech2: smooth(one(f.sech2)),
  asinh: smooth(one(f.asinh)),
  acosh: smooth(one(f.acosh)),
  atanh: smooth(one(f.atanh)),
  sigmoid: smooth(one(f.sigmoid)),
  softplus: smooth(one(f.softplus)),

  erf: smooth(one(f.erf)),
  erfc: smooth(one(f.erfc)),
  erfInv: smooth(one(f.erfInv)),
  lgamma: deciding(one(f.lgamma), betweenPoles),
  digamma: deciding(one(f.digamma), betweenPoles),
  polygamma: ({ inputs, outs, params, decide }) => {
    const { n } = params as { readonly n: number }
    return [
      map(outs[0]!, inputs, (x) => {
        decide(betweenPoles(x!))
        return f.polygamma(n, x!)
      }),
    ]
  },
} as const satisfies Readonly<Record<string, Entry>>

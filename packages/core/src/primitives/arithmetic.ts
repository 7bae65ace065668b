import type { Aval, Domain, Kinks, Maybe, Primitive } from '../graph/ir.js'
import { filled, type Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import {
  definePrimitive,
  linearJvp,
  map1,
  map2,
  needFloat,
  noJvp,
  outSize,
  reals,
  sameAvals,
  zerosLike,
} from './define.js'
import { select } from './passing.js'
import { batchAll, spread } from './structural.js'

// Element-wise arithmetic and comparison: operands of one shape and dtype, one pass over the elements.

type None = Readonly<Record<string, never>>
export const none: None = {}

/** Batch rule of every element-wise operation: operands without the axis are repeated along it. */
export const elementwiseBatch =
  (self: () => Primitive<None>) =>
  (inputs: readonly Tensor[], batched: readonly boolean[], _: None, size: number): readonly Tensor[] => [
    bind1(
      self(),
      inputs.map((x, i) => batchAll(x, batched[i]!, size)),
      none,
    ),
  ]

/** A constant in the shape and dtype of `like`. */
export const constantLike = (value: number, like: Aval): Tensor =>
  spread(filled(value, [], like.dtype), like.shape)

/** c·x for a number c. */
export const scale = (x: Tensor, c: number): Tensor => mul(x, constantLike(c, x))
/** x + c for a number c. */
export const shift = (x: Tensor, c: number): Tensor => add(x, constantLike(c, x))
/** The sum of tangents that may be absent. */
export const addMaybe = (a: Maybe, b: Maybe): Maybe => (a === null ? b : b === null ? a : add(a, b))

export const negP: Primitive<None> = definePrimitive<None>({
  name: 'neg',
  shape: (inputs) => [sameAvals('neg', inputs)],
  kernel: ([x], _, [out]) => [map1(x!, out!, (a) => -a)],
  jvp: linearJvp(() => negP),
  transpose: ([ct]) => [ct ? neg(ct) : null],
  batch: elementwiseBatch(() => negP),
  domain: [reals],
  kinks: 'none',
  derivation: 'linear',
  flops: outSize,
})
export const neg = (x: Tensor): Tensor => bind1(negP, [x], none)

export const addP: Primitive<None> = definePrimitive<None>({
  name: 'add',
  shape: (inputs) => [sameAvals('add', inputs)],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, (a, b) => a + b)],
  jvp: (_, [tx, ty]) => [addMaybe(tx!, ty!)],
  transpose: ([ct], [x, y]) => [x === null ? ct! : null, y === null ? ct! : null],
  batch: elementwiseBatch(() => addP),
  domain: [reals],
  kinks: 'none',
  derivation: 'linear',
  flops: outSize,
})
export const add = (x: Tensor, y: Tensor): Tensor => bind1(addP, [x, y], none)

export const subP: Primitive<None> = definePrimitive<None>({
  name: 'sub',
  shape: (inputs) => [sameAvals('sub', inputs)],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, (a, b) => a - b)],
  jvp: (_, [tx, ty]) => [tx && ty ? sub(tx, ty) : (tx ?? (ty ? neg(ty) : null))],
  transpose: ([ct], [x, y]) => [x === null ? ct! : null, y === null && ct ? neg(ct) : null],
  batch: elementwiseBatch(() => subP),
  domain: [reals],
  kinks: 'none',
  derivation: 'linear',
  flops: outSize,
})
export const sub = (x: Tensor, y: Tensor): Tensor => bind1(subP, [x, y], none)

export const mulP: Primitive<None> = definePrimitive<None>({
  name: 'mul',
  shape: (inputs) => [sameAvals('mul', inputs)],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, out!.dtype === 'int32' ? Math.imul : (a, b) => a * b)],
  jvp: ([x, y], [tx, ty]) => [addMaybe(tx ? strongMul(y!, tx) : null, ty ? strongMul(x!, ty) : null)],
  transpose: ([ct], [x, y]) => [
    x === null && ct ? strongMul(y!, ct) : null,
    y === null && ct ? strongMul(x!, ct) : null,
  ],
  batch: elementwiseBatch(() => mulP),
  domain: [reals],
  kinks: 'none',
  derivation:
    'bilinear: d(ab) = da·b + a·db; a factor that is exactly 0 absorbs an infinite slope, so √Σx² has slope 0 at 0 in both modes',
  flops: outSize,
})
export const mul = (x: Tensor, y: Tensor): Tensor => bind1(mulP, [x, y], none)

export const strongMulP: Primitive<None> = definePrimitive<None>({
  name: 'strongMul',
  shape: (inputs) => [needFloat('strongMul', sameAvals('strongMul', inputs))],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, (a, b) => (a === 0 ? 0 : a * b))],
  jvp: ([x, y], [tx, ty]) => [addMaybe(tx ? strongMul(tx, y!) : null, ty ? strongMul(x!, ty) : null)],
  transpose: ([ct], [x, y]) => [
    x === null && ct ? strongMul(ct, y!) : null,
    y === null && ct ? strongMul(x!, ct) : null,
  ],
  batch: elementwiseBatch(() => strongMulP),
  domain: [reals],
  kinks: 'none',
  derivation:
    'bilinear where finite; a zero first factor absorbs NaN and infinity, so masked branches stay masked at every order',
  flops: outSize,
})
/** a·b, and 0 where a is 0 whatever b is. */
export const strongMul = (x: Tensor, y: Tensor): Tensor => bind1(strongMulP, [x, y], none)

export const divP: Primitive<None> = definePrimitive<None>({
  name: 'div',
  shape: (inputs) => [needFloat('div', sameAvals('div', inputs))],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, (a, b) => a / b)],
  jvp: ([, b], [ta, tb], [y]) => {
    const inverse = reciprocal(b!)
    // (db/b)·(a/b), tangent first in both products: a zero tangent stays zero at b = 0 in derivatives of this too.
    return [
      addMaybe(ta ? strongMul(ta, inverse) : null, tb ? neg(strongMul(strongMul(tb, inverse), y!)) : null),
    ]
  },
  transpose: ([ct], [x, y]) => [x === null && ct ? strongMul(ct, reciprocal(y!)) : null, null],
  batch: elementwiseBatch(() => divP),
  domain: [reals, { lo: 0, hi: Number.POSITIVE_INFINITY }],
  kinks: { text: 'singular at b = 0', distance: (_, b) => b! },
  derivation: 'd(a/b) = da/b - (a/b)·db/b, with absorbing zeros',
  flops: outSize,
})
export const div = (x: Tensor, y: Tensor): Tensor => bind1(divP, [x, y], none)
export const reciprocal = (x: Tensor): Tensor => div(constantLike(1, x), x)

interface Jump {
  readonly name: string
  readonly f: (a: number, b: number) => number
  readonly text: string
}
const comparison = ({ name, f, text }: Jump): Primitive<None> => {
  const row: Primitive<None> = definePrimitive({
    name,
    shape: (inputs) => [{ shape: sameAvals(name, inputs).shape, dtype: 'bool' }],
    kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, f)],
    jvp: noJvp(),
    transpose: 'nonlinear',
    batch: elementwiseBatch(() => row),
    domain: [reals],
    kinks: { text, distance: (a, b) => a! - b! },
    derivation: 'piecewise constant: no tangent',
    flops: outSize,
  })
  return row
}
const atTies = 'jumps where a = b'
export const equalP = comparison({ name: 'equal', f: (a, b) => (a === b ? 1 : 0), text: atTies })
export const notEqualP = comparison({ name: 'notEqual', f: (a, b) => (a !== b ? 1 : 0), text: atTies })
export const lessP = comparison({ name: 'less', f: (a, b) => (a < b ? 1 : 0), text: atTies })
export const lessEqualP = comparison({ name: 'lessEqual', f: (a, b) => (a <= b ? 1 : 0), text: atTies })
export const greaterP = comparison({ name: 'greater', f: (a, b) => (a > b ? 1 : 0), text: atTies })
export const greaterEqualP = comparison({ name: 'greaterEqual', f: (a, b) => (a >= b ? 1 : 0), text: atTies })
export const logicalAndP = comparison({ name: 'logicalAnd', f: (a, b) => (a && b ? 1 : 0), text: 'booleans' })
export const logicalOrP = comparison({ name: 'logicalOr', f: (a, b) => (a || b ? 1 : 0), text: 'booleans' })
const two =
  (op: Primitive<None>) =>
  (x: Tensor, y: Tensor): Tensor =>
    bind1(op, [x, y], none)
export const equal = two(equalP)
export const notEqual = two(notEqualP)
export const less = two(lessP)
export const lessEqual = two(lessEqualP)
export const greater = two(greaterP)
export const greaterEqual = two(greaterEqualP)
export const logicalAnd = two(logicalAndP)
export const logicalOr = two(logicalOrP)

/** Element-wise functions without tangents. */
const flat = (
  name: string,
  f: (x: number) => number,
  text: string,
  toBool: boolean,
  distance?: (x: number) => number,
): Primitive<None> => {
  const kinks: Kinks = distance ? { text, distance: (x) => distance(x!) } : { text }
  const row: Primitive<None> = definePrimitive({
    name,
    shape: ([x]) => [{ shape: x!.shape, dtype: toBool ? 'bool' : x!.dtype }],
    kernel: ([x], _, [out]) => [map1(x!, out!, f)],
    jvp: noJvp(),
    transpose: 'nonlinear',
    batch: elementwiseBatch(() => row),
    domain: [reals],
    kinks,
    derivation: 'piecewise constant: no tangent',
    flops: outSize,
  })
  return row
}
const atIntegers = (x: number) => x - Math.round(x)
// Half to even, as IEEE 754 and NumPy round.
const roundHalfEven = (x: number): number => {
  const r = Math.round(x)
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r === 0 && (x < 0 || Object.is(x, -0)) ? -0 : r
}
export const signP = flat('sign', Math.sign, 'jumps at 0', false, (x) => x)
export const floorP = flat('floor', Math.floor, 'jumps at integers', false, atIntegers)
export const ceilP = flat('ceil', Math.ceil, 'jumps at integers', false, atIntegers)
export const truncP = flat('trunc', Math.trunc, 'jumps at integers', false, atIntegers)
export const roundP = flat(
  'round',
  roundHalfEven,
  'jumps at half integers',
  false,
  (x) => x - Math.floor(x) - 0.5,
)
export const isFiniteP = flat('isFinite', (x) => (Number.isFinite(x) ? 1 : 0), 'nowhere', true)
export const isNaNP = flat('isNaN', (x) => (Number.isNaN(x) ? 1 : 0), 'nowhere', true)
export const logicalNotP = flat('logicalNot', (x) => (x ? 0 : 1), 'booleans', true)
const one =
  (op: Primitive<None>) =>
  (x: Tensor): Tensor =>
    bind1(op, [x], none)
export const sign = one(signP)
export const floor = one(floorP)
export const ceil = one(ceilP)
export const trunc = one(truncP)
export const round = one(roundP)
export const isFinite = one(isFiniteP)
export const isNaN = one(isNaNP)
export const logicalNot = one(logicalNotP)

export const absP: Primitive<None> = definePrimitive<None>({
  name: 'abs',
  shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  kernel: ([x], _, [out]) => [map1(x!, out!, Math.abs)],
  jvp: ([x], [t]) => [t ? mul(t, sign(x!)) : null],
  transpose: 'nonlinear',
  batch: elementwiseBatch(() => absP),
  domain: [reals],
  kinks: { text: 'kink at 0: the subdifferential is [-1, 1], its least element 0', distance: (x) => x! },
  derivation: 'd|x| = sign(x) dx, and sign(0) = 0 is the minimum-norm subgradient',
  flops: outSize,
})
export const abs = one(absP)

const extremum = (name: 'max' | 'min'): Primitive<None> => {
  const wins = name === 'max' ? greater : less
  const row: Primitive<None> = definePrimitive({
    name,
    shape: (inputs) => [sameAvals(name, inputs)],
    kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, name === 'max' ? Math.max : Math.min)],
    jvp: ([a, b], [ta, tb]) => {
      if (ta === null && tb === null) return [null]
      const [ua, ub] = [ta ?? zerosLike(a!), tb ?? zerosLike(b!)]
      return [select(wins(a!, b!), ua!, select(equal(a!, b!), scale(add(ua!, ub!), 0.5), ub!))]
    },
    transpose: 'nonlinear',
    batch: elementwiseBatch(() => row),
    domain: [reals],
    kinks: { text: 'kink where a = b: one half each', distance: (a, b) => a! - b! },
    derivation:
      'the tangent of the winner; at a tie the mean, least-norm point of the segment between the two',
    flops: outSize,
  })
  return row
}
export const maxP = extremum('max')
export const minP = extremum('min')
export const max = two(maxP)
export const min = two(minP)

// x - y·floor(x/y), the sign of the divisor, as NumPy; exact for integers.
const floorMod = (x: number, y: number): number => {
  const r = x % y
  return r !== 0 && r < 0 !== y < 0 ? r + y : r
}
const domainMod: readonly Domain[] = [reals, { lo: 0, hi: Number.POSITIVE_INFINITY }]
export const modP: Primitive<None> = definePrimitive<None>({
  name: 'mod',
  shape: (inputs) => [sameAvals('mod', inputs)],
  kernel: ([x, y], _, [out]) => [map2(x!, y!, out!, floorMod)],
  jvp: ([x, y], [tx, ty]) => [addMaybe(tx!, ty ? neg(strongMul(ty, floor(div(x!, y!)))) : null)],
  transpose: 'nonlinear',
  batch: elementwiseBatch(() => modP),
  domain: domainMod,
  kinks: { text: 'jumps where x/y is an integer', distance: (x, y) => atIntegers(x! / y!) },
  derivation: 'mod(x, y) = x - y·floor(x/y), and floor is locally constant',
  flops: outSize,
})
export const mod = two(modP)

/** x². */
export const square = (x: Tensor): Tensor => mul(x, x)

/** min(max(x, lo), hi) as one operation, so that its slope at the bounds is one decision. */
export const clampP: Primitive<None> = definePrimitive<None>({
  name: 'clamp',
  shape: (inputs) => [sameAvals('clamp', inputs)],
  kernel: ([x, lo, hi], _, [out]) => {
    const bounded = map2(x!, lo!, out!, Math.max)
    return [map2(bounded, hi!, out!, Math.min)]
  },
  jvp: ([x, lo, hi], [tx, tlo, thi]) => {
    if (!tx && !tlo && !thi) return [null]
    const [ux, ulo, uhi] = [tx ?? zerosLike(x!), tlo ?? zerosLike(x!), thi ?? zerosLike(x!)]
    return [select(greaterEqual(max(x!, lo!), hi!), uhi, select(lessEqual(x!, lo!), ulo, ux))]
  },
  transpose: 'nonlinear',
  batch: elementwiseBatch(() => clampP),
  domain: [reals],
  kinks: {
    text: 'kinks at both bounds: slope 0 in x',
    distance: (x, lo, hi) => Math.min(Math.abs(x! - lo!), Math.abs(x! - hi!)),
  },
  derivation: 'x inside the bounds; at and beyond a bound, the bound: the least-norm slope in x is 0',
  flops: outSize,
})
export const clamp = (x: Tensor, lo: Tensor, hi: Tensor): Tensor => bind1(clampP, [x, lo, hi], none)

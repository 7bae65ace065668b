import {
  abs,
  add,
  asin,
  atan,
  cbrt,
  clip,
  cos,
  cosh,
  div,
  equal,
  erf,
  exp,
  expm1,
  greater,
  less,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tan,
  tanh,
  where,
} from '@cotangent/core'
import { d } from '../helpers.js'
import { type Mutation, type Row, rows, type T } from './mutation.js'

// One row for each wrong slope; peers.py has the same rows by the same names.

const tanhSlope = (y: T): T => sub(1, square(y)) as T
const many = Array.from({ length: 40 }, (_, i) => i / 16)
const oneWrong = (value: number): T => d(many.map((_, i) => (i === 17 ? value : 1)))
const sinc = (x: T): T => where(equal(x, 0), 1, div(sin(x), where(equal(x, 0), 1, x))) as T
const sincSlope = (x: T): T => {
  const z = where(equal(x, 0), 1, x) as T
  return div(sub(mul(z, cos(z)), sin(z)), square(z)) as T
}

const first: readonly Row[] = [
  // signs and factors
  ['negCos', 'sign', (x) => cos(x), (x) => sin(x), [0.5, 1]],
  ['coshMinus', 'the sign of cos', (x) => cosh(x), (x) => neg(sinh(x)), [0.5, 1]],
  ['rsqrtPlus', 'sign of a power', (x) => rsqrt(x), (x) => mul(0.5, pow(x, -1.5)), [2, 3]],
  ['cube', 'factor of 2 for 3', (x) => mul(x, square(x)), (x) => mul(2, square(x)), [1, 2]],
  ['cbrtThree', 'factor of 1/3 missing', (x) => cbrt(x), (_, y) => reciprocal(square(y)), [2, 3]],
  ['erfPlain', 'factor of 2/√π missing', (x) => erf(x), (x) => exp(neg(square(x))), [0.5, 1]],
  ['sinDegrees', 'degrees', (x) => sin(x), (x) => mul(cos(x), Math.PI / 180), [0.5, 1]],
  ['gauss', 'inner derivative missing', (x) => exp(neg(square(x))), (_, y) => y, [0.5, 1]],
  ['reciprocalOnce', 'a square missing', (x) => reciprocal(x), (_, y) => neg(y), [2, 3]],
  ['tanOnce', 'a square missing, inside', (x) => tan(x), (_, y) => add(1, y), [0.5, 1]],
  ['cubeKept', 'exponent not lowered', (x) => pow(x, 3), (_, y) => mul(3, y), [1, 2]],
  // another function
  ['sqrtArg', 'the argument for the result', (x) => sqrt(x), (x) => div(1, mul(2, x)), [2, 3]],
  ['straight', 'identity', (x) => sin(x), () => 1, [1, -2]],
  ['detached', 'detached', (x) => square(x), () => 0, [1, -2]],
  ['absAbs', 'abs for its sign', (x) => abs(x), (x) => abs(x), [2, -3]],
  ['logOne', 'constant slope', (x) => log(x), () => 0.5, [1, 3]],
  ['log1pShift', 'log1p as log', (x) => log1p(x), (x) => reciprocal(x), [2, 3]],
  ['expm1Result', 'the result for exp', (x) => expm1(x), (_, y) => y, [0.5, 1]],
  ['sinhSame', 'itself', (x) => sinh(x), (_, y) => y, [0.5, 1]],
  ['atanLinear', '1 + x for 1 + x²', (x) => atan(x), (x) => reciprocal(add(1, x)), [0.5, 2]],
  ['asinPlus', '1 + x² for 1 - x²', (x) => asin(x), (x) => rsqrt(add(1, square(x))), [0.5, -0.25]],
  ['sigmoidHalf', 'second factor missing', (x) => sigmoid(x), (_, y) => y, [0.5, -1]],
  ['sigmoidPlus', 's(1 + s)', (x) => sigmoid(x), (_, y) => mul(y, add(1, y)), [0.5, -1]],
  ['softplusSelf', 'the result for the sigmoid', (x) => softplus(x), (_, y) => y, [0.5, -1]],
  ['siluFirst', 'second term missing', (x) => silu(x), (x) => sigmoid(x), [0.5, -1]],
  ['xlogxFirst', 'second term missing', (x) => mul(x, log(x)), (x) => log(x), [0.5, 2]],
  ['squareAbs', 'sign lost', (x) => square(x), (x) => mul(2, abs(x)), [1, -2]],
  // on a part of the line
  ['leaky', 'wrong where negative', (x) => relu(x), (x) => where(greater(x, 0), 1, 0.01), [1, -1]],
  [
    'eluResult',
    'wrong where negative',
    (x) => where(greater(x, 0), x, expm1(minimum(x, 0))),
    (x, y) => where(greater(x, 0), 1, y),
    [1, -1],
  ],
  [
    'huberSquare',
    'not clipped',
    (x) => where(less(abs(x), 1), mul(0.5, square(x)), sub(abs(x), 0.5)),
    (x) => x,
    [0.5, 3],
  ],
  ['clipThrough', 'passes where it is cut', (x) => clip(x, -1, 1), () => 1, [0.5, 3]],
  ['relu6Above', 'passes above', (x) => minimum(relu(x), 6), (x) => where(greater(x, 0), 1, 0), [3, 7]],
  ['expClipped', 'cut at 10', (x) => exp(x), (_, y) => minimum(y, 10), [1, 3]],
  // small
  ['tanh3', 'relative error 1e-3', (x) => tanh(x), (_, y) => mul(1 + 1e-3, tanhSlope(y)), [0.3, -1]],
  ['tanh6', 'relative error 1e-6', (x) => tanh(x), (_, y) => mul(1 + 1e-6, tanhSlope(y)), [0.3, -1]],
  ['tanh8', 'relative error 1e-8', (x) => tanh(x), (_, y) => mul(1 + 1e-8, tanhSlope(y)), [0.3, -1]],
  ['tanh9', 'relative error 1e-9', (x) => tanh(x), (_, y) => mul(1 + 1e-9, tanhSlope(y)), [0.3, -1]],
  ['tanh12', 'relative error 1e-12', (x) => tanh(x), (_, y) => mul(1 + 1e-12, tanhSlope(y)), [0.3, -1]],
  [
    'expTruncated',
    'a series cut off',
    (x) => exp(mul(x, 1e-3)),
    (x) => mul(1e-3, add(1, mul(x, 1e-3))),
    [1, 2],
  ],
  ['oneOff', 'one entry of many', (x) => sin(x), (x) => mul(cos(x), oneWrong(1.01)), many],
  ['oneDropped', 'one entry of many is dropped', (x) => sin(x), (x) => mul(cos(x), oneWrong(0)), many],
  // at zero only
  ['absOne', 'wrong only at zero', (x) => abs(x), (x) => where(equal(x, 0), 1, sign(x)), [0, 2]],
  [
    'reluHalf',
    'half at zero',
    (x) => relu(x),
    (x) => where(equal(x, 0), 0.5, where(greater(x, 0), 1, 0)),
    [0, 2],
  ],
  ['sincOne', 'wrong only at zero', sinc, (x) => where(equal(x, 0), 1, sincSlope(x)), [0, 2]],
  [
    'oddSquareOne',
    'wrong only at zero',
    (x) => mul(x, abs(x)),
    (x) => where(equal(x, 0), 1, mul(2, abs(x))),
    [0, 2],
  ],
  [
    'reluSquareOne',
    'wrong only at zero',
    (x) => square(maximum(x, 0)),
    (x) => where(equal(x, 0), 1, mul(2, maximum(x, 0))),
    [0, 2],
  ],
]

const second: readonly Row[] = [
  ['expStop', 'second order only', (x) => exp(x), (_, y) => stopGradient(y), [0.5, 1]],
  ['squareStop', 'second order only, by half', (x) => square(x), (x) => add(x, stopGradient(x)), [0.5, 1]],
  ['sinStop', 'second order only', (x) => sin(x), (x) => cos(stopGradient(x)), [0.5, 1]],
  ['tanhStop', 'second order only', (x) => tanh(x), (_, y) => sub(1, mul(y, stopGradient(y))), [0.5, 1]],
  ['logStop', 'second order only', (x) => log(x), (x) => reciprocal(stopGradient(x)), [0.5, 2]],
  [
    'cubeStop9',
    'second order only, 1e-9',
    (x) => pow(x, 3),
    (x) => mul(3, add(square(x), mul(1e-9, sub(square(x), square(stopGradient(x)))))),
    [0.5, 2],
  ],
]

export const ELEMENTWISE: readonly Mutation[] = [...rows(first), ...rows(second, 2)]

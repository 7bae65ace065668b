import { checkDType } from '../dtype.js'
import * as p from '../primitives/arithmetic.js'
import * as e from '../primitives/elementary.js'
import { convert, tag as named, select, stopGradient as stop } from '../primitives/passing.js'
import { broadcastShapes } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Broadcast, Check, DType, DTypeOf, Fits, Promote, Shape, ShapeOf } from '../types/index.js'
import { asTensor, broadcastTensor, floatOperand, type Num, operands } from './coerce.js'

// The public element-wise operations: weak numbers, promotion and broadcasting, then one primitive.

type Out<A, B> = Tensor<Fits<Broadcast<ShapeOf<A>, ShapeOf<B>>>, Promote<DTypeOf<A, B>, DTypeOf<B, A>>>
type Mask<A, B> = Tensor<Fits<Broadcast<ShapeOf<A>, ShapeOf<B>>>, 'bool'>
type Same<A> = Tensor<ShapeOf<A>, DTypeOf<A>>
/** A function of two broadcast operands; literal shapes that do not fit are a compile error that says so. */
export type Binary<Name extends string = string> = <A extends Num, B extends Num>(
  a: A,
  b: B & Check<Broadcast<ShapeOf<A>, ShapeOf<B>, Name>>,
) => Out<A, B>
/** A comparison of two broadcast operands. */
export type Comparison<Name extends string = string> = <A extends Num, B extends Num>(
  a: A,
  b: B & Check<Broadcast<ShapeOf<A>, ShapeOf<B>, Name>>,
) => Mask<A, B>
/** A function of one operand. */
export type Unary = <A extends Num>(x: A) => Same<A>

type To = 'float' | 'number' | 'any'
const binary = <const N extends string>(
  name: N,
  f: (a: Tensor, b: Tensor) => Tensor,
  to: To = 'number',
): Binary<N> =>
  ((a: unknown, b: unknown) => {
    const [x, y] = operands(name, [a, b], { to })
    return f(x!, y!)
  }) as unknown as Binary<N>
const comparison = <const N extends string>(name: N, f: (a: Tensor, b: Tensor) => Tensor): Comparison<N> =>
  ((a: unknown, b: unknown) => {
    const [x, y] = operands(name, [a, b], { to: 'any' })
    return f(x!, y!)
  }) as unknown as Comparison<N>
const unary = (name: string, f: (x: Tensor) => Tensor, to: To = 'float'): Unary =>
  ((x: unknown) => f(operands(name, [x], { to })[0]!)) as unknown as Unary

/** a + b.
 * @example
 * add(tensor([1, 2]), 10) // => [11, 12]
 */
export const add = binary('add', p.add)
/** a - b.
 * @example
 * sub(tensor([1, 2]), tensor([[1], [2]])) // => [[0, 1], [-1, 0]]
 */
export const sub = binary('sub', p.sub)
/** a·b, entry by entry.
 * @example
 * mul(tensor([1, 2]), 3) // => [3, 6]
 */
export const mul = binary('mul', p.mul)
/** a/b; integers are divided as floats.
 * @example
 * div(tensor([1, 2]), 4) // => [0.25, 0.5]
 */
export const div = binary('div', p.div, 'float')
/** The remainder a - b·floor(a/b), with the sign of b.
 * @example
 * mod(tensor([7, -7]), 3) // => [1, 2]
 */
export const mod = binary('mod', p.mod)
/** a·b, and exactly 0 where a is 0, whatever b is: the product for rules whose slope can be infinite.
 * @example
 * strongMul(tensor([0, 2]), tensor([Infinity, 3])) // => [0, 6]
 */
export const strongMul = binary('strongMul', p.strongMul, 'float')
/** The larger entry; at a tie the gradient is one half each.
 * @example
 * maximum(tensor([1, 5]), 3) // => [3, 5]
 */
export const maximum = binary('maximum', p.max)
/** The smaller entry; at a tie the gradient is one half each.
 * @example
 * minimum(tensor([1, 5]), 3) // => [1, 3]
 */
export const minimum = binary('minimum', p.min)
/** The angle of the point (x, y), in -π..π; its gradient at the origin is 0.
 * @example
 * atan2(tensor(1), tensor(1)) // => 0.785398
 */
export const atan2 = binary('atan2', e.atan2, 'float')
/** aᵇ. A constant integer exponent is exact for negative bases; d(x⁰) = 0 everywhere.
 * @example
 * pow(tensor([-2, 3]), 2) // => [4, 9]
 */
export const pow: Binary<'pow'> = ((a: unknown, b: unknown) => {
  if (typeof b === 'number' && Number.isInteger(b) && Math.abs(b) <= 1024) {
    const x = operands('pow', [a], { to: b < 0 ? 'float' : 'number' })[0]!
    return b === 0 ? p.constantLike(1, x) : e.integerPow(x, b)
  }
  const [x, y] = operands('pow', [a, b])
  return e.pow(x!, y!)
}) as unknown as Binary<'pow'>
/** √(a² + b²) without overflow; its gradient at (0, 0) is 0.
 * @example
 * hypot(tensor(3), 4) // => 5
 */
export const hypot = binary(
  'hypot',
  (a, b) => {
    const [x, y] = [p.abs(a), p.abs(b)]
    const big = p.max(x, y)
    const zero = p.equal(big, p.constantLike(0, big))
    const wild = p.logicalNot(p.isFinite(big))
    const scale = select(p.logicalOr(zero, wild), p.constantLike(1, big), stop(big))
    const inside = p.add(p.square(p.div(a, scale)), p.square(p.div(b, scale)))
    const safe = select(zero, p.constantLike(1, inside), inside)
    return select(zero, p.constantLike(0, big), p.mul(e.sqrt(safe), scale))
  },
  'float',
)
/** log(eᵃ + eᵇ) without overflow.
 * @example
 * logaddexp(tensor(1000), 1000) // => 1000.6931
 */
export const logaddexp = binary(
  'logaddexp',
  (a, b) => {
    const top = stop(p.max(a, b))
    const finite = p.isFinite(top)
    const m = select(finite, top, p.constantLike(0, top))
    const sum = p.add(e.exp(p.sub(a, m)), e.exp(p.sub(b, m)))
    // Both -∞: the value is -∞ and, as nothing moves it, the slope 0. One +∞: the sum is +∞ already.
    const empty = p.equal(sum, p.constantLike(0, sum))
    const safe = select(empty, p.constantLike(1, sum), sum)
    return select(empty, p.constantLike(Number.NEGATIVE_INFINITY, sum), p.add(e.log(safe), m))
  },
  'float',
)
/** x·log(y), and 0 where x is 0.
 * @example
 * xlogy(tensor([0, 1]), tensor([0, 1])) // => [0, 0]
 */
export const xlogy = binary('xlogy', (a, b) => p.strongMul(a, e.log(b)), 'float')

/** a = b, as bool.
 * @example
 * equal(tensor([1, 2]), 2) // => [0, 1]
 */
export const equal = comparison('equal', p.equal)
/** a ≠ b.
 * @example
 * notEqual(tensor([1, 2]), 2) // => [1, 0]
 */
export const notEqual = comparison('notEqual', p.notEqual)
/** a < b.
 * @example
 * less(tensor([1, 2]), 2) // => [1, 0]
 */
export const less = comparison('less', p.less)
/** a ≤ b.
 * @example
 * lessEqual(tensor([1, 2]), 1) // => [1, 0]
 */
export const lessEqual = comparison('lessEqual', p.lessEqual)
/** a > b.
 * @example
 * greater(tensor([1, 2]), 1) // => [0, 1]
 */
export const greater = comparison('greater', p.greater)
/** a ≥ b.
 * @example
 * greaterEqual(tensor([1, 2]), 2) // => [0, 1]
 */
export const greaterEqual = comparison('greaterEqual', p.greaterEqual)
const logical = <const N extends string>(name: N, f: (a: Tensor, b: Tensor) => Tensor): Comparison<N> =>
  ((a: unknown, b: unknown) => {
    const [x, y] = operands(
      name,
      [a, b].map((v) => convert(asTensor(name, typeof v === 'boolean' ? Number(v) : v), 'bool')),
      { to: 'any' },
    )
    return f(x!, y!)
  }) as unknown as Comparison<N>
/** a and b.
 * @example
 * logicalAnd(tensor([true, true]), tensor([true, false])) // => [1, 0]
 */
export const logicalAnd = logical('logicalAnd', p.logicalAnd)
/** a or b.
 * @example
 * logicalOr(tensor([false, true]), tensor([false, false])) // => [0, 1]
 */
export const logicalOr = logical('logicalOr', p.logicalOr)
/** not x.
 * @example
 * logicalNot(tensor([true, false])) // => [0, 1]
 */
export const logicalNot = <A extends Num>(x: A): Tensor<ShapeOf<A>, 'bool'> =>
  p.logicalNot(convert(asTensor('logicalNot', x), 'bool')) as Tensor as Tensor<ShapeOf<A>, 'bool'>
/** Neither infinite nor NaN.
 * @example
 * isFinite(tensor([1, Infinity, NaN])) // => [1, 0, 0]
 */
export const isFinite = <A extends Num>(x: A): Tensor<ShapeOf<A>, 'bool'> =>
  p.isFinite(asTensor('isFinite', x)) as Tensor as Tensor<ShapeOf<A>, 'bool'>
/** NaN.
 * @example
 * isNaN(tensor([1, NaN])) // => [0, 1]
 */
export const isNaN = <A extends Num>(x: A): Tensor<ShapeOf<A>, 'bool'> =>
  p.isNaN(asTensor('isNaN', x)) as Tensor as Tensor<ShapeOf<A>, 'bool'>

/** a where the mask holds, b elsewhere; the branch not taken contributes nothing, not even NaN, to the gradient.
 * @example
 * where(tensor([true, false]), tensor([1, 2]), 0) // => [1, 0]
 */
export const where = (mask: Tensor, a: Num, b: Num): Tensor => {
  const [x, y] = operands('where', [a, b], { to: 'any' })
  const p = convert(asTensor('where', mask), 'bool')
  const shape = broadcastShapes('where', [p.shape, x!.shape])
  return select(broadcastTensor(p, shape), broadcastTensor(x!, shape), broadcastTensor(y!, shape))
}

/** -x.
 * @example
 * neg(tensor([1, -2])) // => [-1, 2]
 */
export const neg = unary('neg', p.neg, 'number')
/** |x|, with slope 0 at 0.
 * @example
 * grad((x: Tensor) => abs(x))(tensor(0)) // => 0
 */
export const abs = unary('abs', p.abs, 'number')
/** -1, 0 or 1.
 * @example
 * sign(tensor([-3, 0, 2])) // => [-1, 0, 1]
 */
export const sign = unary('sign', p.sign, 'number')
/** x².
 * @example
 * square(tensor([2, -3])) // => [4, 9]
 */
export const square = unary('square', p.square, 'number')
/** √x; its infinite slope at 0 meets a zero cotangent as 0.
 * @example
 * sqrt(tensor([4, 9])) // => [2, 3]
 */
export const sqrt = unary('sqrt', e.sqrt)
/** 1/√x.
 * @example
 * rsqrt(tensor(4)) // => 0.5
 */
export const rsqrt = unary('rsqrt', e.rsqrt)
/** ∛x, of negative numbers too.
 * @example
 * cbrt(tensor(-8)) // => -2
 */
export const cbrt = unary('cbrt', e.cbrt)
/** 1/x.
 * @example
 * reciprocal(tensor(4)) // => 0.25
 */
export const reciprocal = unary('reciprocal', p.reciprocal)
/** eˣ.
 * @example
 * exp(tensor(1)) // => 2.7182817
 */
export const exp = unary('exp', e.exp)
/** eˣ - 1, accurate near 0.
 * @example
 * expm1(tensor(0)) // => 0
 */
export const expm1 = unary('expm1', e.expm1)
/** The natural logarithm.
 * @example
 * log(tensor(1)) // => 0
 */
export const log = unary('log', e.log)
/** log(1 + x), accurate near 0.
 * @example
 * log1p(tensor(0)) // => 0
 */
export const log1p = unary('log1p', e.log1p)
/** The logarithm to base 2.
 * @example
 * log2(tensor(8)) // => 3
 */
export const log2 = unary('log2', (x) => p.scale(e.log(x), Math.LOG2E))
/** sin x, in radians.
 * @example
 * sin(tensor(0)) // => 0
 */
export const sin = unary('sin', e.sin)
/** cos x, in radians.
 * @example
 * cos(tensor(0)) // => 1
 */
export const cos = unary('cos', e.cos)
/** tan x.
 * @example
 * tan(tensor(0)) // => 0
 */
export const tan = unary('tan', e.tan)
/** The inverse sine.
 * @example
 * asin(tensor(1)) // => 1.5707963
 */
export const asin = unary('asin', e.asin)
/** The inverse cosine.
 * @example
 * acos(tensor(1)) // => 0
 */
export const acos = unary('acos', e.acos)
/** The inverse tangent.
 * @example
 * atan(tensor(1)) // => 0.7853982
 */
export const atan = unary('atan', e.atan)
/** sinh x.
 * @example
 * sinh(tensor(0)) // => 0
 */
export const sinh = unary('sinh', e.sinh)
/** cosh x.
 * @example
 * cosh(tensor(0)) // => 1
 */
export const cosh = unary('cosh', e.cosh)
/** tanh x.
 * @example
 * tanh(tensor(0)) // => 0
 */
export const tanh = unary('tanh', e.tanh)
/** The inverse of sinh.
 * @example
 * asinh(tensor(0)) // => 0
 */
export const asinh = unary('asinh', e.asinh)
/** The inverse of cosh, for x ≥ 1.
 * @example
 * acosh(tensor(1)) // => 0
 */
export const acosh = unary('acosh', e.acosh)
/** The inverse of tanh, for |x| < 1.
 * @example
 * atanh(tensor(0)) // => 0
 */
export const atanh = unary('atanh', e.atanh)
/** The error function 2/√π ∫₀ˣ e^(-t²) dt.
 * @example
 * erf(tensor(0)) // => 0
 */
export const erf = unary('erf', e.erf)
/** 1 - erf(x), accurate in the tail.
 * @example
 * erfc(tensor(0)) // => 1
 */
export const erfc = unary('erfc', e.erfc)
/** The inverse of erf, for |x| < 1.
 * @example
 * erfInv(tensor(0)) // => 0
 */
export const erfInv = unary('erfInv', e.erfInv)
/** log|Γ(x)|.
 * @example
 * lgamma(tensor(3)) // => 0.6931472
 */
export const lgamma = unary('lgamma', e.lgamma)
/** The derivative of lgamma.
 * @example
 * digamma(tensor(1)) // => -0.5772157
 */
export const digamma = unary('digamma', e.digamma)
/** The n-th derivative of digamma.
 * @example
 * polygamma(tensor(1), 1) // => 1.6449341
 */
export const polygamma = (x: Num, n: number): Tensor => e.polygamma(floatOperand('polygamma', x), n)
/** 1 / (1 + e⁻ˣ).
 * @example
 * sigmoid(tensor(0)) // => 0.5
 */
export const sigmoid = unary('sigmoid', e.sigmoid)
/** log(1 + eˣ) without overflow.
 * @example
 * softplus(tensor(100)) // => 100
 */
export const softplus = unary('softplus', e.softplus)
/** log σ(x) without overflow.
 * @example
 * logSigmoid(tensor(-100)) // => -100
 */
export const logSigmoid = unary('logSigmoid', (x) => p.neg(e.softplus(p.neg(x))))
/** max(x, 0), with slope 0 at 0.
 * @example
 * relu(tensor([-1, 2])) // => [0, 2]
 */
export const relu = unary('relu', e.relu)
/** x·Φ(x); `approximate` uses the tanh formula of Hendrycks and Gimpel.
 * @example
 * gelu(tensor(1)) // => 0.8413447
 */
export const gelu = <A extends Num>(
  x: A,
  { approximate = false }: { readonly approximate?: boolean } = {},
): Same<A> => {
  const v = floatOperand('gelu', x)
  const half = p.scale(v, 0.5)
  if (!approximate) return p.mul(half, e.erfc(p.scale(v, -Math.SQRT1_2))) as Tensor as Same<A>
  const inner = p.scale(p.add(v, p.scale(e.integerPow(v, 3), 0.044715)), Math.sqrt(2 / Math.PI))
  return p.mul(half, p.shift(e.tanh(inner), 1)) as Tensor as Same<A>
}
/** x·σ(x), also called swish.
 * @example
 * silu(tensor(0)) // => 0
 */
export const silu = unary('silu', (x) => p.mul(x, e.sigmoid(x)))
/** x for x > 0, α(eˣ - 1) below.
 * @example
 * elu(tensor(-100)) // => -1
 */
export const elu = <A extends Num>(x: A, { alpha = 1 }: { readonly alpha?: number } = {}): Same<A> => {
  const v = floatOperand('elu', x)
  const positive = p.greater(v, p.constantLike(0, v))
  // The exponential of the other branch would overflow: it sees 0 there.
  const below = select(positive, p.constantLike(0, v), v)
  return select(positive, v, p.scale(e.expm1(below), alpha)) as Tensor as Same<A>
}
/** x for x > 0, slope·x below; the slope at 0 is the smaller one.
 * @example
 * leakyRelu(tensor(-2), { slope: 0.1 }) // => -0.2
 */
export const leakyRelu = <A extends Num>(
  x: A,
  { slope = 0.01 }: { readonly slope?: number } = {},
): Same<A> => {
  const v = floatOperand('leakyRelu', x)
  return select(p.greater(v, p.constantLike(0, v)), v, p.scale(v, slope)) as Tensor as Same<A>
}
/** The largest integer not above x.
 * @example
 * floor(tensor([1.5, -1.5])) // => [1, -2]
 */
export const floor = unary('floor', p.floor, 'number')
/** The smallest integer not below x.
 * @example
 * ceil(tensor([1.5, -1.5])) // => [2, -1]
 */
export const ceil = unary('ceil', p.ceil, 'number')
/** The nearest integer, halves to even.
 * @example
 * round(tensor([0.5, 1.5, 2.5])) // => [0, 2, 2]
 */
export const round = unary('round', p.round, 'number')
/** x without its fraction.
 * @example
 * trunc(tensor([1.5, -1.5])) // => [1, -1]
 */
export const trunc = unary('trunc', p.trunc, 'number')

/** What the gradient of {@link clip} is where x equals a bound. */
export type ClipEdge = 'zero' | 'half' | 'pass'
/**
 * x held between two bounds. The slope in x is 1 inside and 0 outside; at a bound `edge` decides: 0 by default.
 *
 * @example
 * clip(tensor([-2, 0.5, 2]), -1, 1) // => [-1, 0.5, 1]
 */
export const clip = (
  x: Num,
  lo: Num,
  hi: Num,
  { edge = 'zero' }: { readonly edge?: ClipEdge } = {},
): Tensor => {
  const [v, a, b] = operands('clip', [x, lo, hi])
  if (edge === 'half') return p.min(p.max(v!, a!), b!)
  if (edge === 'zero') return p.clamp(v!, a!, b!)
  const below = p.less(v!, a!)
  const above = p.greater(p.max(v!, a!), b!)
  return select(above, b!, select(below, a!, v!))
}

/**
 * The same values in another dtype; floats become integers by truncation.
 *
 * @example
 * cast(tensor([1.7, -1.7]), 'int32') // => [1, -1]
 */
export const cast = <S extends Shape, D extends DType>(x: Tensor<S> | number, dtype: D): Tensor<S, D> =>
  convert(asTensor('cast', x), checkDType('cast', dtype)) as Tensor as Tensor<S, D>

/**
 * The value, as a constant to every derivative.
 *
 * @example
 * grad((x: Tensor) => mul(x, stopGradient(x)))(tensor(3)) // => 3
 */
export const stopGradient = <A extends Num>(x: A): Same<A> =>
  stop(asTensor('stopGradient', x)) as Tensor as Same<A>

/**
 * The value itself, under a name that graphs print and `checkpoint` policies can ask for.
 *
 * @example
 * trace((x: Tensor) => tag(exp(x), 'growth'), tensor(1)).toString().includes('growth') // => true
 */
export const tag = <A extends Num>(x: A, name: string): Same<A> =>
  named(asTensor('tag', x), name) as Tensor as Same<A>

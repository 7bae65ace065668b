import * as special from '../../../math/special/doubleDouble.js'
import { inverseFactorials } from '../../../math/special/factorials.js'
import { sineTerms } from '../../../math/special/sinePi.js'
import type { Local, V128, ValType } from '../../wasm/index.js'
import type { Pair } from './doubleDouble.js'
import * as pairs from './doubleDouble.js'
import { nearestPower } from './exponential.js'
import { doubles, type Lanes } from './lanes.js'
import { lowOverPower, split } from './logarithm.js'

// Full double-double arithmetic, 2^-98 and better, for functions that cancel: the gamma family. The operations are
// functions of the module, because these functions use hundreds of them.

type Constant = special.DoubleDouble

const operation =
  (name: string, g: (l: Lanes, ...x: Pair[]) => Pair) =>
  (l: Lanes, ...x: Pair[]): Pair => {
    const params = Object.fromEntries(
      x.flatMap((_, i) => [
        [`high${i}`, 'v128' as ValType],
        [`low${i}`, 'v128' as ValType],
      ]),
    )
    const made = l.lib.get(`pair.${name}`, (module, id) =>
      module.function(id, params, ['v128', 'v128'], (f, p) => {
        const operands = x.map((_, i) => ({ high: p[`high${i}`] as V128, low: p[`low${i}`] as V128 }))
        const { high, low } = g(doubles(f, l.lib), ...operands)
        f.result(high, low)
      }),
    )
    const [high, low] = l.f.callAll(
      made,
      x.flatMap((v) => [v.high, v.low]),
    ) as [Local<'v128'>, Local<'v128'>]
    return { high, low }
  }

export const add: (l: Lanes, x: Pair, y: Pair) => Pair = operation('add', (l, x, y) => pairs.add(l, x!, y!))
export const multiply: (l: Lanes, x: Pair, y: Pair) => Pair = operation('multiply', (l, x, y) =>
  pairs.multiply(l, x!, y!),
)
export const divide: (l: Lanes, x: Pair, y: Pair) => Pair = operation('divide', (l, x, y) =>
  pairs.divide(l, x!, y!),
)
export const { negate, scale, twoSum, choosePair, rounded } = pairs
export const subtract = (l: Lanes, x: Pair, y: Pair): Pair => add(l, x, negate(l, y))
export const constant = (l: Lanes, c: Constant): Pair => pairs.constantPair(l, c)
export const number = (l: Lanes, x: V128): Pair => pairs.pairOf(l, x)

/** c[0] x^n + ... + c[n], highest power first. */
export const evaluate = (l: Lanes, coefficients: readonly (Constant | Pair)[], x: Pair): Pair => {
  const [first, ...others] = coefficients.map((c) => ('high' in c ? c : constant(l, c)))
  return others.reduce((sum, c) => add(l, multiply(l, sum, x), c), first!)
}

/** A function of pairs as a function of the module. */
export const shared = (
  name: string,
  g: (l: Lanes, ...x: Pair[]) => Pair,
): ((l: Lanes, ...x: Pair[]) => Pair) => operation(name, g)

/** 1/(2k + 1), the series of atanh(s) / s in s²: for k = 10 ... 20 as float64, for k = 0 ... 9 as pairs. */
const areaTail = Array.from({ length: 11 }, (_, k) => 1 / (2 * k + 21))
const areaTerms = Array.from({ length: 10 }, (_, k) => special.divide(special.one, [19 - 2 * k, 0]))

/** log(x) for x > 0, its high part normal: log(2^k m) = k log 2 + 2 atanh((m - 1) / (m + 1)). */
export const logarithm: (l: Lanes, x: Pair) => Pair = shared('logarithm', (l, x) => {
  const { k, m, exponent } = split(l, x!.high)
  const high = l.let(m)
  const low = l.let(lowOverPower(l, x!.low, exponent))
  const f = pairs.quickTwoSum(l, l.sub(high, l.const(1)), low)
  const s = divide(l, f, add(l, f, constant(l, [2, 0])))
  const z = multiply(l, s, s)
  const tail = number(l, l.polynomial(areaTail, z.high))
  const series = multiply(l, evaluate(l, [tail, ...areaTerms], z), scale(l, s, 2))
  return add(l, multiply(l, constant(l, special.ln2), number(l, k)), series)
})

const leading = inverseFactorials.slice(1, 8).reverse()
const trailing = inverseFactorials.slice(8, 15).map(([high]) => high)

/** exp(x) as `mantissa` 2^count for |x| below 2^20: Taylor's series of a 16th, then e <- 2 e + e² four times. */
export const exponential = (l: Lanes, x: Pair): { readonly mantissa: Pair; readonly count: V128 } => {
  const { count } = nearestPower(l, x.high)
  const whole = multiply(l, constant(l, special.ln2), number(l, count))
  const r = scale(l, subtract(l, x, whole), 1 / 16)
  const tail = number(l, l.polynomial(trailing, r.high))
  let e = multiply(l, evaluate(l, [tail, ...leading], r), r)
  for (let doubling = 0; doubling < 4; doubling++) e = add(l, scale(l, e, 2), multiply(l, e, e))
  return { mantissa: add(l, constant(l, special.one), e), count }
}

/** sin(π r) for 0 <= r <= 1/2. */
export const sinePi: (l: Lanes, r: Pair) => Pair = shared('sinePi', (l, r) => {
  const angle = multiply(l, constant(l, special.pi), r!)
  return multiply(l, angle, evaluate(l, sineTerms, multiply(l, angle, angle)))
})

/** cos(π r) for |r| <= 1/2. */
export const cosinePi = (l: Lanes, r: V128): Pair => sinePi(l, twoSum(l, l.const(0.5), l.neg(l.abs(r))))

/** xⁿ for a whole n >= 1, by repeated squaring. */
export const integerPower = (l: Lanes, x: Pair, n: number): Pair => {
  let result: Pair | undefined
  for (let square = x, left = n; ; square = multiply(l, square, square)) {
    if (left % 2 === 1) result = result ? multiply(l, result, square) : square
    left = Math.floor(left / 2)
    if (left === 0) return result!
  }
}

import { add, type Complex, div, mul, neg, real, reciprocal, scale, square, sub } from '../arithmetic.js'
import { integerPower, log } from './exponential.js'

/** B₂, B₄, …, B₁₆. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]
/** From here on the asymptotic series are exact to float64. */
const FAR = 14

/** The points z, z + 1, … on the way to where the series are good. */
const stepsFrom = (z: Complex): readonly Complex[] =>
  Array.from({ length: Math.max(0, Math.ceil(FAR - z[0])) }, (_, k) => add(z, real(k)))

const isPole = ([a]: Complex): boolean => a <= 0 && Number.isInteger(a)
const NOWHERE: Complex = [Number.NaN, Number.NaN]

/** log|Γ|, continued: Stirling's series, and log(z(z + 1)…(z + n - 1)) from there back. */
export const lgamma = (z: Complex): Complex => {
  if (isPole(z)) return NOWHERE
  const steps = stepsFrom(z)
  const w = add(z, real(steps.length))
  let y = add(sub(mul(sub(w, real(0.5)), log(w)), w), real(0.5 * Math.log(2 * Math.PI)))
  const [inverse, ratio] = [reciprocal(w), reciprocal(square(w))]
  let power = inverse
  BERNOULLI.forEach((b, k) => {
    y = add(y, scale(power, b / ((2 * k + 2) * (2 * k + 1))))
    power = mul(power, ratio)
  })
  return steps.reduce((sum, s) => sub(sum, log(s[0] < 0 ? neg(s) : s)), y)
}

/** ψ(z) = log z - 1/2z - Σ B₂ₖ/(2k z²ᵏ), and ψ(z) = ψ(z + 1) - 1/z. */
export const digamma = (z: Complex): Complex => {
  if (isPole(z)) return NOWHERE
  const steps = stepsFrom(z)
  const w = add(z, real(steps.length))
  const ratio = reciprocal(square(w))
  let y = sub(log(w), scale(reciprocal(w), 0.5))
  let power = ratio
  BERNOULLI.forEach((b, k) => {
    y = sub(y, scale(power, b / (2 * k + 2)))
    power = mul(power, ratio)
  })
  return steps.reduce((sum, s) => sub(sum, reciprocal(s)), y)
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))

/** ψ⁽ⁿ⁾, by its asymptotic series (Abramowitz and Stegun 6.4.11) and its recurrence. */
export const polygamma = (n: number, z: Complex): Complex => {
  if (n === 0) return digamma(z)
  if (isPole(z)) return NOWHERE
  const steps = stepsFrom(z)
  const w = add(z, real(steps.length))
  let y = add(
    scale(reciprocal(integerPower(w, n)), factorial(n - 1)),
    scale(reciprocal(integerPower(w, n + 1)), factorial(n) / 2),
  )
  BERNOULLI.forEach((b, j) => {
    const k = j + 1
    const c = (b * factorial(2 * k + n - 1)) / factorial(2 * k)
    y = add(y, div(real(c), integerPower(w, 2 * k + n)))
  })
  for (const s of steps) y = add(y, scale(reciprocal(integerPower(s, n + 1)), factorial(n)))
  return n % 2 === 0 ? neg(y) : y
}

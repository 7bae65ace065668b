import { type DoubleDouble, divide, one } from './doubleDouble.js'

/** `1/0!, 1/1!, ..., 1/36!`: what Taylor series are made of. */
export const inverseFactorials: readonly DoubleDouble[] = (() => {
  const inverses = [one]
  for (let n = 1, last = one; n <= 36; n++) {
    last = divide(last, [n, 0])
    inverses.push(last)
  }
  return inverses
})()

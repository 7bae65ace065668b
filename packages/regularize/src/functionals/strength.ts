import { CotangentError, type Num } from '@cotangent/core'

/** Refuses a negative strength; tensors are not looked at, they may be traced. */
export const strength = (name: string, lambda: Num): Num => {
  if (typeof lambda === 'number' && !(lambda >= 0 && lambda < Number.POSITIVE_INFINITY))
    throw new CotangentError('Value', `${name}: λ is ${lambda}. Give a number that is not negative.`, {
      op: name,
    })
  return lambda
}

/** A strength as it is printed. */
export const show = (lambda: Num): string => (typeof lambda === 'number' ? String(lambda) : 'tensor')

/** Refuses a parameter that is not a finite number above `bound`. */
export const above = (name: string, symbol: string, value: Num, bound: number): Num => {
  if (typeof value === 'number' && !(value > bound && value < Number.POSITIVE_INFINITY))
    throw new CotangentError('Value', `${name}: ${symbol} is ${value}. Give a number above ${bound}.`, {
      op: name,
    })
  return value
}

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as arithmetic from '../../src/oracles/doubleDouble/arithmetic.js'
import { add, type DoubleDouble, div, mul, sub } from '../../src/oracles/doubleDouble/arithmetic.js'
import * as functions from '../../src/oracles/doubleDouble/functions/index.js'

// Against values of 30 digits made by reference.py. Relative errors, but absolute ones where the function is near a
// zero that is not at a double.

type Fun = (...x: DoubleDouble[]) => DoubleDouble

const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Record<
  string,
  number[]
>
const pairs: Record<string, Fun> = {
  add: (x, y) => add(x!, y!),
  mul: (x, y) => mul(x!, y!),
  div: (x, y) => div(x!, y!),
  atan2: (x, y) => functions.atan2(x!, y!),
  pow: (x, y) => functions.pow(x!, y!),
  hypot: (x, y) => functions.hypot(x!, y!),
  polygamma: (n, x) => functions.polygamma(n![0], x!),
}
/** Functions whose zeros, or whose cancelling parts, cost relative accuracy. */
const absolute = new Set(['lgamma', 'digamma', 'polygamma'])
const tolerance: Record<string, number> = { pow: 1e-29, add: 1e-31, mul: 1e-31, div: 1e-31, sqrt: 1e-31 }

for (const [name, row] of Object.entries(reference))
  test(`${name} to 30 digits`, () => {
    const all: Record<string, unknown> = { ...functions, ...arithmetic }
    const f = pairs[name] ?? (all[name] as Fun)
    const arity = pairs[name] ? 2 : 1
    let worst = 0
    let at: readonly DoubleDouble[] = []
    for (let i = 0; i < row.length; i += 2 * arity + 2) {
      const word = (k: number): DoubleDouble => [row[i + 2 * k]!, row[i + 2 * k + 1]!]
      const args = Array.from({ length: arity }, (_, k) => word(k))
      const expected = word(arity)
      const actual = f(...args)
      const size = absolute.has(name) ? Math.max(1, Math.abs(expected[0])) : Math.abs(expected[0])
      const error = Math.abs(sub(actual, expected)[0]) / size
      if (!(error <= worst)) [worst, at] = [error, args]
    }
    expect(worst, `${name} at ${JSON.stringify(at)}`).toBeLessThan(tolerance[name] ?? 3e-30)
  })

test.each([
  [1.5 * 2 ** -1060, 1],
  [5e-324, 1.25],
  [-(2 ** -60) / 3, 2 ** 1000],
  [2 ** -100 / 7, 2 ** 950 * 1.3],
  [2 ** -1070, 3 * 2 ** -20],
])('a subnormal angle of %s and %s is the quotient', (y, x) => {
  const [high, low] = functions.atan2([y, 0], [x, 0])
  expect(high + low).toBe(y / x)
})

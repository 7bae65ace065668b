import { showNumber } from '../report/render.js'
import { flattenFloats } from '../subject/leaves.js'
import type { Verdictual } from './verdict.js'

export interface RateOptions {
  /** The first step; default 1/8. It is halved from there. */
  readonly from?: number
  /** How often; default 5. */
  readonly halvings?: number
  /** How much lower than asked a rate may be; default 0.1. Higher ones pass. */
  readonly slack?: number
}

/** Below this many times the rounding of the largest value nothing shrinks any more. */
const ROUNDING = 64 * 2 ** -52

/** The largest entry of a number, a tensor or a tree. */
const sizeOf = (x: unknown): number => flattenFloats(x).data.reduce((m, v) => Math.max(m, Math.abs(v)), 0)

/**
 * |f(h)| = O(hᵖ): the size of f falls by 2ᵖ, or more, each time that h is halved. The rate is that of the last halving before
 * rounding; an error that is rounding from the start has converged at any rate.
 */
export const convergesAtRate = (
  f: (h: number) => unknown,
  rate: number,
  { from = 1 / 8, halvings = 5, slack = 0.1 }: RateOptions = {},
): Verdictual => {
  const steps = Array.from({ length: halvings + 1 }, (_, k) => from / 2 ** k)
  const sizes = steps.map((h) => sizeOf(f(h)))
  const floor = ROUNDING * Math.max(...sizes, 1)
  const clear = sizes.findIndex((s) => !(s > floor))
  const seen = clear < 0 ? sizes : sizes.slice(0, clear)
  const rates = seen.slice(1).map((s, i) => Math.log2(seen[i]! / s))
  const table = [
    '  h           size        rate',
    ...sizes.map((s, i) => {
      const cells = [steps[i]!, s].map((v) => v.toExponential(3).padEnd(11))
      const last =
        i === 0 ? '' : i < seen.length ? rates[i - 1]!.toFixed(2) : Number.isFinite(s) ? 'rounding' : ''
      return `  ${cells.join(' ')} ${last}`.trimEnd()
    }),
  ].join('\n')
  const last = rates.at(-1)
  if (sizes.some((s) => !Number.isFinite(s)))
    return { pass: false, message: () => `it is not finite everywhere\n${table}` }
  if (last === undefined)
    return clear < 0
      ? { pass: false, message: () => `one step shows no rate: ask for more halvings\n${table}` }
      : { pass: true, message: () => `it has converged, and should not have\n${table}` }
  const text = `it converges at the rate ${showNumber(last, 3)}`
  return last >= rate - slack
    ? { pass: true, message: () => `${text}, and should not at ${rate}\n${table}` }
    : { pass: false, message: () => `${text}, not ${rate}\n${table}` }
}

import { isFloat } from '@cotangent/core/internal'
import type { Traced } from '../../subject/subject.js'
import type { Answer } from '../oracle.js'
import { degreesOf } from './degree.js'

/** Steps at which the line has to be the parabola: a function that is made of pieces may be one at 0 and ±1 alone. */
const FAR = [2, 0.5] as const
const NEAR = [2 ** -10, 2 ** -20, 2 ** -30] as const
/** Roundings of a value that its terms may add up to. */
const ROUNDINGS = 64

/**
 * The derivative of a bilinear operation by exact differences: for a polynomial of at most the second degree along a line,
 * (φ(1) - φ(-1))/2 is φ'(0), whatever the step, so that the step is 1 and nothing cancels. What products, convolutions and
 * all linear operations are made of is such a polynomial; for others it is unavailable, and the operation is named.
 *
 * That the graph is one is read from it (products add degrees); that the function is what the graph says, and that a function
 * without a graph is one, is seen at other steps, near and far, which must lie on the same parabola up to rounding. The
 * error is what steps of 1, 2 and ½ disagree by, and the rounding of the values.
 */
export const exactDifference = (
  line: { readonly at: (t: number) => number; readonly eps: number },
  traced: Traced | undefined,
  moving: readonly boolean[],
): Answer => {
  if (traced) {
    const { graph, inputs } = traced
    const degrees = degreesOf(
      graph,
      inputs.map((x, i) => Number(moving[i] && isFloat(x.dtype))),
    )
    if ('op' in degrees) return { unavailable: `${degrees.op} is not bilinear`, ...degrees }
    const degree = Math.max(0, ...degrees)
    if (degree > 2) return { unavailable: `it is a polynomial of degree ${degree}, not bilinear` }
  }
  return parabola(line.at, line.eps)
}

const parabola = (at: (t: number) => number, eps: number): Answer => {
  const [here, hi, lo] = [at(0), at(1), at(-1)]
  const [slope, bend] = [(hi - lo) / 2, (hi - 2 * here + lo) / 2]
  if (!Number.isFinite(slope)) return { unavailable: 'the function is not defined at steps of 1' }
  let size = Math.max(Math.abs(here), Math.abs(hi), Math.abs(lo))
  let spread = 0
  for (const t of [...FAR, ...NEAR]) {
    const [p, q] = [at(t), at(-t)]
    size = Math.max(size, Math.abs(p), Math.abs(q))
    const off = Math.max(
      Math.abs(p - (here + t * slope + t * t * bend)),
      Math.abs(q - (here - t * slope + t * t * bend)),
    )
    if (!(off <= ROUNDINGS * eps * size))
      return { unavailable: 'values along the line are not those of a polynomial of degree 2' }
    if (t >= 0.5) spread = Math.max(spread, Math.abs((p - q) / (2 * t) - slope))
  }
  return { value: slope, error: spread + eps * size }
}

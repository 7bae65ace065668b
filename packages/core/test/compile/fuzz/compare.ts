import type { Target } from '../../../src/compile/library.js'
import { isFloat } from '../../../src/dtype.js'
import type { GraphIR } from '../../../src/graph/ir.js'
import { dataOf, type Tensor } from '../../../src/tensor.js'
import { firstDifference, firstOtherNumber, show } from './data.js'
import { exactly, interpret, type Value } from './judge.js'
import { Random } from './random.js'

// Results of a compiled program beside the interpreter's: bit by bit, or as near as shaking says they must be.

const SAMPLES = 6
const FACTOR = 16 // times the largest movement of a shaken interpreter

/** The interpreter's results with everything moved that is rounded; `instead` is what a node that refuses gives. */
export const shakes = (
  graph: GraphIR,
  args: readonly Tensor[],
  { relaxed }: Target,
  seed: number,
  instead = 0,
): readonly (readonly Tensor[])[] =>
  Array.from({ length: SAMPLES }, (_, k) =>
    interpret(graph, args.map(exactly), { relaxed, shake: new Random(seed + 7919 * k), instead }).map(
      (v) => v.tensor,
    ),
  )

/** Is a result as near as shaking says it must be? Entries that shaking moves to another kind of number are left out. */
const near = (got: Tensor, want: Tensor, moved: readonly Tensor[]): number | undefined => {
  const [x, y] = [dataOf(got), dataOf(want)]
  const others = moved.map((t) => dataOf(t))
  const settled = (i: number): boolean =>
    others.every(
      (o) => Number.isFinite(o[i]!) === Number.isFinite(y[i]!) && Number.isNaN(o[i]!) === Number.isNaN(y[i]!),
    )
  let [spread, size] = [0, 0]
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]!)) continue
    size = Math.max(size, Math.abs(y[i]!))
    for (const o of others) if (Number.isFinite(o[i]!)) spread = Math.max(spread, Math.abs(o[i]! - y[i]!))
  }
  const tiny = got.dtype === 'float32' ? 2 ** -126 : 2 ** -1022
  const bound = isFloat(got.dtype)
    ? FACTOR * spread + (got.dtype === 'float32' ? 2 ** -21 : 2 ** -50) * size + tiny
    : spread
  // The largest float and infinity are neighbours.
  const top = got.dtype === 'float32' ? 2 ** 128 * (1 - 2 ** -24) : Number.MAX_VALUE
  const within = (x: number): number => Math.max(-top, Math.min(top, x))
  for (let i = 0; i < y.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i] || !settled(i)) continue
    const d = isFloat(got.dtype) ? within(x[i]!) - within(y[i]!) : x[i]! - y[i]!
    if (!(Math.abs(d) <= bound)) return i
  }
  return undefined
}

/** Compares results; says what is wrong with them. */
export const compare = (
  got: readonly Tensor[],
  want: readonly Value[],
  moved: () => readonly (readonly Tensor[])[],
): string | undefined => {
  let others: ReturnType<typeof moved> | undefined
  for (const [k, { tensor, exact, unsigned, open }] of want.entries()) {
    const at = (unsigned ? firstOtherNumber : firstDifference)(got[k]!, tensor)
    if (at === undefined || (open && at >= 0)) continue
    if (exact || unsigned || at < 0)
      return `result ${k}: ${show(got[k]!, tensor, at)}, ${unsigned ? 'but for zeros' : 'bit by bit'}`
    others ??= moved()
    const far = near(
      got[k]!,
      tensor,
      others.map((o) => o[k]!),
    )
    if (far !== undefined) return `result ${k}: ${show(got[k]!, tensor, far)}, roughly`
  }
  return undefined
}

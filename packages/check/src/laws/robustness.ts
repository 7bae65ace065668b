import { slice, type Tensor, tree } from '@cotangent/core'
import { isFloat } from '@cotangent/core/internal'
import { backwardBirthplace, birthplace } from '../blame/born.js'
import { lineAlong } from '../oracles/direction.js'
import { ridders } from '../oracles/ridders.js'
import type { Rng } from '../random.js'
import { regularityOf } from '../regularity/regularity.js'
import { located, type Subject } from '../subject/subject.js'
import { tracedSubject } from '../subject/traced.js'
import { possibly } from './bits.js'
import { type Context, type Finding, fails, holds, nothingFound } from './context.js'

/** Single entries that are set to 0, one at a time. */
const MOST = 4

/** Points where derivatives tend to break: zeros, ties, and numbers far from 1. */
const edges = (x: Float64Array): readonly Float64Array[] => {
  const signed = (size: number): Float64Array => x.map((v) => (v < 0 ? -size : size))
  return [
    x.map(() => 0),
    ...Array.from({ length: Math.min(MOST, x.length) }, (_, i) => x.map((v, k) => (k === i ? 0 : v))),
    x.map(() => x[0]!),
    ...[1e3, 1e150, 1e-150].map(signed),
    x.map((_, i) => (i % 2 === 0 ? 1e3 : -1e3)),
  ]
}

/**
 * Whether the function has a derivative along an entry that is a number: it is smooth or has a kink along it, and along a random
 * direction, and its slope does not overflow.
 */
const isTame = (s: Subject, x: Float64Array, v: Float64Array, i: number, rng: Rng): boolean => {
  const size = (c: number): number => Math.abs(c) || 1
  const calm = (d: Float64Array): boolean => {
    const line = lineAlong((z) => s.value(z).data, x, v, d, s.eps)
    const { verdict, left, right } = regularityOf(line)
    if (verdict === 'kink') return Number.isFinite(left / size(x[i]!)) && Number.isFinite(right / size(x[i]!))
    if (verdict !== 'smooth') return false
    // Where rounding hides the slope nothing is known of it.
    const slope = ridders(line)
    return (
      slope !== null &&
      slope.error <=
        1e-2 * Math.abs(slope.value) + 1e-9 * Math.max(Math.abs(line.at0), Math.abs(line.probe(1, 1)) || 0) &&
      Number.isFinite(slope.value / size(x[i]!))
    )
  }
  return calm(x.map((c, k) => (k === i ? size(c) : 0))) && calm(x.map((c) => size(c) * rng.normal()))
}

/** The gradient at a point is finite, where the value and the slope are; the first entry that is not. */
const brokenAt = (
  s: Subject,
  x: Float64Array,
  v: Float64Array,
  rng: Rng,
): { readonly index: number; readonly value: number } | null => {
  const y = possibly(() => s.value(x).data)
  if (!y || y.length !== v.length || !y.every(Number.isFinite)) return null
  const g = s.reverse(x, v).data
  const index = g.findIndex((c, i) => !Number.isFinite(c) && isTame(s, x, v, i, rng))
  return index < 0 ? null : { index, value: g[index]! }
}

/** The same arguments with all axes of length 1, or with none of their entries. */
const cut = (args: readonly unknown[], length: 0 | 1): unknown[] =>
  tree.map(
    (x: Tensor) =>
      x.rank === 0 || x.size === 0
        ? x
        : slice(
            x,
            x.shape.map(() => 0),
            x.shape.map((n, axis) => (length === 0 && axis > 0 ? n : length)),
          ),
    args as never,
  ) as unknown[]

/**
 * Where the value and the true gradient are finite, so is the gradient that is computed: at zeros and ties, at ±1000, where exponentials
 * overflow, and at 1e±150, where squares do; also on tensors whose axes have length 1 and on empty ones, if the function takes
 * them, where the gradient has the shape of the argument. Branches whose untaken side is singular and quotients that
 * overflow on the way break it.
 */
export const robustnessLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.source || s.x.length === 0) return nothingFound
  const { f, argsAt } = s.source
  let cases = 0
  for (const x of edges(s.x)) {
    const found = brokenAt(s, x, v, c.rng)
    cases++
    if (found) return fails(notFinite(c, s, x, found))
  }
  const args = argsAt(s.x)
  for (const length of c.edges === 'values' ? [] : ([1, 0] as const)) {
    const there = possibly(() => cut(args, length))
    const other = there && possibly(() => accepted(f, there))
    if (!other) continue
    cases++
    const broken = shapeOf(c, other, there)
    if (broken) return broken
  }
  return holds('robustness', cases)
}

const notFinite = (
  c: Context,
  s: Subject,
  x: Float64Array,
  { index, value }: { readonly index: number; readonly value: number },
) => {
  const there = possibly(() => tracedSubject(s.source!.f as never, s.source!.argsAt(x)))
  const at = there && possibly(() => bornIn(there))
  return {
    ...c.common('robustness'),
    at: s.source!.argsAt(x),
    _tag: 'NonFinite' as const,
    what: 'gradient' as const,
    value,
    entry: s.entries[index]!,
    ...(at && { born: at }),
  }
}

const bornIn = (s: Subject) => {
  const traced = located(s)
  const forward = traced && birthplace(traced)
  if (forward) return { ...forward, pass: 'forward' as const }
  const backward = traced && backwardBirthplace(traced)
  return backward && { ...backward, pass: 'backward' as const }
}

/** The function at arguments of another shape; throws where it does not take them. */
const accepted = (f: (...args: unknown[]) => unknown, args: readonly unknown[]): Subject => {
  f(...args)
  return tracedSubject(f as never, args)
}

const shapeOf = (c: Context, s: Subject, args: readonly unknown[]): Finding | null => {
  const shapes = (tree.leaves(args as never) as Tensor[])
    .filter((x) => isFloat(x.dtype))
    .map((x) => `[${x.shape}]`)
    .join(', ')
  const drift = (got: string): Finding =>
    fails({
      ...c.common('robustness'),
      at: args,
      _tag: 'ShapeDrift',
      what: `the gradient at shapes ${shapes}`,
      expected: `${s.x.length} numbers`,
      got,
    })
  const v = s.value(s.x).data.map(() => 1)
  try {
    const g = s.reverse(s.x, v).data
    if (g.length !== s.x.length) return drift(`${g.length} numbers`)
  } catch (cause) {
    return drift(`it threw: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  const found = brokenAt(s, s.x, v, c.rng)
  return found ? fails(notFinite(c, s, s.x, found)) : null
}

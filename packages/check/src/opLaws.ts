import {
  CotangentError,
  type Op,
  stack,
  type Tensor,
  Tensor as TensorClass,
  tensor,
  vmap,
} from '@cotangent/core'
import { type Domain, isFloat, opParams, traceAt } from '@cotangent/core/internal'
import * as E from 'fp-ts/lib/Either.js'
import { judgeAtKink } from './blame/blame.js'
import { checkGrad } from './checkGrad.js'
import type { GradFailure } from './failure.js'
import { run } from './graph/visit.js'
import { freshSeed, type Rng, rngOf } from './random.js'
import { render } from './report/render.js'

export interface OpLawOptions {
  readonly seed?: number
  /** Operands to check at, for operations whose shapes cannot be guessed; one list for each call. */
  readonly at?: readonly (readonly Tensor[])[]
}

type Operands = readonly Tensor[]

const SHAPES: readonly (readonly number[])[] = [[3], [], [2, 3], [3, 3], [3, 2]]
const POINTS = 3

const combinations = (n: number): (readonly number[])[][] => {
  const same = SHAPES.map((s) => Array.from({ length: n }, () => s))
  if (n === 1 || n > 3) return same
  const all = Array.from({ length: n }).reduce<(readonly number[])[][]>(
    (lists) => lists.flatMap((list) => SHAPES.map((s) => [...list, s])),
    [[]],
  )
  return [...same, ...all]
}

const numberIn = (domain: Domain | undefined, rng: Rng, round: number): number => {
  const draw = Math.round(64 * rng.normal() * (round === 1 ? 3 : 1)) / 64 || 1 / 64
  if (typeof domain !== 'object') return draw
  const [lo, hi] = [domain.lo, domain.hi]
  if (Number.isFinite(lo) && Number.isFinite(hi)) return lo + (hi - lo) * (0.1 + 0.8 * rng.uniform())
  if (Number.isFinite(lo)) return lo + Math.abs(draw)
  return Number.isFinite(hi) ? hi - Math.abs(draw) : draw
}

const operand = (domain: Domain | undefined, shape: readonly number[], rng: Rng, round: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  const data = Float64Array.from({ length: size }, () => numberIn(domain, rng, round))
  if (typeof domain === 'string' && shape.length === 2 && shape[0] === shape[1]) {
    const n = shape[0]!
    const at = (i: number, j: number): number => data[i * n + j]!
    // Diagonally dominant, symmetric where asked: inside of every kind of domain of matrices.
    const made = Float64Array.from(data, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n]
      if (i === j) return 4 * n + at(i, i)
      if (domain === 'lowerTriangular') return j > i ? 0 : at(i, j)
      return domain === 'spd' || domain === 'symmetric' ? at(Math.min(i, j), Math.max(i, j)) : at(i, j)
    })
    return tensor(made, { shape: [...shape] }) as Tensor
  }
  return tensor(data, { shape: [...shape] }) as Tensor
}

const resultsOf = (op: Op, xs: Operands): readonly Tensor[] => {
  const y = op(...xs)
  return y instanceof TensorClass ? [y] : y
}

const finite = (ts: readonly Tensor[]): boolean =>
  ts.every((t) => t.toTypedArray().every((v) => Number.isFinite(v)))

/** The operation accepts these operands and gives finite floats. */
const fits = (op: Op, xs: Operands): boolean => {
  try {
    return finite(resultsOf(op, xs))
  } catch {
    return false
  }
}

const abs = (xs: Operands): Operands =>
  xs.map((x) => tensor(Float64Array.from(x.toTypedArray(), Math.abs), { shape: [...x.shape] }) as Tensor)

/** Up to two combinations of shapes that the operation accepts, a few points each. */
const operandsFor = (op: Op, rng: Rng): Operands[] => {
  const { expand, domain } = op.definition
  const points: Operands[] = []
  let accepted = 0
  for (const shapes of combinations(Math.max(expand.length, 1))) {
    const draws = Array.from({ length: POINTS }, (_, round) =>
      shapes.map((s, i) => operand(domain?.[i] ?? domain?.[0], s, rng, round)),
    )
    const found = draws.flatMap((xs) => (fits(op, xs) ? [xs] : fits(op, abs(xs)) ? [abs(xs)] : []))
    points.push(...found)
    if (found.length > 0 && ++accepted === 2) break
  }
  return points
}

/** Points where kinks are likely: zeros, ties, ones. */
const edgesOf = (op: Op, points: readonly Operands[]): Operands[] => {
  const shapes = new Map(points.map((xs) => [xs.map((x) => x.shape.join()).join(';'), xs]))
  return [...shapes.values()].flatMap((xs) =>
    [0, 1, -1]
      .map((c) => xs.map((x) => tensor(new Float64Array(x.size).fill(c), { shape: [...x.shape] }) as Tensor))
      .filter((ys) => fits(op, ys)),
  )
}

const edgeFailures = (op: Op, xs: Operands, seed: number): GradFailure[] => {
  const { graph, args } = traceAt('check', op as unknown as (...a: never[]) => unknown, xs, true)
  return run(graph, args)
    .visits.filter((v) => opParams(v.node))
    .flatMap((v): GradFailure[] => {
      const found = judgeAtKink(v, rngOf(seed))
      if (!found) return []
      const { local, expected } = found
      return [
        {
          _tag: 'Mismatch',
          law: 'reverse',
          seed,
          of: op.definition.name,
          at: xs,
          analytic: local,
          oracle: expected,
          tolerance: expected.error,
          relative: Math.abs(local - expected.value) / Math.max(Math.abs(expected.value), 1e-300),
          blame: [{ op: v.op, path: v.path, ...found }],
          smooth: 'kink',
        },
      ]
    })
}

const subsets = (n: number): number[][] =>
  Array.from({ length: 2 ** n - 1 }, (_, m) =>
    Array.from({ length: n }, (_v, i) => i).filter((i) => (m + 1) & (1 << i)),
  ).slice(-7)

/** vmap is a loop, whichever operands have the batch axis. */
const batchFailure = (op: Op, draws: readonly Operands[], seed: number): GradFailure | null => {
  const n = draws[0]!.length
  for (const batched of subsets(n)) {
    const example = (k: number): Operands =>
      draws[0]!.map((x, i) => (batched.includes(i) ? draws[k]![i]! : x))
    const loop = draws.map((_, k) => resultsOf(op, example(k)))
    const args = draws[0]!.map((x, i) =>
      batched.includes(i) ? (stack(draws.map((d) => d[i]!)) as Tensor) : x,
    )
    const all = vmap((...xs: Tensor[]) => resultsOf(op, xs), {
      inAxes: draws[0]!.map((_, i) => (batched.includes(i) ? 0 : null)),
    })(...args)
    for (const [j, y] of all.entries()) {
      const want = Float64Array.from((stack(loop.map((l) => l[j]!)) as Tensor).toTypedArray())
      const got = y.toTypedArray()
      const size = want.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
      const i = got.findIndex((v, k) => !(Math.abs(v - want[k]!) <= 1e-12 * size))
      if (i < 0 && got.length === want.length) continue
      const [local, value] = [got[Math.max(i, 0)]!, want[Math.max(i, 0)]!]
      const expected = { value, error: 1e-12 * size }
      return {
        _tag: 'Mismatch',
        law: 'batch',
        seed,
        of: op.definition.name,
        at: args,
        analytic: local,
        oracle: expected,
        tolerance: expected.error,
        relative: Math.abs(local - value) / Math.max(Math.abs(value), 1e-300),
        blame: [{ op: op.definition.name, path: '', rule: 'batch', local, expected }],
        smooth: 'smooth',
      }
    }
  }
  return null
}

const sameShapes = (a: Operands, b: Operands): boolean =>
  a.every((x, i) => x.shape.join() === b[i]!.shape.join())

/**
 * Every law of an operation made with `defineOp`: its jvp, vjp, transpose and batch rule against its meaning, at several
 * points, to the second order, and at zeros and ties.
 *
 * @throws CotangentError of kind `Rule` with the rendered report of the first law that does not hold.
 *
 * @example
 * const twice = defineOp({ name: 'twice', expand: (x: Tensor) => mul(x, 2), jvp: (_, [t]) => mul(t, 3) })
 * expectOpLaws(twice) // throws /blame +twice/
 */
export const expectOpLaws = <A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  operation: Op<A, R>,
  { seed = freshSeed(), at }: OpLawOptions = {},
): void => {
  const op = operation as unknown as Op
  const { name } = op.definition
  const points = at ?? operandsFor(op, rngOf(seed))
  if (points.length === 0)
    throw new CotangentError(
      'Rule',
      `expectOpLaws: ${name} accepts none of the operands tried. Give some: expectOpLaws(${name}, { at: [[x, y], ...] }).`,
      { op: name },
    )
  const refuse = (failure: GradFailure): never => {
    throw new CotangentError('Rule', render({ ...failure, of: name }), { op: name })
  }
  const call = (...xs: Tensor[]): readonly Tensor[] => resultsOf(op, xs)
  // Outside of a domain of matrices an operation promises nothing.
  const bounded = op.definition.domain?.some((d) => typeof d === 'string')
  // Operands that were given may have the only shapes that fit.
  const edges = bounded ? false : at ? 'values' : true
  const checked: Operands[] = []
  let threw: GradFailure | undefined
  for (const xs of points) {
    // Integers and truth values have no derivative: what remains is that vmap is a loop.
    if (!resultsOf(op, xs).some((y) => isFloat(y.dtype)) || !xs.some((x) => isFloat(x.dtype))) {
      checked.push(xs)
      continue
    }
    const result = checkGrad(call, [...xs], { order: 2, seed, edges })
    const first = E.isLeft(result) ? result.left[0] : undefined
    if (first?._tag === 'Inconclusive' && first.cause !== undefined) {
      // The meaning may accept shapes that were guessed and that a rule was not made for.
      threw ??= first
      if (at) refuse(first)
      continue
    }
    if (first && first._tag !== 'Inconclusive') refuse(first)
    checked.push(xs)
  }
  if (checked.length === 0 && threw) refuse(threw)
  for (const xs of edgesOf(op, checked)) {
    const [first] = edgeFailures(op, xs, seed)
    if (first) refuse(first)
  }
  const draws = checked.filter((xs) => sameShapes(xs, checked[0]!)).slice(0, 3)
  const batch = batchFailure(op, draws, seed)
  if (batch) refuse(batch)
}

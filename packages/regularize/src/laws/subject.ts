import { CotangentError, type Tensor, tensor, vmap } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { by, generator, type Numbers, numbersOf, shaped } from './numbers.js'

/** Two functionals that must be the same, as a group lasso with groups of one entry and `l1`. */
export interface Twin {
  readonly name: string
  readonly a: Functional
  readonly b: Functional
}

/** Options of `checkPenalty`. */
export interface CheckPenaltyOptions {
  /** Of the tensors it is tested on. Default: a vector of 5 if it takes one, otherwise a matrix. */
  readonly shape?: readonly number[]
  /** Default 0.1, 0.5, 1, 2.5, 5, 10. */
  readonly steps?: readonly number[]
  /** Of the random points; part of every result. Default 1. */
  readonly seed?: number
  /** How much better than the prox any point may be, relative to 1 + the objective. Default 1e-10. */
  readonly excess?: number
  /** Of derivatives and of identities between proxes, relative. Default 1e-6. */
  readonly tolerance?: number
  readonly twins?: readonly Twin[]
}

/** A functional and the points it is tested at. */
export interface Subject {
  readonly f: Functional
  readonly shape: readonly number[]
  readonly size: number
  /** Entries away from 0 and from each other. */
  readonly generic: readonly Numbers[]
  /** With zeros, equal entries, and 0 itself. */
  readonly special: readonly Numbers[]
  readonly points: readonly Numbers[]
  readonly steps: readonly number[]
  readonly excess: number
  readonly tolerance: number
  readonly twins: readonly Twin[]
  readonly random: () => number
  value(x: Numbers): number
  /** One after another or at once, whichever works. */
  values(xs: readonly Numbers[]): readonly number[]
  prox(x: Numbers, step: number, metric?: Numbers): number[]
  /** Of each point with its step, in one metric. */
  proxes(xs: readonly Numbers[], steps: readonly number[], metric?: Numbers): readonly Numbers[]
  tensor(x: Numbers): Tensor
}

const SHAPES: readonly (readonly number[])[] = [[5], [3, 2], [4, 4], [3, 3, 2]]

const shapeFor = (f: Functional): readonly number[] => {
  for (const shape of SHAPES)
    try {
      f.value(shaped(new Array<number>(shape.reduce((a, b) => a * b)).fill(0.5), shape))
      return shape
    } catch (error) {
      if (!(error instanceof CotangentError)) throw error
    }
  throw new CotangentError(
    'Shape',
    `checkPenalty: ${f.name} takes none of the shapes ${SHAPES.map((s) => `[${s}]`).join(', ')}. Give { shape }.`,
    { op: 'checkPenalty' },
  )
}

// A functional of someone's own need not be one that vmap takes.
const atOnce = <T>(batch: () => T, loop: () => T): T => {
  try {
    return batch()
  } catch {
    return loop()
  }
}

const dyadic = (v: number): number => Math.round(v * 64) / 64

export const subjectOf = (f: Functional, options: CheckPenaltyOptions): Subject => {
  const {
    seed = 1,
    steps = [0.1, 0.5, 1, 2.5, 5, 10],
    excess = 1e-10,
    tolerance = 1e-6,
    twins = [],
  } = options
  const shape = options.shape ?? shapeFor(f)
  const size = shape.reduce((a, b) => a * b, 1)
  const random = generator(seed)
  // Distinct sizes, both signs: (i + u)/n spreads them, a permutation hides the order.
  const spread = (scale: number): number[] =>
    Array.from({ length: size }, (_, i) => ({ key: random(), v: (i + 0.2 + 0.6 * random()) / size }))
      .sort((a, b) => a.key - b.key)
      .map(({ v }) => dyadic(scale * v * (random() < 0.5 ? -1 : 1)) + 1 / 1024)
  const generic = [spread(4), spread(1), spread(12)]
  const holes = generic[0]!.map((v, i) => (i % 2 === 0 ? v : 0))
  const special = [holes, new Array<number>(size).fill(1.5), new Array<number>(size).fill(0)]
  const at = (x: Numbers): Tensor => shaped(x, shape)
  const rows = (xs: readonly Numbers[]): Tensor =>
    tensor(Float64Array.from(xs.flat()), { shape: [xs.length, ...shape] }) as Tensor
  const single = (x: Numbers): number => f.value(at(x)).item()
  const near = (x: Numbers, step: number, metric?: Numbers): number[] =>
    numbersOf(f.prox!(at(x), step, metric && at(metric)))
  return {
    f,
    shape,
    size,
    generic,
    special,
    points: [...generic, ...special],
    steps,
    excess,
    tolerance,
    twins,
    random,
    value: single,
    values: (xs) =>
      atOnce(
        () => numbersOf(vmap((x: Tensor) => f.value(x))(rows(xs))),
        () => xs.map(single),
      ),
    prox: near,
    proxes: (xs, ts, metric) =>
      atOnce(
        () => {
          const of = (x: Tensor, t: Tensor): Tensor => f.prox!(x, t, metric && at(metric))
          const all = numbersOf(vmap(of)(rows(xs), shaped(ts, [ts.length])))
          return xs.map((_, k) => all.slice(k * size, (k + 1) * size))
        },
        () => xs.map((x, k) => near(x, ts[k]!, metric)),
      ),
    tensor: at,
  }
}

/** Points around some others, on scales of many magnitudes, with zeros among their entries. */
export const around = ({ random, size }: Subject, centers: readonly Numbers[], n: number): Numbers[] =>
  Array.from({ length: n }, (_, i) => {
    const center = centers[i % centers.length]!
    const scale = 3 * 10 ** (-6 * random())
    const moved = center.map((v) => (random() < 0.3 ? v : v + scale * (2 * random() - 1)))
    if (i % 4 === 0) return moved.map((v) => (random() < 0.4 ? 0 : v))
    if (i % 7 === 0) return by(1 + scale * (random() - 0.5), center)
    return size === 0 ? [] : moved
  })

import { isFloat } from '../../src/dtype.js'
import type { Maybe, Primitive } from '../../src/graph/ir.js'
import { neg, scale } from '../../src/primitives/arithmetic.js'
import { broadcast, reverse, sliceAxis } from '../../src/primitives/structural.js'
import { range, sameShape } from '../../src/shape.js'
import type { Tensor } from '../../src/tensor.js'
import type { Case } from '../laws/generate.js'
import { primitives } from '../laws/primitives.js'

// Wrong versions of a row, made by wrapping its rules while they run. The sources are not touched.

/** A way in which a rule can be wrong. */
export interface Mutant {
  readonly rule: 'jvp' | 'linearize' | 'transpose' | 'batch'
  readonly kind: string
  /** Puts the wrong rule in place; the result puts the right one back. */
  readonly plant: () => () => void
}

type Mutable = { -readonly [K in keyof Primitive]: Primitive[K] }
type Change = (x: Tensor) => Maybe

const replace = <K extends keyof Primitive>(row: Primitive, key: K, rule: Primitive[K]): (() => void) => {
  const target = row as Mutable
  const right = target[key]
  target[key] = rule
  return () => {
    target[key] = right
  }
}

const wrongValues: readonly (readonly [string, Change])[] = [
  ['sign', neg],
  ['factor 2', (x) => scale(x, 2)],
  ['factor 1 + 1e-6', (x) => scale(x, 1 + 1e-6)],
]
const change = (xs: readonly Maybe[], f: Change): Maybe[] => xs.map((x) => (x && isFloat(x.dtype) ? f(x) : x))

/** Rules of the row that the cases reach, and how many cotangents its transpose delivers at once. */
export interface Reached {
  readonly jvp: boolean
  readonly linearize: boolean
  readonly cotangents: number
}

/** Runs `work` and watches which rules of the row answer with something. */
export const watch = (row: Primitive, work: () => void): Reached => {
  const seen = { jvp: false, linearize: false, cotangents: 0 }
  const right = { jvp: row.jvp, linearize: row.linearize, transpose: row.transpose }
  const restore = [
    replace(row, 'jvp', (...args) => {
      const result = right.jvp.apply(row, args)
      seen.jvp ||= result.some((t) => t !== null)
      return result
    }),
  ]
  if (right.linearize) {
    const rule = right.linearize
    restore.push(
      replace(row, 'linearize', (...args) => {
        const result = rule.apply(row, args)
        seen.linearize ||= result.tangents.some((t) => t !== null)
        return result
      }),
    )
  }
  if (right.transpose !== 'nonlinear') {
    const rule = right.transpose
    restore.push(
      replace(row, 'transpose', (...args) => {
        const result = rule(...args)
        seen.cotangents = Math.max(seen.cotangents, result.filter((c) => c && isFloat(c.dtype)).length)
        return result
      }),
    )
  }
  try {
    work()
  } finally {
    for (const undo of restore.reverse()) undo()
  }
  return seen
}

const jvpMutants = (row: Primitive, c: Case): Mutant[] => {
  const right = row.jvp
  const live = c.draws[0]!.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []))
  const values = wrongValues.map(
    ([kind, f]): Mutant => ({
      rule: 'jvp',
      kind,
      plant: () => replace(row, 'jvp', (...args) => change(right.apply(row, args), f)),
    }),
  )
  const terms = live.map(
    (i): Mutant => ({
      rule: 'jvp',
      kind: 'missing term',
      plant: () =>
        replace(row, 'jvp', (primals, tangents, outs, params) => {
          const rest = tangents.map((t, k) => (k === i ? null : t))
          return rest.every((t) => t === null)
            ? outs.map(() => null)
            : right.call(row, primals, rest, outs, params)
        }),
    }),
  )
  return [...values, ...terms]
}

/** For rows that have no tangent: one that lets a tangent through. */
const inventedTangent = (row: Primitive, c: Case): Mutant[] => {
  const [x] = c.draws[0]!
  if (!x || !isFloat(x.dtype)) return []
  const [out] = row.shape(c.draws[0]!, c.params('float64'))
  if (!out || out.dtype !== x.dtype || !sameShape(out.shape, x.shape)) return []
  return [
    {
      rule: 'jvp',
      kind: 'invented tangent',
      plant: () => replace(row, 'jvp', (_, tangents) => [tangents[0] ?? null]),
    },
  ]
}

const linearizeMutants = (row: Primitive): Mutant[] => {
  const right = row.linearize!
  return wrongValues.map(([kind, f]) => ({
    rule: 'linearize',
    kind,
    plant: () =>
      replace(row, 'linearize', (...args) => {
        const { outs, tangents } = right.apply(row, args)
        return { outs, tangents: change(tangents, f) }
      }),
  }))
}

const transposeMutants = (row: Primitive, cotangents: number): Mutant[] => {
  const right = row.transpose
  if (right === 'nonlinear') return []
  const values = wrongValues.map(
    ([kind, f]): Mutant => ({
      rule: 'transpose',
      kind,
      plant: () => replace(row, 'transpose', (...args) => change(right(...args), f)),
    }),
  )
  const dropped = range(cotangents).map(
    (k): Mutant => ({
      rule: 'transpose',
      kind: 'missing cotangent',
      plant: () =>
        replace(row, 'transpose', (...args) => {
          let at = 0
          return right(...args).map((ct) => (ct && isFloat(ct.dtype) && at++ === k ? null : ct))
        }),
    }),
  )
  return [...values, ...dropped]
}

/** The first example in all places of the batch. */
const repeatFirst = (x: Tensor, size: number): Tensor => {
  const first = sliceAxis(x, 0, 0, Math.min(1, size))
  const shape = first.shape.slice(1)
  return broadcast(
    primitives.get('reshape')!.kernel([first], { shape }, [{ shape, dtype: x.dtype }])[0]!,
    [size, ...shape],
    range(shape.length).map((i) => i + 1),
  )
}

const batchMutants = (row: Primitive, c: Case): Mutant[] => {
  const right = row.batch
  const reversed: Mutant = {
    rule: 'batch',
    kind: 'reversed order',
    plant: () => replace(row, 'batch', (...args) => right.apply(row, args).map((y) => reverse(y, [0]))),
  }
  const constant = c.draws[0]!.map(
    (_, i): Mutant => ({
      rule: 'batch',
      kind: 'operand not batched',
      plant: () =>
        replace(row, 'batch', (inputs, batched, params, size) => {
          const wrong = inputs.map((x, k) => (k === i && batched[k] ? repeatFirst(x, size) : x))
          return right.call(row, wrong, batched, params, size)
        }),
    }),
  )
  return c.draws[0]!.length === 0 ? [] : [reversed, ...constant]
}

/** All mutants of a row whose rules the cases reach. */
export const mutantsOf = (row: Primitive, c: Case, reached: Reached): Mutant[] => [
  ...(reached.jvp ? jvpMutants(row, c) : inventedTangent(row, c)),
  ...(reached.linearize ? linearizeMutants(row) : []),
  ...(reached.cotangents > 0 ? transposeMutants(row, reached.cotangents) : []),
  ...batchMutants(row, c),
]

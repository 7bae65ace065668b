import { jvp, type Tensor, tree, vjp } from '@cotangent/core'
import { isFloat } from '@cotangent/core/internal'
import { flattenFloats } from '../subject/leaves.js'
import type { Source } from '../subject/subject.js'
import { possibly, sameNumbers, together } from './bits.js'
import { type Context, type Finding, nothingFound } from './context.js'

/** Leaves that are looked at, one by one. */
const MOST = 4

const numbers = (x: unknown): Float64Array => flattenFloats(x).data

/** f as a function of one leaf; the others are values from outside, whose tangents are absent. */
const ofLeaf =
  ({ f }: Source, args: readonly unknown[], which: number) =>
  (leaf: unknown): unknown => {
    let at = 0
    return f(
      ...(tree.map((x: Tensor) => (at++ === which ? (leaf as Tensor) : x), args as never) as unknown[]),
    )
  }

/**
 * What does not move is a zero, whether that is said by a tensor of zeros or by nothing: a tangent of zeros for all leaves but one gives
 * the tangent of the function of that leaf alone, the cotangent of that leaf is the same by itself, and a cotangent of zeros
 * for all results but one is that of the result alone.
 */
export const symbolicZeroLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.source) return nothingFound
  const { f, argsAt, pull } = s.source
  const args = argsAt(s.x)
  const leaves = possibly(() => tree.leaves(args as never) as Tensor[])
  if (!leaves) return nothingFound
  const floats = leaves.flatMap((x, i) => (isFloat(x.dtype) ? [i] : [])).slice(0, MOST)
  const law = 'symbolic-zero'
  const zeros = tree.leaves(argsAt(s.x.map(() => 0)) as never) as Tensor[]
  const direction = tree.leaves(argsAt(c.rng.normals(s.x.length)) as never) as Tensor[]
  const whole = possibly(() => tree.leaves(pull(f, args, v) as never) as Tensor[])
  if (!whole || floats.length === 0) return nothingFound
  const oneMoves = (i: number): Finding => {
    let at = 0
    const tangents = tree.map(() => (at === i ? direction[at++]! : zeros[at++]!), args as never)
    const explicit = jvp(f, args as never, tangents as never)[1]
    const absent = jvp(ofLeaf(s.source!, args, i), [leaves[i]], [direction[i]])[1]
    return sameNumbers(c, law, 'tangent', numbers(explicit), numbers(absent))
  }
  const onePulls = (i: number, k: number): Finding =>
    sameNumbers(
      c,
      law,
      'gradient',
      numbers(whole[k]),
      numbers(pull(ofLeaf(s.source!, args, i), [leaves[i]], v)[0]),
    )
  return together(law, [
    ...floats.flatMap((i, k) => [() => oneMoves(i), () => onePulls(i, k)]),
    ...resultsOf(c, args),
  ])
}

/** One for each of a few results: the others with cotangents of zeros, and without them. */
const resultsOf = (c: Context, args: readonly unknown[]): (() => Finding)[] => {
  const { f } = c.subject.source!
  const y = tree.leaves(f(...args) as never) as Tensor[]
  if (y.length < 2) return []
  const model = flattenFloats(f(...args), { tensors: true })
  return y.slice(0, MOST).flatMap((_, k) => {
    if (!isFloat(y[k]!.dtype)) return []
    const ones = model.entries.map((e, i) => Number(e.path === pathAt(model.entries, y, k)) * c.v[i]!)
    return [
      () => {
        const explicit = vjp(f, ...args)[1](model.rebuild(Float64Array.from(ones)))
        const alone = (...xs: unknown[]): unknown => tree.leaves(f(...xs) as never)[k]
        const [value, pullback] = vjp(alone, ...args)
        const ct = flattenFloats(value, { tensors: true }).rebuild(
          Float64Array.from(ones.filter((w) => w !== 0)),
        )
        return sameNumbers(c, 'symbolic-zero', 'gradient', numbers(explicit), numbers(pullback(ct)))
      },
    ]
  })
}

/** The path of the k-th leaf of the result among those of floats. */
const pathAt = (entries: readonly { readonly path: string }[], y: readonly Tensor[], k: number): string => {
  let at = 0
  for (let i = 0; i < k; i++) if (isFloat(y[i]!.dtype)) at += y[i]!.size
  return entries[at]?.path ?? ''
}

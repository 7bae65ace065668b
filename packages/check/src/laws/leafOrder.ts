import { reshape, slice, Tensor, tensor } from '@cotangent/core'
import { lineAlong } from '../oracles/direction.js'
import { flattenFloats } from '../subject/leaves.js'
import { possibly, REORDERED, sameNumbers, together } from './bits.js'
import { type Context, type Finding, nothingFound } from './context.js'

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof Tensor)

/** The same records with their keys in the opposite order. */
const turned = (x: unknown): unknown => {
  if (Array.isArray(x)) return x.map(turned)
  if (!isRecord(x)) return x
  return Object.fromEntries(
    Object.entries(x)
      .map(([k, v]) => [k, turned(v)])
      .reverse(),
  )
}

const byEntry = (tree: unknown): ReadonlyMap<string, number> => {
  const { data, entries } = flattenFloats(tree)
  return new Map(entries.map((e, i) => [`${e.path}[${e.index}]`, data[i]!]))
}

/** The numbers of a tree in the order of another one with the same keys. */
const inOrderOf = (model: unknown, tree: unknown): number[] => {
  const there = byEntry(tree)
  return [...byEntry(model).keys()].map((k) => there.get(k) ?? Number.NaN)
}

/** The leaves of a tree as consecutive pieces of one vector, which may be symbolic. */
const piecesOf = (model: unknown, whole: Tensor): unknown => {
  let at = 0
  const visit = (x: unknown): unknown => {
    if (x instanceof Tensor) {
      if (!x.dtype.startsWith('float')) return x
      at += x.size
      return reshape(slice(whole, [at - x.size], [at]), [...x.shape])
    }
    if (Array.isArray(x)) return x.map(visit)
    return isRecord(x) ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, visit(v)])) : x
  }
  return visit(model)
}

/**
 * A tree is the set of its named leaves: with the keys of records in the opposite order the gradient of every leaf is the
 * same, as long as the value is (which it need not be where random numbers are drawn leaf by leaf); and value and gradient
 * are those of the function of one flat vector that the leaves are cut from. Sums may come in another order, so that this
 * holds up to rounding.
 */
export const leafOrderLaw = (c: Context): Finding => {
  const { subject: s, v } = c
  if (!s.source) return nothingFound
  const { f, argsAt, pull } = s.source
  const args = argsAt(s.x)
  const gradient = possibly(() => pull(f, args, v))
  if (!gradient) return nothingFound
  const given = flattenFloats(args)
  if (given.single || !onlyTensors(args)) return nothingFound
  const value = s.value(s.x).data
  const expected = inOrderOf(args, gradient)
  const other = turned(args) as unknown[]
  const flat = tensor(given.data) as Tensor
  const whole = (x: unknown): unknown => f(...(piecesOf(args, x as Tensor) as unknown[]))
  const numbers = (tree: unknown): Float64Array => flattenFloats(tree).data
  const law = 'leaf-order'
  const there = possibly(() => numbers(f(...other)))
  const sameOrder =
    there?.length === value.length &&
    value.every((y, i) => y === there[i] || Math.abs(y - there[i]!) <= REORDERED * largest(value))
  const close = (what: 'value' | 'gradient', a: ArrayLike<number>, b: ArrayLike<number>): Finding => {
    const scale = largest(a)
    const found = sameNumbers(c, law, what, a, b, REORDERED * scale)
    if (found.failures.length === 0) return found
    // Cancellation is not in the size of the result; it is measured only when it matters.
    const [w, d] = [c.rng.normals(s.x.length), c.rng.normals(s.x.length)]
    const noise = lineAlong((x) => s.reverse(x, v).data, s.x, w, d, s.eps).noise()
    return sameNumbers(c, law, what, a, b, REORDERED * scale + 100 * noise)
  }
  return together(law, [
    ...(sameOrder ? [() => close('gradient', expected, inOrderOf(args, pull(f, other, v)))] : []),
    () => close('value', value, numbers(whole(flat))),
    () => close('gradient', numbers(gradient), numbers(pull(whole, [flat], v))),
  ])
}

const largest = (xs: ArrayLike<number>): number =>
  Array.from(xs).reduce((m, x) => Math.max(m, Math.abs(x)), 0)

const onlyTensors = (x: unknown): boolean =>
  x instanceof Tensor || (typeof x === 'object' && x !== null && Object.values(x).every(onlyTensors))

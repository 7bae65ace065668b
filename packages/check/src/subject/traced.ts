import { checkpoint, jvp, linearize, stack, Tensor, take, tree, vjp, vmap } from '@cotangent/core'
import { isFloat, traceAt } from '@cotangent/core/internal'
import { type FlatTree, flattenFloats } from './leaves.js'
import { EPS, EPS32, type Result, type Subject, type Traced } from './subject.js'

type Fun = (...args: never[]) => unknown
type Call = (...args: unknown[]) => unknown

const resultOf = (tree: unknown): Result & { readonly single: boolean } => flattenFloats(tree)

/** A function of tensors: derivatives are those of the transforms. Single precision is lifted where the function allows. */
export const tracedSubject = (f: Fun, args: readonly unknown[]): Subject => {
  const lifted = flattenFloats(args, { lift: true, tensors: true })
  try {
    const y = resultOf((f as Call)(...(lifted.rebuild(lifted.data) as unknown[])))
    return make(f as Call, lifted, y.single)
  } catch {
    const own = flattenFloats(args, { tensors: true })
    return make(f as Call, own, own.single)
  }
}

/** A function of tensors as it is, without lifting: one operation at its operands. */
export const localSubject = (
  name: string,
  f: (...xs: Tensor[]) => unknown,
  args: readonly Tensor[],
): Subject => {
  const at = flattenFloats(args)
  return { ...make(f as Call, at, at.single || resultOf(f(...args)).single), name }
}

const make = (f: Call, at: FlatTree, single: boolean): Subject => {
  const argsAt = (x: Float64Array): unknown[] => at.rebuild(x) as unknown[]
  const value = (x: Float64Array): Result => resultOf(f(...argsAt(x)))
  /** A cotangent in the tree of the result; the pullback needs tensors of its shapes. */
  const like = (y: unknown, v: Float64Array): unknown => flattenFloats(y, { tensors: true }).rebuild(v)
  const floats = (tree: unknown): Result => flattenFloats(floatLeaves(tree, argsAt(at.data)))
  const reverse = (x: Float64Array, v: Float64Array): Result => {
    const [y, pullback] = vjp(f, ...argsAt(x))
    return floats(pullback(like(y, v)))
  }
  const forward = (x: Float64Array, d: Float64Array): Result => {
    const y = flattenFloats(f(...argsAt(x)), { tensors: true })
    const [, dot] = jvp(f, argsAt(x), argsAt(d))
    return flattenFloats(floatLeaves(dot, y.rebuild(y.data)))
  }
  const gradientTree =
    (v: Float64Array) =>
    (...args: unknown[]): unknown => {
      const [y, pullback] = vjp(f, ...args)
      return pullback(like(structureOf(y, f, argsAt(at.data)), v))
    }
  const second = (x: Float64Array, v: Float64Array, d: Float64Array): Result => {
    const [, dot] = jvp(gradientTree(v), argsAt(x), argsAt(d))
    return floats(dot)
  }
  const primals = (x: Float64Array, v: Float64Array, d: Float64Array): Result[] => {
    const args = argsAt(x)
    const [y, pull] = vjp(f, ...args)
    const [z] = jvp(f, args, argsAt(d))
    const [w] = linearize(f, ...args)
    // A pullback that was used once is as good as new.
    pull(like(y, v))
    return [y, z, w].map(resultOf)
  }
  const checkpointed = (x: Float64Array, v: Float64Array): Result | null => {
    try {
      const [y, pull] = vjp(checkpoint(f), ...argsAt(x))
      return floats(pull(like(y, v)))
    } catch {
      // What reads its values while it is traced cannot be computed again.
      return null
    }
  }
  const batched = (xs: readonly Float64Array[]): Float64Array[] | null => {
    const trees = xs.map(argsAt)
    if (!onlyTensors(trees[0])) return null
    const stacked = tree.map((...leaves: Tensor[]) => stack(leaves), ...(trees as [never, ...never[]]))
    try {
      const y = vmap(f as unknown as (...args: never[]) => never)(...(stacked as never[]))
      const rows = tree.leaves(y as never) as Tensor[]
      return xs.map((_, k) =>
        Float64Array.from(
          rows
            .filter((r) => isFloat(r.dtype))
            .flatMap((r) => [...(take(r, k, { axis: 0 }) as Tensor).toTypedArray()]),
        ),
      )
    } catch {
      // Not every function can be traced without its values.
      return null
    }
  }
  const pull = (g: Call, args: readonly unknown[], v: Float64Array): unknown[] => {
    const [y, pullback] = vjp(g, ...args)
    return floatLeaves(pullback(like(y, v)), args) as unknown[]
  }
  const trace = (g: Call): Traced => {
    const { graph, args } = traceAt('check', g as Fun, argsAt(at.data), true)
    return { graph, inputs: args as readonly Tensor[] }
  }
  return {
    name: f.name || 'f',
    x: at.data,
    entries: at.entries,
    eps: single ? EPS32 : EPS,
    value,
    reverse,
    forward,
    second,
    primals,
    checkpointed,
    batched,
    source: { f, argsAt, pull },
    traced: () => trace(f),
    tracedGradient: (v) => trace(gradientTree(v)),
    tracedSecond: (v, d) => trace((...args) => jvp(gradientTree(v), args, argsAt(d))[1]),
    tracedForward: (d) => trace((...args) => jvp(f, args, argsAt(d))[1]),
  }
}

const onlyTensors = (x: unknown): boolean =>
  x instanceof Tensor
    ? isFloat(x.dtype)
    : typeof x === 'object' && x !== null && Object.values(x).every(onlyTensors)

// The result inside a transform is symbolic, and reading it would force it; its structure is that of the value.
const structureOf = (_symbolic: unknown, f: Call, args: unknown[]): unknown => f(...args)

/** Derivatives of integers are zeros of floats; they have no place in the vector. */
const floatLeaves = (tree: unknown, model: unknown): unknown => {
  const keep = new Set(flattenFloats(model).entries.map((e) => e.path))
  const prune = (x: unknown, path: string): unknown => {
    if (Array.isArray(x)) return x.map((item, i) => prune(item, path === '' ? String(i) : `${path}/${i}`))
    if (typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype)
      return Object.fromEntries(
        Object.entries(x).map(([k, v]) => [k, prune(v, path === '' ? k : `${path}/${k}`)]),
      )
    return keep.has(path) ? x : []
  }
  return prune(tree, '')
}

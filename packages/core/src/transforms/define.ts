import { isFloat } from '../dtype.js'
import { fail } from '../errors.js'
import type { Domain, Kinks, Maybe, Node } from '../graph/ir.js'
import { convert } from '../primitives/passing.js'
import { Tensor } from '../tensor.js'
import { countLeaves, flatten, type TreeDef, unflatten } from '../tree/tree.js'
import { applyOp, type OpSpec } from './op.js'

type Tensors = readonly Tensor[]
type Result = Tensor | Tensors

/** An operation with rules of one's own. Only `expand` is needed; the rest derives from it. */
export interface OpDefinition<A extends Tensors, R extends Result> {
  readonly name: string
  /** The meaning, written with other operations. */
  readonly expand: (...args: A) => R
  /** Tangent of the result from primals, tangents and the result itself; linear in the tangents. */
  readonly jvp?: (primals: A, tangents: A, result: R) => R
  /** Cotangents of the arguments from primals, the cotangent of the result, and the result. */
  readonly vjp?: (primals: A, cotangent: R, result: R) => readonly Maybe[]
  /** For an operation that is linear in all its arguments: cotangents of the arguments. */
  readonly transpose?: (cotangent: R) => readonly Maybe[]
  /** The operation over a leading axis that the marked arguments have; the result has it too. */
  readonly batch?: (args: A, batched: readonly boolean[], size: number) => R
  /** argmin over z of expand(z) + |z - x|²/2step. */
  readonly prox?: (x: Tensor, step: number) => Tensor
  readonly kinks?: Kinks
  readonly domain?: readonly Domain[]
}

/** A defined operation: call it like any other. */
export interface Op<A extends Tensors = Tensors, R extends Result = Result> {
  (...args: A): R
  readonly definition: OpDefinition<A, R>
}

const asList = (r: Result): Tensors => (r instanceof Tensor ? [r] : r)

/**
 * An operation with a meaning and, where wanted, its own derivative, batch rule and proximal operator. A rule that is
 * given holds at every order, under vmap and jit and in both modes; `@cotangent/check` compares it with the meaning.
 *
 * @example
 * const cube = defineOp({
 *   name: 'cube',
 *   expand: (x: Tensor) => mul(x, square(x)),
 *   jvp: ([x], [t]) => mul(mul(3, square(x)), t),
 * })
 * grad((x: Tensor) => cube(x))(tensor(2)) // => 12
 */
export const defineOp = <A extends Tensors, R extends Result>(definition: OpDefinition<A, R>): Op<A, R> => {
  const { name, expand, jvp, vjp, transpose, batch } = definition
  if (typeof name !== 'string' || name === '' || typeof expand !== 'function')
    fail('Rule', 'defineOp: needs a name and expand, the meaning of the operation in terms of others.', {
      op: 'defineOp',
    })
  let single = true
  const list = (r: R): Tensors => {
    single = r instanceof Tensor
    return asList(r)
  }
  const back = (ts: Tensors): R => (single ? ts[0] : ts) as R
  const typed = (ts: Tensors): A => ts as Tensors as A
  const run = (args: Tensors): Tensors => list(expand(...typed(args)))
  const spec: OpSpec = {
    name,
    expand: (...args) => run(args),
    ...(jvp && {
      jvp: (primals, tangents, outs) => asList(jvp(typed(primals), typed(tangents), back(outs))),
    }),
    ...(vjp && {
      reverse: {
        forward: (primals) => {
          // The operation itself, so that the next derivative meets its rule again.
          const outs = applyOp(spec, primals)
          return { outs, residuals: [...primals, ...outs] }
        },
        backward: (residuals, cts) => {
          const k = residuals.length - cts.length
          return vjp(typed(residuals.slice(0, k)), back(cts), back(residuals.slice(k)))
        },
      },
    }),
    ...(transpose && { linear: { from: 0, adjoint: (_, cts) => transpose(back(cts)) } }),
    ...(batch && { batch: (inputs, batched, size) => asList(batch(typed(inputs), batched, size)) }),
  }
  const op = (...args: A): R => {
    const flat = args.map((a, i) =>
      (a as unknown) instanceof Tensor
        ? a
        : typeof a === 'number'
          ? flatten(a).leaves[0]!
          : fail(
              'DType',
              `${name}: argument ${i} is not a tensor. Operations take tensors; wrap numbers with tensor(...).`,
              { op: name },
            ),
    )
    return back(applyOp(spec, flat))
  }
  return Object.assign(op, { definition })
}

/** A function of trees as a flat operation. */
const flatOp = (
  name: string,
  f: (...args: never[]) => unknown,
  rules: (defs: () => { ins: readonly TreeDef[]; out: TreeDef }) => Partial<OpSpec>,
) => {
  return (...args: readonly unknown[]): unknown => {
    const flats = args.map((a) => flatten(a, name))
    const ins = flats.map((x) => x.def)
    let out: TreeDef | undefined
    const spec: OpSpec = {
      name,
      expand: (...leaves) => {
        const r = flatten(
          (f as (...xs: unknown[]) => unknown)(...splitTrees(ins, leaves)),
          `${name}: the result`,
        )
        out = r.def
        return r.leaves
      },
      ...rules(() => ({ ins, out: out! })),
    }
    const outs = applyOp(
      spec,
      flats.flatMap((x) => [...x.leaves]),
    )
    return unflatten(out!, outs)
  }
}

const splitTrees = (defs: readonly TreeDef[], leaves: Tensors): unknown[] => {
  let at = 0
  return defs.map((def) => {
    const n = countLeaves(def)
    at += n
    return unflatten(def, leaves.slice(at - n, at))
  })
}

/** Cotangents that a rule returned, as flat leaves; null stands for a tree of zeros. */
const flatCotangents = (name: string, cts: unknown, ins: readonly TreeDef[], avals: Tensors): Maybe[] => {
  if (!Array.isArray(cts) || cts.length !== ins.length)
    fail(
      'Rule',
      `${name}: the backward rule must return an array with one cotangent for each of the ${ins.length} arguments; null for none.`,
      { op: name },
    )
  let at = 0
  return (cts as readonly unknown[]).flatMap((ct, i): Maybe[] => {
    const n = countLeaves(ins[i]!)
    const like = avals.slice(at, at + n)
    at += n
    if (ct === null || ct === undefined) return like.map(() => null)
    return flatten(ct, name).leaves.map((c, k) =>
      like[k] && isFloat(like[k].dtype) ? convert(c, like[k].dtype) : null,
    )
  })
}

/**
 * A function of trees with its own forward rule: `rule(primals, tangents)` returns `[value, tangent]`, as in JAX. The
 * rule serves forward and reverse mode, every order, and vmap.
 *
 * @example
 * const safe: (x: Tensor) => Tensor = customJvp((x: Tensor): Tensor => sqrt(x), ([x], [t]) => [safe(x), div(t, mul(2, maximum(safe(x), 1e-3)))] as const)
 * grad((x: Tensor) => safe(x))(tensor(4)) // => 0.25
 */
export const customJvp = <A extends readonly unknown[] = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [R, unknown],
): ((...args: A) => R) =>
  flatOp(f.name || 'customJvp', f, (defs) => ({
    jvp: (primals, tangents, outs) => {
      const { ins } = defs()
      const pair = rule(splitTrees(ins, primals) as unknown as A, splitTrees(ins, tangents) as unknown as A)
      if (!Array.isArray(pair) || pair.length !== 2)
        fail('Rule', 'customJvp: the rule must return [value, tangent].', { op: 'customJvp' })
      const dots = flatten(pair[1], 'customJvp: the tangent').leaves
      return outs.map((o, i) => (dots[i] && isFloat(o.dtype) ? convert(dots[i], o.dtype) : null))
    },
  })) as (...args: A) => R

/**
 * A function of trees with its own reverse rule, as in JAX: `forward(...args)` returns `[value, residuals]`,
 * `backward(residuals, cotangent)` an array with one cotangent per argument (null for none). Forward mode still works:
 * it differentiates `f` itself.
 *
 * @example
 * const clipped = customVjp((x: Tensor) => x, (x: Tensor) => [x, []] as const, (_, ct) => [clip(ct, -1, 1)])
 * grad((x: Tensor) => mul(clipped(x), 5))(tensor(2)) // => 1
 */
export const customVjp = <A extends readonly unknown[], R, S>(
  f: (...args: A) => R,
  forward: (...args: A) => readonly [R, S],
  backward: (residuals: S, cotangent: R) => readonly unknown[],
): ((...args: A) => R) => {
  const name = f.name || 'customVjp'
  return flatOp(name, f, (defs) => {
    let resDef: TreeDef | undefined
    return {
      reverse: {
        forward: (primals) => {
          const { ins } = defs()
          const pair: unknown = forward(...(splitTrees(ins, primals) as unknown as A))
          if (!Array.isArray(pair) || pair.length !== 2)
            fail('Rule', 'customVjp: the forward rule must return [value, residuals].', { op: 'customVjp' })
          const [value, res] = pair as [unknown, unknown]
          const kept = flatten(res, 'customVjp: the residuals')
          resDef = kept.def
          return {
            outs: flatten(value, 'customVjp: the value').leaves,
            residuals: [...primals, ...kept.leaves],
          }
        },
        backward: (residuals, cts) => {
          const { ins, out } = defs()
          const n = ins.reduce((s, d) => s + countLeaves(d), 0)
          const back = backward(unflatten(resDef!, residuals.slice(n)) as S, unflatten(out, cts) as R)
          return flatCotangents('customVjp', back, ins, residuals.slice(0, n))
        },
      },
    }
  }) as (...args: A) => R
}

/** What a checkpoint policy sees of an operation. */
export interface PolicyNode {
  /** Name of the primitive, or of the defined operation. */
  readonly op: string
  /** The name given by `tag`, for nodes that are tags. */
  readonly tag: string | undefined
  /** Elements of the outputs. */
  readonly size: number
}

/** Which inner values the forward pass keeps for the backward pass. */
export type CheckpointPolicy = 'nothing' | 'everything' | 'dots' | ((node: PolicyNode) => boolean)

const keeps =
  (policy: CheckpointPolicy) =>
  (node: Node): boolean => {
    if (policy === 'nothing') return false
    if (policy === 'everything') return true
    if (policy === 'dots') return node.op.name === 'dot' || node.op.name === 'conv'
    const spec = node.params.spec as OpSpec | undefined
    return policy({
      op: spec?.name ?? node.op.name,
      tag: node.op.name === 'tag' ? (node.params.name as string) : undefined,
      size: node.outputs.reduce((n, o) => n + o.shape.reduce((a, b) => a * b, 1), 0),
    })
  }

/**
 * The same function, whose inner values are computed again in the backward pass instead of being kept: less memory
 * for more work. `policy` names what is kept all the same. Gradients are bit-equal to those without.
 *
 * @example
 * grad((x: Tensor) => checkpoint((v: Tensor) => sin(sin(v)))(x))(tensor(0)) // => 1
 */
export const checkpoint = <A extends readonly unknown[] = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  { policy = 'nothing' }: { readonly policy?: CheckpointPolicy } = {},
): ((...args: A) => R) =>
  flatOp(f.name || 'checkpoint', f, () => ({ recompute: keeps(policy), opaque: true })) as (...args: A) => R

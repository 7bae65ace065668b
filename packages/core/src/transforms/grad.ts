import { isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import { constantLike } from '../primitives/arithmetic.js'
import { filled, type Tensor } from '../tensor.js'
import { pathsOf, type TreeDef, unflatten } from '../tree/tree.js'
import { pullbackOf } from './derivatives.js'
import { instantiate } from './evaluate.js'
import { traceAt } from './functional.js'
import type { Gradient } from './types.js'

type Scalar = Tensor | number

/** Which arguments to differentiate, and whether `f` returns `[value, aux]`. */
export interface GradOptions {
  /** Default 0. A list gives a list of gradients. */
  readonly argnums?: number | readonly number[]
  readonly hasAux?: boolean
}

type GradientAt<A extends readonly unknown[], O> = O extends { readonly argnums: infer N }
  ? N extends readonly number[]
    ? { -readonly [K in keyof N]: N[K] extends keyof A ? Gradient<A[N[K]]> : never }
    : N extends keyof A
      ? Gradient<A[N]>
      : Gradient<A[number]>
  : Gradient<A[0]>

interface Result {
  readonly value: unknown
  readonly gradient: unknown
  readonly aux: unknown
}

const differentiate = (
  name: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  { argnums = 0, hasAux = false }: GradOptions,
): Result => {
  const positions = typeof argnums === 'number' ? [argnums] : argnums
  for (const n of positions)
    if (!Number.isInteger(n) || n < 0 || n >= args.length)
      fail(
        'Value',
        `${name}: argnums names argument ${n}, but the function was called with ${args.length}. Arguments count from 0.`,
        { op: name },
      )
  const traced = traceAt(name, f, args, true)
  const starts = traced.counts.map((_, i) => traced.counts.slice(0, i).reduce((a, b) => a + b, 0))
  const wanted = traced.args.map(() => false)
  for (const n of positions) {
    const paths = pathsOf(traced.defs[n]!)
    for (let i = 0; i < traced.counts[n]!; i++) {
      const leaf = traced.args[starts[n]! + i]!
      if (!isFloat(leaf.dtype))
        fail(
          'Gradient',
          `${name}: argument ${n}${paths[i] ? ` at ${paths[i]}` : ''} is ${leaf.dtype}, which has no gradient. Use cast(x, 'float32'), or differentiate another argument with argnums.`,
          { op: name, path: paths[i] ?? '', shapes: [leaf.shape] },
        )
      wanted[starts[n]! + i] = true
    }
  }
  const def = checkAux(name, traced.outDef, hasAux)
  const valueOut = traced.graph.outputs[0]!
  if (def.kind !== 'leaf' || valueOut.shape.length !== 0)
    fail(
      'Gradient',
      `${name}: the function must return a scalar, not ${def.kind === 'leaf' ? `a tensor of shape ${showShape(valueOut.shape)}` : 'a tree'}. Use sum or mean, or jacobian for all entries.`,
      { op: name, shapes: [valueOut.shape] },
    )
  if (!isFloat(valueOut.dtype))
    fail(
      'Gradient',
      `${name}: the function returns ${valueOut.dtype}, which has no gradient. Return a float scalar.`,
      { op: name },
    )
  const { outs, pullback } = pullbackOf(traced, wanted)
  const one = constantLike(1, filled(1, [], valueOut.dtype))
  const cts = pullback(outs.map((_, i) => (i === 0 ? one : null)))
  const gradients = positions.map((n) => {
    const from = starts[n]!
    const to = from + traced.counts[n]!
    return unflatten(traced.defs[n]!, instantiate(cts.slice(from, to), traced.args.slice(from, to)))
  })
  const out = unflatten(traced.outDef, outs)
  return {
    value: hasAux ? (out as readonly unknown[])[0] : out,
    aux: hasAux ? (out as readonly unknown[])[1] : undefined,
    gradient: typeof argnums === 'number' ? gradients[0] : gradients,
  }
}

const checkAux = (name: string, def: TreeDef, hasAux: boolean): TreeDef => {
  if (!hasAux) return def
  if (def.kind === 'array' && def.items.length === 2) return def.items[0]!
  return fail('Gradient', `${name}: with hasAux the function must return [scalar, aux].`, { op: name })
}

/**
 * The gradient of a scalar function, as a function of the same arguments: ∇f has the tree of the first argument
 * (or of those named by `argnums`). Composes with every transform, itself included.
 *
 * @example
 * grad((x: Tensor) => sum(square(x)))(tensor([1, 2])) // => [2, 4]
 * grad((x: Tensor) => grad((y: Tensor) => mul(y, mul(y, y)))(x))(tensor(2)) // => 12
 */
export function grad<A extends readonly unknown[] = Tensor[]>(
  f: (...args: A) => Scalar,
): (...args: A) => Gradient<A[0]>
export function grad<
  A extends readonly unknown[],
  const O extends GradOptions & { readonly hasAux: true },
  X,
>(f: (...args: A) => readonly [Scalar, X], options: O): (...args: A) => [GradientAt<A, O>, X]
export function grad<A extends readonly unknown[], const O extends GradOptions>(
  f: (...args: A) => Scalar,
  options: O,
): (...args: A) => GradientAt<A, O>
export function grad(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  return (...args: readonly unknown[]) => {
    const { gradient, aux } = differentiate('grad', f, args, options)
    return options.hasAux ? [gradient, aux] : gradient
  }
}

/**
 * Value and gradient in one pass: `[value, gradient]`, or `[[value, aux], gradient]` with `hasAux`.
 *
 * @example
 * valueAndGrad((x: Tensor) => sum(square(x)))(tensor([1, 2])).map((t) => t.toArray()) // => [5, [2, 4]]
 */
export function valueAndGrad<A extends readonly unknown[] = Tensor[]>(
  f: (...args: A) => Scalar,
): (...args: A) => [Tensor, Gradient<A[0]>]
export function valueAndGrad<
  A extends readonly unknown[],
  const O extends GradOptions & { readonly hasAux: true },
  X,
>(f: (...args: A) => readonly [Scalar, X], options: O): (...args: A) => [[Tensor, X], GradientAt<A, O>]
export function valueAndGrad<A extends readonly unknown[], const O extends GradOptions>(
  f: (...args: A) => Scalar,
  options: O,
): (...args: A) => [Tensor, GradientAt<A, O>]
export function valueAndGrad(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  return (...args: readonly unknown[]) => {
    const { value, gradient, aux } = differentiate('valueAndGrad', f, args, options)
    return [options.hasAux ? [value, aux] : value, gradient]
  }
}

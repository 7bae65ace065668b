import { CotangentError, type Num, type Tensor } from '@cotangent/core'

/** What a transform may look at beside the gradient. */
export interface UpdateContext {
  /** The current parameters. */
  readonly params: unknown
  /** The value of the objective, for those that watch it. */
  readonly value?: Num
  /** A random key; each update draws its own numbers from it, so the same key serves all. */
  readonly key?: Tensor
  /** The objective and its gradient at other parameters, for those that look around. */
  readonly valueAndGrad?: ValueAndGrad
}

/** The objective and its gradient, as functions of the parameters alone. */
export type ValueAndGrad = (params: never) => readonly [Num, unknown]

/** What a transform reports of the step it took. */
export interface Info {
  /** The step length η of this update. */
  readonly learningRate?: Num
  /**
   * The diagonal metric D of this update, a tree like the parameters: the update is -η·D⁻¹·(gradient). Absent: the
   * Euclidean one. A proximal step in this metric solves the penalised problem; a Euclidean one does not.
   */
  readonly metric?: unknown
  /** Updates made before this one. */
  readonly count?: Num
  /** The value every hyper-parameter had at this update, schedules resolved. */
  readonly hyper?: Readonly<Record<string, Num>>
  readonly [key: string]: unknown
}

/** New updates and state, and what there is to report. */
export interface Updated<P, S> {
  readonly updates: P
  readonly state: S
  readonly info: Info
}

/**
 * A step of an optimiser, from gradients to updates that are added to the parameters. Pure: everything it remembers
 * is in its state, a plain tree of tensors whose structure never changes, so that it can be compiled and saved.
 *
 * `C` is what the context must hold beside the parameters, such as `{ value: Num }`: a step without it does not compile.
 */
export interface Transform<S = unknown, C = unknown> {
  init(params: unknown): S
  update<P>(grads: P, state: S, context: UpdateContext & C): Updated<P, S>
  /** The steps this one is made of; a step of its own where absent. */
  readonly parts?: readonly AnyTransform[]
  /** Never set. Methods are compared loosely; this property makes the compiler compare what the context must hold. */
  readonly needs?: (context: C) => void
}

/** A transform whatever it needs. */
export type AnyTransform = Transform<unknown, never>

/** The state of a transform, as a type. */
export type StateOf<T> = T extends { init(params: unknown): infer S } ? S : never

/** What a transform needs in its context, as a type; for several, all that any of them needs. */
export type NeedsOf<T> = T extends { readonly needs?: (context: infer C) => void } ? C : unknown

type Both<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never

/** What all transforms of a list or a table need together. */
export type NeedsOfAll<T> =
  Both<
    { [K in keyof T]: { is: NeedsOf<T[K]> } }[T extends readonly unknown[] ? number & keyof T : keyof T]
  > extends { is: infer C }
    ? C
    : unknown

/** The part of the context that a transform cannot do without. Types ask for it; this is for untyped callers. */
export const required = <K extends keyof UpdateContext>(
  op: string,
  context: UpdateContext,
  name: K,
): NonNullable<UpdateContext[K]> => {
  const given = context[name]
  if (given === undefined || given === null)
    throw new CotangentError(
      'Value',
      `${op}: the context has no ${name}. Pass { ${name} } to step or update.`,
      {
        op,
      },
    )
  return given
}

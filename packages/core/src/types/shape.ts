/** The extents of a tensor. A literal extent is known to the compiler, `number` is checked at run time. */
export type Shape = readonly number[]

declare const mismatch: unique symbol

/**
 * What a shape rule gives when literal extents cannot fit. No value has this type, so asking an argument to
 * have it (see {@link Check}) is a compile error, and `Message` is what the error says. Rules name this type
 * where they give it: the compiler would print an alias of it by the alias's name, without the message.
 */
export interface ShapeMismatch<Message extends string> {
  readonly [mismatch]: Message
}

/** True where not even the number of axes is known: `number[]`, or a tuple with a rest. */
export type UnknownRank<S extends Shape> = number extends S['length'] ? true : false

/**
 * A demand on an argument: nothing when the rule gives a shape, the impossible when it gives a mismatch.
 *
 * ```ts
 * declare function matmul<A extends Shape, B extends Shape>(
 *   a: Tensor<A>,
 *   b: Tensor<B> & Check<MatMul<A, B>>,
 * ): Tensor<Fits<MatMul<A, B>>>
 * ```
 */
export type Check<Rule> = Rule extends ShapeMismatch<string> ? Rule : unknown

/** The shape that a rule gives. After a mismatch, which {@link Check} reports, no second error follows. */
export type Fits<Rule> = Rule extends Shape ? Rule : Shape

/** The same extents as a plain tuple: `readonly [2, 3]`, which `as const` gives, becomes `[2, 3]`. */
export type Dims<S extends Shape> = { -readonly [K in keyof S]: S[K] }

type Join<S extends Shape, Text extends string = ''> = S extends readonly [
  infer D extends number,
  ...infer Rest extends Shape,
]
  ? Join<Rest, Text extends '' ? `${D}` : `${Text}, ${D}`>
  : Text

/** A shape as text: `[2, 3]`. */
export type ShapeText<S extends Shape> = `[${Join<S>}]`

/** The axes in the opposite order. */
export type Reverse<S extends Shape> = UnknownRank<S> extends true ? Shape : ReverseTuple<S>

export type ReverseTuple<S extends Shape, Out extends number[] = []> = S extends readonly [
  infer D extends number,
  ...infer Rest extends Shape,
]
  ? ReverseTuple<Rest, [D, ...Out]>
  : Out

import type { DType } from './dtype.js'
import type { Shape } from './shape.js'

/** What the type algebra knows of a tensor. `Tensor` has more to it and is one of these. */
export interface TensorLike<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: S
  readonly dtype: D
}

/** The shape of an operand; a JavaScript number is a scalar. */
export type ShapeOf<T> = T extends { readonly shape: infer S extends Shape } ? S : []

/** The shapes of a list of tensors, for `Concat` and `Stack`. */
export type ShapesOf<Ts extends readonly { readonly shape: Shape }[]> = {
  -readonly [K in keyof Ts]: Ts[K]['shape']
}

/**
 * The dtype of an operand. A JavaScript number is weak: it has the dtype of its `Partner`, and two numbers
 * make a `float32`.
 */
export type DTypeOf<T, Partner = number> = T extends { readonly dtype: infer D extends DType }
  ? D
  : Partner extends { readonly dtype: infer D extends DType }
    ? D
    : 'float32'

/** Any nesting of readonly records, arrays and tuples with the given leaves. */
export type Tree<Leaf = TensorLike> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> }

type Callable = (...args: never) => unknown

/** The same tree with `To` in place of each `From`; whatever else it holds is left as it is. */
export type MapLeaves<T, From, To> = T extends From
  ? To
  : T extends TensorLike | Callable
    ? T
    : T extends object
      ? { [K in keyof T]: MapLeaves<T[K], From, To> }
      : T

/**
 * The gradient's tree: that of the argument. A tensor's cotangent has its shape and dtype; a number's is what
 * `OfNumber` says, a scalar tensor. (A tensor of integers or booleans keeps its type too: its gradient is
 * zero.) `OfNumber` is a parameter because the tensor itself is defined elsewhere:
 *
 * ```ts
 * type Gradient<T> = GradientOf<T, Tensor<[], 'float32'>>
 * ```
 */
export type GradientOf<T, OfNumber = TensorLike<[], 'float32'>> = MapLeaves<T, number, OfNumber>

/** The leaves of a tree, as a union. */
export type LeafOf<T> = T extends TensorLike | number | Callable
  ? T
  : T extends object
    ? { [K in keyof T]: LeafOf<T[K]> }[T extends readonly unknown[] ? number & keyof T : keyof T]
    : T

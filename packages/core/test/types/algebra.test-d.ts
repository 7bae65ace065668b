// Checked by `tsc --noEmit`; nothing here runs. A wrong type is a compile error, and so is a line that is
// expected not to compile and does.
import type {
  Add,
  Axes,
  Broadcast,
  BroadcastTo,
  Check,
  Concat,
  Dims,
  DType,
  DTypeOf,
  ExpandDims,
  Fits,
  GradientOf,
  LeafOf,
  MapLeaves,
  MatMul,
  Multiply,
  Permute,
  Promote,
  Reduce,
  Reshape,
  Reverse,
  Shape,
  ShapeMismatch,
  ShapeOf,
  ShapesOf,
  ShapeText,
  Size,
  Squeeze,
  Stack,
  ToFloat,
  Tree,
} from '../../src/types/index.js'

// The algebra is independent of the class; this is all it needs to know of a tensor.
interface Tensor<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: S
  readonly dtype: D
  item(): number
}
type Num = Tensor | number

type Equal<X, Y> =
  (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? true : { got: X; wanted: Y }
declare function assert<_Holds extends true>(): void

declare function tensor<const S extends Shape>(shape: readonly [...S]): Tensor<S, 'float32'>
declare const some: Tensor
declare const n: number
declare const sizes: number[]

// ---------------------------------------------------------------- dtypes
assert<Equal<Promote<'bool', 'bool'>, 'bool'>>()
assert<Equal<Promote<'bool', 'int32'>, 'int32'>>()
assert<Equal<Promote<'int32', 'float32'>, 'float32'>>()
assert<Equal<Promote<'float64', 'float32'>, 'float64'>>()
assert<Equal<Promote<'float64', 'bool'>, 'float64'>>()
assert<Equal<Promote<DType, 'float64'>, 'float64'>>()
assert<Equal<Promote<DType, 'float32'>, 'float32' | 'float64'>>()
assert<Equal<Promote<DType, DType>, DType>>()
assert<Equal<ToFloat<'int32'>, 'float32'>>()
assert<Equal<ToFloat<'float64'>, 'float64'>>()
assert<Equal<DTypeOf<Tensor<[], 'int32'>>, 'int32'>>()
assert<Equal<DTypeOf<number, Tensor<[], 'float64'>>, 'float64'>>()
assert<Equal<DTypeOf<number, number>, 'float32'>>()

// ---------------------------------------------------------------- shapes
assert<Equal<ShapeText<[]>, '[]'>>()
assert<Equal<ShapeText<readonly [2, number, 4]>, `[2, ${number}, 4]`>>()
assert<Equal<ShapeOf<Tensor<[2, 3]>>, [2, 3]>>()
assert<Equal<ShapeOf<number>, []>>()
assert<Equal<ShapesOf<readonly [Tensor<[2]>, Tensor<[3]>]>, [[2], [3]]>>()
assert<Equal<Dims<readonly [2, 3]>, [2, 3]>>()
assert<Equal<Size<[]>, 1>>()
assert<Equal<Size<[2, 3, 4]>, 24>>()
assert<Equal<Size<[2, number]>, number>>()
assert<Equal<Size<Shape>, number>>()

export const generic: Tensor = tensor([2, 3])
export const ranked: Tensor<readonly [number, number]> = tensor([2, 3])
// @ts-expect-error a tensor of rank 2 is not one of rank 1
export const vector: Tensor<[number]> = tensor([2, 3])

// ---------------------------------------------------------------- literal arithmetic
assert<Equal<Add<0, 0>, 0>>()
assert<Equal<Add<99, 1>, 100>>()
assert<Equal<Add<128, 784>, 912>>()
assert<Equal<Add<999999, 999999>, 1999998>>()
assert<Equal<Add<number, 1>, number>>()
assert<Equal<Multiply<0, 12345>, 0>>()
assert<Equal<Multiply<28, 28>, 784>>()
assert<Equal<Multiply<100, 100>, 10000>>()
assert<Equal<Multiply<65536, 65536>, 4294967296>>()
assert<Equal<Multiply<99999, 99999>, 9999800001>>()
assert<Equal<Multiply<7, number>, number>>()

// ---------------------------------------------------------------- broadcasting
assert<Equal<Broadcast<[], []>, []>>()
assert<Equal<Broadcast<[2, 3], []>, [2, 3]>>()
assert<Equal<Broadcast<[3], [2, 3]>, [2, 3]>>()
assert<Equal<Broadcast<[2, 1], [3]>, [2, 3]>>()
assert<Equal<Broadcast<[4, 1, 3], [2, 1]>, [4, 2, 3]>>()
assert<Equal<Broadcast<readonly [2, 3], readonly [2, 3]>, [2, 3]>>()
assert<Equal<Broadcast<readonly [2, 3], readonly []>, [2, 3]>>()
assert<Equal<Broadcast<[0], [1]>, [0]>>()
// a number beside a literal other than 1 is that literal or an error at run time
assert<Equal<Broadcast<[number, 3], [2, number]>, [2, 3]>>()
assert<Equal<Broadcast<[number], [1]>, [number]>>()
assert<Equal<Broadcast<[number], [number]>, [number]>>()
assert<Equal<Broadcast<[2 | 3], [3]>, [3]>>()
assert<Equal<Broadcast<[1 | 3], [2]>, [number]>>()
assert<Equal<Broadcast<Shape, [2]>, Shape>>()
assert<Equal<Broadcast<[2], number[]>, Shape>>()
assert<Equal<Broadcast<[2, ...number[]], [2]>, Shape>>()
assert<
  Equal<
    Broadcast<[2, 3], [2, 4], 'add'>,
    ShapeMismatch<'add: [2, 3] and [2, 4] do not broadcast: axis 1 is 3 against 4'>
  >
>()
assert<
  Equal<
    Broadcast<[3, 5], [7, 2, 5], 'mul'>,
    ShapeMismatch<'mul: [3, 5] and [7, 2, 5] do not broadcast: axis 1 is 3 against 2'>
  >
>()
assert<
  Equal<Broadcast<[0], [2]>, ShapeMismatch<'broadcast: [0] and [2] do not broadcast: axis 0 is 0 against 2'>>
>()
assert<Equal<BroadcastTo<[3], [2, 3]>, [2, 3]>>()
assert<Equal<BroadcastTo<[1, 3], readonly [2, 3]>, [2, 3]>>()
assert<Equal<BroadcastTo<Shape, [2, 3]>, [2, 3]>>()
assert<
  Equal<
    BroadcastTo<[2, 3], [2, 1]>,
    ShapeMismatch<'broadcastTo: [2, 3] does not stretch to [2, 1]: axis 1 is 3 against 1'>
  >
>()
assert<
  Equal<
    BroadcastTo<[2, 3], [3]>,
    ShapeMismatch<'broadcastTo: [2, 3] does not stretch to [3]: it has more axes'>
  >
>()

// ---------------------------------------------------------------- matmul
assert<Equal<MatMul<[128, 784], [784, 10]>, [128, 10]>>()
assert<Equal<MatMul<[3], [3]>, []>>()
assert<Equal<MatMul<[2, 3], [3]>, [2]>>()
assert<Equal<MatMul<[3], [3, 4]>, [4]>>()
assert<Equal<MatMul<[3], [5, 3, 4]>, [5, 4]>>()
assert<Equal<MatMul<[5, 2, 3], [3]>, [5, 2]>>()
assert<Equal<MatMul<[7, 1, 2, 3], [5, 3, 4]>, [7, 5, 2, 4]>>()
assert<Equal<MatMul<[number, 784], [784, 10]>, [number, 10]>>()
assert<Equal<MatMul<[2, number], [784, 10]>, [2, 10]>>()
assert<Equal<MatMul<Shape, [3, 4]>, Shape>>()
assert<Equal<MatMul<[3, 4], number[]>, Shape>>()
assert<
  Equal<
    MatMul<[128, 784], [256, 10]>,
    ShapeMismatch<'matmul: [128, 784] and [256, 10] do not fit: 784 against 256'>
  >
>()
assert<
  Equal<
    MatMul<[2, 1, 3], [5, 3, 2, 4]>,
    ShapeMismatch<'matmul: [2, 1, 3] and [5, 3, 2, 4] do not fit: 3 against 2'>
  >
>()
assert<
  Equal<
    MatMul<[2, 1, 3], [5, 3, 4]>,
    ShapeMismatch<'matmul: [2, 1, 3] and [5, 3, 4] do not fit: their batch axes do not broadcast'>
  >
>()
assert<
  Equal<MatMul<[], [2]>, ShapeMismatch<'matmul: [] and [2] do not fit: a scalar has no axis to contract'>>
>()

// ---------------------------------------------------------------- reductions
assert<Equal<Reduce<[2, 3]>, []>>()
assert<Equal<Reduce<[2, 3], undefined, true>, [1, 1]>>()
assert<Equal<Reduce<readonly [2, 3, 4], 1>, [2, 4]>>()
assert<Equal<Reduce<[2, 3, 4], -1>, [2, 3]>>()
assert<Equal<Reduce<[2, 3, 4], -3, true>, [1, 3, 4]>>()
assert<Equal<Reduce<[2, 3, 4], readonly [0, -1]>, [3]>>()
assert<Equal<Reduce<[2, 3, 4], readonly [0, 2], true>, [1, 3, 1]>>()
assert<Equal<Reduce<[2, 3, 4], readonly []>, [2, 3, 4]>>()
assert<Equal<Reduce<[number, 3], 1>, [number]>>()
assert<Equal<Reduce<Shape>, []>>()
assert<Equal<Reduce<Shape, 0>, Shape>>()
assert<Equal<Reduce<Shape, undefined, true>, Shape>>()
assert<Equal<Reduce<[2, 3], number>, Shape>>()
assert<Equal<Reduce<[2, 3], number | undefined>, Shape>>()
assert<Equal<Reduce<[2, 3], readonly number[]>, Shape>>()
assert<Equal<Reduce<[2, 3], 0, boolean>, Shape>>()
assert<Equal<Reduce<[2, 3], 2, false, 'sum'>, ShapeMismatch<'sum: axis 2 is out of range for [2, 3]'>>>()
assert<Equal<Reduce<[2, 3], -3, false, 'sum'>, ShapeMismatch<'sum: axis -3 is out of range for [2, 3]'>>>()
assert<Equal<Reduce<[], 0, false, 'max'>, ShapeMismatch<'max: axis 0 is out of range for []'>>>()

// ---------------------------------------------------------------- permutations
assert<Equal<Reverse<readonly [2, 3, 4]>, [4, 3, 2]>>()
assert<Equal<Reverse<Shape>, Shape>>()
assert<Equal<Permute<[2, 3, 4]>, [4, 3, 2]>>()
assert<Equal<Permute<[2, 3, 4], readonly [1, 0, 2]>, [3, 2, 4]>>()
assert<Equal<Permute<[2, 3, 4], readonly [-1, 0, 1]>, [4, 2, 3]>>()
assert<Equal<Permute<[], readonly []>, []>>()
assert<Equal<Permute<[2, 3], readonly number[]>, [number, number]>>()
assert<Equal<Permute<Shape, readonly [1, 0]>, Shape>>()
assert<
  Equal<
    Permute<[2, 3], readonly [0, 0]>,
    ShapeMismatch<'transpose: [0, 0] is not a permutation of the axes of [2, 3]'>
  >
>()
assert<
  Equal<
    Permute<[2, 3], readonly [0, 1, 2]>,
    ShapeMismatch<'transpose: [0, 1, 2] is not a permutation of the axes of [2, 3]'>
  >
>()

// ---------------------------------------------------------------- reshaping
assert<Equal<Reshape<[2, 3], readonly [6]>, [6]>>()
assert<Equal<Reshape<[2, 3], [3, 2]>, [3, 2]>>()
assert<Equal<Reshape<[1, 1], []>, []>>()
assert<Equal<Reshape<[28, 28], [-1]>, [784]>>()
assert<Equal<Reshape<[32, 28, 28], [32, -1]>, [32, 784]>>()
assert<Equal<Reshape<[2, 3, 4], [4, -1, 2]>, [4, 3, 2]>>()
assert<Equal<Reshape<[6, 4], [8, -1]>, [8, number]>>()
assert<Equal<Reshape<[number, 28], [number, -1]>, [number, number]>>()
assert<Equal<Reshape<[number, 28], [28, -1]>, [28, number]>>()
assert<Equal<Reshape<Shape, [2, -1]>, [2, number]>>()
assert<Equal<Reshape<Shape, [2, 3]>, [2, 3]>>()
assert<Equal<Reshape<[2, 3], number[]>, Shape>>()
assert<Equal<Reshape<[2, 3], [number, 3]>, [number, 3]>>()
assert<Equal<Reshape<[2, 3], [4, 2]>, ShapeMismatch<'reshape: [2, 3] has 6 elements and [4, 2] has 8'>>>()

// ---------------------------------------------------------------- axes in and out, joining
assert<Equal<ExpandDims<[2, 3], 0>, [1, 2, 3]>>()
assert<Equal<ExpandDims<[2, 3], 1>, [2, 1, 3]>>()
assert<Equal<ExpandDims<[2, 3], -1>, [2, 3, 1]>>()
assert<Equal<ExpandDims<[], 0>, [1]>>()
assert<Equal<ExpandDims<[2], number>, [number, number]>>()
assert<Equal<ExpandDims<Shape, 0>, Shape>>()
assert<Equal<ExpandDims<[2], 3>, ShapeMismatch<'expandDims: axis 3 is out of range for [1, 2]'>>>()
assert<Equal<Squeeze<[1, 2, 1]>, [2]>>()
assert<Equal<Squeeze<[1, 2, 1], 0>, [2, 1]>>()
assert<Equal<Squeeze<[1, 2, 1], -1>, [1, 2]>>()
assert<Equal<Squeeze<[1, 2, 1], readonly [0, 2]>, [2]>>()
assert<Equal<Squeeze<[number, 2], 0>, [2]>>()
assert<Equal<Squeeze<[number, 2]>, Shape>>()
assert<Equal<Squeeze<Shape>, Shape>>()
assert<Equal<Squeeze<[1, 2], 1>, ShapeMismatch<'squeeze: axis 1 of [1, 2] is not 1'>>>()
assert<Equal<Squeeze<[1, 2], readonly [0, 1]>, ShapeMismatch<'squeeze: axis 1 of [1, 2] is not 1'>>>()
assert<Equal<Squeeze<[1, 2], 2>, ShapeMismatch<'squeeze: axis 2 is out of range for [1, 2]'>>>()
assert<Equal<Concat<[[2, 3], [4, 3]]>, [6, 3]>>()
assert<Equal<Concat<readonly [readonly [2, 3], readonly [2, 4], [2, 1]], -1>, [2, 8]>>()
assert<Equal<Concat<[[2, number], [number, 3]], 0>, [number, 3]>>()
assert<Equal<Concat<[[2, 3], Shape]>, Shape>>()
assert<Equal<Concat<[2, 3][]>, Shape>>()
assert<Equal<Concat<[[2, 3]]>, [2, 3]>>()
assert<Equal<Concat<[[2, 3], [2, 4]]>, ShapeMismatch<'concat: [2, 3] and [2, 4] do not join along axis 0'>>>()
assert<Equal<Concat<[[2, 3], [2]]>, ShapeMismatch<'concat: [2, 3] and [2] do not join along axis 0'>>>()
assert<Equal<Concat<[[2], [3]], 1>, ShapeMismatch<'concat: axis 1 is out of range for [2]'>>>()
assert<Equal<Stack<[[2, 3], [2, 3]]>, [2, 2, 3]>>()
assert<Equal<Stack<[[2, 3], [2, number], [2, 3]], -1>, [2, 3, 3]>>()
assert<Equal<Stack<[2, 3][], 1>, [2, number, 3]>>()
assert<Equal<Stack<[[], [], []]>, [3]>>()
assert<Equal<Stack<[[2], Shape]>, Shape>>()
assert<Equal<Stack<[[2], [3]]>, ShapeMismatch<'stack: [2] and [3] are not the same shape'>>>()

// ---------------------------------------------------------------- as an operation uses them
declare function add<A extends Shape, B extends Shape, D extends DType, E extends DType>(
  a: Tensor<A, D>,
  b: Tensor<B, E> & Check<Broadcast<A, B, 'add'>>,
): Tensor<Fits<Broadcast<A, B, 'add'>>, Promote<D, E>>
declare function multiply<const A extends Num, const B extends Num>(
  a: A,
  b: B & Check<Broadcast<ShapeOf<A>, ShapeOf<B>, 'mul'>>,
): Tensor<Fits<Broadcast<ShapeOf<A>, ShapeOf<B>, 'mul'>>, Promote<DTypeOf<A, B>, DTypeOf<B, A>>>
declare function matmul<A extends Shape, B extends Shape>(
  a: Tensor<A>,
  b: Tensor<B> & Check<MatMul<A, B>>,
): Tensor<Fits<MatMul<A, B>>>
declare function sum<
  S extends Shape,
  D extends DType,
  const Axis extends Axes = undefined,
  Keep extends boolean = false,
>(
  x: Tensor<S, D>,
  options?: { readonly axis?: Axis & Check<Reduce<S, Axis, Keep, 'sum'>>; readonly keepDims?: Keep },
): Tensor<Fits<Reduce<S, Axis, Keep, 'sum'>>, D>
declare function transpose<S extends Shape, const Perm extends Shape | undefined = undefined>(
  x: Tensor<S>,
  perm?: Perm & Check<Permute<S, Perm>>,
): Tensor<Fits<Permute<S, Perm>>>
declare function reshape<S extends Shape, T extends Shape>(
  x: Tensor<S>,
  shape: readonly [...T] & Check<Reshape<S, T>>,
): Tensor<Fits<Reshape<S, T>>>
declare function concat<const Ts extends readonly Tensor[], Axis extends number = 0>(
  xs: Ts & Check<Concat<ShapesOf<Ts>, Axis>>,
  options?: { readonly axis?: Axis },
): Tensor<Fits<Concat<ShapesOf<Ts>, Axis>>>

const a = tensor([2, 3])
const b = tensor([3, 4])
assert<Equal<typeof a, Tensor<[2, 3], 'float32'>>>()
const ab = matmul(a, b)
assert<Equal<typeof ab, Tensor<[2, 4]>>>()
const shifted = add(a, tensor([3]))
assert<Equal<typeof shifted, Tensor<[2, 3], 'float32'>>>()
const doubled = multiply(a, 2)
assert<Equal<typeof doubled, Tensor<[2, 3], 'float32'>>>()
const scaled = multiply(2, a)
assert<Equal<typeof scaled, Tensor<[2, 3], 'float32'>>>()
const unknown = add(a, some)
assert<Equal<typeof unknown, Tensor<Shape, 'float32' | 'float64'>>>()
const unranked = add(a, tensor(sizes))
assert<Equal<typeof unranked, Tensor<Shape, 'float32'>>>()
const batched = matmul(tensor([n, 3]), b)
assert<Equal<typeof batched, Tensor<[number, 4]>>>()
const total = sum(a)
assert<Equal<typeof total, Tensor<[], 'float32'>>>()
const rows = sum(a, { axis: 1 })
assert<Equal<typeof rows, Tensor<[2], 'float32'>>>()
const kept = sum(a, { axis: [0, -1], keepDims: true })
assert<Equal<typeof kept, Tensor<[1, 1], 'float32'>>>()
const ones = sum(a, { keepDims: true })
assert<Equal<typeof ones, Tensor<[1, 1], 'float32'>>>()
const turned = transpose(a)
assert<Equal<typeof turned, Tensor<[3, 2]>>>()
const moved = transpose(tensor([2, 3, 4]), [2, 0, 1])
assert<Equal<typeof moved, Tensor<[4, 2, 3]>>>()
const flat = reshape(tensor([32, 28, 28]), [32, -1])
assert<Equal<typeof flat, Tensor<[32, 784]>>>()
const longer = concat([a, tensor([5, 3])])
assert<Equal<typeof longer, Tensor<[7, 3]>>>()
const wider = concat([a, tensor([2, 5])], { axis: 1 })
assert<Equal<typeof wider, Tensor<[2, 8]>>>()

// @ts-expect-error matmul: [2, 3] and [2, 3] do not fit: 3 against 2
matmul(a, a)
// @ts-expect-error add: [2, 3] and [3, 4] do not broadcast: axis 1 is 3 against 4
add(a, b)
// @ts-expect-error mul: [2, 3] and [3, 4] do not broadcast: axis 1 is 3 against 4
multiply(a, b)
// @ts-expect-error sum: axis 2 is out of range for [2, 3]
sum(a, { axis: 2 })
// @ts-expect-error transpose: [0, 0] is not a permutation of the axes of [2, 3]
transpose(a, [0, 0])
// @ts-expect-error reshape: [2, 3] has 6 elements and [4, 2] has 8
reshape(a, [4, 2])
// @ts-expect-error concat: [2, 3] and [3, 4] do not join along axis 0
concat([a, b])

// A generic caller: the rule is not known yet, and its result is still a shape.
export function square<S extends Shape>(x: Tensor<S>): Tensor<Fits<Reverse<S>>> {
  const y: Tensor = transpose(x)
  return rebuild(x, reversed(x.shape), y)
}

// An implementation asserts once, where the shape is computed; from there on types are inferred.
declare function rebuild<S extends Shape>(like: Tensor, shape: S, from: Tensor): Tensor<S>
const reversed = <S extends Shape>(shape: S) => shape.toReversed() as Shape as Fits<Reverse<S>>
export const dimensions: Tensor<[3, 2]> = square(a)

export function product<A extends Shape, B extends Shape>(
  x: Tensor<A>,
  y: Tensor<B> & Check<MatMul<A, B>>,
): Tensor<Fits<MatMul<A, B>>> {
  const left: Tensor<A> = x
  const right: Tensor<B> = y
  return rebuild(left, [...left.shape, ...right.shape] as Shape as Fits<MatMul<A, B>>, right)
}

// A layer that knows its widths and not its batch.
export function dense<Batch extends number>(x: Tensor<[Batch, 784]>, w: Tensor<[784, 10]>) {
  return matmul<[Batch, 784], [784, 10]>(x, w)
}
const logits = dense(tensor([32, 784]), tensor([784, 10]))
assert<Equal<typeof logits, Tensor<[32, 10]>>>()

// ---------------------------------------------------------------- trees
type Leaf = Tensor<[2, 3], 'float64'>
interface Params {
  readonly w: Leaf
  readonly b: number
  readonly layers: readonly [Leaf, { readonly steps: Tensor<[], 'int32'> }]
  optional?: Tensor<[2]>
}
type Gradient<T> = GradientOf<T, Tensor<[], 'float32'>>
assert<Equal<Gradient<number>, Tensor<[], 'float32'>>>()
assert<Equal<Gradient<0.5>, Tensor<[], 'float32'>>>()
assert<Equal<Gradient<Leaf>, Leaf>>()
assert<Equal<Gradient<Tensor<[4], 'bool'>>, Tensor<[4], 'bool'>>>()
assert<Equal<Gradient<[number, Leaf]>, [Tensor<[], 'float32'>, Leaf]>>()
assert<Equal<Gradient<readonly number[]>, readonly Tensor<[], 'float32'>[]>>()
assert<
  Equal<
    Gradient<Params>,
    {
      readonly w: Leaf
      readonly b: Tensor<[], 'float32'>
      readonly layers: readonly [Leaf, { readonly steps: Tensor<[], 'int32'> }]
      optional?: Tensor<[2]>
    }
  >
>()
assert<Equal<LeafOf<{ a: Leaf; b: [number, { c: Tensor<[1]> }] }>, Leaf | number | Tensor<[1]>>>()
assert<
  Equal<MapLeaves<{ a: Leaf; b: readonly Leaf[] }, Tensor, boolean>, { a: boolean; b: readonly boolean[] }>
>()

export const tree: Tree<Num> = { w: a, b: [1, { c: total }], empty: [] }
// @ts-expect-error text is not a leaf
export const noTree: Tree<Num> = { w: 'kernel' }
declare function grad<P>(f: (params: P) => Tensor<[]>): (params: P) => Gradient<P>
const slope = grad((p: { w: Tensor<[2, 3]>; b: number }) => sum(multiply(p.w, p.b)))
export const slopes: { w: Tensor<[2, 3]>; b: Tensor<[]> } = slope({ w: a, b: 1 })

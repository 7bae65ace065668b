export type { Add, Multiply } from './arithmetic.js'
export type { Axes } from './axes.js'
export type { Broadcast, BroadcastTo } from './broadcast.js'
export type { DType, FloatDType, Promote, ToFloat } from './dtype.js'
export type { ExpandDims, Squeeze } from './insert.js'
export type { Concat, Stack } from './join.js'
export type { MatMul } from './matmul.js'
export type { Permute } from './permute.js'
export type { Reduce } from './reduce.js'
export type { Reshape, Size } from './reshape.js'
export type { Check, Dims, Fits, Reverse, Shape, ShapeMismatch, ShapeText } from './shape.js'
export type {
  DTypeOf,
  GradientOf,
  LeafOf,
  MapLeaves,
  ShapeOf,
  ShapesOf,
  TensorLike,
  Tree,
} from './tree.js'

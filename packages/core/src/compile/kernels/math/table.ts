import type { Library } from '../../library.js'
import type { FunctionBuilder, V128 } from '../../wasm/index.js'
import { doubles, type Lanes, singles } from './lanes.js'

/**
 * An element-wise function as code: each method writes the statements it needs into `f` and returns the value. An
 * operand is written where it is used, so pass variables or loads, not long expressions, where the row has two operands.
 */
export interface LaneFunction {
  /** Four float32. */
  f32x4(f: FunctionBuilder, lib: Library, ...x: readonly V128[]): V128
  /** Two float64. */
  f64x2(f: FunctionBuilder, lib: Library, ...x: readonly V128[]): V128
  /** Four int32, where the operation has them. */
  i32x4?(f: FunctionBuilder, lib: Library, ...x: readonly V128[]): V128
}

/** One algorithm for both widths, written inline. */
export const inline = (g: (l: Lanes, ...x: V128[]) => V128): LaneFunction => ({
  f32x4: (f, lib, ...x) => g(singles(f, lib), ...x),
  f64x2: (f, lib, ...x) => g(doubles(f, lib), ...x),
})

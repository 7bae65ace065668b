// An assembler: expressions as values, statements as calls of a builder, one module at the end.

export { atomic } from './atomic.js'
export { Bytes } from './bytes.js'
export { hasRelaxedMadd, hasSharedMemory, hasSimd } from './features.js'
export { callValue, FunctionBuilder, type FunctionRef, type GlobalRef } from './function.js'
export { type MemoryImport, ModuleBuilder } from './module.js'
export { choose, f32, f64, i32, i64, int } from './scalar.js'
export type { F32, F64, I32, I64, Local, Num, V128, ValType, Value } from './value.js'
export { f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, v128 } from './vector.js'

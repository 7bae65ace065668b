import { BYTES } from '../../dtype.js'
import type { DType } from '../../types/index.js'
import type { Library } from '../library.js'
import { type FunctionRef, f32, f64, type I32, i32 } from '../wasm/index.js'

/** (a, b, bytes) -> are they the same? All NaN are one: what computes them may turn their signs at every step. */
export const sameElements = (lib: Library, dtype: DType): FunctionRef =>
  lib.get(`same.${dtype}`, (m, name) =>
    m.function(name, { a: 'i32', b: 'i32', bytes: 'i32' }, ['i32'], (f, { a, b, bytes }) => {
      const i = f.local('i32')
      f.for(i, 0, bytes, BYTES[dtype], () => {
        f.if(differs(dtype, i32.add(a, i), i32.add(b, i)), () => f.return(i32.const(0)))
      })
      f.result(i32.const(1))
    }),
  )

const isNaN32 = (at: I32): I32 => f32.ne(f32.load(at), f32.load(at))
const isNaN64 = (at: I32): I32 => f64.ne(f64.load(at), f64.load(at))

const differs = (dtype: DType, a: I32, b: I32): I32 => {
  const word = (at: number): I32 => i32.eq(i32.load(a, at), i32.load(b, at))
  switch (dtype) {
    case 'bool':
      return i32.ne(i32.load8U(a), i32.load8U(b))
    case 'int32':
      return i32.eqz(word(0))
    case 'float32':
      return i32.eqz(i32.or(word(0), i32.and(isNaN32(a), isNaN32(b))))
    case 'float64':
      return i32.eqz(i32.or(i32.and(word(0), word(4)), i32.and(isNaN64(a), isNaN64(b))))
  }
}

/** (a, bytes) -> is one of the floats NaN? */
export const anyNaN = (lib: Library, dtype: 'float32' | 'float64'): FunctionRef =>
  lib.get(`nan.${dtype}`, (m, name) =>
    m.function(name, { a: 'i32', bytes: 'i32' }, ['i32'], (f, { a, bytes }) => {
      const i = f.local('i32')
      f.for(i, 0, bytes, dtype === 'float64' ? 8 : 4, () => {
        const at = i32.add(a, i)
        f.if(dtype === 'float64' ? isNaN64(at) : isNaN32(at), () => f.return(i32.const(1)))
      })
      f.result(i32.const(0))
    }),
  )

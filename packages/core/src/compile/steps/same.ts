import type { Library } from '../library.js'
import { type FunctionRef, f32, f64, i32 } from '../wasm/index.js'

/** (a, b, bytes) -> are they the same bytes? */
export const sameBytes = (lib: Library): FunctionRef =>
  lib.get('same', (m, name) =>
    m.function(name, { a: 'i32', b: 'i32', bytes: 'i32' }, ['i32'], (f, { a, b, bytes }) => {
      const i = f.local('i32')
      f.for(i, 0, bytes, 1, () => {
        f.if(i32.ne(i32.load8U(i32.add(a, i)), i32.load8U(i32.add(b, i))), () => f.return(i32.const(0)))
      })
      f.result(i32.const(1))
    }),
  )

/** (a, bytes) -> is one of the floats NaN? */
export const anyNaN = (lib: Library, dtype: 'float32' | 'float64'): FunctionRef =>
  lib.get(`nan.${dtype}`, (m, name) =>
    m.function(name, { a: 'i32', bytes: 'i32' }, ['i32'], (f, { a, bytes }) => {
      const i = f.local('i32')
      f.for(i, 0, bytes, dtype === 'float64' ? 8 : 4, () => {
        const at = i32.add(a, i)
        const nan =
          dtype === 'float64' ? f64.ne(f64.load(at), f64.load(at)) : f32.ne(f32.load(at), f32.load(at))
        f.if(nan, () => f.return(i32.const(1)))
      })
      f.result(i32.const(0))
    }),
  )

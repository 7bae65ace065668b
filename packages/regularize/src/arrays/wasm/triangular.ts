import { wasm } from '@cotangent/core/internal'
import { after, bytes, type Function, f64, i32, type Module, OPEN } from './code.js'

const PARAMS = { rows: 'i32', stride: 'i32', size: 'i32', b: 'i32' } as const

export const forward = (m: Module, dot: Function): Function =>
  m.function(
    'forward',
    PARAMS,
    [],
    (f, { rows, stride, size, b }) => {
      const i = f.local('i32')
      const row = f.let(rows)
      f.for(i, 0, size, 1, () => {
        const place = f.let(after(b, i))
        const left = f64.sub(f64.load(place), wasm.callValue(dot, 'f64', [row, b, i]))
        f.store('f64', place, f64.div(left, f64.load(after(row, i))))
        f.increase(row, bytes(stride))
      })
    },
    OPEN,
  )

export const backward = (m: Module, axpy: Function): Function =>
  m.function(
    'backward',
    PARAMS,
    [],
    (f, { rows, stride, size, b }) => {
      const i = f.let(i32.sub(size, 1))
      const row = f.let(after(rows, i32.mul(i, stride)))
      f.while(i32.geS(i, 0), () => {
        const place = f.let(after(b, i))
        const v = f.let(f64.div(f64.load(place), f64.load(after(row, i))))
        f.store('f64', place, v)
        f.call(axpy, [f64.neg(v), row, b, i])
        f.set(row, i32.sub(row, bytes(stride)))
        f.increase(i, -1)
      })
    },
    OPEN,
  )

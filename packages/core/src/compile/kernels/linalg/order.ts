import type { Library } from '../../library.js'
import { type FunctionRef, f64, i32 } from '../../wasm/index.js'
import { entry } from '../kernel.js'

/** (order, x, n): the stable permutation that sorts n numbers, ascending or descending. By insertion: n is small. */
export const orderOf = (lib: Library, direction: 'ascending' | 'descending'): FunctionRef =>
  lib.get(`order_${direction}`, (m, name) =>
    m.function(name, { order: 'i32', x: 'i32', n: 'i32' }, [], (f, { order, x, n }) => {
      const [i, hole, before] = [f.local('i32'), f.local('i32'), f.local('i32')]
      const key = f.local('f64')
      const keep = direction === 'ascending' ? f64.le : f64.ge
      f.for(i, 0, n, 1, () => {
        f.set(key, f64.load(entry(x, i, 3)))
        f.set(hole, entry(order, i, 2))
        f.while(i32.ne(hole, order), (leave) => {
          f.set(before, i32.load(i32.sub(hole, 4)))
          leave(keep(f64.load(entry(x, before, 3)), key))
          f.store('i32', hole, before)
          f.increase(hole, -4)
        })
        f.store('i32', hole, i)
      })
    }),
  )

import { TOGETHER } from '../kernels.js'
import { after, choose, entry, type Function, f64, i32, type Module, OPEN } from './code.js'

/** A pass of coordinate descent; `combine` tells c of several changes at once. */
export const sweep = (m: Module, combine: Function): Function =>
  m.function(
    'sweep',
    {
      list: 'i32',
      count: 'i32',
      size: 'i32',
      w: 'i32',
      c: 'i32',
      a: 'i32',
      b: 'i32',
      G: 'i32',
      stride: 'i32',
      positive: 'i32',
      factors: 'i32',
      offsets: 'i32',
    },
    ['i32'],
    (f, { list, count, size, w, c, a, b, G, stride, positive, factors, offsets }) => {
      const k = f.local('i32')
      const moved = f.local('i32')
      const updates = f.local('i32')
      const waiting = f.local('i32')
      const told = () => {
        f.call(combine, [factors, G, offsets, waiting, c, size])
        f.set(waiting, i32.const(0))
      }
      f.for(k, 0, count, 1, () => {
        const s = f.let(i32.load(entry(list, k)))
        const row = f.let(after(G, i32.mul(s, stride)))
        const d = f.let(f64.load(after(row, s)))
        const h = f.let(f64.add(d, f64.load(after(b, s))))
        f.if(f64.ne(h, 0), () => {
          const old = f.let(f64.load(after(w, s)))
          const z = f.let(f64.add(f64.load(after(c, s)), f64.mul(d, old)))
          const i = f.local('i32')
          f.for(i, 0, waiting, 1, () => {
            const own = f64.load(after(after(G, i32.load(entry(offsets, i))), s))
            f.set(z, f64.add(z, f64.mul(f64.load(after(factors, i)), own)))
          })
          const t = f.let(f64.load(after(a, s)))
          const zero = i32.or(positive, f64.ge(z, f64.neg(t)))
          const below = choose(zero, f64.const(0), f64.div(f64.add(z, t), h))
          const next = f.let(choose(f64.gt(z, t), f64.div(f64.sub(z, t), h), below))
          f.if(f64.ne(next, old), () => {
            f.store('f64', after(w, s), next)
            f.increase(updates, 2)
            f.store('f64', after(factors, waiting), f64.sub(old, next))
            f.store('i32', entry(offsets, waiting), i32.mul(s, stride))
            f.increase(waiting, 1)
            f.if(i32.geS(waiting, TOGETHER), told)
            f.set(moved, i32.or(moved, f64.le(f64.mul(old, next), 0)))
          })
        })
      })
      told()
      f.result(i32.add(updates, moved))
    },
    OPEN,
  )

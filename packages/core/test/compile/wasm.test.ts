import { describe, expect, test } from 'vitest'
import {
  callValue,
  choose,
  f32x4,
  hasSimd,
  i32,
  i64,
  ModuleBuilder,
  v128,
} from '../../src/compile/wasm/index.js'

const instantiate = (m: ModuleBuilder) => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.encode()), { env: { memory } })
  return { memory, f: exports as Record<string, (...args: number[]) => number> }
}
const fresh = () => new ModuleBuilder({ initial: 1, maximum: 4, shared: false })

describe('the assembler', () => {
  test('adds vectors in a loop', () => {
    const m = fresh()
    m.function(
      'axpy',
      { x: 'i32', y: 'i32', n: 'i32' },
      [],
      (f, { x, y, n }) => {
        const i = f.local('i32')
        f.for(i, 0, i32.shl(n, 2), 16, () => {
          const to = f.let(i32.add(y, i))
          f.storeVector(to, f32x4.add(v128.load(to), f32x4.mul(f32x4.const(2), v128.load(i32.add(x, i)))))
        })
      },
      { export: true },
    )
    const { memory, f } = instantiate(m)
    const data = new Float32Array(memory.buffer)
    data.set([1, 2, 3, 4, 5, 6, 7, 8])
    f.axpy!(0, 64, 8)
    expect([...data.subarray(16, 24)]).toEqual([2, 4, 6, 8, 10, 12, 14, 16])
  })

  test('calls functions in any order and encodes negative and large constants', () => {
    const m = fresh()
    const later: { g?: ReturnType<ModuleBuilder['function']> } = {}
    m.function(
      'main',
      { a: 'i32' },
      ['i32'],
      (f, { a }) => f.result(callValue(later.g!, 'i32', [i32.add(a, -129)])),
      { export: true },
    )
    later.g = m.function('g', { a: 'i32' }, ['i32'], (f, { a }) =>
      f.result(choose(i32.ltS(a, -100), i32.const(0x7fffffff), i32.wrapI64(i64.const(-(2n ** 40n) - 5n)))),
    )
    const { f } = instantiate(m)
    expect(f.main!(0)).toBe(0x7fffffff)
    expect(f.main!(1000)).toBe(-5)
  })

  test('leaves blocks and loops where it says', () => {
    const m = fresh()
    m.function(
      'collatz',
      { start: 'i32' },
      ['i32'],
      (f, { start }) => {
        const [n, steps] = [f.let(start), f.local('i32')]
        f.while(i32.ne(n, 1), (leave) => {
          leave(i32.gtS(steps, 1000))
          f.if(
            i32.and(n, 1),
            () => f.set(n, i32.add(i32.mul(n, 3), 1)),
            () => f.set(n, i32.shrU(n, 1)),
          )
          f.increase(steps, 1)
        })
        f.result(steps)
      },
      { export: true },
    )
    const { f } = instantiate(m)
    expect(f.collatz!(27)).toBe(111)
    expect(f.collatz!(0)).toBe(1001)
  })

  test('knows the engine', () => {
    expect(hasSimd()).toBe(true)
  })
})

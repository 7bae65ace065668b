import { describe, expect, test } from 'vitest'
import {
  grad,
  jit,
  less,
  logicalNot,
  matmul,
  mul,
  neg,
  random,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  whileLoop,
  zeros,
} from '../../src/index.js'
import { accelerate } from '../../src/jit/eager.js'
import { sinP } from '../../src/primitives/elementary.js'
import { dataOf } from '../../src/tensor.js'

describe('explain', () => {
  test('says what the passes did, what each step costs, and where memory goes', () => {
    const f = jit((w: Tensor, x: Tensor) => sub(w, grad((u: Tensor) => sum(square(tanh(matmul(x, u)))))(w)), {
      donate: 0,
    })
    const w = random.normal(random.key(0), [3, 2])
    const text = f.explain(w, random.normal(random.key(1), [4, 3]))
    expect(text).toMatch(/^passes: \d+ nodes traced, \d+ after folding/)
    expect(text).toMatch(/^step +kind +flops +bytes +predicted +measured +what$/m)
    expect(text).toMatch(/^\d+ +dot +48 .* dot 4×3×2 /m)
    expect(text).toMatch(/^donated: 1 arguments, 1 overwritten in place$/m)
    expect(text).toMatch(/^module: [\d.]+ KiB of WebAssembly, compiled in [\d.]+ ms$/m)
    expect(text).toMatch(/^whole call: predicted .*, measured .*$/m)
    // Nothing was given away.
    expect(w.toArray()).toHaveLength(3)
  })
  test('of the interpreter is the graph', () => {
    const f = jit((x: Tensor) => mul(x, 2), { backend: 'interpreter' })
    expect(f.explain(zeros([2]) as Tensor)).toMatch(/^interpreted, node by node:\ngraph\(/)
  })
  test('needs values', () => {
    const f = jit((x: Tensor) => mul(x, 2))
    expect(() =>
      grad((x: Tensor) => {
        f.explain(x)
        return sum(x)
      })(zeros([2]) as Tensor),
    ).toThrow('explain measures calls')
  })
})

describe('large operations on values', () => {
  test('are computed by programs, small ones by their kernels', () => {
    const aval = { shape: [200, 200], dtype: 'float64' } as const
    const x = random.uniform(random.key(0), [200, 200], { dtype: 'float64' })
    const [fast] = accelerate(sinP as never, [x], {}, [aval])!
    const [plain] = sinP.kernel([x], {}, [aval])
    const [a, b] = [dataOf(fast!), dataOf(plain!)]
    expect(a.every((y, i) => Math.abs(y - b[i]!) <= 4e-16)).toBe(true)
    expect(sin(x).toTypedArray()).toEqual(a)
    const small = zeros([2]) as Tensor
    expect(accelerate(sinP as never, [random.normal(random.key(1), [2])], {}, [small])).toBeUndefined()
  })
  test('on a value that is the same everywhere need one element only', () => {
    const [y] = accelerate(sinP as never, [zeros([1000, 1000])], {}, [
      { shape: [1000, 1000], dtype: 'float32' },
    ])!
    expect(y!.shape).toEqual([1000, 1000])
  })
})

describe('a loop that would never end', () => {
  test('is refused by the compiled program with the words of the interpreter', () => {
    const f = jit((x: Tensor) =>
      whileLoop(
        (c: Tensor) => less(c, 10),
        (c: Tensor) => mul(c, 2),
        x,
      ),
    )
    expect(f(tensor(1)).item()).toBe(16)
    expect(() => f(tensor(0))).toThrow('whileLoop: a step leaves the state as it is')
    const g = jit((x: Tensor) =>
      whileLoop(
        (c: Tensor) => logicalNot(less(c, 10)),
        (c: Tensor) => mul(c, 0.5),
        x,
      ),
    )
    expect(() => g(tensor(Number.NaN))).toThrow('The state has NaN in it')
  })

  test.each(['float32', 'float64'] as const)('is refused where %s NaN only turns its sign', (dtype) => {
    const f = jit((x: Tensor) =>
      whileLoop(
        (c: Tensor) => logicalNot(less(c, 10)),
        (c: Tensor) => neg(c),
        x,
      ),
    )
    expect(() => f(tensor(Number.NaN, { dtype }))).toThrow('The state has NaN in it')
  })
})

import { describe, expect, test } from 'vitest'
import { add, jit, matmul, mul, random, sin, sum, type Tensor, tanh } from '../../src/index.js'

// Large enough to be shared; small integers and dyadic numbers are not needed, since no sum is divided.
const key = random.key(0)
const a = random.normal(key, [300, 257])
const b = random.normal(random.foldIn(key, 1), [257, 301])

const program = (x: Tensor, y: Tensor) => {
  const z = tanh(add(matmul(x, y), 1))
  return [z, sum(z, { axis: 0 }), sum(mul(z, z)), sin(x)] as const
}

const differing = (x: Tensor, y: ArrayLike<number>): number => {
  const got = x.toTypedArray()
  let n = 0
  for (let i = 0; i < got.length; i++) if (!Object.is(got[i], y[i])) n++
  return n
}

describe('threads', () => {
  test('change nothing, however many there are', () => {
    const want = jit(program, { threads: 1 })(a, b).map((t) => t.toTypedArray())
    for (const threads of [2, 3]) {
      const f = jit(program, { threads })
      // Helpers come when they have started: some calls have them, some do not.
      for (let i = 0; i < 40; i++)
        f(a, b).forEach((t, k) => {
          expect(differing(t, want[k]!)).toBe(0)
        })
    }
  })

  test('serve programs in turn', () => {
    const fs = [1, 2, 3, 4, 5].map((c) => jit((x: Tensor, y: Tensor) => mul(matmul(x, y), c), { threads: 2 }))
    const first = fs[0]!(a, b).toTypedArray()
    const times = fs.map((_, k) => first.map((x) => x * (k + 1)))
    for (let i = 0; i < 20; i++)
      fs.forEach((f, k) => {
        expect(differing(f(a, b), times[k]!)).toBe(0)
      })
  })

  test('are a whole number', () => {
    expect(() => jit((x: Tensor) => x, { threads: 0 })).toThrow(
      'threads must be a whole number of at least 1',
    )
  })
})

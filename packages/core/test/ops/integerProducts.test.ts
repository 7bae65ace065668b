import { conv, jit, matmul, type Tensor, tensor } from '@cotangent/core'
import { expect, test } from 'vitest'

// As in NumPy and JAX: int32 arithmetic is modulo 2^32, also where doubles no longer hold the products.
test('products of int32 wrap around', () => {
  const big = 2147483647
  const x = tensor([[big, 3]], { dtype: 'int32' })
  const y = tensor([[big], [3]], { dtype: 'int32' })
  // (2^31 - 1)^2 + 9 = 1 + 9 modulo 2^32
  const product = (a: Tensor, b: Tensor): Tensor => matmul(a, b)
  expect(product(x, y).toArray()).toEqual([[10]])
  expect(jit(product)(x, y).toArray()).toEqual([[10]])
})

test('convolutions of int32 wrap around', () => {
  const big = 2147483647
  const x = tensor([[[big], [3], [big]]], { dtype: 'int32' })
  const w = tensor([[[big]], [[3]]], { dtype: 'int32' })
  // (2^31 - 1)^2 + 9 = 10 and 3 (2^31 - 1) + 3 (2^31 - 1) = -6 modulo 2^32
  const slide = (a: Tensor, b: Tensor): Tensor => conv(a, b)
  expect(slide(x, w).toArray()).toEqual([[[10], [-6]]])
  expect(jit(slide)(x, w).toArray()).toEqual([[[10], [-6]]])
})

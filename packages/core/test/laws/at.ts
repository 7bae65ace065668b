import { jvp, sum, type Tensor, tensor, vjp } from '../../src/index.js'
import type { NestedNumbers } from '../../src/tensor.js'
import { differentiate } from './difference.js'

// Short forms for tests that state derivatives at points.

type Fun = (...xs: Tensor[]) => Tensor

/** A float64 tensor. */
export const d = (x: NestedNumbers): Tensor => tensor(x as number[], { dtype: 'float64' }) as Tensor

/** Gradients of the sum of f, by reverse mode. */
export const slopes = (f: Fun, ...xs: NestedNumbers[]): NestedNumbers[] =>
  (vjp((...ts: Tensor[]) => sum(f(...ts)) as Tensor, ...xs.map(d))[1](d(1)) as Tensor[]).map((t) =>
    t.toArray(),
  )

/** The gradient of the sum of f in one argument, equal in both modes. */
export const slope = (f: (x: Tensor) => Tensor, x: NestedNumbers): NestedNumbers => slopes(f as Fun, x)[0]!

/** The derivative of order n of a function of a number. */
export const derivative = (f: (x: Tensor) => Tensor, x: number, n = 1): number => {
  let g = f
  for (let i = 0; i < n; i++) {
    const inner = g
    g = (v: Tensor) => jvp(inner, [v], [d(1)])[1] as Tensor
  }
  return g(d(x)).item()
}

/** The gradient of the sum of f by differences. */
export const numeric = (f: (x: Tensor) => Tensor, x: Tensor): number[] =>
  Array.from({ length: x.size }, (_, i) => {
    const base = x.toTypedArray()
    const curve = (h: number) => {
      const moved = Float64Array.from(base)
      moved[i]! += h
      return Float64Array.of((sum(f(tensor(moved, { shape: [...x.shape] }) as Tensor)) as Tensor).item())
    }
    return differentiate(curve).value[0]!
  })

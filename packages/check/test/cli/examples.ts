import { exp, mul, sum, type Tensor } from '@cotangent/core'

// What the tests of the command line check: a loss made with Cotangent, pairs on plain arrays, and what is no function.

export const loss = (w: Tensor, x: Tensor): Tensor => sum(exp(mul(w, x))) as Tensor

export const cubes = (x: readonly number[]): number => x.reduce((s, v) => s + v ** 3, 0)
export const cubesGradient = (x: readonly number[]): number[] => x.map((v) => 3 * v * v)
export const wrongGradient = (x: readonly number[]): number[] => x.map((v) => 2 * v * v)
export const pair = { f: cubes, gradient: cubesGradient }
export const hidden = { f: (x: number) => 1e20 + x, gradient: () => 1 }

enum Constant {
  Answer = 42,
}
export const answer = Constant.Answer

export default pair

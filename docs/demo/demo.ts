import { exp, grad, mul, sum, type Tensor, tensor } from '@cotangent/core'

const f = (x: Tensor): Tensor => sum(mul(x, exp(x)))
const x = tensor([0, 1])

console.log('f(x) = sum(x exp(x)) at x =', x.toArray())
console.log('f   ', f(x).toArray())
console.log('f′  ', grad(f)(x).toArray())

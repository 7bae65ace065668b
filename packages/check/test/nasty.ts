import {
  abs,
  add,
  atan2,
  cast,
  cos,
  cumprod,
  div,
  erf,
  exp,
  expm1,
  greater,
  less,
  linalg,
  log,
  log1p,
  logsumexp,
  matmul,
  max,
  maximum,
  mean,
  mul,
  norm,
  pow,
  prod,
  relu,
  scan,
  sigmoid,
  sin,
  softmax,
  softplus,
  sort,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  variance,
  where,
  whileLoop,
} from '@cotangent/core'
import { d, type Fun } from './helpers.js'

// Correct functions where checkers with fixed steps and tolerances raise false alarms.

const single = (x: number[]): Tensor => tensor(x) as Tensor

export const NASTY: Readonly<Record<string, readonly [Fun, readonly Tensor[]]>> = {
  'relu at ±1e-7': [(x) => sum(relu(x!)), [d([1e-7, -1e-7])]],
  'relu near 0, in company': [(x) => sum(mul(relu(x!), exp(x!))), [d([1e-7, 1, -2, 3])]],
  'log at 1e-8': [(x) => sum(log(x!)), [d([1e-8])]],
  'log at 1e-8 and at 1': [(x) => sum(log(x!)), [d([1e-8, 1])]],
  'square at 1e10': [(x) => sum(square(x!)), [d([1e10, 1])]],
  '|x|^1.5 at 0': [(x) => sum(pow(abs(x!), 1.5)), [d([0, 1])]],
  '|x|^1.5 at 1e-6': [(x) => sum(pow(abs(x!), 1.5)), [d([1e-6])]],
  'x² sin at 1e4': [(x) => sum(sin(mul(x!, 1e4))), [d([1, 0.3])]],
  'a sum with a large constant': [(x) => sum(add(1e8, square(x!))), [d([1, 2])]],
  'an entry that cancels': [(x) => sum(sub(add(x!, 1e6), 1e6)), [d([0.3])]],
  'saturated tanh': [(x) => sum(tanh(x!)), [d([40, -25])]],
  'saturated sigmoid': [(x) => sum(sigmoid(x!)), [d([-60, 60, 0])]],
  'softplus far out': [(x) => sum(softplus(x!)), [d([-80, 80])]],
  'ties of a maximum': [(x) => max(x!), [d([1, 1, 0])]],
  'ties of two': [(x, y) => sum(maximum(x!, y!)), [d([1, 2]), d([1, 3])]],
  '|x| at 0': [(x) => sum(abs(x!)), [d([0, -1])]],
  'the norm at 0': [(x) => norm(x!), [d([0, 0])]],
  'a constant': [(x) => sum(mul(x!, 0)), [d([1, 2])]],
  'a sum that is always 1': [(x) => sum(softmax(x!)), [d([1, 2, 3])]],
  'softmax of large logits': [(x) => mul(softmax(x!), d([1, 2, 3])), [d([1000, 999, -1000])]],
  'logsumexp of large logits': [(x) => logsumexp(x!), [d([1000, 999])]],
  'a product with a zero': [(x) => prod(x!), [d([0, 2, 3])]],
  'a masked singularity': [
    (x) => sum(where(greater(x!, 0), log(where(greater(x!, 0), x!, 1)), 0)),
    [d([-1, 2])],
  ],
  'single precision': [(x) => sum(exp(square(x!))), [single([0.1, -0.7, 1.3])]],
  'single precision inside': [(x) => sum(exp(cast(x!, 'float32'))), [d([0.5, 0.25])]],
  'inputs of 1e-150 and 1e150': [(x) => sum(log(abs(x!))), [d([1e-150, 1e150])]],
  'duplicated indices': [(x) => sum(square(take(x!, [0, 0, 2]))), [d([1, 2, 3])]],
  sorting: [(x) => sum(mul(sort(x!), d([1, 2, 3]))), [d([3, 1, 2])]],
  'a solve': [
    (a, b) => sum(square(linalg.solve(a!, b!))),
    [
      d([
        [2, 1],
        [0.5, 3],
      ]),
      d([1, 2]),
    ],
  ],
  'an eigenvalue': [
    (a) => max(linalg.eigh(a!).values),
    [
      d([
        [2, 1],
        [1, 3],
      ]),
    ],
  ],
  'several results': [(x) => ({ y: exp(x!), z: [mean(square(x!))] }), [d([0.2, 0.5])]],
  'a layer': [
    (w, x) => mean(square(tanh(matmul(w!, x!)))),
    [
      d([
        [1, -2],
        [0.5, 3],
      ]),
      d([0.3, 0.1]),
    ],
  ],
  'a loop': [
    (x) => scan((c: Tensor, v: Tensor) => [sin(add(c, v)) as Tensor, c] as const, sum(x!) as Tensor, x!)[0],
    [d([0.2, 0.4, 0.8])],
  ],
  'a branch on a value': [
    (x) => ((x!.toArray() as number[])[0]! > 0 ? sum(exp(x!)) : sum(x!)),
    [d([0.5, 1])],
  ],
  'log1p near 0': [(x) => sum(div(log1p(x!), x!)), [d([1e-5])]],
  'cancellation by twelve digits, in the value and again in the gradient': [
    (x) => sum(div(sub(1, cos(x!)), square(x!))),
    [d([1e-6])],
  ],
  'the tail of erf': [(x) => sum(erf(x!)), [d([5, -7])]],
  // The ten that follow were written down before anything was tuned on them.
  'variance about a mean of 1e6': [(x) => variance(x!), [d([1e6 + 0.25, 1e6 - 0.5, 1e6 + 1])]],
  'expm1(x)/x at 1e-9': [(x) => sum(div(expm1(x!), x!)), [d([1e-9, -1e-9])]],
  'sqrt(1 + x) - sqrt(1 - x), over x, at 1e-5': [
    (x) => sum(div(sub(sqrt(add(1, x!)), sqrt(sub(1, x!))), x!)),
    [d([1e-5])],
  ],
  'log of a softmax entry that is nearly 1': [(x) => log(take(softmax(x!), 0)), [d([30, 0, -1])]],
  'a determinant of a Hilbert matrix': [
    (a) => linalg.det(a!),
    [d(Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => 1 / (i + j + 1))))],
  ],
  'the logistic map, 20 turns': [
    (x) =>
      sum(
        scan(
          (c: Tensor, r: Tensor) => [mul(mul(r, c), sub(1, c)) as Tensor, c] as const,
          x! as Tensor,
          d(Array.from({ length: 20 }, () => 3.9)),
        )[0],
      ),
    [d([0.3])],
  ],
  'Newton iteration until it converges': [
    (a) =>
      sum(
        whileLoop(
          (x: Tensor) => less(1e-9, abs(sub(mul(x, x), stopGradient(a!)))) as Tensor,
          (x: Tensor) => mul(0.5, add(x, div(a!, x))) as Tensor,
          a! as Tensor,
        ),
      ),
    [d(2)],
  ],
  'huge and tiny parts': [
    (x, y) => add(sum(square(x!)), sum(mul(1e-12, exp(y!)))),
    [d([1e4, -1e4]), d([1, 2])],
  ],
  'angles near the cut of atan2': [(y, x) => sum(atan2(y!, x!)), [d([1e-8, -1e-8]), d([-1, -1])]],
  'cumprod with two zeros': [(x) => sum(mul(cumprod(x!), d([1, 2, 3, 4]))), [d([2, 0, 3, 0])]],
}

// The time of a critic's step with a second-order penalty: a two-layer network [64 - 256 - 8], batch 64, float32, plain
// gradient descent. gradientPenalty.py takes the same steps with PyTorch's double backward.
import {
  add,
  jit,
  matmul,
  mean,
  mul,
  type Num,
  random,
  sub,
  sum,
  type Tensor,
  tanh,
  tree,
  valueAndGrad,
} from '@cotangent/core'
import { gradientPenalty, jacobianPenalty, r1 } from '@cotangent/regularize'

const [BATCH, INPUTS, HIDDEN, OUTPUTS] = [64, 64, 256, 8]

interface Params {
  readonly w1: Tensor
  readonly b1: Tensor
  readonly w2: Tensor
}

const normal = (seed: number, shape: readonly number[], scale: number): Tensor =>
  mul(random.normal(random.key(seed), shape) as Tensor, scale)
const start: Params = {
  w1: normal(1, [INPUTS, HIDDEN], INPUTS ** -0.5),
  b1: normal(2, [HIDDEN], 0.1),
  w2: normal(3, [HIDDEN, OUTPUTS], HIDDEN ** -0.5),
}
const real = normal(4, [BATCH, INPUTS], 1)
const fake = add(normal(5, [BATCH, INPUTS], 1), 1)

const model = (p: Params, x: Tensor): Tensor => matmul(tanh(add(matmul(x, p.w1), p.b1)), p.w2)
const critic = (p: Params, x: Tensor): Tensor => sum(model(p, x), { axis: 1 })

const penalties: Readonly<Record<string, (p: Params) => Num>> = {
  none: () => 0,
  'WGAN-GP': (p) => gradientPenalty((x) => critic(p, x), mul(add(real, fake), 0.5)),
  R1: (p) => r1((x) => critic(p, x), real),
  Jacobian: (p) => jacobianPenalty((x) => model(p, x), real, { weight: 1 }),
}

const stepWith = (penalty: (p: Params) => Num) =>
  jit((p: Params): readonly [Tensor, Params] => {
    const objective = (q: Params): Tensor =>
      add(sub(mean(critic(q, fake)), mean(critic(q, real))), penalty(q))
    const [value, g] = valueAndGrad(objective)(p)
    return [value, tree.map((w: Tensor, d: Tensor) => sub(w, mul(d, 1e-3)), p, g) as Params]
  })

/** Of single calls after a warm-up. */
const median = (run: () => unknown, warmUp: number, rounds: number): number => {
  for (let i = 0; i < warmUp; i++) run()
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now()
    run()
    return performance.now() - from
  }).sort((a, b) => a - b)
  return times[rounds >> 1]!
}

const rounds = Number(process.argv[2] ?? 50)
console.log(`[${INPUTS} - ${HIDDEN} - ${OUTPUTS}], batch ${BATCH}, float32, median of ${rounds} steps`)
for (const [name, penalty] of Object.entries(penalties)) {
  const step = stepWith(penalty)
  let state = start
  const ms = median(
    () => {
      const [value, next] = step(state)
      state = next
      return value.item()
    },
    5,
    rounds,
  )
  console.log(`${name.padEnd(10)} ${ms.toFixed(3)} ms`)
}

// Resident memory over 10,000 training steps, in a process of its own: node --expose-gc is not needed, nothing is
// disposed. Prints the resident set after every thousand steps and the growth from the second thousand to the last.
//
//   pnpm run build && tsx benchmarks/memory.ts

import {
  jit,
  matmul,
  mean,
  mul,
  random,
  relu,
  square,
  sub,
  type Tensor,
  tree,
  valueAndGrad,
} from '@cotangent/core'

interface Params {
  readonly w1: Tensor
  readonly w2: Tensor
}
const [k1, k2, k3] = random.split(random.key(0), 3) as Iterable<Tensor> as [Tensor, Tensor, Tensor]
const init = (): Params => ({
  w1: mul(random.normal(k1, [32, 64]), 0.1),
  w2: mul(random.normal(k2, [64, 8]), 0.1),
})
const x = random.normal(k3, [32, 32]) as Tensor

const loss = (p: Params): Tensor => mean(square(sub(matmul(relu(matmul(x, p.w1)), p.w2), 1)))
const step = (p: Params): Params => {
  const [, g] = valueAndGrad(loss)(p)
  return tree.map((w: Tensor, d: Tensor) => sub(w, mul(0.01, d)), p, g) as Params
}
const modes = { 'traced every step': step, jit: jit(step), 'jit, donated': jit(step, { donate: [0] }) }

for (const [name, run] of Object.entries(modes)) {
  let params = init()
  const resident: number[] = []
  for (let i = 1; i <= 10_000; i++) {
    params = run(params)
    if (i % 1000 === 0) resident.push(process.memoryUsage().rss / 2 ** 20)
  }
  const growth = resident.at(-1)! - resident[1]!
  console.log(
    `${name.padEnd(18)} RSS in MiB per thousand steps: ${resident.map((r) => r.toFixed(0)).join(' ')}   growth ${growth.toFixed(1)} MiB   loss ${loss(params).item().toFixed(6)}`,
  )
}

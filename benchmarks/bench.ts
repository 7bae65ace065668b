import { exp, grad, mul, sum, type Tensor, tensor } from '@cotangent/core'

/** The median time of one call in milliseconds, over `rounds` calls after a warm-up. */
const median = (run: () => unknown, rounds = 50): number => {
  for (let i = 0; i < 5; i++) run()
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  }).sort((a, b) => a - b)
  return times[rounds >> 1] ?? Number.NaN
}

const f = (x: Tensor): Tensor => sum(mul(x, exp(x)))
const x = tensor(Float32Array.from({ length: 10_000 }, (_, i) => i / 10_000))

console.log(`grad of sum(x exp(x)), 10,000 entries: ${median(() => grad(f)(x)).toFixed(3)} ms`)

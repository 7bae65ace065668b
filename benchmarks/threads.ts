// What a second thread gains for a float32 product of 1024: one process, calls with one and with two threads in turns.
// pnpm run build && pnpm exec tsx benchmarks/threads.ts
import { jit, matmul, random, type Tensor } from '@cotangent/core'

const SIZE = 1024
const ROUNDS = 80

const normal = (seed: number): Tensor => random.normal(random.key(seed), [SIZE, SIZE]) as Tensor
const [a, b] = [normal(1), normal(2)]
const programs = [1, 2].map((threads) => jit((x: Tensor, y: Tensor) => matmul(x, y) as Tensor, { threads }))
const times: readonly number[][] = programs.map(() => [])
for (let round = -20; round < ROUNDS; round++)
  programs.forEach((program, k) => {
    // The first of two calls finds the threads asleep.
    for (const counts of [false, true]) {
      const from = performance.now()
      program(a, b).toTypedArray()
      if (counts && round >= 0) times[k]!.push(performance.now() - from)
    }
  })
const [one, two] = times.map((list) => [...list].sort((x, y) => x - y)[ROUNDS >> 1]!) as [number, number]
console.log(
  `node ${process.version}: ${one.toFixed(1)} and ${two.toFixed(1)} ms, gains ${(one / two).toFixed(2)}`,
)

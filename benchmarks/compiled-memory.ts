// Resident memory over 100,000 calls of compiled functions whose shapes keep changing, in a process of its own. Nothing is
// disposed and the collector is left alone. Prints the resident set after every ten thousand calls of each mode, and what
// it grew by from the second ten thousand to the last.
//
//   pnpm run build && pnpm exec tsx benchmarks/compiled-memory.ts [calls] [mode]

import { add, jit, matmul, mul, random, sum, type Tensor, tanh, zeros } from '@cotangent/core'

const calls = Number(process.argv[2] ?? 100_000)
const every = Math.max(1, Math.floor(calls / 10))
const SHAPES = 97 // more than a function keeps programs for

const key = random.key(0)
const rows = (i: number): number => 1 + ((i * 31) % SHAPES)
const inputs = Array.from(
  { length: SHAPES },
  (_, i) => random.normal(random.foldIn(key, i), [i + 1, 8]) as Tensor,
)
const weights = random.normal(key, [8, 8]) as Tensor
const network = (x: Tensor): Tensor => sum(tanh(matmul(x, weights)), { axis: 0 })

/** What is done in call i. */
type Mode = (i: number) => unknown

const sameFunction = (): Mode => {
  const f = jit(network)
  // Twenty calls of a shape before the next: caches miss and hit.
  return (i) => f(inputs[rows(Math.floor(i / 20)) - 1]!)
}

const donatedState = (): Mode => {
  const step = jit((state: Tensor, x: Tensor) => add(mul(state, 0.5), sum(x)), { donate: [0] })
  let state = zeros([4096]) as Tensor
  return (i) => {
    // Every third state is dropped without being used, where it is, in the memory of programs.
    if (i % 3 === 0) state = zeros([4096]) as Tensor
    state = step(state, inputs[rows(Math.floor(i / 20)) - 1]!)
  }
}

const droppedFunctions = (): Mode => {
  let f = jit(network)
  return (i) => {
    if (i % 20 === 0) f = jit((x: Tensor) => mul(network(x), 2))
    return f(inputs[rows(Math.floor(i / 20)) - 1]!)
  }
}

const modes = {
  'one function, shapes change': sameFunction,
  'donated state, dropped unused': donatedState,
  'functions dropped': droppedFunctions,
}

for (const [name, make] of Object.entries(modes)) {
  if (!name.startsWith(process.argv[3] ?? '')) continue
  const run = make()
  const resident: number[] = []
  for (let i = 0; i < calls; i++) {
    run(i)
    // Finalisers run between turns of the event loop, as in any program that waits for something now and then.
    if (i % 1000 === 999) await new Promise((resolve) => setImmediate(resolve))
    if ((i + 1) % every === 0) resident.push(process.memoryUsage().rss / 2 ** 20)
  }
  const growth = resident.at(-1)! - resident[1]!
  console.log(
    `${name.padEnd(30)} RSS in MiB: ${resident.map((r) => r.toFixed(0)).join(' ')}   growth ${growth.toFixed(1)} MiB`,
  )
}

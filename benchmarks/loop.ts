// What the loop of `fit` costs beyond its compiled steps, for the network of 64-32-10 units on the digits.
//
//   pnpm run build && pnpm exec tsx benchmarks/loop.ts
//
// Both sides run the very same compiled step on the same batches, taken apart from `fit`: the difference is the loop.

import { random, relu, type Tensor, tensor } from '@cotangent/core'
import { activation, dense, loss, sequential } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { dataset, fit } from '@cotangent/train'
import { loadDigits } from '../docs/data/digits/digits.js'
import { begin } from '../packages/train/dist/fit/begin.js'
import { compileStep } from '../packages/train/dist/fit/step.js'

const EPOCHS = 20
const { pixels, labels, count } = loadDigits()
const x = tensor(
  Float32Array.from(pixels, (ink) => ink / 16),
  { shape: [count, 64] },
) as Tensor
const data = dataset.fromArrays(x, Int32Array.from(labels))
const model = sequential({ hidden: dense(32), act: activation(relu), head: dense(10) })
const options = {
  model,
  loss: loss.softmaxCrossEntropy,
  optimizer: adam({ learningRate: 3e-3 }),
  data,
  batchSize: 64,
  epochs: EPOCHS,
  key: random.key(0),
}
const batches = [...dataset.batches(data, { size: 64 }).batches({ epoch: 1, key: random.key(1) })]
const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[xs.length >> 1]!

/** Seconds of an epoch of nothing but steps. */
const bare = (): number => {
  const { carry, plan } = begin(options, batches[0]!)
  const step = compileStep(options, plan)
  let now = carry
  const times: number[] = []
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const started = performance.now()
    for (const batch of batches) now = step(now, batch)
    times.push(performance.now() - started)
  }
  return median(times.slice(2)) / 1000
}
/** Seconds of an epoch of `fit`, all it does between two epochs included. */
const looped = async (): Promise<number> => {
  const times: number[] = []
  let before = performance.now()
  for await (const _ of fit(options)) {
    times.push(performance.now() - before)
    before = performance.now()
  }
  return median(times.slice(2)) / 1000
}

const pairs: (readonly [number, number])[] = []
for (let i = 0; i < 7; i++) pairs.push([bare(), await looped()])
const [steps, whole] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
const overhead = median(pairs.map(([a, b]) => b / a - 1))
console.log(
  `${batches.length} steps of 64: ${(1000 * steps).toFixed(2)} ms; in fit: ${(1000 * whole).toFixed(2)} ms; beyond the steps: ${(100 * overhead).toFixed(1)} %`,
)

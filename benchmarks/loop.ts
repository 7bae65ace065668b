// What the loop of `fit` costs beyond its compiled steps, and what an epoch takes beside the same loop in PyTorch, for two
// networks on the digits: 64-32-10 on the images as they are, 784-256-128-10 on images of 28 by 28.
//
//   pnpm run build && PEERS_PYTHON=.../python pnpm exec tsx benchmarks/loop.ts [rounds]
//
// Both sides of the first comparison run the very same compiled step on the same rows; the difference is the loop: the order
// of the examples, what an epoch reports, and the copy of the state that it hands out. Without PEERS_PYTHON PyTorch is left
// out.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { random, relu, type Tensor, tensor } from '@cotangent/core'
import { activation, dense, loss, sequential } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { dataset, fit } from '@cotangent/train'
import { loadDigits } from '../docs/data/digits/digits.js'
import { begin } from '../packages/train/dist/fit/begin.js'
import { compileStep } from '../packages/train/dist/fit/step.js'

const rounds = Number(process.argv[2] ?? 5)
const python = process.env.PEERS_PYTHON
const { pixels, labels, count } = loadDigits()
const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[xs.length >> 1]!

/** The images with each pixel `by` times as wide and as high, in a frame of `size`. */
const enlarged = (by: number, size: number): Tensor => {
  const out = new Float32Array(count * size * size)
  const edge = (size - 8 * by) / 2
  for (let n = 0; n < count; n++)
    for (let i = 0; i < 8 * by; i++)
      for (let j = 0; j < 8 * by; j++)
        out[n * size * size + (i + edge) * size + j + edge] =
          pixels[n * 64 + 8 * Math.floor(i / by) + Math.floor(j / by)]! / 16
  return tensor(out, { shape: [count, size * size] }) as Tensor
}

const networks = [
  {
    name: '64-32-10',
    batch: 64,
    epochs: 20,
    x: enlarged(1, 8),
    model: sequential({ hidden: dense(32), act: activation(relu), head: dense(10) }),
  },
  {
    name: '784-256-128-10',
    batch: 128,
    epochs: 7,
    x: enlarged(3, 28),
    model: sequential({
      first: dense(256),
      act: activation(relu),
      second: dense(128),
      act2: activation(relu),
      head: dense(10),
    }),
  },
]

for (const { name, batch, epochs, x, model } of networks) {
  const data = dataset.fromArrays(x, Int32Array.from(labels))
  const options = {
    model,
    loss: loss.softmaxCrossEntropy,
    optimizer: adam({ learningRate: 3e-3 }),
    data,
    batchSize: batch,
    epochs,
    key: random.key(0),
  }
  const source = dataset.batches(data, { size: batch })
  const picks = [...source.picks({ epoch: 1, key: random.key(1) })].map(({ whole, rows }) => ({
    whole,
    rows: tensor(rows!) as Tensor,
  }))

  /** Seconds of an epoch of nothing but steps. */
  const bare = (): number => {
    const { carry, plan } = begin(options as never, [...source.batches({ epoch: 1, key: random.key(1) })][0]!)
    const step = compileStep(options as never, plan)
    let now = carry
    const times: number[] = []
    for (let epoch = 0; epoch < epochs; epoch++) {
      const started = performance.now()
      for (const on of picks) now = step(now, on)
      times.push(performance.now() - started)
    }
    return median(times.slice(2)) / 1000
  }

  /** Seconds of an epoch of `fit`, all it does between two epochs included. */
  const looped = async (): Promise<number> => {
    const times: number[] = []
    let before = performance.now()
    for await (const _ of fit(options as never)) {
      times.push(performance.now() - before)
      before = performance.now()
    }
    return median(times.slice(2)) / 1000
  }

  /** Seconds of an epoch of the same loop in PyTorch. */
  const theirs = (threads: number): number => {
    const script = fileURLToPath(new URL('loop.py', import.meta.url))
    return Number(execFileSync(python!, [script, name, String(batch), String(epochs), String(threads)]))
  }

  const rows: number[][] = []
  for (let i = 0; i < rounds; i++)
    rows.push([bare(), await looped(), ...(python === undefined ? [] : [theirs(1), theirs(2)])])
  const [steps, whole, one, two] = rows[0]!.map((_, k) => median(rows.map((r) => r[k]!)))
  const overhead = median(rows.map(([a, b]) => b! / a! - 1))
  const ms = (seconds: number): string => `${(1000 * seconds).toFixed(2)} ms`
  console.log(
    `${name}, ${picks.length} steps of ${batch}: steps alone ${ms(steps!)}, fit ${ms(whole!)}, beyond the steps ${(100 * overhead).toFixed(1)} %` +
      (one === undefined || two === undefined
        ? ''
        : `; PyTorch with one thread ${ms(one)} (${(one / whole!).toFixed(2)} times), with two ${ms(two)} (${(two / whole!).toFixed(2)} times)`),
  )
}
process.exit(0)

import { jit, random, relu, slice, type Tensor, tensor, valueAndGrad } from '@cotangent/core'
import { accuracy, activation, dense, loss, sequential } from '@cotangent/nn'
import { adam, sgd, step, type Transform } from '@cotangent/optim'
import { expect, test } from 'vitest'
import { loadDigits } from '../../../docs/data/digits/digits.js'

const BATCH = 50
const { pixels, labels } = loadDigits()

// Of the first 900 images every third is for the test.
const all = Array.from({ length: 900 }, (_, i) => i)
const choose = (which: readonly number[]) => ({
  x: tensor(which.map((i) => Array.from(pixels.subarray(i * 64, (i + 1) * 64), (p) => p / 16))) as Tensor,
  y: tensor(Int32Array.from(which, (i) => labels[i]!)) as Tensor,
})
const train = choose(all.filter((i) => i % 3 !== 0))
const held = choose(all.filter((i) => i % 3 === 0))

const model = sequential({ hidden: dense(32), act: activation(relu), head: dense(10) })

test.each([
  ['sgd', sgd({ learningRate: 0.1, momentum: 0.9 }) as Transform<unknown>],
  ['adam', adam({ learningRate: 0.01 }) as Transform<unknown>],
])('%s learns to read digits', (_, optimizer) => {
  const { params: first, state } = model.init(random.key(0), [BATCH, 64])
  const update = jit((params: typeof first, opt: unknown, x: Tensor, y: Tensor) => {
    const objective = (p: typeof first) =>
      loss.softmaxCrossEntropy(model.apply(p, state, x, { train: true }).y, y)
    const next = step(optimizer, params, valueAndGrad(objective)(params)[1], opt)
    return { params: next.params, opt: next.state }
  })
  let now = { params: first, opt: optimizer.init(first) }
  for (let i = 0; i < 120; i++) {
    const at = (i * BATCH) % 600
    const x = slice(train.x, [at, 0], [at + BATCH, 64]) as Tensor
    now = update(now.params, now.opt, x, slice(train.y, [at], [at + BATCH]) as Tensor)
  }
  const logits = model.apply(now.params, state, held.x, { train: false }).y
  expect(accuracy(logits, held.y).item()).toBeGreaterThan(0.9)
})

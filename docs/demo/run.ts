import { add, jit, random, relu, type Tensor, valueAndGrad } from '@cotangent/core'
import { accuracy, activation, dense, loss, sequential } from '@cotangent/nn'
import { step, type Transform } from '@cotangent/optim'
import { type Functional, type Penalty, plan } from '@cotangent/regularize'
import { type Batch, epochOf, test, train } from './data.js'

const EPOCHS = 20
const BATCH = 64

const model = sequential({ hidden: dense(32), act: activation(relu), head: dense(10) })

/** How a run is going. */
export interface Progress {
  readonly epoch: number
  readonly epochs: number
  readonly loss: number
}

/** What a run came to. */
export interface Result {
  readonly trainAccuracy: number
  readonly testAccuracy: number
  readonly penalty: number
  readonly norm: number
  readonly zeros: number
  readonly seconds: number
}

/** Trains the network from the same start as every other run. */
export async function* run<S>(
  optimizer: Transform<S>,
  penalty: Functional | Penalty,
): AsyncGenerator<Progress, Result> {
  const started = performance.now()
  const { params: first, state } = model.init(random.key(1), [BATCH, 64])
  const bound = plan(penalty, first)
  const logits = (params: typeof first, x: Tensor) => model.apply(params, state, x, { train: true }).y

  const update = jit((params: typeof first, opt: S, { x, labels }: Batch) => {
    const objective = (p: typeof first) =>
      add(loss.softmaxCrossEntropy(logits(p, x), labels), bound.smooth(p)) as Tensor
    const [value, grads] = valueAndGrad(objective)(params)
    const next = step(optimizer, params, grads, opt, { plan: bound })
    return { params: next.params, opt: next.state, value }
  })

  let params = first
  let opt = optimizer.init(params)
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    let total = 0
    const batches = epochOf(random.foldIn(random.key(2), epoch), BATCH)
    for (const batch of batches) {
      const next = update(params, opt, batch)
      params = next.params
      opt = next.opt
      total += next.value.item()
    }
    yield { epoch, epochs: EPOCHS, loss: total / batches.length }
  }

  const share = ({ x, labels }: Batch) => accuracy(logits(params, x), labels).item()
  const kernels = [params.hidden.kernel, params.head.kernel]
  const entries = kernels.flatMap((kernel) => [...kernel.toTypedArray()])
  return {
    trainAccuracy: share(train),
    testAccuracy: share(test),
    penalty: bound.value(params).item(),
    norm: Math.hypot(...entries),
    zeros: entries.filter((w) => w === 0).length / entries.length,
    seconds: (performance.now() - started) / 1000,
  }
}

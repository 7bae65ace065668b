// What runs in the page, and in Node to compare: a training step as users write it, from the published packages.
import { add, jit, random, type Tensor, tanh, tensor, tree, valueAndGrad } from '@cotangent/core'
import { activation, dense, loss, sequential } from '@cotangent/nn'
import { adam, step } from '@cotangent/optim'
import { combine, l1, l2, on, plan } from '@cotangent/regularize'

/** How to train. */
export interface Training {
  readonly deterministic: boolean
  readonly threads?: number
  readonly backend?: 'auto' | 'interpreter'
  readonly hidden: number
  readonly batch: number
  readonly steps: number
}

/** What training gave. */
export interface Trained {
  readonly losses: readonly number[]
  readonly params: readonly (readonly number[])[]
}

const [INPUTS, CLASSES] = [24, 5]

/** Trains a classifier with L1 by its proximal operator, L2 in the loss and Adam; the state is donated. */
export const train = async (options: Training): Promise<Trained> => {
  const { hidden, batch, steps, ...how } = options
  const model = sequential({ hidden: dense(hidden), act: activation(tanh), head: dense(CLASSES) })
  const { params: first, state } = model.init(random.key(7), [batch, INPUTS])
  const x = random.normal(random.key(1), [batch, INPUTS]) as Tensor
  const y = tensor(Int32Array.from({ length: batch }, (_, i) => (i * i) % CLASSES)) as Tensor
  const penalties = plan(
    combine(on('**/kernel', l1(1e-3)), on('**/kernel', l2(1e-2), { mode: 'coupled' })),
    first,
  )
  const optimizer = adam({ learningRate: 0.02 })
  const update = jit(
    (params: typeof first, opt: ReturnType<typeof optimizer.init>, x: Tensor, y: Tensor) => {
      const objective = (p: typeof first) =>
        add(
          loss.softmaxCrossEntropy(model.apply(p, state, x, { train: true }).y, y),
          penalties.smooth(p),
        ) as Tensor
      const [value, grads] = valueAndGrad(objective)(params)
      const next = step(optimizer, params, grads, opt, { plan: penalties })
      return { value, params: next.params, opt: next.state }
    },
    { ...how, donate: [0, 1] },
  )
  const losses: number[] = []
  let now = { params: first, opt: optimizer.init(first) }
  for (let i = 0; i < steps; i++) {
    const { value, ...next } = update(now.params, now.opt, x, y)
    losses.push(value.item())
    now = next
    // Threads can start only while the page is not busy.
    if (i % 8 === 0) await new Promise((resolve) => setTimeout(resolve))
  }
  return {
    losses,
    params: tree.leaves(now.params).map((p) => [...(p as Tensor).toTypedArray()].map(Number)),
  }
}

import { matmul, mul, random, relu, type Tensor, tensor } from '@cotangent/core'
import { activation, batchNorm, dense, dropout, loss, sequential } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { combine, l1, on } from '@cotangent/regularize'
import { dataset, type FitOptions } from '../../src/index.js'

/** A linear problem with a little noise: 3 features, of which one does not matter. */
export const linear = (n = 20, seed = 0) => {
  const [kx, ke] = random.split(random.key(seed)) as Iterable<Tensor> as [Tensor, Tensor]
  const x = random.normal(kx, [n, 3]) as Tensor
  const clean = matmul(x, tensor([[1], [-2], [0]])) as Tensor
  return dataset.fromArrays(x, addNoise(clean, ke))
}
const addNoise = (y: Tensor, key: Tensor): Tensor => {
  const e = mul(random.normal(key, y.shape), 0.1)
  return tensor(y.toTypedArray().map((v, i) => v + e.toTypedArray()[i]!) as Float32Array, {
    shape: y.shape,
  }) as Tensor
}

/** All that may go wrong on resuming: dropout, running statistics, moments, a proximal penalty, augmentation. */
export const everything = () => {
  const model = sequential({
    hidden: dense(4),
    norm: batchNorm(),
    act: activation(relu),
    drop: dropout({ rate: 0.25 }),
    head: dense(1),
  })
  return {
    model,
    loss: loss.mse,
    penalty: combine(on('hidden/kernel', l1(1e-2))),
    optimizer: adam({ learningRate: 0.05 }),
    data: linear(),
    validation: linear(10, 1),
    metrics: { mae: loss.mae },
    augment: (key: Tensor, batch: { readonly x: Tensor; readonly y: Tensor }) => ({
      ...batch,
      x: mul(batch.x, random.uniform(key, [1, 3], { minval: 0.9, maxval: 1.1 })) as Tensor,
    }),
    batchSize: 6,
    epochs: 3,
    key: random.key(7),
  } satisfies FitOptions<never, never, never> | object
}

/** A small run: 3 steps in each of 4 epochs. */
export const small = () => ({
  model: dense(1),
  loss: loss.mse,
  penalty: l1(0.02),
  optimizer: adam({ learningRate: 0.1 }),
  data: linear(9),
  validation: linear(5, 1),
  batchSize: 4,
  epochs: 4,
  key: random.key(1),
})

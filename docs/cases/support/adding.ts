import { random, type Tensor, tensor } from '@cotangent/core'
import { dataset } from '@cotangent/train'

/**
 * The adding problem (Hochreiter & Schmidhuber 1997): numbers from 0 to 1, two of which are marked, one in each half;
 * the answer is the sum of those two. x is `[count, steps, 2]`, y `[count, 1]`. Who always answers 1 is off by a mean
 * square of 1/6.
 */
export const adding = (key: Tensor, count: number, steps: number) => {
  const [kv, ka, kb] = [...(random.split(key, 3) as Iterable<Tensor>)] as [Tensor, Tensor, Tensor]
  const values = random.uniform(kv, [count, steps]).toTypedArray()
  const half = steps >> 1
  const first = random.randint(ka, [count], 0, half).toTypedArray()
  const second = random.randint(kb, [count], half, steps).toTypedArray()
  const x = new Float32Array(count * steps * 2)
  const y = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < steps; t++) x[2 * (i * steps + t)] = values[i * steps + t]!
    for (const t of [first[i]!, second[i]!]) {
      x[2 * (i * steps + t) + 1] = 1
      y[i]! += values[i * steps + t]!
    }
  }
  return dataset.fromArrays(
    tensor(x, { shape: [count, steps, 2] }) as Tensor,
    tensor(y, { shape: [count, 1] }) as Tensor,
  )
}

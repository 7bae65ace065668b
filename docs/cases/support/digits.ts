import { random, relu, type Tensor, tensor } from '@cotangent/core'
import { activation, dense, dropout, init, sequential } from '@cotangent/nn'
import { dataset } from '@cotangent/train'
import { loadDigits } from '../../data/digits/digits.js'

type Dataset = ReturnType<typeof dataset.fromArrays>

/** All digits, ink from 0 to 1, as rows of 64 numbers. */
const digits = (): Dataset => {
  const { pixels, labels, count } = loadDigits()
  const x = tensor(
    Float32Array.from(pixels, (ink) => ink / 16),
    { shape: [count, 64] },
  ) as Tensor
  return dataset.fromArrays(x, Int32Array.from(labels))
}

/** The parts of a case: which examples are in which part depends on the seed. */
export interface Parts {
  /** With labels as they are. */
  readonly clean: Dataset
  /** With a share of the labels drawn anew, uniformly. */
  readonly train: Dataset
  readonly validation: Dataset
  readonly test: Dataset
  /** Examples whose new label is a wrong one. */
  readonly wrong: readonly number[]
}

/** `train` examples to train on, 200 to validate and the others (at most 1097) to test. */
export const parts = (
  seed: number,
  { train, noise }: { readonly train: number; readonly noise: number },
): Parts => {
  const all = digits()
  const held = { test: 1097, validation: 200, key: random.key(seed), stratify: true }
  const { train: rest, validation, test } = dataset.split(all, held)
  const clean = dataset.rows(
    rest,
    Array.from({ length: train }, (_, i) => i),
  )
  const [kn, kl] = random.split(random.key(1000 + seed)) as Iterable<Tensor> as [Tensor, Tensor]
  const redrawn = random.bernoulli(kn, noise, [train]).toTypedArray()
  const fresh = random.randint(kl, [train], 0, 10).toTypedArray()
  const labels = clean.y.toTypedArray()
  const y = Int32Array.from(labels, (label, i) => (redrawn[i] ? fresh[i]! : label))
  const wrong = [...y.keys()].filter((i) => y[i] !== labels[i])
  return { clean, train: { ...clean, y: tensor(y) as Tensor }, validation: validation!, test: test!, wrong }
}

/** 64-width-width-10 with relu and He's weights; `drop` are the rates on the input and behind the two hidden layers. */
export const network = (width: number, drop?: readonly [number, number, number]) => {
  const [input, first, second] = drop ?? [0, 0, 0]
  const kernelInit = init.heNormal
  return sequential({
    dropInput: dropout({ rate: input }),
    one: dense(width, { kernelInit }),
    act1: activation(relu),
    drop1: dropout({ rate: first }),
    two: dense(width, { kernelInit }),
    act2: activation(relu),
    drop2: dropout({ rate: second }),
    head: dense(10, { kernelInit }),
  })
}

import { readFileSync } from 'node:fs'
import { random, type Tensor, tensor } from '@cotangent/core'

type Words = readonly [number, number]

/** Made by ../reference/make_random.py: words, the bits of a float32, or the hexadecimal digits of 64 bits. */
interface Reference {
  readonly seeds: readonly { seed: number; key: Words }[]
  readonly foldInNegative: { key: Words; data: number; out: Words }
  readonly keys: readonly {
    key: Words
    split: { n: number; keys: Words[] }[]
    foldIn: { data: number; key: Words }[]
    bits: { count: number; bits: number[] }[]
    bitsOfScalar: number
    bitsOfShape3x4: number[][]
    uniform32: number[]
    uniform64: string[]
    bounded: { minval: number; maxval: number; uniform32: number[]; uniform64: string[] }[]
  }[]
  readonly samples: readonly ({ key: Words } & Record<string, readonly unknown[]>)[]
}
export const reference: Reference = JSON.parse(
  readFileSync(new URL('../reference/random.json', import.meta.url), 'utf8'),
)

export const keyOf = (words: readonly number[]): Tensor =>
  tensor(
    Int32Array.from(words, (w) => w | 0),
    { shape: [2] },
  )

/** int32 as the words they hold. */
export const wordsOf = (x: Tensor): number[] => Array.from(x.toTypedArray(), (w) => w >>> 0)

export const bits32 = (x: Tensor): number[] => [...new Uint32Array(x.toTypedArray().buffer)]
export const bits64 = (x: Tensor): string[] =>
  [...new BigUint64Array(x.toTypedArray().buffer)].map((v) => v.toString(16).padStart(16, '0'))

/** Samplers by name, each with its key alone: laws run over the table. */
export const samplers: Readonly<Record<string, (key: Tensor) => Tensor>> = {
  split: (k) => random.split(k, 3),
  foldIn: (k) => random.foldIn(k, 7),
  bits: (k) => random.bits(k, [2, 3]),
  uniform32: (k) => random.uniform(k, [2, 3]),
  uniform64: (k) => random.uniform(k, [2, 3], { dtype: 'float64' }),
  bounded: (k) => random.uniform(k, [3], { minval: tensor([-1, 0, 5]), maxval: 7 }),
  normal32: (k) => random.normal(k, [4]),
  normal64: (k) => random.normal(k, [4], { dtype: 'float64' }),
  truncatedNormal: (k) => random.truncatedNormal(k, -1, tensor([0, 2]), [3, 2]),
  bernoulli: (k) => random.bernoulli(k, tensor([0.1, 0.5, 0.9]), [2, 3]),
  rademacher: (k) => random.rademacher(k, [5]),
  randint: (k) => random.randint(k, [5], -5, 17),
  permutation: (k) => random.permutation(k, 9),
  rows: (k) =>
    random.permutation(
      k,
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ),
  categorical: (k) =>
    random.categorical(
      k,
      tensor([
        [0, 1, 2],
        [1, 1, 1],
      ]),
      { shape: [4, 2] },
    ),
  exponential: (k) => random.exponential(k, [3]),
  gumbel: (k) => random.gumbel(k, [3]),
  laplace: (k) => random.laplace(k, [3]),
  gamma: (k) => random.gamma(k, tensor([0.3, 1, 4])),
  beta: (k) => random.beta(k, tensor([0.3, 1]), 2),
}

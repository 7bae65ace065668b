import { CotangentError, random, type Tensor, tensor, zeros } from '@cotangent/core'
import { expect, test } from 'vitest'

const key = random.key(0)
const wrong = <T>(x: unknown): T => x as T

const cases: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
  'a seed for a key': [
    () => random.normal(wrong(0), [2]),
    /normal: expected a key.*not a number.*random\.key\(0\)/,
  ],
  'floats for a key': [() => random.uniform(zeros([2])), /uniform: expected a key.*float32\[2\]/],
  'many keys': [() => random.uniform(random.split(key, 3), [2]), /int32\[3, 2\].*vmap/],
  'a fractional seed': [() => random.key(0.5), /key: a seed must be a safe integer, not 0\.5/],
  'a negative number of keys': [() => random.split(key, -1), /split: .*non-negative integer, not -1/],
  'a negative extent': [() => random.uniform(key, [-2]), /uniform: \[-2\] is not a shape/],
  'a number for a shape': [() => random.normal(key, wrong(3)), /normal: 3 is not a shape/],
  'an integer dtype': [
    () => random.normal(key, [2], { dtype: wrong<'float32'>('int32') }),
    /float32 or float64, not int32/,
  ],
  'a fraction to fold in': [() => random.foldIn(key, 1.5), /foldIn: needs an integer/],
  'a vector to fold in': [() => random.foldIn(key, tensor([1, 2])), /foldIn: .*int32 scalar/],
  'parameters that do not fit': [
    () => random.bernoulli(key, tensor([0.1, 0.2]), [3, 1]),
    /bernoulli: .*\[2\].*\[3, 1\].*Ask for shape \[3, 2\]/,
  ],
  'a probability above 1': [() => random.bernoulli(key, 1.5), /lies in \[0, 1\], not 1\.5/],
  'a shape for a probability': [
    () => random.bernoulli(key, wrong([3])),
    /bernoulli: expected a tensor or a number/,
  ],
  'fractional bounds of integers': [
    () => random.randint(key, [2], 0, 1.5),
    /randint: bounds are integers.*1\.5/,
  ],
  'bounds that do not fit': [
    () => random.randint(key, [2], 0, tensor(Int32Array.of(1, 2, 3))),
    /randint: .*do not broadcast/,
  ],
  'a permutation of a scalar': [
    () => random.permutation(key, tensor(1)),
    /permutation: axis 0 does not exist/,
  ],
  'a permutation of -1': [() => random.permutation(key, -1), /permutation: .*not -1/],
  'samples not ending with the batch': [
    () => random.categorical(key, zeros([3, 4]), { shape: [2] }),
    /categorical: .*\[2\].*\[3\]/,
  ],
  'a gamma of parameter 0': [() => random.gamma(key, 0), /gamma: .*positive, not 0/],
  'a beta of parameter -1': [() => random.beta(key, 1, -1), /beta: .*b must be positive, not -1/],
}

test.each(Object.entries(cases))('%s', (_, [f, message]) => {
  expect(f).toThrow(CotangentError)
  expect(f).toThrow(message)
})

test('empty shapes', () => {
  const empty: readonly Tensor[] = [
    random.split(key, 0),
    random.uniform(key, [0, 3]),
    random.gamma(key, 1, [0]),
    random.permutation(key, 0),
  ]
  expect(empty.map((x) => x.size)).toEqual([0, 0, 0, 0])
})

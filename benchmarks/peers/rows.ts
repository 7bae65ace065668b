import { SIZES } from '../training/mlp.js'
import type { TensorSpec } from './data.js'
import type { Row } from './task.js'

type Tensors = Record<string, TensorSpec>

/** Weights whose products keep the scale of their input. */
const weight = (...shape: readonly number[]): TensorSpec => ({
  shape,
  scale: Math.sqrt(3 / shape.slice(0, -1).reduce((a, b) => a * b, 1)),
})
const bias = (n: number): TensorSpec => ({ shape: [n], scale: 0.1 })

const mlp = (layers: readonly number[], batch: number): Tensors => {
  const tensors: Tensors = {
    x: { shape: [batch, layers[0]!] },
    y: { shape: [batch], classes: layers.at(-1)! },
  }
  for (let i = 1; i < layers.length; i++) {
    tensors[`w${i}`] = weight(layers[i - 1]!, layers[i]!)
    tensors[`b${i}`] = bias(layers[i]!)
  }
  return tensors
}

/** Of the products: forward, of the weights, and of the inputs but the first. */
const mlpFlops = (layers: readonly number[], batch: number): number =>
  layers.slice(1).reduce((sum, n, i) => sum + 2 * batch * layers[i]! * n * (i === 0 ? 2 : 3), 0)

const block = (prefix: string, width: number): Tensors => {
  const norm = (name: string): Tensors => ({
    [`${prefix}${name}s`]: { shape: [width], scale: 0.1, offset: 1 },
    [`${prefix}${name}b`]: bias(width),
  })
  const dense = (name: string, from: number, to: number): Tensors => ({
    [`${prefix}w${name}`]: weight(from, to),
    [`${prefix}b${name}`]: bias(to),
  })
  return {
    ...norm('n1'),
    ...dense('q', width, width),
    ...dense('k', width, width),
    ...dense('v', width, width),
    ...dense('o', width, width),
    ...norm('n2'),
    ...dense('h', width, 4 * width),
    ...dense('z', 4 * width, width),
  }
}

const transformer = (batch: number, time: number, width: number, blocks: number): Tensors =>
  Object.assign(
    { x: { shape: [batch, time, width] } },
    ...Array.from({ length: blocks }, (_, i) => block(`${i}.`, width)),
  )

const WIDTH =
  'Products with the vectors of the processor, of 256 bits or more; those of WebAssembly have 128.'
const COPIES =
  'Vectors of 128 bits, and results are copied out of the memory of the program into memory of their own.'

const product = (n: number, dtype: 'float32' | 'float64'): Row => ({
  id: `matmul-${n}${dtype === 'float64' ? '-f64' : ''}`,
  title: `matrix product ${n}, ${dtype}`,
  kind: 'matmul',
  dtype,
  tensors: { a: { shape: [n, n] }, b: { shape: [n, n] } },
  ...(dtype === 'float64' && { peers: ['jax-js', 'torch', 'jax'] }),
  flops: 2 * n ** 3,
  reason: WIDTH,
  threads: n >= 256 && dtype === 'float32',
})

const million = { shape: [1_000_000] }
/** Bytes of an Adam update of a million parameters: reads p, g, m, v and writes p, m, v. */
export const ADAM_BYTES = 7 * 4e6

/** Adam on some millions of parameters. */
const adam = (id: string, millions: number): Row => {
  const stream = { shape: [millions * 1e6], scale: 1 }
  return {
    id,
    title: `Adam update of ${millions}e6 parameters`,
    kind: 'adam',
    tensors: { p: stream, g: stream },
    bytes: millions * ADAM_BYTES,
    reason:
      'A square root and a division for each entry, four at a time in WebAssembly: see the limits of the machine.',
  }
}

export const ROWS: readonly Row[] = [
  ...Object.entries(SIZES).map(
    ([name, { layers, batch }]): Row => ({
      id: `mlp-${name}`,
      title: `MLP step ${layers.join('-')}, batch ${batch}`,
      kind: 'mlp',
      tensors: mlp(layers, batch),
      flops: mlpFlops(layers, batch),
      reason: WIDTH,
      threads: name !== 'tiny',
    }),
  ),
  {
    id: 'convnet',
    title: 'convolution step, 28x28x1, 16 and 32 channels, batch 32',
    kind: 'convnet',
    tensors: {
      x: { shape: [32, 28, 28, 1] },
      y: { shape: [32], classes: 10 },
      w1: weight(3, 3, 1, 16),
      b1: bias(16),
      w2: weight(3, 3, 16, 32),
      b2: bias(32),
      w3: weight(1568, 10),
      b3: bias(10),
    },
    // Both convolutions keep the size; the first has no input gradient.
    reason: WIDTH,
    flops: 2 * 32 * (28 * 28 * 9 * 16 * 2 + 14 * 14 * 9 * 16 * 32 * 3 + 1568 * 10 * 3),
    threads: true,
  },
  {
    id: 'lstm',
    title: 'LSTM step, 32 time steps, batch 32, width 64',
    kind: 'lstm',
    tensors: {
      x: { shape: [32, 32, 64] },
      kernel: weight(64, 256),
      recurrent: weight(64, 256),
      bias: bias(256),
    },
    flops: 2 * 32 * 32 * 64 * 256 * 5,
    reason:
      'Products and the sigmoids and tanhs of the gates with vectors of 128 bits; small products for each time step.',
  },
  {
    id: 'transformer',
    title: 'transformer block step, batch 8, length 64, width 128, 4 heads',
    kind: 'transformer',
    tensors: transformer(8, 64, 128, 1),
    options: { heads: 4, blocks: 1, rate: 0.01 },
    reason: WIDTH,
    flops: 3 * 2 * 8 * (64 * 128 * 128 * 12 + 2 * 64 * 64 * 128),
    threads: true,
  },
  {
    id: 'wgan',
    title: 'gradient penalty step (WGAN-GP), 64-256-8, batch 64',
    kind: 'wgan',
    tensors: {
      real: { shape: [64, 64], scale: Math.sqrt(3) },
      fake: { shape: [64, 64], scale: Math.sqrt(3), offset: 1 },
      w1: weight(64, 256),
      b1: bias(256),
      w2: weight(256, 8),
    },
    reason: WIDTH,
  },
  adam('adam', 1),
  // More than the caches hold.
  adam('adam-large', 8),
  ...[256, 512, 1024].map((n) => product(n, 'float32')),
  ...[256, 512, 1024].map((n) => product(n, 'float64')),
  ...[4, 8, 16, 32, 64].map((n) => product(n, 'float32')),
  {
    id: 'matvec',
    title: 'matrix-vector product 1024',
    kind: 'matmul',
    tensors: { a: { shape: [1024, 1024] }, b: { shape: [1024, 1] } },
    bytes: 4 * (1024 * 1024 + 2048),
    reason: WIDTH,
  },
  {
    id: 'sum',
    title: 'sum of 1e6',
    kind: 'sum',
    tensors: { x: { ...million, offset: 1 } },
    bytes: 4e6,
    reason: 'Vectors of 128 bits, and long sums are folded into float64.',
  },
  {
    id: 'exp',
    title: 'exp of 1e6',
    kind: 'exp',
    tensors: { x: { ...million, scale: 3 } },
    bytes: 8e6,
    reason: COPIES,
  },
  {
    id: 'tanh',
    title: 'tanh of 1e6',
    kind: 'tanh',
    tensors: { x: { ...million, scale: 3 } },
    bytes: 8e6,
    reason: COPIES,
  },
  {
    id: 'softmax',
    title: 'softmax [1024, 512], forward and backward',
    kind: 'softmax',
    tensors: { x: { shape: [1024, 512], scale: 3 }, c: { shape: [1024, 512] } },
    bytes: 3 * 4 * 1024 * 512,
    reason: COPIES,
  },
  {
    id: 'layernorm',
    title: 'layer norm [1024, 512], forward and backward',
    kind: 'layernorm',
    tensors: {
      x: { shape: [1024, 512], scale: 3 },
      c: { shape: [1024, 512] },
      s: { shape: [512], scale: 0.1, offset: 1 },
      b: bias(512),
    },
    bytes: 3 * 4 * 1024 * 512,
    reason: COPIES,
  },
  {
    id: 'call-empty',
    title: 'call of x => x on a scalar',
    kind: 'identity',
    peers: ['jax-js', 'jax'],
    tensors: { x: { shape: [] } },
  },
  { id: 'call-five', title: 'call of five scalar operations', kind: 'five', tensors: { x: { shape: [] } } },
  {
    id: 'compile-mlp',
    title: 'first call of the MLP step 784-256-128-10',
    kind: 'mlp',
    tensors: mlp(SIZES.digits.layers, SIZES.digits.batch),
    cold: true,
    peers: ['jax-js', 'jax'],
  },
  {
    id: 'compile-transformer',
    title: 'first call of a step of 12 transformer blocks, batch 1, length 32, width 64',
    kind: 'transformer',
    tensors: transformer(1, 32, 64, 12),
    options: { heads: 4, blocks: 12, rate: 1e-4 },
    cold: true,
    peers: ['jax-js', 'jax'],
  },
]

/** What the machine can do here and now: multiply-adds on registers, and passes through memory. */
export const LIMITS: readonly Row[] = [
  {
    id: 'peak32',
    title: 'multiply-adds, float32',
    kind: 'peak32',
    tensors: {},
    flops: 12 * 8 * 10_000,
    peers: [],
  },
  {
    id: 'peak64',
    title: 'multiply-adds, float64',
    kind: 'peak64',
    tensors: {},
    flops: 12 * 4 * 10_000,
    peers: [],
  },
  {
    id: 'copy',
    title: 'copy, 28 MB read and written',
    kind: 'copy',
    tensors: {},
    peers: ['torch'],
    bytes: ADAM_BYTES,
  },
  {
    id: 'triad',
    title: 'triad a = b + s·c, 28 MB',
    kind: 'triad',
    tensors: {},
    peers: ['torch'],
    bytes: ADAM_BYTES,
  },
  {
    id: 'divider',
    title: 'a square root and a division, 1e6 times',
    kind: 'divider',
    peers: [],
    tensors: {},
    flops: 2e6,
  },
  ...[1, 8].map(
    (millions): Row => ({
      id: millions === 1 ? 'update' : 'update-large',
      title: `the streams of Adam in place: 4 read, 3 of them written, ${millions * 28} MB`,
      kind: 'update',
      peers: [],
      tensors: {},
      bytes: millions * ADAM_BYTES,
    }),
  ),
]

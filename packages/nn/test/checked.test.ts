import { checkGrad } from '@cotangent/check'
import { add, cast, mul, random, relu, sum, type Tensor, tanh, tensor, tree } from '@cotangent/core'
import * as nn from '@cotangent/nn'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

// Every layer under the checker: derivatives by parameters and input, in both modes, while training and after.

const dense = nn.dense(3)
/** A layer and the shape of its input; `words` if that is numbers of words. */
const rows: Readonly<Record<string, readonly [layer: unknown, shape: readonly number[], words?: number]>> = {
  activation: [nn.activation(tanh), [2, 3]],
  alphaDropout: [nn.alphaDropout({ rate: 0.4 }), [3, 4]],
  avgPool2d: [nn.avgPool2d({ window: 2 }), [1, 4, 4, 2]],
  batchNorm: [nn.batchNorm(), [5, 3]],
  bidirectional: [nn.bidirectional(nn.rnn(2, { returnSequences: true })), [1, 2, 2]],
  compose: [nn.compose(dense, nn.activation(tanh)), [2, 2]],
  conv1d: [nn.conv1d(2, { window: 3 }), [2, 5, 2]],
  conv2d: [nn.conv2d(2, { window: 3 }), [1, 4, 4, 2]],
  dense: [dense, [2, 4]],
  dropConnect: [nn.dropConnect(dense, { rate: 0.4 }), [2, 4]],
  dropBlock: [nn.dropBlock({ rate: 0.3, size: 2 }), [2, 4, 3, 2]],
  dropout: [nn.dropout({ rate: 0.4 }), [3, 4]],
  embedding: [nn.embedding(5, 3), [4], 5],
  flatten: [nn.flatten(), [2, 2, 3]],
  gaussianDropout: [nn.gaussianDropout({ rate: 0.4 }), [3, 4]],
  gaussianNoise: [nn.gaussianNoise({ std: 0.4 }), [3, 4]],
  globalAvgPool: [nn.globalAvgPool(), [2, 3, 2, 2]],
  groupNorm: [nn.groupNorm(2), [2, 3, 4]],
  gru: [nn.gru(2, { returnSequences: true, dropout: 0.3, recurrentDropout: 0.3 }), [1, 2, 2]],
  instanceNorm: [nn.instanceNorm(), [2, 4, 3]],
  layerNorm: [nn.layerNorm(), [2, 5]],
  lstm: [nn.lstm(2, { returnSequences: true, dropout: 0.3, recurrentDropout: 0.3 }), [1, 2, 2]],
  maxPool2d: [nn.maxPool2d({ window: 2 }), [1, 4, 4, 2]],
  multiHeadAttention: [nn.multiHeadAttention(2, { causal: true, dropout: 0.3 }), [1, 3, 4]],
  parallel: [nn.parallel({ a: dense, b: nn.dense(2) }), [2, 2]],
  positionalEmbedding: [nn.positionalEmbedding(), [2, 3, 4]],
  residual: [nn.residual(nn.dense(3)), [2, 3]],
  rmsNorm: [nn.rmsNorm(), [2, 5]],
  rnn: [nn.rnn(3, { returnSequences: true, dropout: 0.3, recurrentDropout: 0.3 }), [1, 2, 2]],
  sequential: [nn.sequential({ a: dense, b: nn.activation(relu), c: nn.dense(2) }), [2, 4]],
  spatialDropout: [nn.spatialDropout({ rate: 0.4 }), [2, 3, 4]],
  spectralNorm: [nn.spectralNorm(dense), [2, 4]],
  stochasticDepth: [nn.stochasticDepth({ rate: 0.4 }), [4, 3]],
  transformerBlock: [nn.transformerBlock(2, { dropout: 0.2 }), [1, 2, 4]],
  weightNorm: [nn.weightNorm(dense), [2, 4]],
}

test('no layer is missing', () => {
  const others = ['accuracy', 'init', 'loss', 'load', 'save', 'summary']
  expect(Object.keys(rows).sort()).toEqual(
    Object.keys(nn)
      .filter((name) => !others.includes(name))
      .sort(),
  )
})

const noisy = (t: unknown): unknown => {
  const { leaves, def } = tree.flatten(t)
  return tree.unflatten(
    def,
    // Biases begin at 0 and scales at 1, where mistakes hide.
    leaves.map((p, i) =>
      add(cast(p, 'float64'), mul(random.normal(random.key(i + 1), p.shape, { dtype: 'float64' }), 0.2)),
    ),
  )
}
const wide = (t: unknown): unknown =>
  tree.map((x: Tensor) => (x.dtype === 'float32' ? cast(x, 'float64') : x), t)

describe.each(Object.entries(rows))('%s', (name, [made, shape, words]) => {
  const layer = made as nn.Layer<unknown, unknown>
  const first = layer.init(random.key(3), shape)
  const [params, state] = [noisy(first.params), wide(first.state)]
  const check = (train: boolean) => {
    const loss = (p: unknown, x: Tensor): Tensor => {
      const { y } = layer.apply(p, state, x, { train, key: random.key(9) })
      return sum(mul(y, random.normal(random.key(5), y.shape, { dtype: 'float64' }))) as Tensor
    }
    const ids = tensor(Int32Array.from({ length: shape[0]! }, (_, i) => (i * 2) % (words ?? 1)))
    return words === undefined
      ? checkGrad(loss, [params, random.normal(random.key(7), shape, { dtype: 'float64' })], { seed: 1 })
      : checkGrad((p: unknown) => loss(p, ids as Tensor), [params], { seed: 1 })
  }
  const passes = (train: boolean): void => {
    const result = check(train)
    if (isLeft(result)) throw new Error(JSON.stringify(result.left, null, 1).slice(0, 2000))
  }
  if (name === 'spectralNorm')
    test('training: the power iteration is held, as in PyTorch, and the checker says so', () => {
      expect(check(true)).toMatchObject({ left: [{ blame: [{ op: 'stopGradient' }] }, {}] })
    }, 60_000)
  else test('training', () => passes(true), 60_000)
  // Without a state there is nothing else to evaluate with: what is random is then the identity.
  if (tree.leaves(state).length > 0) test('evaluating', () => passes(false), 60_000)
})

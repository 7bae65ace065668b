import { grad, type Tensor, tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { expect, test } from 'vitest'

const classes = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'int32' }) as Tensor

test('class numbers and one-hot rows mean the same', () => {
  const logits = tensor([
    [1, 2, 3],
    [0.5, -1, 0],
  ]) as Tensor
  const rows = tensor([
    [0, 0, 1],
    [1, 0, 0],
  ]) as Tensor
  expect(loss.softmaxCrossEntropy(logits, classes([2, 0])).item()).toBe(
    loss.softmaxCrossEntropy(logits, rows).item(),
  )
  expect(accuracy(logits, rows).item()).toBe(1)
})

test('cross-entropy and its gradient stay finite at extreme logits', () => {
  const logits = tensor([
    [1e30, -1e30],
    [-1e30, 1e30],
  ]) as Tensor
  expect(loss.softmaxCrossEntropy(logits, classes([0, 1])).item()).toBe(0)
  expect(loss.softmaxCrossEntropy(tensor([[1e4, 0]]) as Tensor, classes([1])).item()).toBe(1e4)
  const g = grad((x: Tensor) => loss.softmaxCrossEntropy(x, classes([1, 1])))(logits)
  expect(g.toArray()).toEqual([
    [0.5, -0.5],
    [0, 0],
  ])
})

test('a class ruled out by the logit -Infinity costs nothing', () => {
  const logits = tensor([[0, Number.NEGATIVE_INFINITY, 0]]) as Tensor
  expect(loss.softmaxCrossEntropy(logits, classes([0])).item()).toBeCloseTo(Math.LN2, 6)
})

test('the gradient is (softmax - labels)/batch', () => {
  const logits = tensor([
    [0, 0],
    [Math.log(3), 0],
  ]) as Tensor
  const g = [...grad((x: Tensor) => loss.softmaxCrossEntropy(x, classes([0, 1])))(logits).toTypedArray()]
  ;[-0.25, 0.25, 0.375, -0.375].forEach((v, i) => {
    expect(g[i]).toBeCloseTo(v, 6)
  })
})

test('reductions', () => {
  const logits = tensor([
    [0, 0],
    [0, 0],
  ]) as Tensor
  const at = (reduction: 'mean' | 'sum' | 'none') =>
    loss.softmaxCrossEntropy(logits, classes([0, 1]), { reduction })
  expect(at('none').shape).toEqual([2])
  expect(at('sum').item()).toBeCloseTo(2 * Math.LN2, 6)
  expect(at('mean').item()).toBeCloseTo(Math.LN2, 6)
})

test('labels that do not fit are refused', () => {
  expect(() => loss.softmaxCrossEntropy(tensor([0, 0]) as Tensor, tensor([[0, 1]]) as Tensor)).toThrow(
    'softmaxCrossEntropy: labels [1, 2] do not fit scores [2].',
  )
})

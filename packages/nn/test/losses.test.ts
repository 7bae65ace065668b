import { grad, jit, logSoftmax, sum, type Tensor, tensor } from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

const values = (x: Tensor): number[] => [...x.toTypedArray()]
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

describe('labels that are none of the classes are refused', () => {
  const scores = tensor([
    [0, 1, 2],
    [2, 1, 0],
  ]) as Tensor
  test.each([[3], [-1], [1.5], [Number.NaN]])('known ones: %d', (label) => {
    const labels = tensor([0, label], { dtype: 'float32' }) as Tensor
    for (const [name, f] of Object.entries({
      softmaxCrossEntropy: loss.softmaxCrossEntropy,
      crossEntropy: loss.crossEntropy,
    }))
      expect(() => f(scores, labels)).toThrow(
        `${name}: label ${label} is none of 3 classes. Use 0 to 2; for more classes the model needs more outputs.`,
      )
  })
  test.each([3, -1, 7])('those of a compiled program: %d', (label) => {
    const f = jit((x: Tensor, y: Tensor) => loss.softmaxCrossEntropy(x, y))
    expect(f(scores, classes([0, 2])).item()).toBe(loss.softmaxCrossEntropy(scores, classes([0, 2])).item())
    expect(() => f(scores, classes([0, label]))).toThrow(
      `index ${label} is out of range for an axis of length 3`,
    )
  })
  test('those within a transform', () => {
    const g = grad((x: Tensor) => loss.softmaxCrossEntropy(x, classes([0, 3])))
    expect(() => g(scores)).toThrow('label 3 is none of 3 classes')
  })
})

test('scores of one class, whose loss would always be 0, are refused', () => {
  expect(() => loss.softmaxCrossEntropy(tensor([[3], [-1]]), tensor([1, 0]))).toThrow(
    'softmaxCrossEntropy: scores [2, 1] have one class, which is always right. Give an output for each class, or use sigmoidBinaryCrossEntropy for yes and no.',
  )
})

describe('every loss of logits stays finite at extreme ones, with its gradient', () => {
  const f64 = { dtype: 'float64' } as const
  const logits = tensor([1e4, -1e4, 1e4, -1e4, 1e300, -1e300], f64)
  const labels = tensor([1, 1, 0, 0, 1, 0], f64)
  test('binary cross-entropy', () => {
    const f = (x: Tensor): Tensor => loss.sigmoidBinaryCrossEntropy(x, labels, { reduction: 'none' })
    expect(values(f(logits)).map(Math.abs)).toEqual([0, 1e4, 1e4, 0, 0, 0])
    const g = grad((x: Tensor) => sum(f(x)))(logits)
    expect(values(g).map((v) => v + 0)).toEqual([0, -1, 1, 0, 0, 0])
    const infinite = tensor([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], f64)
    expect(loss.sigmoidBinaryCrossEntropy(infinite, tensor([1, 0], f64)).item()).toBe(0)
  })
  test('focal', () => {
    const f = (x: Tensor): Tensor => loss.focal(x, labels, { gamma: 1.5, reduction: 'none' })
    expect(values(f(logits)).map(Math.abs)).toEqual([0, 1e4, 1e4, 0, 0, 0])
    expect(values(grad((x: Tensor) => sum(f(x)))(logits)).every(Number.isFinite)).toBe(true)
  })
  test('huber, cosine and divergence', () => {
    const far = tensor([[1e200, 3e200]], f64)
    expect(loss.huber(far, tensor(0, f64)).item()).toBeCloseTo(2e200, -190)
    expect(grad((x: Tensor) => loss.huber(x, tensor(0, f64)))(far).toArray()).toEqual([[0.5, 0.5]])
    expect(loss.cosine(far, far).item()).toBeCloseTo(0, 12)
    expect(
      grad((x: Tensor) => loss.cosine(x, far))(tensor([[0, 0]], f64))
        .toTypedArray()
        .every(Number.isFinite),
    ).toBe(true)
    const sure = logSoftmax(tensor([[1e4, 0]], f64))
    expect(loss.klDivergence(sure, tensor([[1, 0]], f64)).item()).toBe(0)
  })
})

test('the loss with smoothed labels has its minimum where the reference says', () => {
  const z = tensor([[2, 1, 0.1]], { dtype: 'float64' })
  const f = (x: Tensor): Tensor => loss.softmaxCrossEntropy(x, classes([0]), { labelSmoothing: 0.1 })
  expect(f(z).item()).toBeCloseTo(0.5136966829445, 12)
  const g = grad(f)(z).toTypedArray()
  ;[-0.2743321944, 0.2090996374, 0.0652325571].forEach((v, i) => {
    expect(g[i]).toBeCloseTo(v, 9)
  })
  const gap = Math.log((0.9 + 0.1 / 3) / (0.1 / 3))
  expect(
    Math.max(
      ...grad(f)(tensor([[gap, 0, 0]], { dtype: 'float64' }))
        .toTypedArray()
        .map(Math.abs),
    ),
  ).toBeLessThan(1e-12)
})

test('a target whose broadcasting would pair everything with everything is refused', () => {
  expect(() => loss.mse(tensor([[1], [2]]), tensor([1, 2]))).toThrow(
    'mse: predictions [2, 1] and targets [2] differ. The model has one output for each example: give the targets as a column too, as [[1], [2]] or by reshape(y, [y.size, 1]).',
  )
  expect(() => loss.mse(tensor([1, 2]), tensor([[1], [2]]))).toThrow(
    'mse: predictions [2] and targets [2, 1] differ. Reshape one to the shape of the other.',
  )
  expect(() => loss.mae(tensor([1, 2]), tensor([1, 2]), { weights: tensor([1, 2, 3]) })).toThrow(
    'mae: weights [3] do not fit losses [2]. Give one weight for each loss.',
  )
})

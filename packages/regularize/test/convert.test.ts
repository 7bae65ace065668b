import { grad, type Tensor, tensor } from '@cotangent/core'
import {
  fromKeras,
  fromSklearn,
  fromTorch,
  leastSquares,
  minimise,
  type Penalty,
  plan,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { loadDiabetes } from '../../../docs/data/diabetes/diabetes.js'
import golden from './reference/diabetes.json' with { type: 'json' }

const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' })
const names = (p: Penalty) => p.terms.map((t) => t.name)
const { X, y } = loadDiabetes()
const centre = y.reduce((a, b) => a + b, 0) / 442
const loss = leastSquares(d(X), d(y.map((v) => v - centre)))
const near = (got: Tensor, want: readonly number[], tolerance: number) =>
  [...got.toTypedArray()].forEach((v, i) => {
    expect(Math.abs(v - want[i]!)).toBeLessThan(tolerance * (1 + Math.abs(want[i]!)))
  })

describe('fromSklearn: the numbers of scikit-learn come out', () => {
  test.each(Object.entries(golden.ridge_tab).filter(([a]) => a !== '0.0'))('Ridge(alpha=%s)', (alpha, w) => {
    const penalty = fromSklearn({ estimator: 'Ridge', alpha: Number(alpha), n: 442 })
    near(minimise({ loss, penalty }).params as Tensor, w, 1e-9)
  })
  test.each(Object.entries(golden.lasso_tab_sklearn_alpha))('Lasso(alpha=%s)', (alpha, w) => {
    const penalty = fromSklearn({ estimator: 'Lasso', alpha: Number(alpha) })
    near(minimise({ loss, penalty }).params as Tensor, w, 1e-9)
  })
  test.each(Object.entries(golden.enet_tab_sklearn))('ElasticNet(%s)', (name, w) => {
    const [alpha, l1_ratio] = /alpha=(.*),l1_ratio=(.*)/.exec(name)!.slice(1).map(Number)
    const penalty = fromSklearn({ estimator: 'ElasticNet', alpha: alpha!, l1_ratio: l1_ratio! })
    near(minimise({ loss, penalty }).params as Tensor, w, 1e-9)
  })
  test('LogisticRegression and MultiTaskLasso', () => {
    expect(fromSklearn({ estimator: 'LogisticRegression', C: 0.5, n: 100 }).name).toBe('l2(0.02)')
    expect(
      fromSklearn({ estimator: 'LogisticRegression', C: 0.5, n: 100, penalty: 'elasticnet', l1_ratio: 0.25 })
        .name,
    ).toBe('elasticNet(0.02, 0.25)')
    // One row of coefficients for each feature, √Σ over tasks.
    expect(
      fromSklearn({ estimator: 'MultiTaskLasso', alpha: 2 })
        .value(
          d([
            [3, 4],
            [0, 1],
          ]),
        )
        .item(),
    ).toBe(12)
  })
})

describe('fromKeras and fromTorch: the gradients of their formulas', () => {
  const params = { kernel: d([[3, -1]]), bias: d([2]) }
  const slope = (p: Penalty) => {
    const bound = plan(p, params)
    const g = grad((q: typeof params) => bound.value(q))(params) as typeof params
    return [...g.kernel.toTypedArray(), ...g.bias.toTypedArray()]
  }
  test('Keras L2(a) is a‖w‖², with gradient 2aw, on kernels', () => {
    expect(slope(fromKeras({ l2: 0.5 }))).toEqual([3, -1, 0])
    expect(names(fromKeras({ class_name: 'L1L2', config: { l1: 0.5, l2: 0.25 } }))).toEqual([
      'l1(0.5)',
      'l2(0.5)',
    ])
    expect(names(fromKeras({ class_name: 'L1', config: { l1: 0.5 } }))).toEqual(['l1(0.5)'])
    expect(names(fromKeras({}))).toEqual([])
  })
  test('PyTorch adds a·w to the gradient of everything', () => {
    expect(slope(fromTorch({ weight_decay: 0.5 }))).toEqual([1.5, -0.5, 1])
    const decayed = plan(fromTorch({ weight_decay: 0.5, optimizer: 'AdamW' }), params).prox(params, {
      lr: 0.5,
    })
    expect(decayed.bias.item()).toBe(1.6)
  })
  test('constraints', () => {
    const w = {
      kernel: d([
        [3, 0.3],
        [4, 0.4],
      ]),
    }
    const { kernel } = plan(
      fromKeras({ class_name: 'MaxNorm', config: { max_value: 1, axis: 0 } }),
      w,
    ).project(w)
    expect(kernel.toArray()).toEqual([
      [expect.closeTo(0.6, 12), 0.3],
      [0.8, 0.4],
    ])
    expect(names(fromKeras({ class_name: 'NonNeg' }))).toEqual(['nonNegative()'])
  })
  test('what is not known is refused', () => {
    expect(() => fromKeras({ class_name: 'Mine' })).toThrow(
      'fromKeras: the class Mine is not known. Known are L1, L2',
    )
    expect(() => fromKeras({ L2: 1 } as object)).toThrow('the argument L2 is not known. Give l1 and l2.')
    expect(() => fromKeras({ l1: -1 })).toThrow('fromKeras: l1 is -1.')
    expect(() => fromTorch({ weight_decay: Number.NaN })).toThrow('fromTorch: weight_decay is NaN.')
    expect(() => fromSklearn({ estimator: 'Ridge' })).toThrow(
      'Ridge sums its loss over samples. Give their number n.',
    )
    expect(() => fromSklearn({ estimator: 'LogisticRegression', C: 0, n: 5 })).toThrow('C is 0')
    expect(() => fromSklearn({ estimator: 'SVC' as 'Lasso' })).toThrow('the estimator SVC is not known.')
  })
})

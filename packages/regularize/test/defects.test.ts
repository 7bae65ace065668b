import { full, grad, norm, random, sum, type Tensor, tensor } from '@cotangent/core'
import { dense, dropBlock, init, loss } from '@cotangent/nn'
import { clipByGlobalNorm, sgd } from '@cotangent/optim'
import {
  activityL1,
  elasticNet,
  type Functional,
  fromKeras,
  groupLasso,
  huber,
  l0Envelope,
  l2,
  lHalf,
  logSum,
  lTwoThirds,
  maxNorm,
  mcp,
  norm2,
  plan,
  scad,
} from '@cotangent/regularize'
import { dataset, earlyStopping, fit } from '@cotangent/train'
import { describe, expect, test } from 'vitest'
import { bruteMinimum } from './functionals/brute.js'

const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const list = (x: Tensor): number[] => [...x.toTypedArray()]
const at = (f: Functional, x: number, step: number): number => f.prox!(d([x]), step).item()

/** How much worse than the best point of a dense grid a prox is. */
const excess = (f: Functional, r: (z: number) => number, x: number, step: number): number => {
  const objective = (z: number) => step * r(z) + 0.5 * (z - x) ** 2
  return objective(at(f, x, step)) - bruteMinimum(objective, -Math.abs(x) - 1, Math.abs(x) + 1, [0, x])
}

// Each is a defect of a library that is used, with the input that shows it.
describe('what others get wrong', () => {
  test('B1, pyproximal Huber: switches at α instead of α + τ, and gives 0.5', () => {
    expect(at(huber(1, 1), 1.5, 1)).toBeCloseTo(0.75, 12)
  })

  test('B2, pyproximal SCAD: expands for τ > a - 1, and gives 1', () => {
    expect(at(scad(1, 3.7), 4, 3)).toBe(4)
  })

  test('B3, pyproximal Log1: a factor of 2 and no threshold, wrong at 28 to 46 of 49 points', () => {
    for (const [lambda, epsilon] of [
      [1, 0.5],
      [3, 0.5],
      [0.5, 2],
    ] as const)
      for (let i = 0; i < 49; i++)
        expect(
          excess(logSum(lambda, epsilon), (z) => lambda * Math.log(1 + Math.abs(z) / epsilon), -6 + i / 4, 1),
        ).toBeLessThan(1e-10)
  })

  test('B4, pyproximal QuadraticEnvelopeCard: thresholds at √(2μ) for every τ above 1', () => {
    for (const tau of [1.25, 2, 5]) {
      const jump = Math.sqrt(2 * 0.5 * tau)
      expect(at(l0Envelope(0.5), jump * 0.999, tau)).toBe(0)
      expect(at(l0Envelope(0.5), jump * 1.001, tau)).toBeCloseTo(jump * 1.001, 12)
    }
  })

  test('B5, skglm prox_MCP: 0 for |x| up to tλ when the step is above γ', () => {
    expect(at(mcp(1, 3), 5, 5)).toBe(5)
  })

  test('B6, skglm prox_log_sum: a NaN in a bisection, and 0', () => {
    expect(at(logSum(3, 0.5), 5.75, 1)).toBeCloseTo(5.2261, 4)
  })

  test('B7, skglm L1_plus_L2.alpha_max: forgets to divide by the ratio', () => {
    const g = d([1, -2])
    expect(plan(elasticNet(1, 0.25), d([0, 0])).lambdaMax(g)).toBe(8)
    expect(list(elasticNet(8.0001, 0.25).prox(d([1, -2]), 1))).toEqual([0, 0])
    expect(list(elasticNet(7.9, 0.25).prox(d([1, -2]), 1))[1]).toBeLessThan(0)
  })

  test('B8, jaxopt prox_ridge: the text says λ‖y‖², the code ½λ‖y‖²; here both say ½', () => {
    expect(
      l2(3)
        .value(d([2]))
        .item(),
    ).toBe(6)
    expect(excess(l2(3), (z) => 1.5 * z * z, 2.5, 0.7)).toBeLessThan(1e-10)
  })

  test('B9, jaxopt prox_group_lasso: the gradient at 0 is NaN', () => {
    const zero = d([0, 0, 0])
    for (const f of [norm2(1), groupLasso(1, { groups: [[0, 1], [2]] })]) {
      expect(list(grad((x: Tensor) => sum(f.prox(x, 1)))(zero) as Tensor)).toEqual([0, 0, 0])
      expect(list(grad((x: Tensor) => f.value(x))(zero) as Tensor)).toEqual([0, 0, 0])
    }
  })

  test('B10, Keras and tfjs MaxNorm: shrinks what is inside, and projecting twice is not once', () => {
    const inside = tensor([[0.3], [0.4]], { dtype: 'float64' })
    expect(list(maxNorm(1, { axis: 0 }).prox(inside, 1))).toEqual([0.3, 0.4])
    const once = maxNorm(1, { axis: 0 }).prox(tensor([[3], [4.1]], { dtype: 'float64' }), 1)
    expect(
      Math.max(...list(maxNorm(1, { axis: 0 }).prox(once, 1)).map((v, i) => Math.abs(v - list(once)[i]!))),
    ).toBeLessThan(1e-15)
  })

  test('B11, tfjs l1l2({ l1 }): adds an l2 of 0.01 in silence', () => {
    expect(fromKeras({ l1: 0.1 }).terms.map((t) => t.name)).toEqual(['l1(0.1)'])
  })

  test('B12, tfjs: activity regularisers throw, and there is no gradient clipping', () => {
    expect(activityL1(tensor([[1, -2]]), { weight: 0.5 }).item()).toBe(1.5)
    const clip = clipByGlobalNorm(1)
    const params = { w: d([0, 0]) }
    const { updates } = clip.update({ w: d([3, 4]) }, clip.init(params), { params })
    expect(list((updates as typeof params).w)).toEqual([0.6000000000000001, 0.8])
  })

  test('B12, tfjs: early stopping cannot put the best weights back', async () => {
    // One weight that walks away from the validation target 0.5 after it has passed it.
    const data = dataset.fromArrays([[1]], [[2]])
    const run = fit({
      model: dense(1, { bias: false, kernelInit: init.zeros }),
      loss: loss.mse,
      optimizer: sgd({ learningRate: 0.05 }),
      data,
      validation: dataset.fromArrays([[1]], [[0.5]]),
      epochs: 20,
      key: random.key(0),
      callbacks: [earlyStopping({ patience: 3, restoreBest: true })],
    })
    const seen: number[] = []
    for await (const { validation } of run) seen.push(validation!.loss)
    const { state, validation } = await run.last()
    const best = Math.min(...seen)
    expect(validation!.loss).toBeGreaterThan(2 * best)
    expect((state.params.kernel.item() - 0.5) ** 2).toBeCloseTo(best, 6)
  })

  test('B13, torchvision and timm DropBlock: even blocks and H ≠ W (in full: the tests of dropBlock)', () => {
    for (const [shape, size] of [
      [[8, 8, 8, 1], 2],
      [[8, 6, 11, 1], 4],
    ] as const) {
      const layer = dropBlock({ rate: 0.3, size })
      const x = full(shape as readonly number[], 1) as Tensor
      const y = list(layer.apply({}, {}, x, { train: true, key: random.key(3) }).y)
      const zeros = y.filter((v) => v === 0).length
      expect(zeros).toBeGreaterThanOrEqual(size * size)
      expect(y.reduce((a, b) => a + b, 0)).toBeCloseTo(y.length, 3)
    }
  })

  test('B14, PyTorch clip_grad_norm_: c/(‖g‖ + 1e-6) never reaches c', () => {
    const clip = clipByGlobalNorm(0.25)
    for (const g of [
      [3, 4],
      [1e-5, 1],
      [1e8, -3],
    ]) {
      const params = { w: d([0, 0]) }
      const { updates } = clip.update({ w: d(g) }, clip.init(params), { params })
      expect(Math.abs(norm((updates as typeof params).w).item() - 0.25)).toBeLessThan(2 ** -53)
    }
  })

  test('B15, skglm L0_5 and L2_3: 0 always counts as optimal; here the prox decides', () => {
    for (const f of [lHalf(1), lTwoThirds(1)]) {
      expect(f.kkt(d([0]), d([0.5])).item()).toBe(0)
      expect(f.kkt(d([0]), d([-4])).item()).toBeGreaterThan(3)
    }
  })
})

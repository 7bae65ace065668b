import { readFileSync } from 'node:fs'
import { checkGrad } from '@cotangent/check'
import {
  add,
  exp,
  grad,
  jacobian,
  linalg,
  matmul,
  mean,
  mul,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
} from '@cotangent/core'
import {
  combine,
  elasticNet,
  groupLasso,
  l1,
  l2,
  leastSquares,
  logistic,
  scale,
  solve,
  weightedL1,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { apart, d, list } from './support.js'

const peers = JSON.parse(readFileSync(new URL('../reference/solvers.json', import.meta.url), 'utf8'))
const rows = (from: number, to: number) => ({
  X: d(peers.tall.X.slice(from, to)),
  y: d(peers.tall.y.slice(from, to)),
  labels: d(peers.labels.slice(from, to)),
})
const train = rows(0, 25)
const held = rows(25, 40)
const loss = leastSquares(train.X, train.y)
const validation = (w: Tensor): Tensor => mean(square(sub(matmul(held.X, w), held.y)))

describe('closed forms (target H1)', () => {
  test('ridge: dw/dλ = -(XᵀX/n + λ)⁻¹w', () => {
    const w = solve({ loss, penalty: l2(0.3) })
    const slope = jacobian((lambda: Tensor) => solve({ loss, penalty: l2(lambda) }))(d(0.3))
    const H = peers.tall.X[0].map((_: number, i: number) =>
      peers.tall.X[0].map((_: number, j: number) => (i === j ? 0.3 : 0)),
    )
    const gram = list(mul(matmul(transpose(train.X), train.X), 1 / 25))
    const matrix = d(H.map((row: number[], i: number) => row.map((v, j) => v + gram[12 * i + j]!)))
    expect(apart(list(slope), list(mul(linalg.solve(matrix, w), -1)))).toBeLessThan(1e-10)
  })
  test('lasso: dw/dλ = -n(XᵀX)⁻¹sign(w) on the support, and 0 off it', () => {
    const w = list(solve({ loss, penalty: l1(0.4) }))
    const slope = list(jacobian((lambda: Tensor) => solve({ loss, penalty: l1(lambda) }))(d(0.4)))
    const support = w.flatMap((v, j) => (v === 0 ? [] : [j]))
    expect(support.length).toBeGreaterThan(2)
    expect(support.length).toBeLessThan(12)
    const XA = d(peers.tall.X.slice(0, 25).map((row: number[]) => support.map((j) => row[j])))
    const gram = mul(matmul(transpose(XA), XA), 1 / 25)
    const inside = list(linalg.solve(gram, d(support.map((j) => -Math.sign(w[j]!)))))
    const expected = w.map((_, j) => (support.includes(j) ? inside[support.indexOf(j)]! : 0))
    expect(apart(slope, expected)).toBeLessThan(1e-8)
  })
})

const groups = peers.groups as number[][]
const objectives: Readonly<Record<string, (t: Tensor) => Tensor>> = {
  l2: (t) => validation(solve({ loss, penalty: l2(exp(t)) })),
  l1: (t) => validation(solve({ loss, penalty: l1(exp(t)) })),
  'l1, by the weight of the term': (t) => validation(solve({ loss, penalty: scale(exp(t), l1(1)) })),
  'elastic net, both strengths': (t) =>
    validation(solve({ loss, penalty: combine(l1(exp(t)), l2(exp(mul(t, 0.5)))) })),
  'elastic net, its balance': (t) => validation(solve({ loss, penalty: elasticNet(0.5, exp(t)) })),
  'group lasso': (t) => validation(solve({ loss, penalty: groupLasso(exp(t), { groups }) })),
  'with an intercept': (t) => {
    const affine = leastSquares(train.X, train.y, { intercept: true })
    const { kernel, bias } = solve({ loss: affine, penalty: l1(exp(t)) })
    return mean(square(sub(matmul(held.X, kernel), sub(held.y, bias))))
  },
  logistic: (t) => {
    const logits = logistic(train.X, train.labels, { intercept: true })
    const { kernel, bias } = solve({ loss: logits, penalty: elasticNet(exp(t), 0.5) })
    return logistic(held.X, held.labels, { intercept: true })({ kernel, bias })
  },
}

const difference = (f: (t: Tensor) => Tensor, at: number): number => {
  const h = 1e-4
  const slope = (k: number) => (f(d(at + k * h)).item() - f(d(at - k * h)).item()) / (2 * k * h)
  return (4 * slope(1) - slope(2)) / 3
}

test.each(Object.entries(objectives))(
  'the gradient of a validation loss is that of differences: %s',
  (_, f) => {
    for (const at of [-1.3, -0.7, -0.701, -0.699])
      expect(grad(f)(d(at)).item()).toBeCloseTo(difference(f, at), 6)
  },
)

// The oracle of the checker reads the graph in double-double, so the problem is small.
const few = (rows: readonly (readonly number[])[]) => d(rows.slice(0, 10).map((row) => row.slice(0, 4)))
const small = leastSquares(few(peers.tall.X), d(peers.tall.y.slice(0, 10)))
const error = (w: Tensor): Tensor =>
  mean(square(sub(matmul(few(peers.tall.X.slice(25)), w), d(peers.tall.y.slice(25, 35)))))

test('@cotangent/check finds the gradient right', () => {
  const f = (t: Tensor): Tensor => error(solve({ loss: small, penalty: l1(exp(t)) }))
  expect(checkGrad(f, [d(-1.3)], { seed: 1 })).toMatchObject({ _tag: 'Right' })
}, 30_000)

test('second derivatives too', () => {
  const f = objectives.l2!
  const slope = (t: Tensor): Tensor => grad(f)(t)
  expect(grad(slope)(d(-1.3)).item()).toBeCloseTo(difference(slope, -1.3), 6)
})

test('data and the weights of single coefficients can be differentiated', () => {
  const along = (f: (x: Tensor) => Tensor, x: Tensor) => {
    const way = d(list(x).map((_, k) => Math.sin(k + 1)))
    const shaped = reshape(way, x.shape) as Tensor
    const line = (t: Tensor): Tensor => f(add(x, mul(t, shaped)) as Tensor)
    expect(grad(line)(d(0)).item()).toBeCloseTo(difference(line, 0), 5)
  }
  along((t) => validation(solve({ loss: leastSquares(train.X, t), penalty: l1(0.2) })), train.y)
  along((t) => validation(solve({ loss: leastSquares(t, train.y), penalty: l2(0.2) })), train.X)
  along((t) => validation(solve({ loss, penalty: weightedL1(t) })), d(new Array<number>(12).fill(0.3)))
})

test('gradient descent on log λ finds the least validation loss of a grid', () => {
  const f = objectives.l2!
  let t = d(-1)
  for (let i = 0; i < 30; i++) t = sub(t, mul(grad(f)(t), 0.5)) as Tensor
  const grid = Array.from({ length: 50 }, (_, k) => f(d(-8 + k / 5)).item())
  expect(f(t).item()).toBeLessThan(Math.min(...grid) + 1e-3)
  expect(sum(t).item()).not.toBe(-1)
})

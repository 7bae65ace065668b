import {
  abs,
  add,
  argmax,
  cast,
  checkpoint,
  cond,
  cos,
  cumsum,
  customVjp,
  defineOp,
  div,
  exp,
  floor,
  grad,
  greater,
  less,
  linalg,
  logsumexp,
  max,
  maximum,
  mul,
  norm,
  relu,
  reshape,
  scan,
  sin,
  softmax,
  sort,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  vmap,
  where,
  whileLoop,
} from '@cotangent/core'
import { traceAt } from '@cotangent/core/internal'
import { describe, expect, test } from 'vitest'
import { probeFrom } from '../../../core/test/laws/probe.js'
import { sub as subtract } from '../../src/oracles/doubleDouble/arithmetic.js'
import {
  type DoubleDoubleTensor,
  DoubleDoubleUnavailable,
  displaced,
  at as entry,
  evaluateDoubleDouble,
  fromTensor,
  innerProduct,
  scaledDifference,
  unavailableIn,
} from '../../src/oracles/doubleDouble/index.js'

type Fun = (x: Tensor) => Tensor
const d = (x: number | readonly number[]): Tensor => tensor(x as number[], { dtype: 'float64' }) as Tensor
const evaluatorOf = (f: Fun, x: Tensor) => {
  const traced = traceAt('check', f as (...args: never[]) => unknown, [x], false)
  return (at: DoubleDoubleTensor) =>
    evaluateDoubleDouble(traced.graph, [at, ...traced.args.slice(1).map(fromTensor)])
}
const STEP = 2 ** -34

/** Relative mismatch of the gradient, evaluated in double-double, with the difference quotient of the value. */
const mismatch = (f: Fun, x: Tensor): number => {
  const direction = probeFrom(7)(x)
  const [value, gradient] = [evaluatorOf(f, x), evaluatorOf(grad(f) as Fun, x)]
  const [below, above] = [-STEP, STEP].map((h) => value(displaced(x, h, direction)).outputs[0]!)
  const slope = innerProduct(gradient(fromTensor(x)).outputs[0]!, fromTensor(direction))
  const quotient = entry(scaledDifference(above!, below!, 1 / (2 * STEP)), 0)
  return Math.abs(subtract(quotient, slope)[0]) / Math.max(1, Math.abs(slope[0]))
}

const weights = d([1, 2, 3, 4])
const four = d([0.5, -1.25, 2, 0.75])
const matrixOf = (x: Tensor): Tensor => add(reshape(x, [2, 2]), reshape(d([4, 0, 0, 5]), [2, 2])) as Tensor
const total = (x: unknown): Tensor => sum(x as Tensor) as Tensor
const wave = customVjp(
  (x: Tensor) => sin(square(x)) as Tensor,
  (x: Tensor) => [sin(square(x)) as Tensor, x] as const,
  (x: Tensor, ct: Tensor) => [mul(ct, mul(mul(2, x), cos(square(x)))) as Tensor],
)

const composites: Readonly<Record<string, Fun>> = {
  'softmax, an operation with a rule of its own': (x) => total(mul(softmax(x), weights)),
  logsumexp: (x) => logsumexp(x) as Tensor,
  norm: (x) => norm(x) as Tensor,
  'a chain': (x) => total(tanh(mul(sin(mul(x, 3)), exp(x)))),
  'relu, abs and max away from kinks': (x) => total(mul(relu(x), maximum(abs(x), 1))),
  'sorted and summed': (x) => total(mul(cumsum(sort(x)), x)),
  determinant: (x) => linalg.det(matrixOf(x)) as Tensor,
  'linear system': (x) => total(square(linalg.solve(matrixOf(x), d([1, 2])) as Tensor)),
  eigenvalues: (x) => total(exp(linalg.eigvalsh(matrixOf(x)) as Tensor)),
  'singular values': (x) => total(square(square(linalg.svdvals(matrixOf(x)) as Tensor))),
  scan: (x) => scan((c: Tensor, v: Tensor) => [sin(add(mul(c, v), v)) as Tensor, c] as const, d(1), x)[0],
  whileLoop: (x) =>
    whileLoop(
      (v: Tensor) => less(v, 100) as Tensor,
      (v: Tensor) => mul(v, add(v, 1)) as Tensor,
      total(square(x)),
    ),
  cond: (x) =>
    cond(
      greater(total(x), 0) as Tensor,
      (v: Tensor) => total(exp(v)),
      (v: Tensor) => total(v),
      x,
    ),
  customVjp: (x) => total(wave(x)),
  checkpoint: (x) => checkpoint((v: Tensor): Tensor => total(sin(sin(v))))(x),
  vmap: (x) => total((vmap((v: Tensor) => sin(mul(v, v)) as Tensor) as Fun)(x)),
  'take with a repeated index': (x) =>
    total(mul(take(x, tensor([0, 2, 0], { dtype: 'int32' })), tensor([1, 2, 3]))),
  'second derivatives': (x) => total(grad((v: Tensor) => total(tanh(mul(v, square(v)))))(x)),
}

describe('the gradient of a function, in double-double, is its difference quotient', () => {
  for (const [name, f] of Object.entries(composites))
    test(name, () => {
      expect(mismatch(f, four)).toBeLessThan(1e-18)
    })

  test('in float32 too: the oracle does not round', () => {
    expect(mismatch(composites.norm!, cast(four, 'float32') as Tensor)).toBeLessThan(1e-18)
  })

  for (const error of [1e-3, 1e-9, 1e-12, 1e-15])
    test(`a rule that is wrong by ${error} is seen`, () => {
      const wrong = defineOp({
        name: 'wrong',
        expand: (x: Tensor) => tanh(x) as Tensor,
        jvp: ([x], [t]) => mul(t!, mul(sub(1, square(tanh(x!))), 1 + error)) as Tensor,
      })
      const off = mismatch((x) => total(wrong(mul(x, 0.5) as Tensor)), four)
      expect(off).toBeGreaterThan(error / 100)
      expect(off).toBeLessThan(error * 10)
    })
})

describe('signatures', () => {
  /** The primitives that decide otherwise beside x than at x. */
  const changes = (
    f: Fun,
    x: Tensor,
    direction = d(x.size === 1 ? 1 : [1, ...new Array<number>(x.size - 1).fill(0)]),
  ) => {
    const value = evaluatorOf(f, x)
    const here = value(fromTensor(x))
    const beside = [-STEP, STEP].map((h) => value(displaced(x, h, direction)))
    expect(beside.some((b) => b.signature !== here.signature)).toBe(
      beside.some((b) => b.decisions.some((e, i) => e.hash !== here.decisions[i]?.hash)),
    )
    return [
      ...new Set(
        beside.flatMap((b) =>
          b.decisions.filter((e, i) => e.hash !== here.decisions[i]?.hash).map((e) => e.node.op.name),
        ),
      ),
    ]
  }

  const kinked: readonly (readonly [string, Fun, number | number[]])[] = [
    ['abs', (x) => abs(x) as Tensor, 0],
    ['relu', (x) => relu(x) as Tensor, 0],
    ['max', (x) => maximum(x, 2) as Tensor, 2],
    ['reduceMax', (x) => max(x) as Tensor, [3, 3, 1]],
    ['sort', (x) => sort(x) as Tensor, [1, 1, 2]],
    ['floor', (x) => floor(x) as Tensor, 4],
    ['div', (x) => div(1, x) as Tensor, 0],
    ['greater', (x) => where(greater(x, 1) as Tensor, mul(x, 2), x) as Tensor, 1],
    [
      'cond',
      (x) =>
        cond(
          greater(x, 1) as Tensor,
          (v: Tensor) => mul(v, 2) as Tensor,
          (v: Tensor) => v,
          x,
        ),
      1,
    ],
    [
      'while',
      (x) =>
        whileLoop(
          (v: Tensor) => less(v, 8) as Tensor,
          (v: Tensor) => mul(v, 2) as Tensor,
          x,
        ),
      1,
    ],
    ['argmax', (x) => take(mul(x, x) as Tensor, argmax(x) as Tensor) as Tensor, [1, 1]],
  ]
  for (const [name, f, at] of kinked)
    test(`${name} at ${JSON.stringify(at)} decides otherwise on the other side`, () => {
      expect(changes(f, d(at))).toContain(name)
      const moved = Array.isArray(at) ? at.map((v, i) => v + 0.3 * (i + 1)) : at + 0.3
      expect(changes(f, d(moved))).toEqual([])
    })

  test('a comparison sees beyond the 53rd bit', () => {
    const f: Fun = (x) => where(greater(sub(add(x, 1), 1) as Tensor, x) as Tensor, 1, 2) as Tensor
    expect(changes(f, d(2 ** -60))).toEqual([])
    const g: Fun = (x) => where(greater(add(x, 1) as Tensor, 1) as Tensor, x, mul(x, 2)) as Tensor
    expect(changes(g, d(0))).toContain('greater')
  })
})

test('a primitive that has no meaning here is named, so that a caller can take another oracle', () => {
  const { graph } = traceAt('check', ((x: Tensor) => exp(x)) as (...args: never[]) => unknown, [four], false)
  const foreign = {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, op: { ...node.op, name: 'foreign' } })),
  }
  expect(unavailableIn(graph)).toBeUndefined()
  expect(unavailableIn(foreign)?.op.name).toBe('foreign')
  expect(() => evaluateDoubleDouble(foreign, [fromTensor(four)])).toThrow(DoubleDoubleUnavailable)
})

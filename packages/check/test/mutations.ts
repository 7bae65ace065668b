import {
  abs,
  add,
  broadcastTo,
  cos,
  defineOp,
  div,
  equal,
  exp,
  log,
  matmul,
  max,
  maximum,
  mul,
  neg,
  type Op,
  reciprocal,
  relu,
  sign,
  sin,
  softmax,
  sqrt,
  square,
  stopGradient,
  strongMul,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
} from '@cotangent/core'
import { d } from './helpers.js'

type T = Tensor
const t = (x: unknown): T => x as T

/** An operation with a wrong rule, and operands at which it shows. */
export interface Mutation {
  readonly what: string
  readonly op: Op<never, T>
  readonly at: readonly Tensor[]
  readonly order?: 1 | 2
}

const unary = (
  what: string,
  name: string,
  expand: (x: T) => T,
  jvp: (x: T, dx: T, y: T) => T,
  at: number | number[],
  order?: 1 | 2,
): Mutation => ({
  what,
  op: defineOp({ name, expand, jvp: ([x]: readonly [T], [dx]: readonly [T], y: T) => jvp(x, dx, y) }) as Op<
    never,
    T
  >,
  at: [d(at)],
  ...(order && { order }),
})

const tanhOf = (x: T): T => t(tanh(x))
const slope = (y: T): T => t(sub(1, square(y)))

/** Rules that are wrong in one way each. */
export const MUTATIONS: readonly Mutation[] = [
  unary(
    'sign',
    'negCos',
    (x) => t(cos(x)),
    (x, dx) => t(mul(dx, sin(x))),
    [0.5, 1],
  ),
  unary(
    'factor of 2',
    'cube',
    (x) => t(mul(x, square(x))),
    (x, dx) => t(mul(dx, mul(2, square(x)))),
    [1, 2],
  ),
  unary(
    'missing factor',
    'gauss',
    (x) => t(exp(neg(square(x)))),
    (_, dx, y) => t(mul(dx, y)),
    [0.5, 1],
  ),
  unary('relative error 1e-3', 'tanh3', tanhOf, (_, dx, y) => t(mul(dx, mul(1.001, slope(y)))), [0.3, -1]),
  unary('relative error 1e-6', 'tanh6', tanhOf, (_, dx, y) => t(mul(dx, mul(1.000001, slope(y)))), [0.3, -1]),
  unary('relative error 1e-8', 'tanh8', tanhOf, (_, dx, y) => t(mul(dx, mul(1 + 1e-8, slope(y)))), [0.3, -1]),
  unary(
    'the argument in place of the result',
    'sqrtArg',
    (x) => t(sqrt(x)),
    (x, dx) => t(div(dx, mul(2, x))),
    [2, 3],
  ),
  unary(
    'detached',
    'detached',
    (x) => t(square(x)),
    (_, dx) => t(mul(dx, 0)),
    [1, -2],
  ),
  unary(
    'identity',
    'straight',
    (x) => t(sin(x)),
    (_, dx) => dx,
    [1, -2],
  ),
  unary(
    'abs in place of its sign',
    'absAbs',
    (x) => t(abs(x)),
    (x, dx) => t(mul(dx, abs(x))),
    [2, -3],
  ),
  unary(
    'wrong where negative',
    'leaky',
    (x) => t(relu(x)),
    (x, dx) => t(mul(dx, where(equal(sign(x), 1), 1, 0.01))),
    [1, -1],
  ),
  unary(
    'constant slope',
    'logOne',
    (x) => t(log(x)),
    (_, dx) => t(mul(dx, 0.5)),
    [1, 3],
  ),
  unary(
    'wrong only at zero',
    'absOne',
    (x) => t(abs(x)),
    (x, dx) => t(mul(dx, where(equal(x, 0), 1, sign(x)))),
    [0, 2],
  ),
  unary(
    'half at zero',
    'reluHalf',
    (x) => t(relu(x)),
    (x, dx) => t(mul(dx, where(equal(x, 0), 0.5, where(equal(sign(x), 1), 1, 0)))),
    [0, 2],
  ),
  unary(
    'wrong at the second order',
    'expStop',
    (x) => t(exp(x)),
    (_, dx, y) => t(mul(dx, stopGradient(y))),
    [0.5, 1],
    2,
  ),
  unary(
    'second order of a product',
    'squareStop',
    (x) => t(square(x)),
    (x, dx) => t(mul(dx, add(x, stopGradient(x)))),
    [0.5, 1],
    2,
  ),
  unary(
    'one entry of many',
    'oneOff',
    (x) => t(sin(x)),
    (x, dx) => t(mul(dx, mul(cos(x), d(Array.from({ length: 40 }, (_, i) => (i === 17 ? 1.01 : 1)))))),
    Array.from({ length: 40 }, (_, i) => i / 16),
  ),
  unary(
    'softmax without its second term',
    'softmaxDiagonal',
    (x) => t(softmax(x)),
    (_, dx, y) => t(mul(y, dx)),
    [1, 2, 3],
  ),
  unary(
    'norm with the square',
    'normSquare',
    (x) => t(sqrt(sum(square(x)))),
    (x, dx, y) => t(strongMul(sum(mul(x, dx)), square(reciprocal(y)))),
    [1, 2],
  ),
  unary(
    'maximum goes to all',
    'maxAll',
    (x) => t(max(x)),
    (_, dx) => t(sum(dx)),
    [1, 3, 2],
  ),
  {
    what: 'missing term of a product',
    op: defineOp({
      name: 'product',
      expand: (x: T, y: T) => t(mul(x, y)),
      jvp: ([, y], [dx]) => t(mul(dx!, y!)),
    }) as Op<never, T>,
    at: [d([1, 2]), d([3, 4])],
  },
  {
    what: 'operands exchanged',
    op: defineOp({
      name: 'quotient',
      expand: (x: T, y: T) => t(div(x, y)),
      jvp: ([x, y], [dx, dy]) => t(sub(div(dy!, y!), div(mul(dx!, x!), square(y!)))),
    }) as Op<never, T>,
    at: [d([1, 2]), d([3, 4])],
  },
  {
    what: 'ties to both',
    op: defineOp({
      name: 'larger',
      expand: (x: T, y: T) => t(maximum(x, y)),
      jvp: ([x, y], [dx, dy]) =>
        t(add(where(equal(maximum(x!, y!), x!), dx!, 0), where(equal(maximum(x!, y!), y!), dy!, 0))),
    }) as Op<never, T>,
    at: [d([1, 2]), d([1, 3])],
  },
  {
    what: 'vjp with the wrong sign',
    op: defineOp({
      name: 'sinBack',
      expand: (x: T) => t(sin(x)),
      vjp: ([x], ct) => [t(neg(mul(ct, cos(x!))))],
    }) as Op<never, T>,
    at: [d([0.5, 1])],
  },
  {
    what: 'vjp without the sum over broadcasting',
    op: defineOp({
      name: 'spreadBack',
      expand: (x: T) => t(broadcastTo(sum(x), [3])),
      vjp: (_, ct) => [t(mul(ct, 1))],
    }) as Op<never, T>,
    at: [d([0.5, 1, 2])],
  },
  {
    what: 'vjp that clips',
    op: defineOp({
      name: 'clippedBack',
      expand: (x: T) => t(mul(x, 2)),
      vjp: (_, ct) => [t(tanh(ct))],
    }) as Op<never, T>,
    at: [d([0.5, 1, 2])],
  },
  {
    what: 'transpose without the transpose',
    op: defineOp({
      name: 'rotated',
      expand: (x: T) =>
        t(
          matmul(
            d([
              [0, 1],
              [-1, 0],
            ]),
            x,
          ),
        ),
      transpose: (ct: T) => [
        t(
          matmul(
            d([
              [0, 1],
              [-1, 0],
            ]),
            ct,
          ),
        ),
      ],
    }) as Op<never, T>,
    at: [d([1, 2])],
  },
  {
    what: 'matrix product with one factor not transposed',
    op: defineOp({
      name: 'product2',
      expand: (a: T, b: T) => t(matmul(a, b)),
      vjp: ([a, b], ct) => [t(matmul(ct, transpose(b!))), t(matmul(a!, ct))],
    }) as Op<never, T>,
    at: [
      d([
        [1, 2],
        [3, 5],
      ]),
      d([
        [2, 0],
        [1, 7],
      ]),
    ],
  },
]

import {
  add,
  argsort,
  broadcastTo,
  cos,
  cumsum,
  div,
  equal,
  exp,
  expandDims,
  flip,
  logsumexp,
  matmul,
  max,
  maximum,
  mean,
  mul,
  neg,
  outer,
  prod,
  reciprocal,
  scatterAdd,
  sin,
  slice,
  softmax,
  sort,
  sqrt,
  square,
  std,
  strongMul,
  sub,
  sum,
  take,
  tanh,
  transpose,
  variance,
  where,
  zeros,
} from '@cotangent/core'
import { d } from '../helpers.js'
import { type Mutation, mutation, type T, t } from './mutation.js'

// Rules of operations with shapes; peers.py has the same ones by the same names.

const A = [
  [1, 2],
  [3, 5],
]
const B = [
  [2, 0],
  [1, 7],
]
const TURN = d([
  [0, 1],
  [-1, 0],
])

export const STRUCTURAL: readonly Mutation[] = [
  mutation(
    'softmax without its second term',
    { name: 'softmaxDiagonal', expand: (x: T) => t(softmax(x)), jvp: (_, [dx], y) => t(mul(y, dx!)) },
    [[1, 2, 3]],
  ),
  mutation(
    'norm with the square',
    {
      name: 'normSquare',
      expand: (x: T) => t(sqrt(sum(square(x)))),
      jvp: ([x], [dx], y) => t(strongMul(sum(mul(x!, dx!)), square(reciprocal(y)))),
    },
    [[1, 2]],
  ),
  mutation(
    'maximum goes to all',
    { name: 'maxAll', expand: (x: T) => t(max(x)), jvp: (_, [dx]) => t(sum(dx!)) },
    [[1, 3, 2]],
  ),
  mutation(
    'tie counted twice',
    {
      name: 'maxTies',
      expand: (x: T) => t(max(x)),
      jvp: ([x], [dx], y) => t(sum(where(equal(x!, y), dx!, 0))),
    },
    [[3, 1, 3]],
  ),
  mutation(
    'mean without the number',
    { name: 'meanSum', expand: (x: T) => t(mean(x)), jvp: (_, [dx]) => t(sum(dx!)) },
    [[1, 3, 2]],
  ),
  mutation(
    'n - 1 for n',
    {
      name: 'varianceOther',
      expand: (x: T) => t(variance(x)),
      jvp: ([x], [dx]) => t(sum(mul(dx!, sub(x!, mean(x!))))),
    },
    [[1, 3, 2]],
  ),
  mutation(
    'logsumexp without normalisation',
    {
      name: 'logsumexpRaw',
      expand: (x: T) => t(logsumexp(x)),
      jvp: ([x], [dx]) => t(sum(mul(dx!, exp(sub(x!, max(x!)))))),
    },
    [[1, 3, 2]],
  ),
  mutation(
    'product without the division',
    { name: 'prodKept', expand: (x: T) => t(prod(x)), jvp: (_, [dx], y) => t(mul(y, sum(dx!))) },
    [[1, 3, 2]],
  ),
  mutation(
    'cumulative sum not reversed',
    { name: 'cumsumAgain', expand: (x: T) => t(cumsum(x)), vjp: (_, ct) => [t(cumsum(ct))] },
    [[1, 3, 2]],
  ),
  mutation('sorted, not put back', { name: 'sortKept', expand: (x: T) => t(sort(x)), vjp: (_, ct) => [ct] }, [
    [3, 1, 2],
  ]),
  mutation(
    'sorted, put back by the wrong permutation',
    { name: 'sortAgain', expand: (x: T) => t(sort(x)), vjp: ([x], ct) => [t(take(ct, argsort(x!) as T))] },
    [[3, 1, 2]],
  ),
  mutation(
    'duplicate index dropped',
    {
      name: 'takeOnce',
      expand: (x: T) => t(take(x, [0, 2, 0])),
      vjp: ([x], ct) => [t(scatterAdd(t(zeros([x!.shape[0]!], 'float64')), [0, 2], t(slice(ct, [0], [2]))))],
    },
    [[1, 2, 3]],
  ),
  mutation(
    'flipped once',
    { name: 'flipKept', expand: (x: T) => t(flip(x, { axis: 0 })), vjp: (_, ct) => [ct] },
    [[1, 2, 3]],
  ),
  mutation(
    'no sum over broadcasting',
    { name: 'spreadBack', expand: (x: T) => t(broadcastTo(sum(x), [3])), vjp: (_, ct) => [t(mul(ct, 1))] },
    [[0.5, 1, 2]],
  ),
  mutation(
    'the first row for the sum of rows',
    {
      name: 'biasRow',
      expand: (x: T, b: T) => t(add(x, b)),
      vjp: (_, ct) => [ct, t(take(ct, 0, { axis: 0 }))],
    },
    [A, [1, 2]],
  ),
  mutation(
    'the mean for the sum of rows',
    {
      name: 'biasMean',
      expand: (x: T, b: T) => t(add(x, b)),
      vjp: (_, ct) => [ct, t(mean(ct, { axis: 0 }))],
    },
    [A, [1, 2]],
  ),
  mutation(
    'missing term of a product',
    { name: 'product', expand: (x: T, y: T) => t(mul(x, y)), jvp: ([, y], [dx]) => t(mul(dx!, y!)) },
    [
      [1, 2],
      [3, 4],
    ],
  ),
  mutation(
    'operands exchanged',
    {
      name: 'quotient',
      expand: (x: T, y: T) => t(div(x, y)),
      jvp: ([x, y], [dx, dy]) => t(sub(div(dy!, y!), div(mul(dx!, x!), square(y!)))),
    },
    [
      [1, 2],
      [3, 4],
    ],
  ),
  mutation(
    'ties to both',
    {
      name: 'larger',
      expand: (x: T, y: T) => t(maximum(x, y)),
      jvp: ([x, y], [dx, dy]) =>
        t(add(where(equal(maximum(x!, y!), x!), dx!, 0), where(equal(maximum(x!, y!), y!), dy!, 0))),
    },
    [
      [1, 2],
      [1, 3],
    ],
  ),
  mutation(
    'vjp with the wrong sign',
    { name: 'sinBack', expand: (x: T) => t(sin(x)), vjp: ([x], ct) => [t(neg(mul(ct, cos(x!))))] },
    [[0.5, 1]],
  ),
  mutation(
    'vjp that clips',
    { name: 'clippedBack', expand: (x: T) => t(mul(x, 2)), vjp: (_, ct) => [t(tanh(ct))] },
    [[0.5, 1, 2]],
  ),
  mutation(
    'rotation without the transpose',
    { name: 'rotated', expand: (x: T) => t(matmul(TURN, x)), transpose: (ct) => [t(matmul(TURN, ct))] },
    [[1, 2]],
  ),
  mutation(
    'matrix product with one factor not transposed',
    {
      name: 'product2',
      expand: (a: T, b: T) => t(matmul(a, b)),
      vjp: ([a, b], ct) => [t(matmul(ct, transpose(b!))), t(matmul(a!, ct))],
    },
    [A, B],
  ),
  mutation(
    'matrix product, left one wrong',
    {
      name: 'product1',
      expand: (a: T, b: T) => t(matmul(a, b)),
      vjp: ([a, b], ct) => [t(matmul(ct, b!)), t(matmul(transpose(a!), ct))],
    },
    [A, B],
  ),
  mutation(
    'outer product transposed',
    {
      name: 'outerSwapped',
      expand: (x: T, y: T) => t(outer(x, y)),
      vjp: ([x, y], ct) => [t(matmul(transpose(ct), y!)), t(matmul(ct, x!))],
    },
    [
      [1, 2],
      [3, 5],
    ],
  ),
  mutation(
    'normalised, mean taken for a constant',
    {
      name: 'centredKept',
      expand: (x: T) => t(sub(x, mean(x))),
      vjp: (_, ct) => [ct],
    },
    [[1, 3, 2]],
  ),
  mutation(
    'normalised, deviation taken for a constant',
    {
      name: 'scaledKept',
      expand: (x: T) => t(div(x, std(x))),
      vjp: ([x], ct) => [t(div(ct, std(x!)))],
    },
    [[1, 3, 2]],
  ),
  mutation(
    'cross entropy without its label',
    {
      name: 'entropyUnlabelled',
      expand: (x: T) => t(sub(logsumexp(x), take(x, 1))),
      vjp: ([x], ct) => [t(mul(ct, softmax(x!)))],
    },
    [[1, 3, 2]],
  ),
  mutation(
    'vjp of one of two operands detached',
    {
      name: 'scaledBy',
      expand: (x: T, y: T) => t(mul(x, exp(y))),
      vjp: ([, y], ct) => [t(mul(ct, exp(y!))), null],
    },
    [
      [1, 2],
      [0.5, 1],
    ],
  ),
]

/** Right derivatives, wrong batch rules. */
export const BATCH: readonly Mutation[] = [
  mutation(
    'batch rule with another factor',
    { name: 'twice', expand: (x: T) => t(mul(x, 2)), batch: ([x]) => t(mul(x!, 3)) },
    [[1, 2, 3]],
    { law: 'batch' },
  ),
  mutation(
    'batch rule that normalises over the batch',
    {
      name: 'softmaxBatch',
      expand: (x: T) => t(softmax(x)),
      batch: ([x]) => t(softmax(x!, { axis: 0 })),
    },
    [[1, 2, 3]],
    { law: 'batch' },
  ),
  mutation(
    'batch rule that forgets who has the axis',
    {
      name: 'addBatch',
      expand: (x: T, y: T) => t(add(x, y)),
      batch: ([x, y], batched, size) =>
        t(
          add(
            batched[0] ? x! : broadcastTo(expandDims(x!, 0), [size, ...x!.shape]),
            batched[1] ? take(y!, 0, { axis: 0 }) : y!,
          ),
        ),
    },
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { law: 'batch' },
  ),
]

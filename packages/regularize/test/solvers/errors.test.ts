import { grad, jit, random, type Tensor, tensor } from '@cotangent/core'
import {
  aic,
  crossValidate,
  gcv,
  groupLasso,
  l1,
  l2,
  lambdaPath,
  lassoPath,
  leastSquares,
  logistic,
  mcp,
  minimise,
  noiseVariance,
  on,
  type PathOptions,
  ridgePath,
  solve,
  tv1d,
  weightedL1,
} from '@cotangent/regularize'
import { expect, test } from 'vitest'
import { d } from './support.js'

const X = d([
  [1, 2],
  [0, 1],
  [3, 1],
])
const y = d([1, 2, 3])
const loss = leastSquares(X, y)
const first = async (options: PathOptions<Tensor>) => (await lambdaPath(options).next()).value

const sync: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
  'a negative strength': [() => l1(-1), /l1: λ is -1\. Give a number that is not negative/],
  'a negative strength in a tensor': [
    () => solve({ loss, penalty: l1(d(-1)) }),
    /solve: a strength is -1\. Give numbers that are not negative/,
  ],
  'a NaN strength in a tensor': [() => solve({ loss, penalty: l2(d(Number.NaN)) }), /a strength is NaN/],
  'NaN in X': [
    () =>
      solve({
        loss: leastSquares(
          d([
            [1, 2],
            [0, Number.NaN],
            [3, 1],
          ]),
          y,
        ),
        penalty: l1(1),
      }),
    /NonFinite.*solve: X\[1, 1\] is NaN\. Drop or impute it/,
  ],
  'infinity in y': [() => lassoPath(X, d([1, Number.POSITIVE_INFINITY, 2])), /lassoPath: y\[1\] is Infinity/],
  'y of another length': [
    () => leastSquares(X, d([1, 2])),
    /leastSquares: X of shape \[3,2\] and y of shape \[2\]\. Give X as \[samples, features\]/,
  ],
  'a vector for X': [() => leastSquares(y, y), /X of shape \[3\]/],
  'no samples': [
    () => leastSquares(tensor([], { shape: [0, 2] }) as Tensor, tensor([]) as Tensor),
    /X of shape \[0,2\]/,
  ],
  'a vector for X of an exact path': [() => lassoPath(y, y), /lassoPath: X of shape \[3\]/],
  'labels that are none': [
    () => solve({ loss: logistic(X, d([0, 1, 2])), penalty: l1(1) }),
    /solve: label 2 is 2\. Labels are 0 or 1/,
  ],
  'labels of one class': [
    () => solve({ loss: logistic(X, d([1, 1, 1])), penalty: l1(1) }),
    /all 3 labels are 1.*Give examples of both classes/,
  ],
  'a penalty that is not convex': [
    () => solve({ loss, penalty: mcp(1, 3) }),
    /solve: mcp\(1, 3\) is not convex.*proximalGradient/,
  ],
  'a penalty without a known form': [
    () => minimise({ loss, penalty: tv1d(1) }),
    /minimise: the solvers of linear models know l1.*this penalty is another\. Use fista/,
  ],
  'a penalty of the intercept': [
    () => minimise({ loss: leastSquares(X, y, { intercept: true }), penalty: on('**', l1(1)) }),
    /on the coefficients/,
  ],
  'a selector that matches nothing': [
    () => solve({ loss, penalty: on('kernell', l1(1)) }),
    /'kernell' matches no parameter/,
  ],
  'weights of another length': [
    () => solve({ loss, penalty: weightedL1(d([1, 2, 3])) }),
    /3 strengths for 2 coefficients/,
  ],
  'groups that miss an entry': [
    () => solve({ loss, penalty: groupLasso(1, { groups: [[0]] }) }),
    /entry 1 is in no group/,
  ],
  'a loss of its own': [
    () => solve({ loss: ((w: Tensor) => w) as typeof loss, penalty: l1(1) }),
    /the loss is not one of a linear model\. Make it by leastSquares or logistic/,
  ],
  'no iterations': [
    () => solve({ loss, penalty: l1(0.01), maxIterations: 0 }),
    /the duality gap is .* after 0 iterations\. Raise maxIterations/,
  ],
  'a tolerance that is none': [() => solve({ loss, tolerance: Number.NaN }), /tolerance is NaN/],
  'λ that is not known': [
    () => jit((t: Tensor) => solve({ loss, penalty: l1(t) }))(d(1)),
    /TracedValue.*under jit its value is not known/,
  ],
  'no samples for a criterion': [() => aic({ loss: 1, df: 1 }, 0), /aic: n is 0/],
  'half a sample': [() => gcv({ loss: 1, df: 1 }, 2.5), /gcv: n is 2\.5/],
  'a variance of 0': [() => aic({ loss: 1, df: 1 }, 3, 0), /the variance is 0/],
  'more features than samples leave no noise': [
    () => noiseVariance(d([[1, 2]]), d([1])),
    /1 samples leave nothing/,
  ],
  'a ridge of negative λ': [() => ridgePath(X, y, [-1]), /ridgePath: a λ is -1/],
}
test.each(Object.entries(sync))('%s', (_, [run, message]) => {
  let text = ''
  try {
    run()
  } catch (error) {
    text = String(error)
  }
  expect(text).toMatch(message)
})

const waiting: Readonly<Record<string, readonly [() => Promise<unknown>, RegExp]>> = {
  'a negative λ': [() => first({ loss, penalty: l1(1), lambdas: [1, -1] }), /lambdaPath: a λ is -1/],
  'no λ': [() => first({ loss, penalty: l1(1), lambdas: [] }), /lambdas is empty/],
  'half a path': [() => first({ loss, penalty: l1(1), n: 2.5 }), /n is 2\.5/],
  'a ratio above 1': [() => first({ loss, penalty: l1(1), ratio: 2 }), /ratio is 2/],
  'a ridge has no largest λ': [
    () => first({ loss, penalty: l2(1) }),
    /there is no λ from which on all coefficients are 0: a ridge never makes any/,
  ],
  'a concave path': [() => first({ loss, penalty: mcp(1, 3) }), /lambdaPath: mcp\(1, 3\) is not convex/],
  'more folds than samples': [
    () => crossValidate({ X, y, penalty: l1(1), folds: 4 }),
    /crossValidate: 4 folds of 3 samples\. Give a whole number from 2 to 3/,
  ],
  'one fold': [() => crossValidate({ X, y, penalty: l1(1), folds: 1 }), /1 folds of 3 samples/],
  'folds for other samples': [
    () => crossValidate({ X, y, penalty: l1(1), folds: [0, 1] }),
    /2 folds for 3 samples\. Give one for each/,
  ],
  'all in one fold': [
    () => crossValidate({ X, y, penalty: l1(1), folds: [1, 1, 1] }),
    /all samples are in one fold/,
  ],
}
test.each(Object.entries(waiting))('%s', async (_, [run, message]) => {
  await expect(run()).rejects.toThrow(message)
})

test('what is allowed at the edges', async () => {
  expect(solve({ loss }).shape).toEqual([2])
  expect(solve({ loss: leastSquares(d([[0, 0]]), d([0])), penalty: l1(1) }).toArray()).toEqual([0, 0])
  const { lambda } = await crossValidate({
    X,
    y,
    penalty: l1(1),
    folds: 3,
    key: random.key(0) as Tensor,
    n: 5,
  })
  expect(lambda).toBeGreaterThan(0)
  // A single-precision λ and a double one both serve.
  expect(grad((t: Tensor) => loss(solve({ loss, penalty: l2(t) })))(tensor(1) as Tensor).dtype).toBe(
    'float32',
  )
})

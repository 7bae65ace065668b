import {
  add,
  arange,
  CotangentError,
  cast,
  cond,
  grad,
  greater,
  jit,
  jvp,
  linalg,
  matmul,
  mul,
  reshape,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  tree,
  vjp,
  vmap,
  zeros,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

// The messages are part of the product: each names the operation, the shapes and what to do. Changing one is a
// decision, so the whole text is here. File and line are masked; that they are the caller's is checked apart.

const message = (run: () => unknown): string => {
  try {
    run()
  } catch (e) {
    if (!(e instanceof CotangentError)) throw e
    return `${e.name}: ${e.message}`.replace(/errors\.test\.ts:\d+/g, 'errors.test.ts:LINE')
  }
  return 'no error'
}
const any = (t: unknown): Tensor => t as Tensor

const cases: Record<string, readonly [() => unknown, string]> = {
  'matmul of shapes that do not fit': [
    () => matmul(any(zeros([128, 784])), any(zeros([256, 10]))),
    'ShapeError: matmul: [128, 784] and [256, 10] do not fit: the last axis of the first (784) must equal the second to last of the second (256)',
  ],
  'shapes that do not broadcast': [
    () => add(any(zeros([2, 3])), any(zeros([4]))),
    'ShapeError: add: [2, 3] and [4] do not broadcast: axis -1 is 3 in one and 4 in the other. Axes must be equal or 1; use reshape, expandDims or transpose to line them up.',
  ],
  'a loss that is not a scalar': [
    () => grad((x: Tensor) => mul(x, 2))(tensor([1, 2])),
    'GradientError: grad: the function must return a scalar, not a tensor of shape [2]. Use sum or mean, or jacobian for all entries.',
  ],
  'the gradient of integers': [
    () => grad((p: { n: Tensor }) => sum(p.n))({ n: arange(3) }),
    "GradientError: grad: argument 0 at n is int32, which has no gradient. Use cast(x, 'float32'), or differentiate another argument with argnums.",
  ],
  'an index out of range': [
    () => take(tensor([10, 20, 30]), cast(tensor([5]), 'int32')),
    'IndexError: take: index 5 is out of range for an axis of length 3. Use 0 to 2, or -3 to -1 from the end.',
  ],
  'a branch on a traced value, under jit': [
    () => jit((x: Tensor) => (x.item() > 0 ? x : square(x)))(tensor(1)),
    'TracedValueError: the branch on a traced value in errors.test.ts:LINE cannot be compiled: under jit its value is not known. Use where(...) for values or cond(...) for work.',
  ],
  'a branch on a traced value, under vmap': [
    () => vmap((x: Tensor) => (Number(x) > 0 ? x : square(x)))(tensor([1, 2])),
    'TracedValueError: the branch on a traced value in errors.test.ts:LINE cannot be compiled: under vmap its value is not known. Use where(...) for values or cond(...) for work.',
  ],
  'a comparison of symbols inside cond': [
    () =>
      cond(
        greater(tensor(1), 0),
        (x: Tensor) => ((x as unknown as number) > 0 ? x : x),
        (x: Tensor) => x,
        tensor(1),
      ),
    'TracedValueError: the branch on a traced value in errors.test.ts:LINE cannot be compiled: under cond its value is not known. Use where(...) for values or cond(...) for work.',
  ],
  'a symbol used after its transform has ended': [
    () => {
      let kept: Tensor = tensor(0)
      grad((x: Tensor) => {
        kept = square(x)
        return x
      })(tensor(1))
      return add(kept, 1)
    },
    'LeakedTracerError: a symbol of a finished grad is used outside of it. Return the value from the function instead of storing it in a variable.',
  ],
  'a tangent of another shape': [
    () => jvp((x: Tensor) => square(x), [tensor([1, 2])], [tensor(1)]),
    'ShapeError: jvp: shape [] does not match [2]. Tangents and cotangents have the shape of what they belong to.',
  ],
  'a cotangent of another structure': [
    () => vjp((x: Tensor) => ({ y: x }), tensor(1))[1](tensor(1)),
    'TreeError: vjp: the trees have different structures: expected a leaf at y, found the root. Give both the same keys and lengths.',
  ],
  'a leaf that is no tensor': [
    () => tree.leaves({ a: { b: 'text' } }),
    'TreeError: tree.leaves: the leaf at a/b is a string. A tree is made of plain records, arrays, tensors and numbers; pass anything else through a closure or staticArgs.',
  ],
  'ragged rows': [
    () => tensor([[1, 2], [3]]),
    'ShapeError: tensor: ragged data: the entry at [1] has length 1, expected 2. Rows of a tensor are equally long.',
  ],
  'an operand that is no tensor': [
    () => add(any([1, 2]), 1),
    'DTypeError: add: expected a tensor or a number, not an array. Use tensor(...).',
  ],
  'an unknown dtype': [
    () => zeros([2], 'float16' as 'float32'),
    'DTypeError: zeros: unknown dtype float16. Use one of bool, int32, float32, float64.',
  ],
  'item of many': [
    () => tensor([1, 2]).item(),
    'ShapeError: item: a tensor of shape [2] has 2 elements, not one. Use toArray().',
  ],
  'an axis that does not exist': [
    () => sum(any(zeros([2, 3])), { axis: 2 }),
    'AxisError: sum: axis 2 does not exist in a tensor of rank 2. Use -2 to 1.',
  ],
  'mapped axes of different lengths': [
    () => vmap((a: Tensor, b: Tensor) => add(a, b))(zeros([2]), zeros([3])),
    'ShapeError: vmap: the mapped axes have different lengths: [2], [3] along [0,0].',
  ],
}

describe('messages', () => {
  test.each(Object.entries(cases))('%s', (_, [run, expected]) => {
    expect(message(run)).toBe(expected)
  })
  test('a donated tensor used again, and donated twice', () => {
    const train = jit(
      function train(state: Tensor) {
        return add(state, 1)
      },
      { donate: [0] },
    )
    const state = tensor([1, 2])
    train(state)
    expect(message(() => state.toArray())).toBe(
      'DonatedError: this tensor was donated to train (errors.test.ts:LINE) and no longer holds its value. Keep the returned state, or drop `donate`.',
    )
    expect(message(() => train(state))).toMatch(/^DonatedError: this tensor was donated to train/)
  })
  test('reshape and linear algebra name their shapes', () => {
    expect(message(() => reshape(any(zeros([2, 3])), [4]))).toMatch(
      /ShapeError: reshape: \[2, 3\].*6 elements.*\[4\]/,
    )
    expect(message(() => linalg.cholesky(any(zeros([2, 3]))))).toMatch(/ShapeError: cholesky: .*\[2, 3\]/)
  })
})

test('the stack starts at the line of the caller', () => {
  try {
    add(any(zeros([2])), any(zeros([3])))
  } catch (e) {
    expect((e as Error).stack?.split('\n')[1]).toMatch(/errors\.test\.ts/)
  }
})

test('an error carries its kind, operation and shapes', () => {
  try {
    add(any(zeros([2])), any(zeros([3])))
  } catch (e) {
    expect(e).toMatchObject({ name: 'ShapeError', kind: 'Shape', op: 'add', shapes: [[2], [3]] })
  }
})

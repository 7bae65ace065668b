// Types of the public surface, checked by the compiler: shapes where known, readable mismatches, tree-shaped gradients.
import {
  add,
  checkpoint,
  cond,
  defineOp,
  grad,
  hessian,
  jacobian,
  jit,
  jvp,
  less,
  matmul,
  mean,
  mul,
  reshape,
  scan,
  square,
  sum,
  type Tensor,
  tensor,
  tree,
  valueAndGrad,
  vjp,
  vmap,
  zeros,
} from '@cotangent/core'
import { expectTypeOf } from 'vitest'

// Shapes flow.
expectTypeOf(zeros([2, 3]).shape).toExtend<readonly [2, 3]>()
const product: Tensor<[2, 4]> = matmul(zeros([2, 3]), zeros([3, 4]))
const broadcast: Tensor<[2, 3]> = add(zeros([2, 3]), zeros([3]))
const withNumber: Tensor<[2, 3]> = mul(zeros([2, 3]), 2)
const total: Tensor<[]> = sum(zeros([2, 3]))
const wide: Tensor<[2], 'float64'> = add(zeros([2], 'float64'), zeros([2]))
const mask: Tensor<[2], 'bool'> = less(zeros([2]), 1)
const unknownRank: Tensor = add(zeros([2, 3]) as Tensor, zeros([4]) as Tensor)
const dynamic: Tensor<[number, 4]> = matmul(zeros([2 as number, 3]), zeros([3, 4]))

// Mismatches of literals are errors at the argument, and say what is wrong.
// @ts-expect-error matmul: [2, 3] and [4, 4] do not fit: 3 against 4
matmul(zeros([2, 3]), zeros([4, 4]))
// @ts-expect-error add: [2, 3] and [4] do not broadcast
add(zeros([2, 3]), zeros([4]))
// @ts-expect-error a string is not an operand
add(zeros([2]), 'a')
// @ts-expect-error reshape: 6 elements are not 4
const reshaped: Tensor<[5]> = reshape(zeros([2, 3]), [6])

// Gradients have the tree of the argument.
const loss = (p: { w: Tensor<[2, 3]>; layers: readonly [Tensor<[3]>, { b: Tensor }] }, x: Tensor): Tensor =>
  add(sum(mul(p.w, p.layers[0])), sum(mul(p.layers[1].b, x)))
expectTypeOf(grad(loss)).returns.toEqualTypeOf<{
  w: Tensor<[2, 3]>
  layers: readonly [Tensor<[3]>, { b: Tensor }]
}>()
expectTypeOf(grad(loss, { argnums: 1 })).returns.toEqualTypeOf<Tensor>()
expectTypeOf(valueAndGrad(loss)).returns.toExtend<[Tensor, { w: Tensor<[2, 3]> }]>()
expectTypeOf(vjp((x: Tensor<[2]>) => sum(x), zeros([2]))[1]).returns.toExtend<[Tensor<[2]>]>()
// Functions written in place need no annotation: their arguments are tensors.
grad((x) => sum(square(x)))(tensor([1, 2]))
vmap((x) => sum(x))(zeros([2, 3]))
jit((x) => mul(x, 2))(zeros([2]))
jacobian((x) => square(x))(zeros([2]))
hessian((x) => sum(square(x)))(zeros([2]))
checkpoint((x) => square(x))(zeros([2]))
grad((x) => grad((y) => sum(mul(x, y)))(x).item())
const pair = jvp((x: Tensor) => square(x), [tensor(3)], [tensor(1)])
expectTypeOf(pair[1]).toExtend<Tensor>()
const cube = defineOp({ name: 'cube', expand: (x: Tensor) => mul(x, square(x)) as Tensor })
expectTypeOf(cube(zeros([2]))).toExtend<Tensor>()
const [carry] = scan(
  (c: Tensor, x: Tensor) => [add(c, x) as Tensor, mean(x)] as const,
  zeros([2]) as Tensor,
  zeros([3, 2]) as Tensor,
)
expectTypeOf(carry).toExtend<Tensor>()
const chosen: Tensor = cond(
  true,
  (x: Tensor) => x,
  (x: Tensor) => square(x) as Tensor,
  zeros([2]),
)
const edited = tree.update({ a: zeros([2]) as Tensor }, (draft) => {
  draft.a = zeros([3])
})
// @ts-expect-error tensors are immutable
zeros([2]).shape = [3]

export { broadcast, chosen, dynamic, edited, mask, product, reshaped, total, unknownRank, wide, withNumber }

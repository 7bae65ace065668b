import { allocate, isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Primitive } from '../graph/ir.js'
import { sameShape, sizeOf } from '../shape.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import type { DType } from '../types/index.js'
import { definePrimitive, free, inSize, linearJvp, noJvp, reals, zerosLike } from './define.js'
import { batchAll } from './structural.js'

// Operations that pass elements on where they are: one of two, in another dtype, without a derivative, with a name.

type None = Readonly<Record<string, never>>

export const selectP: Primitive<None> = definePrimitive<None>({
  name: 'select',
  shape: ([p, a, b]) =>
    p!.dtype === 'bool' &&
    sameShape(p!.shape, a!.shape) &&
    sameShape(a!.shape, b!.shape) &&
    a!.dtype === b!.dtype
      ? [{ shape: a!.shape, dtype: a!.dtype }]
      : fail(
          'Shape',
          `select: needs a bool mask and two equal tensors, not ${[p, a, b].map((x) => `${x!.dtype}${showShape(x!.shape)}`).join(', ')}.`,
          { op: 'select', shapes: [p!.shape, a!.shape, b!.shape] },
        ),
  kernel: ([p, a, b], _, [out]) => {
    const [m, x, y] = [dataOf(p!), dataOf(a!), dataOf(b!)]
    const z = allocate(out!.dtype, m.length)
    for (let i = 0; i < z.length; i++) z[i] = m[i] ? x[i]! : y[i]!
    return [fromData(z, out!.shape, out!.dtype)]
  },
  jvp: ([p, a, b], [, ta, tb]) => [ta || tb ? select(p!, ta ?? zerosLike(a!), tb ?? zerosLike(b!)) : null],
  transpose: ([ct], [p, a, b]) => [
    null,
    ct && a === null ? select(p!, ct, zerosLike(ct)) : null,
    ct && b === null ? select(p!, zerosLike(ct), ct) : null,
  ],
  batch: (inputs, batched, _, size) => {
    const [p, a, b] = inputs.map((x, i) => batchAll(x, batched[i]!, size))
    return [select(p!, a!, b!)]
  },
  domain: [reals],
  kinks: 'none',
  derivation: 'linear in both branches: the cotangent goes to the branch taken, zero to the other',
  flops: (_, [out]) => sizeOf(out!.shape),
})
export const select = (p: Tensor, a: Tensor, b: Tensor): Tensor => bind1(selectP, [p, a, b], {})

const truncated = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -2147483648), 2147483647)

export const convertP: Primitive<{ readonly dtype: DType }> = definePrimitive<{ readonly dtype: DType }>({
  name: 'convert',
  shape: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
  kernel: ([x], { dtype }) => {
    const a = dataOf(x!)
    const y = allocate(dtype, a.length)
    if (dtype === 'bool') for (let i = 0; i < a.length; i++) y[i] = a[i] !== 0 ? 1 : 0
    else if (dtype === 'int32' && isFloat(x!.dtype))
      for (let i = 0; i < a.length; i++) y[i] = truncated(a[i]!)
    else y.set(a)
    return [fromData(y, x!.shape, dtype)]
  },
  jvp: (_, [t], __, { dtype }) => [t && isFloat(dtype) ? convert(t, dtype) : null],
  transpose: ([ct], _, __, [x]) => [ct ? convert(ct, x!.dtype) : null],
  batch: ([x], _, { dtype }) => [convert(x!, dtype)],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear between floats; zero into and out of integers',
  flops: inSize,
})
export const convert = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : bind1(convertP, [x], { dtype })

export const stopGradientP: Primitive<None> = definePrimitive<None>({
  name: 'stopGradient',
  shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  kernel: ([x]) => [x!],
  jvp: noJvp(),
  transpose: 'nonlinear',
  batch: ([x]) => [stopGradient(x!)],
  domain: [reals],
  kinks: 'none',
  derivation: 'defined as a constant to every derivative, at every order',
  flops: free,
})
export const stopGradient = (x: Tensor): Tensor => bind1(stopGradientP, [x], {})

export const tagP: Primitive<{ readonly name: string }> = definePrimitive<{ readonly name: string }>({
  name: 'tag',
  shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  kernel: ([x]) => [x!],
  jvp: linearJvp(() => tagP),
  transpose: ([ct], _, { name }) => [ct ? tag(ct, name) : null],
  batch: ([x], _, { name }) => [tag(x!, name)],
  domain: [reals],
  kinks: 'none',
  derivation: 'the identity: only its name matters, to checkpoint policies and messages',
  flops: free,
})
/** The identity, with a name that graphs, checkpoint policies and errors show. */
export const tag = (x: Tensor, name: string): Tensor => bind1(tagP, [x], { name })

import { allocate } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Aval, Domain, Maybe, Params, Primitive } from '../graph/ir.js'
import { sameShape, sizeOf } from '../shape.js'
import { dataOf, filled, fromData, type Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import type { DType, Shape } from '../types/index.js'

/** States a primitive. The type asks for every column, so a missing rule is a compile error. */
export const definePrimitive = <P extends Params>(row: Primitive<P>): Primitive<P> => row

export const reals: Domain = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY }
export const positive: Domain = { lo: 0, hi: Number.POSITIVE_INFINITY }

/** Shape and dtype alone: what a graph may keep of a value. */
export const avalOf = (t: Aval): Aval => ({ shape: t.shape, dtype: t.dtype })

export const outSize = (_: readonly Aval[], outs: readonly Aval[]): number => sizeOf(outs[0]!.shape)
export const inSize = (ins: readonly Aval[]): number => sizeOf(ins[0]!.shape)
export const free = (): number => 0

/** JVP of an operation that is linear in all its inputs: the operation itself, zeros filled in. */
export const linearJvp =
  <P extends Params>(self: () => Primitive<P>) =>
  (
    primals: readonly Tensor[],
    tangents: readonly Maybe[],
    _: readonly Tensor[],
    params: P,
  ): readonly Maybe[] =>
    tangents.every((t) => t === null)
      ? [null]
      : [
          bind1(
            self(),
            tangents.map((t, i) => t ?? zerosLike(primals[i]!)),
            params,
          ),
        ]

/** Outputs without tangents. */
export const noJvp =
  (n = 1) =>
  (): readonly Maybe[] =>
    new Array<null>(n).fill(null)

export const zerosLike = (aval: Aval): Tensor => filled(0, aval.shape, aval.dtype)

/** Checks that all operands have one shape and one dtype: broadcasting and promotion happen before. */
export const sameAvals = (name: string, inputs: readonly Aval[]): Aval => {
  const [first, ...rest] = inputs
  for (const x of rest)
    if (!sameShape(x.shape, first!.shape) || x.dtype !== first!.dtype)
      fail(
        'Shape',
        `${name}: the primitive needs equal shapes and dtypes, not ` +
          `${inputs.map((i) => `${i.dtype}${showShape(i.shape)}`).join(' and ')}. Broadcast and cast first.`,
        { op: name, shapes: inputs.map((i) => i.shape) },
      )
  return first!
}

/** Refuses integers and bools where a derivative is expected. */
export const needFloat = (name: string, aval: Aval): Aval =>
  aval.dtype === 'float32' || aval.dtype === 'float64'
    ? aval
    : fail('DType', `${name}: needs a float tensor, not ${aval.dtype}. Use cast(x, 'float32').`, {
        op: name,
        shapes: [aval.shape],
      })

/** Output tensor filled by `write`. */
export const compute = (shape: Shape, dtype: DType, write: (out: Float64Array) => void): Tensor => {
  const out = allocate(dtype, sizeOf(shape))
  write(out as Float64Array)
  return fromData(out, shape, dtype)
}

export const map1 = (x: Tensor, out: Aval, f: (x: number) => number): Tensor => {
  const a = dataOf(x)
  return compute(out.shape, out.dtype, (y) => {
    for (let i = 0; i < y.length; i++) y[i] = f(a[i]!)
  })
}

export const map2 = (x: Tensor, y: Tensor, out: Aval, f: (x: number, y: number) => number): Tensor => {
  const a = dataOf(x)
  const b = dataOf(y)
  return compute(out.shape, out.dtype, (z) => {
    for (let i = 0; i < z.length; i++) z[i] = f(a[i]!, b[i]!)
  })
}

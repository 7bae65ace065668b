import { allocate } from '../dtype.js'
import { CotangentError, fail, showShape } from '../errors.js'
import type { Aval, Primitive } from '../graph/ir.js'
import { range, sizeOf } from '../shape.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import type { Shape } from '../types/index.js'
import { add, clamp, constantLike, greaterEqual, less, logicalAnd, sub } from './arithmetic.js'
import { definePrimitive, inSize, outSize, reals, zerosLike } from './define.js'
import { select } from './passing.js'
import { batchAll, broadcast, moveAxis } from './structural.js'

// gather:  operand [batch..., pre..., n, post...], indices [batch..., idx...] -> [batch..., pre..., idx..., post...]
// scatter: updates [batch..., pre..., idx..., post...], the same indices      -> [batch..., pre..., n, post...]
// Each is the transpose of the other, duplicated indices included. Indices are checked, never clamped.

interface GatherParams {
  readonly [key: string]: unknown
  /** Axis of the operand that the indices address. */
  readonly axis: number
  /** Number of leading axes that operand and indices share. */
  readonly batchDims: number
}
interface ScatterParams extends GatherParams {
  /** Length of the addressed axis. */
  readonly n: number
}

interface Layout {
  readonly batch: number
  readonly pre: number
  readonly post: number
  readonly indices: number
}
const layout = (
  operand: readonly number[],
  indices: readonly number[],
  { axis, batchDims }: GatherParams,
): Layout => ({
  batch: sizeOf(operand.slice(0, batchDims)),
  pre: sizeOf(operand.slice(batchDims, axis)),
  post: sizeOf(operand.slice(axis + 1)),
  indices: sizeOf(indices.slice(batchDims)),
})

/** The error for an index outside of an axis. */
export const indexError = (op: string, index: number, n: number, shape: Shape): CotangentError =>
  new CotangentError(
    'Index',
    `${op}: index ${index} is out of range for an axis of length ${n}. Use 0 to ${n - 1}, or -${n} to -1 from the end.`,
    { op, shapes: [shape] },
  )

/** The error for a slice that begins or ends outside of an axis. */
export const sliceError = (op: string, at: number, size: number, n: number): CotangentError =>
  new CotangentError('Index', `${op}: entries ${at} to ${at + size} are outside an axis of length ${n}.`, {
    op,
  })

const checkIndices = (op: string, indices: Tensor, n: number): Int32Array => {
  const idx = dataOf(indices) as Int32Array
  for (let i = 0; i < idx.length; i++)
    if (idx[i]! < 0 || idx[i]! >= n) throw indexError(op, idx[i]!, n, indices.shape)
  return idx
}

const needIndices = (op: string, indices: Aval): void => {
  if (indices.dtype !== 'int32')
    fail('DType', `${op}: indices must be int32, not ${indices.dtype}. Use cast(indices, 'int32').`, {
      op,
      shapes: [indices.shape],
    })
}

export const gatherP: Primitive<GatherParams> = definePrimitive<GatherParams>({
  name: 'gather',
  shape: ([x, idx], { axis, batchDims }) => {
    needIndices('gather', idx!)
    if (idx!.shape.slice(0, batchDims).some((d, i) => d !== x!.shape[i]))
      fail(
        'Shape',
        `gather: the first ${batchDims} axes of ${showShape(x!.shape)} and ${showShape(idx!.shape)} differ.`,
        { op: 'gather', shapes: [x!.shape, idx!.shape] },
      )
    return [
      {
        shape: [...x!.shape.slice(0, axis), ...idx!.shape.slice(batchDims), ...x!.shape.slice(axis + 1)],
        dtype: x!.dtype,
      },
    ]
  },
  kernel: ([x, indices], params, [out]) => {
    const n = x!.shape[params.axis]!
    const idx = checkIndices('take', indices!, n)
    const a = dataOf(x!)
    const l = layout(x!.shape, indices!.shape, params)
    const y = allocate(out!.dtype, sizeOf(out!.shape))
    let o = 0
    for (let b = 0; b < l.batch; b++)
      for (let p = 0; p < l.pre; p++)
        for (let i = 0; i < l.indices; i++) {
          const from = ((b * l.pre + p) * n + idx[b * l.indices + i]!) * l.post
          for (let q = 0; q < l.post; q++) y[o++] = a[from + q]!
        }
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: ([, idx], [t], _, params) => [t ? gather(t, idx!, params) : null],
  transpose: ([ct], [, idx], params, [x]) => [
    ct ? scatter(ct, idx!, { ...params, n: x!.shape[params.axis]! }) : null,
    null,
  ],
  batch: ([x, idx], [bx, bi], { axis, batchDims }, size) => {
    if (bx && !bi && batchDims === 0) return [gather(x!, idx!, { axis: axis + 1, batchDims })]
    if (!bx && bi && batchDims === 0) {
      // Output [pre..., batch, idx..., post...]: bring the batch to the front.
      return [moveAxis(gather(x!, idx!, { axis, batchDims }), axis, 0)]
    }
    return [
      gather(batchAll(x!, bx!, size), batchAll(idx!, bi!, size), {
        axis: axis + 1,
        batchDims: batchDims + 1,
      }),
    ]
  },
  domain: [reals],
  kinks: 'none',
  derivation: 'linear in the operand: the transpose adds each cotangent to the entry it was read from',
  flops: outSize,
})
export const gather = (x: Tensor, indices: Tensor, params: GatherParams): Tensor =>
  bind1(gatherP, [x, indices], { axis: params.axis, batchDims: params.batchDims })

export const scatterP: Primitive<ScatterParams> = definePrimitive<ScatterParams>({
  name: 'scatterAdd',
  shape: ([u, idx], { axis, batchDims, n }) => {
    needIndices('scatterAdd', idx!)
    const k = idx!.shape.length - batchDims
    const same = idx!.shape.every((d, i) => d === u!.shape[i < batchDims ? i : axis + i - batchDims])
    if (!same)
      fail(
        'Shape',
        `scatterAdd: updates ${showShape(u!.shape)} do not match indices ${showShape(idx!.shape)} at axis ${axis}.`,
        { op: 'scatterAdd', shapes: [u!.shape, idx!.shape] },
      )
    return [{ shape: [...u!.shape.slice(0, axis), n, ...u!.shape.slice(axis + k)], dtype: u!.dtype }]
  },
  kernel: ([u, indices], params, [out]) => {
    const { n } = params
    const idx = checkIndices('scatterAdd', indices!, n)
    const a = dataOf(u!)
    const l = layout(out!.shape, indices!.shape, params)
    // Accumulate in float64: many updates may meet in one entry.
    const wide = new Float64Array(sizeOf(out!.shape))
    let i0 = 0
    for (let b = 0; b < l.batch; b++)
      for (let p = 0; p < l.pre; p++)
        for (let i = 0; i < l.indices; i++) {
          const to = ((b * l.pre + p) * n + idx[b * l.indices + i]!) * l.post
          for (let q = 0; q < l.post; q++) wide[to + q]! += a[i0++]!
        }
    const y = allocate(out!.dtype, wide.length)
    y.set(wide)
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: ([, idx], [t], _, params) => [t ? scatter(t, idx!, params) : null],
  transpose: ([ct], [, idx], { axis, batchDims }) => [
    ct ? gather(ct, idx!, { axis, batchDims }) : null,
    null,
  ],
  batch: ([u, idx], [bu, bi], { axis, batchDims, n }, size) => {
    if (bu && !bi && batchDims === 0) return [scatter(u!, idx!, { axis: axis + 1, batchDims, n })]
    return [
      scatter(batchAll(u!, bu!, size), batchAll(idx!, bi!, size), {
        axis: axis + 1,
        batchDims: batchDims + 1,
        n,
      }),
    ]
  },
  domain: [reals],
  kinks: 'none',
  derivation: 'linear in the updates: the transpose reads the cotangent where each update went',
  flops: inSize,
})
export const scatter = (updates: Tensor, indices: Tensor, params: ScatterParams): Tensor =>
  bind1(scatterP, [updates, indices], { axis: params.axis, batchDims: params.batchDims, n: params.n })

/** x[..., indices] with one index list for each row. */
export const takeAlongLast = (x: Tensor, indices: Tensor): Tensor =>
  gather(x, indices, { axis: x.rank - 1, batchDims: x.rank - 1 })

const checkStart = (op: string, start: Tensor, n: number, size: number): number => {
  const at = dataOf(start)[0]!
  if (at < 0 || at + size > n) throw sliceError(op, at, size, n)
  return at
}

/** 0, 1, 2, ... along one axis of a shape. */
export const iota = (shape: readonly number[], axis: number): Tensor =>
  broadcast(fromData(Int32Array.from(range(shape[axis]!)), [shape[axis]!], 'int32'), shape, [axis])

/** Replaces the part of `x` that starts at `start` along an axis; `start` is an int32 scalar. */
export const dynamicUpdateP: Primitive<{ readonly axis: number }> = definePrimitive<{
  readonly axis: number
}>({
  name: 'dynamicUpdate',
  shape: ([x, u, start], { axis }) => {
    needIndices('dynamicUpdate', start!)
    if (
      u!.shape.length !== x!.shape.length ||
      u!.dtype !== x!.dtype ||
      u!.shape.some((d, i) => (i === axis ? d > x!.shape[i]! : d !== x!.shape[i]))
    )
      fail(
        'Shape',
        `dynamicUpdate: ${showShape(u!.shape)} does not fit into ${showShape(x!.shape)} along axis ${axis}.`,
        { op: 'dynamicUpdate', shapes: [x!.shape, u!.shape] },
      )
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  kernel: ([x, u, start], { axis }) => {
    const y = dataOf(x!).slice()
    const from = dataOf(u!)
    const at = checkStart('dynamicUpdate', start!, x!.shape[axis]!, u!.shape[axis]!)
    const inner = sizeOf(x!.shape.slice(axis + 1))
    const [wide, narrow] = [x!.shape[axis]! * inner, u!.shape[axis]! * inner]
    const outer = sizeOf(x!.shape.slice(0, axis))
    for (let o = 0; o < outer; o++) y.set(from.subarray(o * narrow, (o + 1) * narrow), o * wide + at * inner)
    return [fromData(y, x!.shape, x!.dtype)]
  },
  jvp: ([x, u, start], [tx, tu], _, { axis }) => [
    tx || tu ? dynamicUpdate(tx ?? zerosLike(x!), tu ?? zerosLike(u!), start!, axis) : null,
  ],
  transpose: ([ct], [x, u, start], { axis }, avals) => [
    x === null && ct ? dynamicUpdate(ct, zerosLike(avals[1]!), start!, axis) : null,
    u === null && ct ? dynamicSlice(ct, start!, axis, avals[1]!.shape[axis]!) : null,
    null,
  ],
  batch: ([x, u, start], [bx, bu, bs], { axis }, size) => {
    const [X, U] = [batchAll(x!, bx!, size), batchAll(u!, bu!, size)]
    if (!bs) return [dynamicUpdate(X, U, start!, axis + 1)]
    // Each example has its own start: entry i comes from the update at i - start where that exists.
    const [n, k] = [X.shape[axis + 1]!, U.shape[axis + 1]!]
    const offset = sub(iota([size, n], 1), broadcast(start!, [size, n], [0]))
    const inside = logicalAnd(
      greaterEqual(offset, constantLike(0, offset)),
      less(offset, constantLike(k, offset)),
    )
    const index = clamp(offset, constantLike(0, offset), constantLike(k - 1, offset))
    const taken = moveAxis(gather(moveAxis(U, axis + 1, 1), index, { axis: 1, batchDims: 1 }), 1, axis + 1)
    return [select(broadcast(inside, X.shape, [0, axis + 1]), taken, X)]
  },
  domain: [reals],
  kinks: 'none',
  derivation:
    'linear in both tensors: the cotangent of the overwritten part goes to the update, zero to the old values',
  flops: outSize,
})
export const dynamicUpdate = (x: Tensor, update: Tensor, start: Tensor, axis: number): Tensor =>
  bind1(dynamicUpdateP, [x, update, start], { axis })

/** The `size` entries from `start` along an axis; `start` is an int32 scalar. */
export const dynamicSliceP: Primitive<{ readonly axis: number; readonly size: number }> = definePrimitive<{
  readonly axis: number
  readonly size: number
}>({
  name: 'dynamicSlice',
  shape: ([x, start], { axis, size }) => {
    needIndices('dynamicSlice', start!)
    return [{ shape: x!.shape.map((d, i) => (i === axis ? size : d)), dtype: x!.dtype }]
  },
  kernel: ([x, start], { axis, size }, [out]) => {
    const at = checkStart('dynamicSlice', start!, x!.shape[axis]!, size)
    const a = dataOf(x!)
    const y = allocate(out!.dtype, sizeOf(out!.shape))
    const inner = sizeOf(x!.shape.slice(axis + 1))
    const [wide, narrow] = [x!.shape[axis]! * inner, size * inner]
    const outer = sizeOf(x!.shape.slice(0, axis))
    for (let o = 0; o < outer; o++)
      y.set(a.subarray(o * wide + at * inner, o * wide + at * inner + narrow), o * narrow)
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: ([, start], [t], _, { axis, size }) => [t ? dynamicSlice(t, start!, axis, size) : null],
  transpose: ([ct], [, start], { axis }, [x]) => [
    ct ? dynamicUpdate(zerosLike(x!), ct, start!, axis) : null,
    null,
  ],
  batch: ([x, start], [bx, bs], { axis, size: n }, size) => {
    if (!bs) return [dynamicSlice(x!, start!, axis + 1, n)]
    const X = batchAll(x!, bx!, size)
    const index = add(broadcast(start!, [size, n], [0]), iota([size, n], 1))
    const moved = moveAxis(X, axis + 1, 1)
    return [moveAxis(gather(moved, index, { axis: 1, batchDims: 1 }), 1, axis + 1)]
  },
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: the transpose puts the cotangent back into zeros',
  flops: outSize,
})
export const dynamicSlice = (x: Tensor, start: Tensor, axis: number, size: number): Tensor =>
  bind1(dynamicSliceP, [x, start], { axis, size })

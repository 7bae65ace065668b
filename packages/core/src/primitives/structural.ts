import { allocate } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Primitive } from '../graph/ir.js'
import { range, sameShape, sizeOf, stridesOf } from '../shape.js'
import { dataOf, filled, fromData, installRowReader, type Tensor, uniformOf } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import type { Shape } from '../types/index.js'
import { definePrimitive, free, inSize, linearJvp, reals, zerosLike } from './define.js'

/** Copies elements: output index -> input offset, walking the output row-major with one stride per axis. */
const gatherStrided = (x: Tensor, shape: Shape, strides: readonly number[], offset = 0): Tensor => {
  const a = dataOf(x)
  const out = allocate(x.dtype, sizeOf(shape))
  const rank = shape.length
  if (out.length === 0) return fromData(out, shape, x.dtype)
  if (rank === 0) {
    out[0] = a[offset]!
    return fromData(out, shape, x.dtype)
  }
  const inner = shape[rank - 1]!
  const step = strides[rank - 1]!
  const index = new Array<number>(rank).fill(0)
  let at = offset
  for (let o = 0; o < out.length; o += inner) {
    for (let i = 0, p = at; i < inner; i++, p += step) out[o + i] = a[p]!
    for (let d = rank - 2; d >= 0; d--) {
      at += strides[d]!
      if (++index[d]! < shape[d]!) break
      at -= strides[d]! * shape[d]!
      index[d] = 0
    }
  }
  return fromData(out, shape, x.dtype)
}

export const reshapeP: Primitive<{ readonly shape: Shape }> = definePrimitive<{ readonly shape: Shape }>({
  name: 'reshape',
  shape: ([x], { shape }) =>
    sizeOf(x!.shape) === sizeOf(shape)
      ? [{ shape, dtype: x!.dtype }]
      : fail(
          'Shape',
          `reshape: ${showShape(x!.shape)} has ${sizeOf(x!.shape)} elements, ${showShape(shape)} would have ${sizeOf(shape)}.`,
          { op: 'reshape', shapes: [x!.shape, shape] },
        ),
  kernel: ([x], { shape }) => {
    const value = uniformOf(x!)
    return [value === undefined ? fromData(dataOf(x!), shape, x!.dtype) : filled(value, shape, x!.dtype)]
  },
  jvp: linearJvp(() => reshapeP),
  transpose: ([ct], _, __, [x]) => [ct ? reshape(ct, x!.shape) : null],
  batch: ([x], _, { shape }, size) => [reshape(x!, [size, ...shape])],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: the elements keep their row-major order',
  flops: free,
})
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : bind1(reshapeP, [x], { shape })

export const permuteP: Primitive<{ readonly perm: readonly number[] }> = definePrimitive<{
  readonly perm: readonly number[]
}>({
  name: 'permute',
  shape: ([x], { perm }) => [{ shape: perm.map((p) => x!.shape[p]!), dtype: x!.dtype }],
  kernel: ([x], { perm }, [out]) => {
    const strides = stridesOf(x!.shape)
    return [
      gatherStrided(
        x!,
        out!.shape,
        perm.map((p) => strides[p]!),
      ),
    ]
  },
  jvp: linearJvp(() => permuteP),
  transpose: ([ct], _, { perm }) => [ct ? permute(ct, inversePermutation(perm)) : null],
  batch: ([x], _, { perm }) => [permute(x!, [0, ...perm.map((p) => p + 1)])],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: y[i∘perm] = x[i]; the transpose is the inverse permutation',
  flops: free,
})
export const inversePermutation = (perm: readonly number[]): number[] => {
  const inverse = new Array<number>(perm.length)
  perm.forEach((p, i) => {
    inverse[p] = i
  })
  return inverse
}
export const permute = (x: Tensor, perm: readonly number[]): Tensor =>
  perm.every((p, i) => p === i) ? x : bind1(permuteP, [x], { perm })

/** Input axis i becomes output axis dims[i]; the other output axes are new. Ascending `dims`, equal sizes. */
export const broadcastP: Primitive<{ readonly shape: Shape; readonly dims: readonly number[] }> =
  definePrimitive<{ readonly shape: Shape; readonly dims: readonly number[] }>({
    name: 'broadcast',
    shape: ([x], { shape, dims }) =>
      x!.shape.every((d, i) => shape[dims[i]!] === d)
        ? [{ shape, dtype: x!.dtype }]
        : fail(
            'Shape',
            `broadcast: ${showShape(x!.shape)} does not fit ${showShape(shape)} along axes ${showShape(dims)}.`,
            { op: 'broadcast', shapes: [x!.shape, shape] },
          ),
    kernel: ([x], { shape, dims }) => {
      const value = uniformOf(x!)
      if (value !== undefined) return [filled(value, shape, x!.dtype)]
      const from = stridesOf(x!.shape)
      const strides = new Array<number>(shape.length).fill(0)
      dims.forEach((d, i) => {
        strides[d] = from[i]!
      })
      return [gatherStrided(x!, shape, strides)]
    },
    jvp: linearJvp(() => broadcastP),
    transpose: ([ct], _, { shape, dims }) => [
      ct
        ? sum(
            ct,
            range(shape.length).filter((d) => !dims.includes(d)),
          )
        : null,
    ],
    batch: ([x], _, { shape, dims }, size) => [
      broadcast(x!, [size, ...shape], [0, ...dims.map((d) => d + 1)]),
    ],
    domain: [reals],
    kinks: 'none',
    derivation: 'linear: copies; the transpose sums the copies',
    flops: free,
  })
export const broadcast = (x: Tensor, shape: Shape, dims: readonly number[]): Tensor =>
  dims.length === shape.length ? x : bind1(broadcastP, [x], { shape, dims })

/** A scalar in every place of a shape. */
export const spread = (x: Tensor, shape: Shape): Tensor => broadcast(x, shape, [])

const withoutAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.filter((_, i) => !axes.includes(i))

/** View of the input as [outer..., reduced...]: kernels reduce the trailing part. */
export const reduceLast = (x: Tensor, axes: readonly number[]): { rows: Tensor; n: number } => {
  const keep = range(x.rank).filter((i) => !axes.includes(i))
  const strides = stridesOf(x.shape)
  const perm = [...keep, ...axes]
  const shape = perm.map((p) => x.shape[p]!)
  const rows = perm.every((p, i) => p === i)
    ? x
    : gatherStrided(
        x,
        shape,
        perm.map((p) => strides[p]!),
      )
  return { rows, n: axes.reduce((n, a) => n * x.shape[a]!, 1) }
}

// Pairwise summation: error grows with log n, not n (Higham, Accuracy and Stability, 4.2).
const pairwise = (a: ArrayLike<number>, from: number, n: number): number => {
  if (n <= 64) {
    let s = n > 0 ? a[from]! : 0
    for (let i = 1; i < n; i++) s += a[from + i]!
    return s
  }
  const half = n >> 1
  return pairwise(a, from, half) + pairwise(a, from + half, n - half)
}

export const sumP: Primitive<{ readonly axes: readonly number[] }> = definePrimitive<{
  readonly axes: readonly number[]
}>({
  name: 'sum',
  shape: ([x], { axes }) => [{ shape: withoutAxes(x!.shape, axes), dtype: x!.dtype }],
  kernel: ([x], { axes }, [out]) => {
    const { rows, n } = reduceLast(x!, axes)
    const a = dataOf(rows)
    const y = allocate(out!.dtype, sizeOf(out!.shape))
    for (let i = 0; i < y.length; i++) y[i] = pairwise(a, i * n, n)
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: linearJvp(() => sumP),
  transpose: ([ct], _, { axes }, [x]) => [
    ct
      ? broadcast(
          ct,
          x!.shape,
          range(x!.shape.length).filter((i) => !axes.includes(i)),
        )
      : null,
  ],
  batch: ([x], _, { axes }) => [
    sum(
      x!,
      axes.map((a) => a + 1),
    ),
  ],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: the transpose of a sum is a broadcast',
  flops: inSize,
})
export const sum = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : bind1(sumP, [x], { axes })

interface SliceParams {
  readonly [key: string]: unknown
  readonly begin: readonly number[]
  readonly end: readonly number[]
  readonly strides: readonly number[]
}

/** Positive strides, bounds inside the tensor. */
export const sliceP: Primitive<SliceParams> = definePrimitive<SliceParams>({
  name: 'slice',
  shape: ([x], { begin, end, strides }) => [
    { shape: begin.map((b, i) => Math.max(0, Math.ceil((end[i]! - b) / strides[i]!))), dtype: x!.dtype },
  ],
  kernel: ([x], { begin, strides }, [out]) => {
    const from = stridesOf(x!.shape)
    const offset = begin.reduce((s, b, i) => s + b * from[i]!, 0)
    return [
      gatherStrided(
        x!,
        out!.shape,
        strides.map((s, i) => s * from[i]!),
        offset,
      ),
    ]
  },
  jvp: linearJvp(() => sliceP),
  transpose: ([ct], _, { begin, strides }, [x]) => {
    if (!ct) return [null]
    const hi = x!.shape.map(
      (n, i) => n - begin[i]! - (ct.shape[i]! > 0 ? (ct.shape[i]! - 1) * strides[i]! + 1 : 0),
    )
    return [
      pad(
        ct,
        begin,
        hi,
        strides.map((s) => s - 1),
      ),
    ]
  },
  batch: ([x], _, { begin, end, strides }, size) => [
    slice(x!, [0, ...begin], [size, ...end], [1, ...strides]),
  ],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: the transpose pads with zeros, between the strides too',
  flops: free,
})
export const slice = (
  x: Tensor,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[] = begin.map(() => 1),
): Tensor =>
  begin.every((b, i) => b === 0 && end[i] === x.shape[i] && strides[i] === 1)
    ? x
    : bind1(sliceP, [x], { begin, end, strides })

/** Entries `from` to `to` of one axis. */
export const sliceAxis = (x: Tensor, axis: number, from: number, to: number, stride = 1): Tensor =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((d, i) => (i === axis ? to : d)),
    x.shape.map((_, i) => (i === axis ? stride : 1)),
  )

installRowReader((x, i) => reshape(sliceAxis(x, 0, i, i + 1), x.shape.slice(1)))

interface PadParams {
  readonly [key: string]: unknown
  readonly lo: readonly number[]
  readonly hi: readonly number[]
  readonly interior: readonly number[]
  readonly value: number
}

/** Adds `value` before, after and between the entries; negative `lo` and `hi` cut. */
export const padP: Primitive<PadParams> = definePrimitive<PadParams>({
  name: 'pad',
  shape: ([x], { lo, hi, interior }) => [
    {
      shape: x!.shape.map((n, i) => Math.max(0, lo[i]! + hi[i]! + n + Math.max(0, n - 1) * interior[i]!)),
      dtype: x!.dtype,
    },
  ],
  kernel: ([x], { lo, interior, value }, [out]) => {
    const a = dataOf(x!)
    const y = allocate(out!.dtype, sizeOf(out!.shape))
    if (!Object.is(value, 0)) y.fill(value)
    const to = stridesOf(out!.shape)
    const from = stridesOf(x!.shape)
    const walk = (axis: number, i: number, o: number): void => {
      if (axis === x!.rank) {
        y[o] = a[i]!
        return
      }
      const step = interior[axis]! + 1
      for (let k = 0; k < x!.shape[axis]!; k++) {
        const at = lo[axis]! + k * step
        if (at >= 0 && at < out!.shape[axis]!) walk(axis + 1, i + k * from[axis]!, o + at * to[axis]!)
      }
    }
    if (y.length > 0) walk(0, 0, 0)
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: (_, [t], __, { lo, hi, interior }) => [t ? pad(t, lo, hi, interior) : null],
  transpose: ([ct], _, { lo, hi, interior }, [x]) => {
    if (!ct) return [null]
    if (sizeOf(x!.shape) === 0 || ct.size === 0) return [zerosLike(x!)]
    const whole = pad(
      ct,
      lo.map((l) => -l),
      hi.map((h) => -h),
    )
    return [
      slice(
        whole,
        lo.map(() => 0),
        [...whole.shape],
        interior.map((k) => k + 1),
      ),
    ]
  },
  batch: ([x], _, { lo, hi, interior, value }) => [pad(x!, [0, ...lo], [0, ...hi], [0, ...interior], value)],
  domain: [reals],
  kinks: 'none',
  derivation: 'affine: the tangent is padded with zeros, the transpose takes the entries back',
  flops: free,
})
export const pad = (
  x: Tensor,
  lo: readonly number[],
  hi: readonly number[],
  interior: readonly number[] = lo.map(() => 0),
  value = 0,
): Tensor =>
  [...lo, ...hi, ...interior].every((k) => k === 0) ? x : bind1(padP, [x], { lo, hi, interior, value })

export const reverseP: Primitive<{ readonly axes: readonly number[] }> = definePrimitive<{
  readonly axes: readonly number[]
}>({
  name: 'reverse',
  shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  kernel: ([x], { axes }) => {
    const strides = stridesOf(x!.shape)
    const offset = axes.reduce((s, a) => s + (x!.shape[a]! - 1) * strides[a]!, 0)
    return [
      gatherStrided(
        x!,
        x!.shape,
        strides.map((s, i) => (axes.includes(i) ? -s : s)),
        offset,
      ),
    ]
  },
  jvp: linearJvp(() => reverseP),
  transpose: ([ct], _, { axes }) => [ct ? reverse(ct, axes) : null],
  batch: ([x], _, { axes }) => [
    reverse(
      x!,
      axes.map((a) => a + 1),
    ),
  ],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: its own transpose',
  flops: free,
})
export const reverse = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : bind1(reverseP, [x], { axes })

export const concatP: Primitive<{ readonly axis: number }> = definePrimitive<{ readonly axis: number }>({
  name: 'concat',
  shape: (inputs, { axis }) => {
    const [first] = inputs
    for (const x of inputs)
      if (
        x.dtype !== first!.dtype ||
        x.shape.length !== first!.shape.length ||
        x.shape.some((d, i) => i !== axis && d !== first!.shape[i])
      )
        fail(
          'Shape',
          `concat: ${inputs.map((i) => showShape(i.shape)).join(', ')} differ outside axis ${axis}.`,
          { op: 'concat', shapes: inputs.map((i) => i.shape) },
        )
    const total = inputs.reduce((n, x) => n + x.shape[axis]!, 0)
    return [{ shape: first!.shape.map((d, i) => (i === axis ? total : d)), dtype: first!.dtype }]
  },
  kernel: (inputs, { axis }, [out]) => {
    const y = allocate(out!.dtype, sizeOf(out!.shape))
    const inner = sizeOf(out!.shape.slice(axis))
    const outer = inner === 0 ? 0 : y.length / inner
    let at = 0
    for (const x of inputs) {
      const a = dataOf(x)
      const block = sizeOf(x.shape.slice(axis))
      for (let o = 0; o < outer; o++) y.set(a.subarray(o * block, (o + 1) * block), o * inner + at)
      at += block
    }
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: linearJvp(() => concatP),
  transpose: ([ct], _, { axis }, avals) => {
    let at = 0
    return avals.map((x) => {
      const from = at
      at += x.shape[axis]!
      return ct ? sliceAxis(ct, axis, from, at) : null
    })
  },
  batch: (inputs, batched, { axis }, size) => [
    concat(
      inputs.map((x, i) => batchAll(x, batched[i]!, size)),
      axis + 1,
    ),
  ],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: the transpose cuts the cotangent into the parts',
  flops: free,
})
export const concat = (xs: readonly Tensor[], axis: number): Tensor =>
  xs.length === 1 ? xs[0]! : bind1(concatP, xs, { axis })

/** Gives an operand the leading batch axis if it does not have it. */
export const batchAll = (x: Tensor, batched: boolean, size: number): Tensor =>
  batched
    ? x
    : broadcast(
        x,
        [size, ...x.shape],
        range(x.rank).map((i) => i + 1),
      )

/** Reshapes away axes of length 1. */
export const dropAxes = (x: Tensor, axes: readonly number[]): Tensor => reshape(x, withoutAxes(x.shape, axes))

/** Moves one axis. */
export const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  if (from === to) return x
  const rest = range(x.rank).filter((i) => i !== from)
  rest.splice(to, 0, from)
  return permute(x, rest)
}

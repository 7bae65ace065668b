import { allocate, type TypedArray } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Primitive } from '../graph/ir.js'
import { range, sizeOf } from '../shape.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import { addMaybe } from './arithmetic.js'
import { definePrimitive, reals } from './define.js'
import { inversePermutation, permute, reshape, reverse } from './structural.js'

/** Contracted and shared axes of the two operands, pairwise. */
export interface DotParams {
  readonly [key: string]: unknown
  readonly contract: readonly [readonly number[], readonly number[]]
  readonly batch: readonly [readonly number[], readonly number[]]
}

const freeAxes = (rank: number, ...used: readonly (readonly number[])[]): number[] =>
  range(rank).filter((i) => !used.some((axes) => axes.includes(i)))
const pick = (shape: readonly number[], axes: readonly number[]): number[] => axes.map((a) => shape[a]!)

/** a[b, m, k] · c[b, k, n], row-major: accumulated in double, whole numbers modulo 2^32. */
const multiply = (
  a: ArrayLike<number>,
  c: ArrayLike<number>,
  y: TypedArray,
  b: number,
  m: number,
  k: number,
  n: number,
): void => {
  const whole = y instanceof Int32Array
  const row = whole ? new Int32Array(n) : new Float64Array(n)
  for (let s = 0; s < b; s++)
    for (let i = 0; i < m; i++) {
      row.fill(0)
      const from = (s * m + i) * k
      for (let p = 0; p < k; p++) {
        const x = a[from + p]!
        const at = (s * k + p) * n
        if (whole) for (let j = 0; j < n; j++) row[j]! += Math.imul(x, c[at + j]!)
        else for (let j = 0; j < n; j++) row[j]! += x * c[at + j]!
      }
      const to = (s * m + i) * n
      for (let j = 0; j < n; j++) y[to + j] = row[j]!
    }
}

/** Output axes: shared, free of the left, free of the right. */
export const dotP: Primitive<DotParams> = definePrimitive<DotParams>({
  name: 'dot',
  shape: ([a, b], { contract, batch }) => {
    const [ca, cb] = [pick(a!.shape, contract[0]), pick(b!.shape, contract[1])]
    const [ba, bb] = [pick(a!.shape, batch[0]), pick(b!.shape, batch[1])]
    if (
      a!.dtype !== b!.dtype ||
      ca.some((d, i) => d !== cb[i]) ||
      ba.some((d, i) => d !== bb[i]) ||
      ca.length !== cb.length
    )
      fail(
        'Shape',
        `dot: ${a!.dtype}${showShape(a!.shape)} and ${b!.dtype}${showShape(b!.shape)} do not fit: contracted axes have lengths ${showShape(ca)} and ${showShape(cb)}.`,
        { op: 'dot', shapes: [a!.shape, b!.shape] },
      )
    return [
      {
        shape: [
          ...ba,
          ...pick(a!.shape, freeAxes(a!.shape.length, contract[0], batch[0])),
          ...pick(b!.shape, freeAxes(b!.shape.length, contract[1], batch[1])),
        ],
        dtype: a!.dtype,
      },
    ]
  },
  kernel: ([a, b], { contract, batch }, [out]) => {
    const fa = freeAxes(a!.rank, contract[0], batch[0])
    const fb = freeAxes(b!.rank, contract[1], batch[1])
    const A = dataOf(permute(a!, [...batch[0], ...fa, ...contract[0]]))
    const B = dataOf(permute(b!, [...batch[1], ...contract[1], ...fb]))
    const y = allocate(out!.dtype, sizeOf(out!.shape))
    const [s, m, k, n] = [
      pick(a!.shape, batch[0]),
      pick(a!.shape, fa),
      pick(a!.shape, contract[0]),
      pick(b!.shape, fb),
    ].map(sizeOf)
    multiply(A, B, y, s!, m!, k!, n!)
    return [fromData(y, out!.shape, out!.dtype)]
  },
  jvp: ([a, b], [ta, tb], _, params) => [
    addMaybe(ta ? dot(ta, b!, params) : null, tb ? dot(a!, tb, params) : null),
  ],
  transpose: ([ct], [a, b], { contract, batch }, [x, y]) => {
    if (!ct) return [null, null]
    const nb = batch[0].length
    const fa = freeAxes(x!.shape.length, contract[0], batch[0])
    const fb = freeAxes(y!.shape.length, contract[1], batch[1])
    const shared = range(nb)
    if (a === null) {
      // ct [batch, fa, fb] · b over fb -> [batch, fa, contracted of b in their order in b]
      const g = dot(ct, b!, {
        contract: [range(fb.length).map((i) => nb + fa.length + i), fb],
        batch: [shared, batch[1]],
      })
      const order = [...contract[1]]
        .sort((p, q) => p - q)
        .map((axis) => contract[0][contract[1].indexOf(axis)]!)
      return [permute(g, inversePermutation([...batch[0], ...fa, ...order])), null]
    }
    const g = dot(ct, a!, { contract: [range(fa.length).map((i) => nb + i), fa], batch: [shared, batch[0]] })
    // g [batch, fb, contracted of a in their order in a]
    const order = [...contract[0]]
      .sort((p, q) => p - q)
      .map((axis) => contract[1][contract[0].indexOf(axis)]!)
    return [null, permute(g, inversePermutation([...batch[1], ...fb, ...order]))]
  },
  batch: ([a, b], [ba, bb], { contract, batch }) => {
    const up = (axes: readonly number[], yes: boolean) => axes.map((x) => (yes ? x + 1 : x))
    const c = [up(contract[0], ba!), up(contract[1], bb!)] as const
    const s = [up(batch[0], ba!), up(batch[1], bb!)] as const
    if (ba && bb)
      return [
        dot(a!, b!, {
          contract: c,
          batch: [
            [0, ...s[0]],
            [0, ...s[1]],
          ],
        }),
      ]
    const y = dot(a!, b!, { contract: c, batch: s })
    // The batch is now a free axis: of the left, right after the shared ones; of the right, after the left's free ones.
    const at = batch[0].length + (ba ? 0 : a!.rank - contract[0].length - batch[0].length)
    return [permute(y, [at, ...range(y.rank).filter((i) => i !== at)])]
  },
  domain: [reals],
  kinks: 'none',
  derivation: 'bilinear: each adjoint contracts the cotangent with the other operand',
  flops: ([a], [out], { contract }) => 2 * sizeOf(out!.shape) * sizeOf(pick(a!.shape, contract[0])),
})
export const dot = (a: Tensor, b: Tensor, params: DotParams): Tensor =>
  bind1(dotP, [a, b], { contract: params.contract, batch: params.batch })

export interface ConvParams {
  readonly [key: string]: unknown
  readonly strides: readonly number[]
  readonly lo: readonly number[]
  readonly hi: readonly number[]
  /** Zeros between the entries of the input, plus one. */
  readonly inputDilation: readonly number[]
  /** Zeros between the entries of the window, plus one. */
  readonly windowDilation: readonly number[]
}

const dilated = (n: number, dilation: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1)

/**
 * x [group, batch, ...spatial, in] with w [group, ...window, in, out] gives [group, batch, ...spatial', out].
 * With the group as an axis of its own, both adjoints and the batch rule are convolutions of the same form.
 */
export const convP: Primitive<ConvParams> = definePrimitive<ConvParams>({
  name: 'conv',
  shape: ([x, w], { strides, lo, hi, inputDilation, windowDilation }) => {
    const spatial = x!.shape.slice(2, -1)
    const window = w!.shape.slice(1, -2)
    if (
      spatial.length !== window.length ||
      x!.shape[0] !== w!.shape[0] ||
      x!.shape.at(-1) !== w!.shape.at(-2) ||
      x!.dtype !== w!.dtype
    )
      fail('Shape', `conv: input ${showShape(x!.shape)} and window ${showShape(w!.shape)} do not fit.`, {
        op: 'conv',
        shapes: [x!.shape, w!.shape],
      })
    const out = spatial.map((n, i) =>
      Math.max(
        0,
        Math.floor(
          (dilated(n, inputDilation[i]!) + lo[i]! + hi[i]! - dilated(window[i]!, windowDilation[i]!)) /
            strides[i]!,
        ) + 1,
      ),
    )
    return [{ shape: [x!.shape[0]!, x!.shape[1]!, ...out, w!.shape.at(-1)!], dtype: x!.dtype }]
  },
  kernel: ([x, w], { strides, lo, inputDilation, windowDilation }, [out]) => {
    const [a, b] = [dataOf(x!), dataOf(w!)]
    // Accumulated in double, whole numbers modulo 2^32.
    const whole = out!.dtype === 'int32'
    const y = new (whole ? Int32Array : Float64Array)(sizeOf(out!.shape))
    const [groups, batch] = out!.shape
    const spatial = x!.shape.slice(2, -1)
    const window = w!.shape.slice(1, -2)
    const result = out!.shape.slice(2, -1)
    const [cin, cout] = [x!.shape.at(-1)!, out!.shape.at(-1)!]
    const [nx, nw, ny] = [sizeOf(spatial), sizeOf(window), sizeOf(result)]
    // For every window position and output position: which input position it reads, or none.
    const reads = new Int32Array(ny * nw).fill(-1)
    const visit = (axis: number, o: number, k: number, i: number): void => {
      if (axis === spatial.length) {
        reads[o * nw + k] = i
        return
      }
      for (let p = 0; p < result[axis]!; p++)
        for (let q = 0; q < window[axis]!; q++) {
          const at = p * strides[axis]! + q * windowDilation[axis]! - lo[axis]!
          if (at < 0 || at % inputDilation[axis]! !== 0 || at / inputDilation[axis]! >= spatial[axis]!)
            continue
          visit(
            axis + 1,
            o * result[axis]! + p,
            k * window[axis]! + q,
            i * spatial[axis]! + at / inputDilation[axis]!,
          )
        }
    }
    if (ny > 0 && nw > 0) visit(0, 0, 0, 0)
    for (let g = 0; g < groups!; g++)
      for (let n = 0; n < batch!; n++)
        for (let o = 0; o < ny; o++) {
          const to = ((g * batch! + n) * ny + o) * cout
          for (let k = 0; k < nw; k++) {
            const i = reads[o * nw + k]!
            if (i < 0) continue
            const from = ((g * batch! + n) * nx + i) * cin
            for (let c = 0; c < cin; c++) {
              const v = a[from + c]!
              const at = ((g * nw + k) * cin + c) * cout
              if (whole) for (let j = 0; j < cout; j++) y[to + j]! += Math.imul(v, b[at + j]!)
              else for (let j = 0; j < cout; j++) y[to + j]! += v * b[at + j]!
            }
          }
        }
    const data = allocate(out!.dtype, y.length)
    data.set(y)
    return [fromData(data, out!.shape, out!.dtype)]
  },
  jvp: ([x, w], [tx, tw], _, params) => [
    addMaybe(tx ? conv(tx, w!, params) : null, tw ? conv(x!, tw, params) : null),
  ],
  transpose: ([ct], [x, w], { strides, lo, inputDilation, windowDilation }, [ax, aw]) => {
    if (!ct) return [null, null]
    const d = ax!.shape.length - 3
    const spatial = ax!.shape.slice(2, -1)
    const window = aw!.shape.slice(1, -2)
    const result = ct.shape.slice(2, -1)
    if (x === null) {
      // Correlate the dilated cotangent with the reversed window; padding is what the window still needs.
      const low = window.map((k, i) => dilated(k, windowDilation[i]!) - 1 - lo[i]!)
      const high = spatial.map(
        (n, i) =>
          dilated(n, inputDilation[i]!) +
          dilated(window[i]!, windowDilation[i]!) -
          1 -
          dilated(result[i]!, strides[i]!) -
          low[i]!,
      )
      const flipped = reverse(
        w!,
        range(d).map((i) => i + 1),
      )
      const swapped = permute(flipped, [0, ...range(d).map((i) => i + 1), d + 2, d + 1])
      return [
        conv(ct, swapped, {
          strides: inputDilation,
          lo: low,
          hi: high,
          inputDilation: strides,
          windowDilation,
        }),
        null,
      ]
    }
    // The input channel plays the batch, the batch plays the channel, the cotangent is the window.
    const images = permute(x!, [0, d + 2, ...range(d).map((i) => i + 2), 1])
    const cts = permute(ct, [0, ...range(d).map((i) => i + 2), 1, d + 2])
    const high = window.map(
      (k, i) =>
        dilated(k, windowDilation[i]!) +
        dilated(result[i]!, strides[i]!) -
        1 -
        dilated(spatial[i]!, inputDilation[i]!) -
        lo[i]!,
    )
    const g = conv(images, cts, {
      strides: windowDilation,
      lo,
      hi: high,
      inputDilation,
      windowDilation: strides,
    })
    return [null, permute(g, [0, ...range(d).map((i) => i + 2), 1, d + 2])]
  },
  batch: ([x, w], [bx, bw], params, size) => {
    if (bx && bw) {
      // One group per example and group.
      const X = reshape(x!, [size * x!.shape[1]!, ...x!.shape.slice(2)])
      const W = reshape(w!, [size * w!.shape[1]!, ...w!.shape.slice(2)])
      const y = conv(X, W, params)
      return [reshape(y, [size, x!.shape[1]!, ...y.shape.slice(1)])]
    }
    if (bx) {
      // [b, g, n, ...] -> [g, b·n, ...]
      const front = permute(x!, [1, 0, ...range(x!.rank - 2).map((i) => i + 2)])
      const y = conv(
        reshape(front, [front.shape[0]!, size * front.shape[2]!, ...front.shape.slice(3)]),
        w!,
        params,
      )
      const split = reshape(y, [y.shape[0]!, size, front.shape[2]!, ...y.shape.slice(2)])
      return [permute(split, [1, 0, ...range(split.rank - 2).map((i) => i + 2)])]
    }
    // [b, g, ...window, in, out] -> out becomes b·out
    const back = permute(w!, [...range(w!.rank - 1).slice(1), 0, w!.rank - 1])
    const out = back.shape.at(-1)!
    const y = conv(x!, reshape(back, [...back.shape.slice(0, -2), size * out]), params)
    const split = reshape(y, [...y.shape.slice(0, -1), size, out])
    return [permute(split, [split.rank - 2, ...range(split.rank - 2), split.rank - 1])]
  },
  domain: [reals],
  kinks: 'none',
  derivation:
    'bilinear: the adjoints are convolutions in which padding, strides and dilation change places (Dumoulin and Visin 2016)',
  flops: ([, w], [out]) =>
    (2 * sizeOf(out!.shape) * sizeOf(w!.shape)) / Math.max(1, w!.shape[0]! * w!.shape.at(-1)!),
})
export const conv = (x: Tensor, w: Tensor, params: ConvParams): Tensor =>
  bind1(convP, [x, w], {
    strides: params.strides,
    lo: params.lo,
    hi: params.hi,
    inputDilation: params.inputDilation,
    windowDilation: params.windowDilation,
  })

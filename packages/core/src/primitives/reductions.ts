import { allocate } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Primitive } from '../graph/ir.js'
import { range, sizeOf } from '../shape.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'
import { bind, bind1 } from '../trace/trace.js'
import { div, equal, mul } from './arithmetic.js'
import { definePrimitive, inSize, linearJvp, noJvp, reals } from './define.js'
import { iota, takeAlongLast } from './indexing.js'
import { convert } from './passing.js'
import { batchAll, broadcast, moveAxis, reduceLast, reverse, sum } from './structural.js'

interface Axes {
  readonly [key: string]: unknown
  readonly axes: readonly number[]
}

/** Puts a reduced tensor back over the axes it lost. */
export const unreduce = (y: Tensor, like: Tensor, axes: readonly number[]): Tensor =>
  broadcast(
    y,
    like.shape,
    range(like.rank).filter((i) => !axes.includes(i)),
  )

const extremum = (
  name: 'reduceMax' | 'reduceMin',
  pick: (a: number, b: number) => number,
): Primitive<Axes> => {
  const row: Primitive<Axes> = definePrimitive({
    name,
    shape: ([x], { axes }) => {
      if (axes.some((a) => x!.shape[a] === 0))
        fail(
          'Shape',
          `${name === 'reduceMax' ? 'max' : 'min'}: ${showShape(x!.shape)} has no elements along the reduced axes, and there is no identity to return.`,
          { op: name, shapes: [x!.shape] },
        )
      return [{ shape: x!.shape.filter((_, i) => !axes.includes(i)), dtype: x!.dtype }]
    },
    kernel: ([x], { axes }, [out]) => {
      const { rows, n } = reduceLast(x!, axes)
      const a = dataOf(rows)
      const y = allocate(out!.dtype, sizeOf(out!.shape))
      for (let i = 0; i < y.length; i++) {
        let m = a[i * n]!
        for (let j = 1; j < n; j++) m = pick(m, a[i * n + j]!)
        y[i] = m
      }
      return [fromData(y, out!.shape, out!.dtype)]
    },
    jvp: ([x], [t], [y], { axes }) => {
      if (!t) return [null]
      const winners = convert(equal(x!, unreduce(y!, x!, axes)), x!.dtype)
      return [div(sum(mul(t, winners), axes), sum(winners, axes))]
    },
    transpose: 'nonlinear',
    batch: ([x], _, { axes }) => [bind1(row, [x!], { axes: axes.map((a) => a + 1) })],
    domain: [reals],
    kinks: { text: 'ties: 1/k to each of the k winners' },
    derivation:
      'the mean tangent of the winners: the least-norm point of the convex hull of their unit vectors',
    flops: inSize,
  })
  return row
}
export const reduceMaxP = extremum('reduceMax', Math.max)
export const reduceMinP = extremum('reduceMin', Math.min)
export const reduceMax = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : bind1(reduceMaxP, [x], { axes })
export const reduceMin = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : bind1(reduceMinP, [x], { axes })

const argExtremum = (
  name: 'argmax' | 'argmin',
  better: (a: number, b: number) => boolean,
): Primitive<{ readonly axis: number }> => {
  const row: Primitive<{ readonly axis: number }> = definePrimitive({
    name,
    shape: ([x], { axis }) => {
      if (x!.shape[axis] === 0)
        fail('Shape', `${name}: ${showShape(x!.shape)} has no elements along axis ${axis}.`, {
          op: name,
          shapes: [x!.shape],
        })
      return [{ shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int32' }]
    },
    kernel: ([x], { axis }, [out]) => {
      const { rows, n } = reduceLast(x!, [axis])
      const a = dataOf(rows)
      const y = new Int32Array(sizeOf(out!.shape))
      for (let i = 0; i < y.length; i++) {
        let best = 0
        // The first NaN wins, as in NumPy.
        for (let j = 1; j < n && !Number.isNaN(a[i * n + best]!); j++)
          if (better(a[i * n + j]!, a[i * n + best]!) || Number.isNaN(a[i * n + j]!)) best = j
        y[i] = best
      }
      return [fromData(y, out!.shape, 'int32')]
    },
    jvp: noJvp(),
    transpose: 'nonlinear',
    batch: ([x], _, { axis }) => [bind1(row, [x!], { axis: axis + 1 })],
    domain: [reals],
    kinks: { text: 'jumps at ties; the first index wins' },
    derivation: 'piecewise constant: no tangent',
    flops: inSize,
  })
  return row
}
export const argmaxP = argExtremum('argmax', (a, b) => a > b)
export const argminP = argExtremum('argmin', (a, b) => a < b)
export const argmax = (x: Tensor, axis: number): Tensor => bind1(argmaxP, [x], { axis })
export const argmin = (x: Tensor, axis: number): Tensor => bind1(argminP, [x], { axis })

/** Running sum along an axis, from the end when `backwards`. */
export const cumsumP: Primitive<{ readonly axis: number; readonly backwards: boolean }> = definePrimitive<{
  readonly axis: number
  readonly backwards: boolean
}>({
  name: 'cumsum',
  shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  kernel: ([x], { axis, backwards }, [out]) => {
    const moved = moveAxis(backwards ? reverse(x!, [axis]) : x!, axis, x!.rank - 1)
    const a = dataOf(moved)
    const n = x!.shape[axis]!
    const y = allocate(out!.dtype, a.length)
    for (let i = 0; i < a.length; i += n) {
      let s = 0
      for (let j = 0; j < n; j++) {
        s += a[i + j]!
        y[i + j] = s
      }
    }
    const back = moveAxis(fromData(y, moved.shape, out!.dtype), x!.rank - 1, axis)
    return [backwards ? reverse(back, [axis]) : back]
  },
  jvp: linearJvp(() => cumsumP),
  transpose: ([ct], _, { axis, backwards }) => [ct ? cumsum(ct, axis, !backwards) : null],
  batch: ([x], _, { axis, backwards }) => [cumsum(x!, axis + 1, backwards)],
  domain: [reals],
  kinks: 'none',
  derivation: 'linear: the transpose sums from the other end',
  flops: inSize,
})
export const cumsum = (x: Tensor, axis: number, backwards = false): Tensor =>
  bind1(cumsumP, [x], { axis, backwards })

/** Sorts along the last axis by the first operand, ascending and stable, NaN last; the others follow it. */
export const sortP: Primitive<Readonly<Record<string, never>>> = definePrimitive<
  Readonly<Record<string, never>>
>({
  name: 'sort',
  shape: (inputs) => inputs.map((x) => ({ shape: x.shape, dtype: x.dtype })),
  kernel: (inputs) => {
    const keys = dataOf(inputs[0]!)
    const n = inputs[0]!.shape.at(-1)!
    const outs = inputs.map((x) => allocate(x.dtype, x.size))
    const order = new Int32Array(n)
    for (let i = 0; i < keys.length; i += n) {
      for (let j = 0; j < n; j++) order[j] = j
      order.sort((p, q) => {
        const [a, b] = [keys[i + p]!, keys[i + q]!]
        if (a < b) return -1
        if (a > b) return 1
        if (a === b) return p - q
        return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || p - q
      })
      inputs.forEach((x, k) => {
        const from = dataOf(x)
        for (let j = 0; j < n; j++) outs[k]![i + j] = from[i + order[j]!]!
      })
    }
    return outs.map((data, k) => fromData(data, inputs[k]!.shape, inputs[k]!.dtype))
  },
  jvp: (primals, tangents) => {
    if (tangents.every((t) => t === null)) return tangents.map(() => null)
    const order = argsortLast(primals[0]!)
    return tangents.map((t) => (t ? takeAlongLast(t, order) : null))
  },
  transpose: 'nonlinear',
  batch: (inputs, batched, _, size) =>
    bind(
      sortP,
      inputs.map((x, i) => batchAll(x, batched[i]!, size)),
      {},
    ),
  domain: [reals],
  kinks: { text: 'ties: the stable permutation' },
  derivation: 'the permutation is locally constant, so tangents are permuted alike',
  flops: (ins) => inSize(ins) * Math.ceil(Math.log2(Math.max(2, ins[0]!.shape.at(-1) ?? 1))),
})
export const sort = (operands: readonly Tensor[]): readonly Tensor[] => bind(sortP, operands, {})

/** The stable permutation that sorts along the last axis. */
export const argsortLast = (x: Tensor): Tensor => sort([x, iota(x.shape, x.rank - 1)])[1]!

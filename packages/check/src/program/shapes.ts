import type { Tensor } from '@cotangent/core'
import * as ct from '@cotangent/core'
import type { Draw, Params, ProgramOperation } from './operations.js'

type Table = Readonly<Record<string, ProgramOperation>>
type Pads = [number, number][]

const axisOf = (x: Tensor, draw: Draw): number | null => (x.rank === 0 ? null : draw(x.rank))
/** Parameters along an axis that exists and has an element. */
const along = (x: Tensor, draw: Draw, more: (n: number, axis: number) => Params | null): Params | null => {
  const axis = axisOf(x, draw)
  if (axis === null) return null
  const params = more(x.shape[axis]!, axis)
  return params && { axis, ...params }
}

const indicesBelow = (n: number, draw: Draw): number[] | null =>
  n === 0 ? null : Array.from({ length: 1 + draw(3) }, () => draw(n))

/** Operations that move elements. */
export const shapes: Table = {
  reshape: {
    arity: 1,
    params: ([x], draw) => {
      const n = x!.size
      const choices = [[n], [1, n], [n, 1], ...(n % 2 === 0 ? [[2, n / 2]] : []), [...x!.shape].reverse()]
      return { shape: choices[draw(choices.length)]! }
    },
    apply: ([x], { shape }) => ct.reshape(x!, shape as number[]) as Tensor,
  },
  transpose: { arity: 1, apply: ([x]) => ct.transpose(x!) as Tensor },
  expandDims: {
    arity: 1,
    params: ([x], draw) => ({ axis: draw(x!.rank + 1) }),
    apply: ([x], { axis }) => ct.expandDims(x!, axis as number) as Tensor,
  },
  squeeze: {
    arity: 1,
    params: ([x]) => (x!.shape.includes(1) ? { axis: x!.shape.indexOf(1) } : null),
    apply: ([x], { axis }) => ct.squeeze(x!, axis as number) as Tensor,
  },
  broadcastTo: {
    arity: 1,
    params: ([x], draw) => ({ shape: [1 + draw(3), ...x!.shape] }),
    apply: ([x], { shape }) => ct.broadcastTo(x!, shape as number[]) as Tensor,
  },
  slice: {
    arity: 1,
    params: ([x], draw) => {
      const begin = x!.shape.map((n) => draw(n + 1))
      return {
        begin,
        end: x!.shape.map((n, i) => Math.min(n, begin[i]! + draw(n + 1))),
        strides: x!.shape.map(() => 1 + draw(2)),
      }
    },
    apply: ([x], { begin, end, strides }) =>
      ct.slice(x!, begin as number[], end as number[], strides as number[]) as Tensor,
  },
  pad: {
    arity: 1,
    params: ([x], draw) => ({ pads: x!.shape.map(() => [draw(2), draw(3)]), value: draw(3) / 2 }),
    apply: ([x], { pads, value }) => ct.pad(x!, pads as Pads, { value: value as number }) as Tensor,
  },
  roll: {
    arity: 1,
    params: ([x], draw) => along(x!, draw, (n) => (n === 0 ? null : { shift: draw(n + 2) - 1 })),
    apply: ([x], { shift, axis }) => ct.roll(x!, shift as number, { axis: axis as number }) as Tensor,
  },
  repeat: {
    arity: 1,
    params: ([x], draw) => along(x!, draw, () => ({ n: 1 + draw(2) })),
    apply: ([x], { n, axis }) => ct.repeat(x!, n as number, { axis: axis as number }) as Tensor,
  },
  tril: {
    arity: 1,
    params: ([x]) => (x!.rank < 2 ? null : {}),
    apply: ([x]) => ct.tril(x!) as Tensor,
  },
  concat: {
    arity: 2,
    params: ([x], draw) => along(x!, draw, () => ({})),
    apply: (xs, { axis }) => ct.concat([...xs], { axis: axis as number }) as Tensor,
  },
  stack: {
    arity: 2,
    params: ([x], draw) => ({ axis: draw(x!.rank + 1) }),
    apply: (xs, { axis }) => ct.stack([...xs], { axis: axis as number }) as Tensor,
  },
  take: {
    arity: 1,
    params: ([x], draw) =>
      along(x!, draw, (n) => {
        const indices = indicesBelow(n, draw)
        return indices && { indices }
      }),
    apply: ([x], { indices, axis }) => ct.take(x!, indices as number[], { axis: axis as number }) as Tensor,
  },
  scatterAdd: {
    arity: 2,
    params: ([x, u], draw) =>
      x!.rank === 1 && u!.rank === 1 && x!.size > 0
        ? { indices: Array.from({ length: u!.size }, () => draw(x!.size)) }
        : null,
    apply: ([x, u], { indices }) => ct.scatterAdd(x!, indices as number[], u!) as Tensor,
  },
  oneHot: {
    arity: 1,
    params: ([x]) => (x!.dtype === 'int32' && x!.rank <= 1 ? {} : null),
    apply: ([x]) => ct.oneHot(x!, 3) as Tensor,
  },
}

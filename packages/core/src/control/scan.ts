import { allocate } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Aval, GraphIR, Maybe, Primitive } from '../graph/ir.js'
import { add } from '../primitives/arithmetic.js'
import { avalOf, definePrimitive, reals, zerosLike } from '../primitives/define.js'
import { batchAll, moveAxis } from '../primitives/structural.js'
import { sameShape, sizeOf } from '../shape.js'
import { dataOf, fromData, symOf, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { bind } from '../trace/trace.js'
import {
  batchGraph,
  evaluate,
  instantiate,
  linearizeGraph,
  pushForward,
  transposeGraph,
} from '../transforms/evaluate.js'
import { graphFlops } from '../transforms/op.js'
import { flatten, pathsOf, sameDef, type TreeDef, unflatten } from '../tree/tree.js'

interface ScanParams {
  readonly [key: string]: unknown
  /** (constants, carry, x) -> (carry, y). */
  readonly body: GraphIR
  readonly consts: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
}

const rowOf = (t: Aval): Aval => ({ shape: t.shape.slice(1), dtype: t.dtype })

/** Row i of the leading axis. */
const row = (x: Tensor, i: number): Tensor => {
  const n = sizeOf(x.shape.slice(1))
  return fromData(dataOf(x).slice(i * n, (i + 1) * n), x.shape.slice(1), x.dtype)
}

const split = <T>(xs: readonly T[], { consts, carry }: { consts: number; carry: number }) => ({
  consts: xs.slice(0, consts),
  carry: xs.slice(consts, consts + carry),
  rows: xs.slice(consts + carry),
})

/** Which carries change when some inputs do: grows until it is stable. */
const fixpoint = (
  start: readonly boolean[],
  step: (carry: readonly boolean[]) => readonly boolean[],
): boolean[] => {
  let now = [...start]
  for (;;) {
    const next = step(now)
    const both = now.map((b, i) => b || next[i]!)
    if (both.every((b, i) => b === now[i])) return both
    now = both
  }
}

export const scanP: Primitive<ScanParams> = definePrimitive<ScanParams>({
  name: 'scan',
  shape: (_, { body, carry, length }) =>
    body.outputs.map((o, i) => (i < carry ? avalOf(o) : { shape: [length, ...o.shape], dtype: o.dtype })),
  kernel: (inputs, { body, consts, carry, length, reverse }, outs) => {
    const parts = split(inputs, { consts, carry })
    let state: readonly Tensor[] = parts.carry
    const ys = outs.slice(carry).map((o) => allocate(o.dtype, sizeOf(o.shape)))
    for (let k = 0; k < length; k++) {
      const i = reverse ? length - 1 - k : k
      const result = evaluate(body, [...parts.consts, ...state, ...parts.rows.map((x) => row(x, i))])
      state = result.slice(0, carry)
      result.slice(carry).forEach((y, j) => {
        ys[j]!.set(dataOf(y), i * y.size)
      })
    }
    return [...state, ...ys.map((data, j) => fromData(data, outs[carry + j]!.shape, outs[carry + j]!.dtype))]
  },
  jvp: (primals, tangents, outs, params) => {
    const { body, carry } = params
    const t = split(tangents, params)
    const active = activeCarries(params, tangents)
    const live = [...t.consts.map((x) => x !== null), ...active, ...t.rows.map((x) => x !== null)]
    const [nc, nk] = [params.consts, carry]
    const pick = <T>(xs: readonly T[], from: number, to: number) =>
      xs.filter((_, i) => i >= from && i < to && live[i])
    const p = split(primals, params)
    const filledIn = tangents.map((x, i) => (live[i] ? (x ?? zerosLike(primals[i]!)) : null))
    const tc = pick(filledIn, 0, nc) as Tensor[]
    const tk = pick(filledIn, nc, nc + nk) as Tensor[]
    const tx = pick(filledIn, nc + nk, live.length) as Tensor[]
    const newConsts = [...p.consts, ...tc]
    const newCarry = [...p.carry, ...tk]
    const newRows = [...p.rows, ...tx]
    let activeYs: readonly boolean[] = []
    const { graph, captured } = build(
      'scan',
      [...newConsts.map(avalOf), ...newCarry.map(avalOf), ...newRows.map(rowOf)],
      (...xs) => {
        const q = split(xs, { consts: newConsts.length, carry: newCarry.length })
        const args = [...q.consts.slice(0, nc), ...q.carry.slice(0, nk), ...q.rows.slice(0, p.rows.length)]
        const dots = [...q.consts.slice(nc), ...q.carry.slice(nk), ...q.rows.slice(p.rows.length)]
        let at = 0
        const r = pushForward(
          body,
          args,
          live.map((yes) => (yes ? dots[at++]! : null)),
        )
        activeYs = r.tangents.slice(nk).map((x) => x !== null)
        const back = instantiate(r.tangents, r.outs)
        return [
          ...r.outs.slice(0, nk),
          ...back.slice(0, nk).filter((_, i) => active[i]),
          ...r.outs.slice(nk),
          ...back.slice(nk).filter((_, i) => activeYs[i]),
        ]
      },
    )
    if (captured.length > 0) throw new Error('scan: the body captured a symbol')
    const all = bind(scanP, [...newConsts, ...newCarry, ...newRows], {
      ...params,
      body: graph,
      consts: newConsts.length,
      carry: newCarry.length,
    })
    const dotCarry = all.slice(nk, nk + tk.length)
    const dotYs = all.slice(newCarry.length + outs.length - nk)
    let [a, b] = [0, 0]
    return [
      ...active.map((yes) => (yes ? dotCarry[a++]! : null)),
      ...activeYs.map((yes) => (yes ? dotYs[b++]! : null)),
    ]
  },
  linearize: (primals, tangents, params) => {
    const { body, consts, carry, length } = params
    const active = activeCarries(params, tangents)
    const t = split(tangents, params)
    const live = [...t.consts.map((x) => x !== null), ...active, ...t.rows.map((x) => x !== null)]
    // Forward: the body also returns its residuals, which are stacked; those that are constants of the loop are not.
    let map: ReturnType<typeof linearizeGraph>['map'] | undefined
    let bodyInputs: readonly Tensor[] = []
    const { graph: forward } = build('scan', body.inputs.map(avalOf), (...xs) => {
      bodyInputs = xs
      const both = linearizeGraph(body, xs, live)
      map = both.map
      return [...both.outs, ...both.map.residuals]
    })
    const residuals = map!.residuals
    const constantAt = residuals.map((r) =>
      bodyInputs.slice(0, consts).findIndex((x) => symOf(x) === symOf(r)),
    )
    const stacked = residuals.flatMap((_, i) => (constantAt[i]! < 0 ? [i] : []))
    const outputs = body.outputs.length
    const body1: GraphIR = {
      ...forward,
      outputs: [...forward.outputs.slice(0, outputs), ...stacked.map((i) => forward.outputs[outputs + i]!)],
    }
    const all = bind(scanP, primals, { ...params, body: body1 })
    const outs = all.slice(0, outputs)
    const stacks = all.slice(outputs)
    // Linear: constants of the loop, tangents of constants; tangents of the carry; residual rows, tangents of rows.
    const fixed = residuals.flatMap((_, i) => (constantAt[i]! >= 0 ? [primals[constantAt[i]!]!] : []))
    const tangentAt = (from: number, to: number) =>
      live.flatMap((yes, i) => (yes && i >= from && i < to ? [tangents[i] ?? zerosLike(primals[i]!)] : []))
    const tc = tangentAt(0, consts)
    const tk = tangentAt(consts, consts + carry)
    const tx = tangentAt(consts + carry, live.length)
    const newConsts = [...fixed, ...tc]
    const newRows = [...stacks, ...tx]
    const { graph: linear } = build(
      'scan',
      [...newConsts.map(avalOf), ...tk.map(avalOf), ...newRows.map(rowOf)],
      (...xs) => {
        const q = split(xs, { consts: newConsts.length, carry: tk.length })
        let [c, s] = [0, 0]
        const res = residuals.map((_, i) => (constantAt[i]! >= 0 ? q.consts[c++]! : q.rows[s++]!))
        const ts = [...q.consts.slice(fixed.length), ...q.carry, ...q.rows.slice(stacks.length)]
        const dots = evaluate(map!.graph, [...ts, ...res])
        let at = 0
        const maybe = map!.active.map((yes) => (yes ? dots[at++]! : null))
        const full = maybe.map((m, i) => m ?? zerosLike(avalOf(body.outputs[i]!)))
        return [
          ...full.slice(0, carry).filter((_, i) => active[i]),
          ...full.slice(carry).filter((_, i) => map!.active[carry + i]),
        ]
      },
    )
    const dots = bind(scanP, [...newConsts, ...tk, ...newRows], {
      body: linear,
      consts: newConsts.length,
      carry: tk.length,
      length,
      reverse: params.reverse,
    })
    let at = 0
    const flags = [...active, ...map!.active.slice(carry)]
    return { outs, tangents: flags.map((yes) => (yes ? dots[at++]! : null)) }
  },
  transpose: (cts, inputs, params, avals, outs) => {
    // ẋ' = L ẋ run backwards: the carry holds the cotangents of the carry and the sums for the linear constants.
    const { body, consts, carry, length, reverse } = params
    const p = split(inputs, params)
    const linearConsts = p.consts.flatMap((x, i) => (x === null ? [i] : []))
    const fixedConsts = p.consts.filter((x) => x !== null)
    const linearRows = p.rows.flatMap((x, i) => (x === null ? [i] : []))
    const fixedRows = p.rows.filter((x) => x !== null)
    const full = instantiate(cts, outs)
    const constAvals = linearConsts.map((i) => avals[i]!)
    const newCarry = [...constAvals.map(zerosLike), ...full.slice(0, carry)]
    const newRows = [...full.slice(carry), ...fixedRows]
    const ys = full.length - carry
    const { graph } = build(
      'scan',
      [...fixedConsts.map(avalOf), ...newCarry.map(avalOf), ...newRows.map(rowOf)],
      (...xs) => {
        const q = split(xs, { consts: fixedConsts.length, carry: newCarry.length })
        let [c, r] = [0, 0]
        const args: Maybe[] = [
          ...p.consts.map((x) => (x === null ? null : q.consts[c++]!)),
          ...p.carry.map(() => null),
          ...p.rows.map((x) => (x === null ? null : q.rows[ys + r++]!)),
        ]
        const back = transposeGraph(body, args, [
          ...q.carry.slice(linearConsts.length),
          ...q.rows.slice(0, ys),
        ])
        const full = instantiate(back, body.inputs)
        return [
          ...linearConsts.map((i, k) => (back[i] ? add(q.carry[k]!, back[i]!) : q.carry[k]!)),
          ...full.slice(consts, consts + carry),
          ...linearRows.map((i) => full[consts + carry + i]!),
        ]
      },
    )
    const all = bind(scanP, [...fixedConsts, ...newCarry, ...newRows], {
      body: graph,
      consts: fixedConsts.length,
      carry: newCarry.length,
      length,
      reverse: !reverse,
    })
    const result: Maybe[] = inputs.map(() => null)
    linearConsts.forEach((i, k) => {
      result[i] = all[k]!
    })
    for (let i = 0; i < carry; i++) result[consts + i] = all[linearConsts.length + i]!
    linearRows.forEach((i, k) => {
      result[consts + carry + i] = all[linearConsts.length + carry + k]!
    })
    return result
  },
  batch: (inputs, batched, params, size) => {
    const { body, consts, carry } = params
    const b = split(batched, params)
    const flags = fixpoint(b.carry, (now) => {
      let out: readonly boolean[] = []
      build(
        'scan',
        body.inputs.map((s, i) => withBatch(s, [...b.consts, ...now, ...b.rows][i]!, size)),
        (...xs) => {
          const r = batchGraph(body, xs, [...b.consts, ...now, ...b.rows], size)
          out = r.batched.slice(0, carry)
          return r.outs
        },
      )
      return out
    })
    const all = [...b.consts, ...flags, ...b.rows]
    const { graph } = build(
      'scan',
      body.inputs.map((s, i) => withBatch(s, all[i]!, size)),
      (...xs) => {
        const r = batchGraph(body, xs, all, size)
        return r.outs.map((o, i) => (i >= carry || flags[i] ? batchAll(o, r.batched[i]!, size) : o))
      },
    )
    const args = inputs.map((x, i) =>
      i >= consts && i < consts + carry && flags[i - consts]
        ? batchAll(x, batched[i]!, size)
        : i >= consts + carry && batched[i]
          ? moveAxis(x, 0, 1)
          : x,
    )
    return bind(scanP, args, { ...params, body: graph }).map((o, i) =>
      i < carry ? batchAll(o, flags[i]!, size) : moveAxis(o, 1, 0),
    )
  },
  domain: [reals],
  kinks: { text: 'those of its body' },
  derivation: 'the chain rule along the loop; reverse mode runs it backwards over stacked residuals',
  flops: (_, __, { body, length }) => length * graphFlops(body),
})

const withBatch = (aval: Aval, yes: boolean, size: number): Aval => ({
  shape: yes ? [size, ...aval.shape] : aval.shape,
  dtype: aval.dtype,
})

const activeCarries = (params: ScanParams, tangents: readonly Maybe[]): boolean[] => {
  const { body, carry } = params
  const t = split(tangents, params)
  return fixpoint(
    t.carry.map((x) => x !== null),
    (now) => {
      const wanted = [...t.consts.map((x) => x !== null), ...now, ...t.rows.map((x) => x !== null)]
      let active: readonly boolean[] = []
      build('scan', body.inputs.map(avalOf), (...xs) => {
        const { outs, map } = linearizeGraph(body, xs, wanted)
        active = map.active.slice(0, carry)
        return outs
      })
      return active
    },
  )
}

/** Options of {@link scan}. */
export interface ScanOptions {
  /** From the last row to the first; results keep the order of the rows. */
  readonly reverse?: boolean
  /** Steps per turn of the compiled loop; the result does not depend on it. */
  readonly unroll?: number
  /** Needed only when `xs` has no tensors. */
  readonly length?: number
}

/**
 * A loop that carries state and collects a result per step: `f(carry, x) = [carry, y]` over the leading axis of
 * `xs`. Returns `[carry, ys]`. One node whatever the length, differentiable in both modes.
 *
 * @example
 * scan((c: Tensor, x: Tensor) => [add(c, x), c] as const, tensor(0), tensor([1, 2, 3]))[1] // => [0, 1, 3]
 */
export const scan = <C, X, Y>(
  f: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [C, Y] => {
  const { reverse = false, unroll = 1 } = options
  if (!Number.isInteger(unroll) || unroll < 1)
    fail('Value', `scan: unroll must be a positive integer, not ${unroll}.`, { op: 'scan' })
  const start = flatten(init, 'scan')
  const over = flatten(xs, 'scan')
  const paths = pathsOf(over.def)
  over.leaves.forEach((x, i) => {
    if (x.rank === 0)
      fail(
        'Shape',
        `scan: xs${paths[i] ? ` at ${paths[i]}` : ''} is a scalar. It needs a leading axis to loop over.`,
        { op: 'scan', path: paths[i] ?? '' },
      )
  })
  const length = options.length ?? over.leaves[0]?.shape[0]
  if (length === undefined)
    return fail('Value', 'scan: xs has no tensors, so the number of steps is unknown. Give { length }.', {
      op: 'scan',
    })
  for (const x of over.leaves)
    if (x.shape[0] !== length)
      fail(
        'Shape',
        `scan: leading axes differ: ${over.leaves.map((l) => showShape(l.shape)).join(', ')}. All must have length ${length}.`,
        { op: 'scan', shapes: over.leaves.map((l) => l.shape) },
      )
  let yDef: TreeDef | undefined
  const n = start.leaves.length
  const { graph, captured } = build(
    'scan',
    [...start.leaves.map(avalOf), ...over.leaves.map(rowOf)],
    (...args) => {
      const result = f(unflatten(start.def, args.slice(0, n)) as C, unflatten(over.def, args.slice(n)) as X)
      if (!Array.isArray(result) || result.length !== 2)
        fail('Value', 'scan: the body must return [carry, y].', { op: 'scan' })
      const carry = flatten(result[0], 'scan: the carry')
      const y = flatten(result[1], 'scan: the result')
      checkCarry('scan', start, carry)
      yDef = y.def
      return [...carry.leaves, ...y.leaves]
    },
  )
  const body: GraphIR = {
    ...graph,
    inputs: [...graph.inputs.slice(n + over.leaves.length), ...graph.inputs.slice(0, n + over.leaves.length)],
  }
  const outs = bind(scanP, [...captured, ...start.leaves, ...over.leaves], {
    body,
    consts: captured.length,
    carry: n,
    length,
    reverse,
  })
  return [unflatten(start.def, outs.slice(0, n)) as C, unflatten(yDef!, outs.slice(n)) as Y]
}

/** A loop's state must keep its structure, shapes and dtypes. */
export const checkCarry = (
  op: string,
  before: { def: TreeDef; leaves: readonly Tensor[] },
  after: { def: TreeDef; leaves: readonly Tensor[] },
): void => {
  sameDef(`${op}: the carry`, before.def, after.def)
  const paths = pathsOf(before.def)
  before.leaves.forEach((a, i) => {
    const b = after.leaves[i]!
    if (!sameShape(a.shape, b.shape) || a.dtype !== b.dtype)
      fail(
        'Shape',
        `${op}: the carry${paths[i] ? ` at ${paths[i]}` : ''} starts as ${a.dtype}${showShape(a.shape)} and becomes ${b.dtype}${showShape(b.shape)}. A step must keep shapes and dtypes.`,
        { op, path: paths[i] ?? '', shapes: [a.shape, b.shape] },
      )
  })
}

import { isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Aval, GraphIR, Linearized, Maybe, Primitive } from '../graph/ir.js'
import { add, div, floor, greaterEqual, less, logicalAnd, max, mul, sub } from '../primitives/arithmetic.js'
import { avalOf, definePrimitive, reals, zerosLike } from '../primitives/define.js'
import { dynamicSlice, dynamicUpdate } from '../primitives/indexing.js'
import { convert, select } from '../primitives/passing.js'
import { batchAll, broadcast, reshape } from '../primitives/structural.js'
import { sizeOf } from '../shape.js'
import { dataOf, filled, type Tensor } from '../tensor.js'
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
import { graphFlops, linearCall } from '../transforms/op.js'
import { flatten, unflatten } from '../tree/tree.js'
import { anyOf, borrowed } from './cond.js'
import { endlessError } from './endless.js'
import { checkCarry, scan } from './scan.js'

interface WhileParams {
  readonly [key: string]: unknown
  /** (constants, carry) -> bool. */
  readonly test: GraphIR
  /** (constants, carry) -> carry. */
  readonly body: GraphIR
  readonly testConsts: number
  readonly bodyConsts: number
}

type Step = (...carry: Tensor[]) => readonly Tensor[]

const int = (n: number): Tensor => filled(n, [], 'int32')

/** A loop over flat state; whatever the functions capture becomes a constant of the loop. */
const loop = (
  test: (...carry: Tensor[]) => Tensor,
  body: Step,
  init: readonly Tensor[],
): readonly Tensor[] => {
  const avals = init.map(avalOf)
  const constantsFirst = ({ graph, captured }: ReturnType<typeof build>): GraphIR => ({
    ...graph,
    inputs: [
      ...graph.inputs.slice(graph.inputs.length - captured.length),
      ...graph.inputs.slice(0, graph.inputs.length - captured.length),
    ],
  })
  const t = build('whileLoop', avals, (...c) => [test(...c)])
  const b = build('whileLoop', avals, body)
  return bind(whileP, [...t.captured, ...b.captured, ...init], {
    test: constantsFirst(t),
    body: constantsFirst(b),
    testConsts: t.captured.length,
    bodyConsts: b.captured.length,
  })
}

const split = <T>(xs: readonly T[], { testConsts, bodyConsts }: WhileParams) => ({
  forTest: xs.slice(0, testConsts),
  forBody: xs.slice(testConsts, testConsts + bodyConsts),
  carry: xs.slice(testConsts + bodyConsts),
})

/** Which carries have tangents, given which constants and initial values do. */
const activeCarries = (
  { body }: WhileParams,
  consts: readonly boolean[],
  carry: readonly boolean[],
): boolean[] => {
  let now = [...carry]
  for (;;) {
    let next: readonly boolean[] = now
    build('whileLoop', body.inputs.map(avalOf), (...xs) => {
      const { outs, map } = linearizeGraph(body, xs, [...consts, ...now])
      next = map.active
      return outs
    })
    const both = now.map((b, i) => b || (next[i]! && isFloat(body.outputs[i]!.dtype)))
    if (both.every((b, i) => b === now[i])) return both
    now = both
  }
}

const floorDiv = (a: Tensor, b: Tensor): Tensor =>
  convert(floor(div(convert(a, 'float64'), convert(b, 'float64'))), 'int32')

const sameBits = (a: readonly Tensor[], b: readonly Tensor[]): boolean =>
  a.every((x, i) => {
    const [p, q] = [dataOf(x), dataOf(b[i]!)]
    for (let k = 0; k < p.length; k++) if (!Object.is(p[k], q[k])) return false
    return true
  })

const hasNaN = (state: readonly Tensor[]): boolean =>
  state.some((x) => isFloat(x.dtype) && dataOf(x).some((v) => Number.isNaN(v)))

export const whileP: Primitive<WhileParams> = definePrimitive<WhileParams>({
  name: 'while',
  shape: (_, { body }) => body.outputs.map(avalOf),
  kernel: (inputs, params) => {
    const { forTest, forBody, carry } = split(inputs, params)
    let state: readonly Tensor[] = carry
    while (dataOf(evaluate(params.test, [...forTest, ...state])[0]!)[0]) {
      const next = evaluate(params.body, [...forBody, ...state])
      if (sameBits(state, next)) throw endlessError(hasNaN(state))
      state = next
    }
    return state
  },
  jvp: (primals, tangents, outs, params) => {
    const p = split(primals, params)
    const t = split(tangents, params)
    const active = activeCarries(
      params,
      t.forBody.map((x) => x !== null),
      t.carry.map((x) => x !== null),
    )
    const n = p.carry.length
    const tc = active.flatMap((yes, i) => (yes ? [t.carry[i] ?? zerosLike(p.carry[i]!)] : []))
    const all = loop(
      (...c) => evaluate(params.test, [...p.forTest, ...c.slice(0, n)])[0]!,
      (...c) => stepWithTangents(params.body, p.forBody, t.forBody, c, n, active),
      [...p.carry, ...tc],
    )
    let at = n
    return outs.map((_, i) => (active[i] ? all[at++]! : null))
  },
  linearize: (primals, tangents, params): Linearized => {
    const p = split(primals, params)
    const t = split(tangents, params)
    const liveConsts = t.forBody.map((x) => x !== null)
    const active = activeCarries(
      params,
      liveConsts,
      t.carry.map((x) => x !== null),
    )
    const n = p.carry.length
    const test = (c: readonly Tensor[]) => evaluate(params.test, [...p.forTest, ...c])[0]!
    const body = (c: readonly Tensor[]) => evaluate(params.body, [...p.forBody, ...c])
    const [count, ...outs] = loop(
      (_, ...c) => test(c),
      (i, ...c) => [add(i!, int(1)), ...body(c)],
      [int(0), ...p.carry],
    )
    // Reverse mode needs the states backwards. A fixed number of slots holds every stride-th state; the ones between
    // are computed again, so memory is bounded whatever the number of steps.
    const slots = slotCount(p.carry)
    const stride = add(floorDiv(count!, int(slots)), int(1))
    const empty = p.carry.map((c) => filled(0, [slots, ...c.shape], c.dtype))
    const filledSlots = loop(
      (_, i) => less(i!, count!),
      (slot, i, ...rest) => {
        const c = rest.slice(0, n)
        const kept = rest
          .slice(n)
          .map((b, k) => dynamicUpdate(b, reshape(c[k]!, [1, ...c[k]!.shape]), slot!, 0))
        const [, next, ...state] = loop(
          (k, at) => logicalAnd(less(k!, stride), less(at!, count!)),
          (k, at, ...s) => [add(k!, int(1)), add(at!, int(1)), ...body(s)],
          [int(0), i!, ...c],
        )
        return [add(slot!, int(1)), next!, ...state, ...kept]
      },
      [int(0), int(0), ...p.carry, ...empty],
    ).slice(2 + n)
    const residuals = [...p.forBody, ...p.carry, count!, stride, ...filledSlots]
    const unpack = (res: readonly Tensor[]) => {
      const k = p.forBody.length
      return {
        consts: res.slice(0, k),
        init: res.slice(k, k + n),
        count: res[k + n]!,
        stride: res[k + n + 1]!,
        slots: res.slice(k + n + 2),
      }
    }
    const liveInit = active
    const tangentInputs = [
      ...t.forBody.filter((x) => x !== null),
      ...liveInit.flatMap((yes, i) => (yes ? [t.carry[i] ?? zerosLike(p.carry[i]!)] : [])),
    ]
    const nConstTangents = liveConsts.filter((yes) => yes).length
    const dots = linearCall(
      {
        name: 'while',
        outs: outs.filter((_, i) => active[i]).map(avalOf),
        forward: (res, ts) => {
          const r = unpack(res)
          let at = 0
          const tConsts = liveConsts.map((yes) => (yes ? ts[at++]! : null))
          return loop(
            (i) => less(i!, r.count),
            (i, ...c) => [add(i!, int(1)), ...stepWithTangents(params.body, r.consts, tConsts, c, n, active)],
            [int(0), ...r.init, ...ts.slice(nConstTangents)],
          ).slice(1 + n)
        },
        adjoint: (res, cts) => {
          const r = unpack(res)
          const constSums = r.consts.filter((_, i) => liveConsts[i]).map(zerosLike)
          const wanted = [...liveConsts, ...active]
          const [, ...sums] = loop(
            (i) => greaterEqual(i!, int(0)),
            (i, ...cs) => {
              // Under vmap an example that has finished still computes, with i = -1, and its result is not used.
              const slot = max(floorDiv(i!, r.stride), int(0))
              const from = r.slots.map((b) => reshape(dynamicSlice(b, slot, 0, 1), b.shape.slice(1)))
              const [, ...state] = loop(
                (k) => less(k!, i!),
                (k, ...s) => [add(k!, int(1)), ...evaluate(params.body, [...r.consts, ...s])],
                [mul(slot, r.stride), ...from],
              )
              const { map } = linearizeGraph(params.body, [...r.consts, ...state], wanted)
              const carryCts = placed(cs.slice(constSums.length), active)
              const args: Maybe[] = [...wanted.filter((w) => w).map(() => null), ...map.residuals]
              const back = transposeGraph(
                map.graph,
                args,
                carryCts.filter((_, k) => map.active[k]),
              )
              const like = [...r.consts, ...state].filter((_, k) => wanted[k])
              const full = instantiate(back.slice(0, like.length), like)
              const grown = constSums.map((_, k) => add(cs[k]!, full[k]!))
              return [sub(i!, int(1)), ...grown, ...full.slice(constSums.length)]
            },
            [sub(r.count, int(1)), ...constSums, ...cts],
          )
          return sums
        },
      },
      residuals,
      tangentInputs,
    )
    let at = 0
    return { outs, tangents: active.map((yes) => (yes ? dots[at++]! : null)) }
  },
  transpose: 'nonlinear',
  batch: (inputs, batched, params, size) => {
    const p = split(inputs, params)
    const b = split(batched, params)
    let flags = [...b.carry]
    let testBatched = false
    for (;;) {
      const avals = (consts: readonly Tensor[]) => [
        ...consts.map(avalOf),
        ...p.carry.map((c, i) => withBatch(c, b.carry[i]!, flags[i]!, size)),
      ]
      let next: readonly boolean[] = flags
      build('whileLoop', avals(p.forBody), (...xs) => {
        const r = batchGraph(params.body, xs, [...b.forBody, ...flags], size)
        next = r.batched
        return r.outs
      })
      build('whileLoop', avals(p.forTest), (...xs) => {
        const r = batchGraph(params.test, xs, [...b.forTest, ...flags], size)
        testBatched = r.batched[0]!
        return r.outs
      })
      const grown = flags.map((f, i) => f || next[i]! || testBatched)
      if (grown.every((f, i) => f === flags[i])) break
      flags = grown
    }
    const init = p.carry.map((c, i) => (flags[i] ? batchAll(c, b.carry[i]!, size) : c))
    const test = (c: readonly Tensor[]) =>
      batchGraph(params.test, [...p.forTest, ...c], [...b.forTest, ...flags], size).outs[0]!
    const outs = loop(
      (...c) => (testBatched ? anyOf(test(c)) : test(c)),
      (...c) => {
        const step = (state: readonly Tensor[]): Tensor[] => {
          const r = batchGraph(params.body, [...p.forBody, ...state], [...b.forBody, ...flags], size)
          return r.outs.map((o, i) => (flags[i] ? batchAll(o, r.batched[i]!, size) : o))
        }
        if (!testBatched) return step(c)
        // Examples that have finished keep their state while the others go on. What is computed for them meanwhile
        // starts from the state of one that goes on, so it meets no index and no value that they would not have met.
        const going = test(c)
        const next = step(c.map((x) => borrowed(x, going)))
        return next.map((o, i) => select(broadcast(going, o.shape, [0]), o, c[i]!))
      },
      init,
    )
    return outs.map((o, i) => batchAll(o, flags[i]!, size))
  },
  domain: [reals],
  kinks: { text: 'where the number of steps changes, and those of the body' },
  derivation: 'the chain rule along the steps taken; reverse mode walks them back from stored states',
  flops: (_, __, { body }) => graphFlops(body),
})

const withBatch = (c: Tensor, has: boolean, wants: boolean, size: number): Aval => ({
  shape: wants && !has ? [size, ...c.shape] : c.shape,
  dtype: c.dtype,
})

const placed = (ts: readonly Tensor[], active: readonly boolean[]): Maybe[] => {
  let at = 0
  return active.map((yes) => (yes ? ts[at++]! : null))
}

const stepWithTangents = (
  body: GraphIR,
  consts: readonly Tensor[],
  tConsts: readonly Maybe[],
  c: readonly Tensor[],
  n: number,
  active: readonly boolean[],
): Tensor[] => {
  const r = pushForward(body, [...consts, ...c.slice(0, n)], [...tConsts, ...placed(c.slice(n), active)])
  return [...r.outs, ...instantiate(r.tangents, r.outs).filter((_, i) => active[i])]
}

const slotCount = (carry: readonly Tensor[]): number => {
  const elements = Math.max(
    1,
    carry.reduce((s, c) => s + sizeOf(c.shape), 0),
  )
  return Math.min(256, Math.max(8, Math.floor(2 ** 20 / elements)))
}

/**
 * Repeats `body` while `test` holds. The number of steps may depend on values, and reverse mode works all the same:
 * a bounded number of states is stored and the ones between are computed again.
 *
 * @example
 * grad((x: Tensor) => whileLoop((v: Tensor) => less(v, 100), (v: Tensor) => square(v), x))(tensor(3)) // => 17496
 */
export const whileLoop = <C>(test: (carry: C) => Tensor | boolean, body: (carry: C) => C, init: C): C => {
  const start = flatten(init, 'whileLoop')
  const rebuild = (leaves: readonly Tensor[]) => unflatten(start.def, leaves) as C
  const outs = loop(
    (...c) => {
      const p = flatten(test(rebuild(c)), 'whileLoop: the test').leaves[0]!
      if (p.size !== 1)
        fail(
          'Shape',
          `whileLoop: the test returned shape ${showShape(p.shape)}. It must return one bool; use any or all.`,
          { op: 'whileLoop', shapes: [p.shape] },
        )
      return reshape(convert(p, 'bool'), [])
    },
    (...c) => {
      const next = flatten(body(rebuild(c)), 'whileLoop: the carry')
      checkCarry('whileLoop', start, next)
      return next.leaves
    },
    start.leaves,
  )
  return rebuild(outs)
}

/**
 * `for (i = 0; i < n; i++) state = body(i, state)`. With a JavaScript number of steps it is a scan.
 *
 * @example
 * foriLoop(4, (i: Tensor, s: Tensor) => mul(s, 2), tensor(1)) // => 16
 */
export const foriLoop = <C>(n: number | Tensor, body: (i: Tensor, carry: C) => C, init: C): C => {
  if (typeof n === 'number') {
    if (!Number.isInteger(n) || n < 0)
      fail('Value', `foriLoop: the number of steps must be a non-negative integer, not ${n}.`, {
        op: 'foriLoop',
      })
    const [, out] = scan(
      ([i, c]: readonly [Tensor, C]) => [[add(i, int(1)), body(i, c)], []] as const,
      [int(0), init] as const,
      [],
      { length: n },
    )[0] as readonly [Tensor, C]
    return out
  }
  const [, out] = whileLoop(
    ([i]: readonly [Tensor, C]) => less(i, convert(n, 'int32')),
    ([i, c]: readonly [Tensor, C]) => [add(i, int(1)), body(i, c)] as const,
    [int(0), init] as const,
  )
  return out
}

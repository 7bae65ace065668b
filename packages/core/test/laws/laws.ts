import { isFloat } from '../../src/dtype.js'
import type { Aval, Maybe, Params, Primitive } from '../../src/graph/ir.js'
import { jvp, type Tensor, vjp, vmap } from '../../src/index.js'
import { range, sameShape, sizeOf } from '../../src/shape.js'
import { dataOf, filled } from '../../src/tensor.js'
import { bind } from '../../src/trace/trace.js'
import { differentiate } from './difference.js'
import type { Case, Entry } from './generate.js'
import type { Probe } from './probe.js'
import { convert, stack, withData } from './tensors.js'

// What must hold of any primitive. A law looks only at the row and at operands, and throws when it does not hold, so
// the same laws serve as tests of the rows and as judges of mutated rows.

/** Throws unless it holds for the primitive at the case. */
export type Law = (row: Primitive, c: Case, probe: Probe, entry: Entry) => void

const broken = (message: string): never => {
  throw new Error(message)
}
const show = (inputs: readonly Tensor[]): string =>
  inputs.map((x) => `${x.dtype}[${x.shape}] ${JSON.stringify(x.toArray())}`).join(', ')

const zeros = (like: Aval): Tensor => filled(0, like.shape, like.dtype)
const scaled = (x: Tensor, c: number): Tensor => mapped(x, (v) => c * v)
const mapped = (x: Tensor, f: (v: number, i: number) => number): Tensor => {
  const data = x.toTypedArray()
  for (let i = 0; i < data.length; i++) data[i] = f(data[i]!, i)
  return withData(x, data)
}
const along = (x: Tensor, t: Tensor, h: number): Tensor => {
  const d = dataOf(t)
  return mapped(x, (v, i) => v + h * d[i]!)
}
const inner = (a: readonly Maybe[], b: readonly Maybe[]): { value: number; size: number } => {
  let [value, size] = [0, 0]
  a.forEach((x, k) => {
    const y = b[k]
    if (!x || !y) return
    const [p, q] = [dataOf(x), dataOf(y)]
    for (let i = 0; i < p.length; i++) {
      value += p[i]! * q[i]!
      size += Math.abs(p[i]! * q[i]!)
    }
  })
  return { value, size }
}
/** Equal up to the rounding of sums of this size. */
const agree = (what: string, a: number, b: number, size: number, rtol = 1e-11): void => {
  if (!(Math.abs(a - b) <= rtol * size + 1e-300))
    broken(`${what}: ${a} is not ${b} (of terms of size ${size})`)
}
const agreeAll = (what: string, a: Tensor, b: Tensor, rtol = 1e-12): void => {
  if (!sameShape(a.shape, b.shape) || a.dtype !== b.dtype)
    broken(`${what}: ${a.dtype}[${a.shape}] is not ${b.dtype}[${b.shape}]`)
  const [x, y] = [dataOf(a), dataOf(b)]
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i]) continue
    const size = Math.max(Math.abs(x[i]!), Math.abs(y[i]!), 1e-3)
    if (!(Math.abs(x[i]! - y[i]!) <= rtol * size)) broken(`${what}: entry ${i} is ${x[i]}, not ${y[i]}`)
  }
}

interface Applied {
  readonly inputs: readonly Tensor[]
  readonly params: Params
  /** Which operands carry tangents. */
  readonly live: readonly number[]
  readonly primals: readonly Tensor[]
  /** The float outputs as a function of the float operands. */
  readonly f: (...xs: Tensor[]) => readonly Tensor[]
}
const apply = (row: Primitive, inputs: readonly Tensor[], params: Params): Applied => {
  const live = inputs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []))
  const f = (...xs: Tensor[]): readonly Tensor[] => {
    const all = [...inputs]
    live.forEach((i, k) => {
      all[i] = xs[k]!
    })
    return bind(row, all, params).filter((y) => isFloat(y.dtype))
  }
  return { inputs, params, live, primals: live.map((i) => inputs[i]!), f }
}
const at = (row: Primitive, c: Case): Applied => apply(row, c.draws[0]!, c.params('float64'))
const differentiable = (a: Applied): boolean => a.live.length > 0 && a.f(...a.primals).length > 0

const flat = (xs: readonly Tensor[]): Float64Array => Float64Array.from(xs.flatMap((x) => [...dataOf(x)]))

const against = (
  what: string,
  analytic: readonly Tensor[],
  curve: (h: number) => readonly Tensor[],
): void => {
  const got = flat(analytic)
  const { value, error } = differentiate((h) => flat(curve(h)))
  if (got.length !== value.length) broken(`${what}: ${got.length} entries, not ${value.length}`)
  for (let i = 0; i < got.length; i++)
    if (!(Math.abs(got[i]! - value[i]!) <= 4 * error[i]! + 1e-10 * Math.abs(value[i]!) + 1e-14))
      broken(`${what}: entry ${i} is ${got[i]}, by differences ${value[i]} ± ${error[i]}`)
}

const tangentOf = (f: Applied['f'], xs: readonly Tensor[], ts: readonly Tensor[]): readonly Tensor[] =>
  jvp(f, xs as Tensor[], ts as Tensor[])[1] as readonly Tensor[]
const pullOf = (f: Applied['f'], xs: readonly Tensor[], cts: readonly Tensor[]): readonly Tensor[] =>
  vjp(f, ...(xs as Tensor[]))[1](cts) as readonly Tensor[]

/** The shapes and dtypes that the shape rule promises are those that the kernel delivers. */
const shapeRule: Law = (row, c) => {
  for (const dtype of ['float64', 'float32'] as const) {
    const inputs = c.draws[0]!.map((x) => (x.dtype === 'float64' ? convert(x, dtype) : x))
    const params = c.params(dtype)
    const outs = row.shape(inputs, params)
    const got = row.kernel(inputs, params, outs)
    if (got.length !== outs.length) broken(`${got.length} results, ${outs.length} promised`)
    got.forEach((y, i) => {
      const want = outs[i]!
      if (!sameShape(y.shape, want.shape) || y.dtype !== want.dtype)
        broken(`result ${i} is ${y.dtype}[${y.shape}], promised ${want.dtype}[${want.shape}]`)
      if (dataOf(y).length !== sizeOf(want.shape)) broken(`result ${i} has ${dataOf(y).length} elements`)
    })
    const work = row.flops(inputs, outs, params)
    if (!(Number.isFinite(work) && work >= 0)) broken(`flops is ${work}`)
  }
}

/** The kernel is a function: the same bits twice, and its operands untouched. */
const purity: Law = (row, c) => {
  const { inputs, params } = at(row, c)
  const before = inputs.map((x) => x.toTypedArray())
  const [a, b] = [bind(row, inputs, params), bind(row, inputs, params)]
  a.forEach((y, i) => {
    const [p, q] = [dataOf(y), dataOf(b[i]!)]
    p.forEach((v, j) => {
      if (!Object.is(v, q[j])) broken(`result ${i} entry ${j}: ${v}, then ${q[j]}`)
    })
  })
  inputs.forEach((x, i) => {
    dataOf(x).forEach((v, j) => {
      if (!Object.is(v, before[i]![j])) broken(`operand ${i} entry ${j} was overwritten`)
    })
  })
}

/** A float32 result is the float64 result rounded. */
const precision: Law = (row, c, _, entry) => {
  const wide = bind(row, c.draws[0]!, c.params('float64'))
  const narrow = bind(
    row,
    c.draws[0]!.map((x) => (x.dtype === 'float64' ? convert(x, 'float32') : x)),
    c.params('float32'),
  )
  const ulps = entry.ulps ?? 2
  wide.forEach((y, i) => {
    const z = narrow[i]!
    if (!isFloat(y.dtype)) {
      agreeAll(`result ${i}`, z, y)
      return
    }
    const [a, b] = [Float64Array.from(dataOf(y)), dataOf(z)]
    const largest = a.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    for (let j = 0; j < a.length; j++) {
      const want = Math.fround(a[j]!)
      if (Object.is(want, b[j]) || want === b[j]) continue
      const size = entry.ulps === undefined ? Math.abs(want) : largest
      const ulp = 2 ** (Math.floor(Math.log2(Math.max(size, 2 ** -126))) - 23)
      if (!(Math.abs(want - b[j]!) <= ulps * ulp)) broken(`result ${i} entry ${j} is ${b[j]}, not ${want}`)
    }
  })
}

/** The tangent is the derivative along the direction, by differences. */
const forwardMode: Law = (row, c, probe, entry) => {
  const a = at(row, c)
  if (!differentiable(a)) return
  const ts = a.primals.map(probe)
  if (entry.stopped) {
    for (const t of tangentOf(a.f, a.primals, ts))
      for (const v of dataOf(t)) if (v !== 0) broken(`a constant has the tangent ${v}`)
    return
  }
  against('jvp', tangentOf(a.f, a.primals, ts), (h) => a.f(...a.primals.map((x, i) => along(x, ts[i]!, h))))
}

/** The tangent of the tangent is the difference of tangents. */
const secondOrder: Law = (row, c, probe) => {
  const a = at(row, c)
  if (!differentiable(a)) return
  const [ts, us] = [a.primals.map(probe), a.primals.map(probe)]
  const first = (...xs: Tensor[]): readonly Tensor[] => tangentOf(a.f, xs, ts)
  against('jvp of jvp', tangentOf(first, a.primals, us), (h) =>
    first(...a.primals.map((x, i) => along(x, us[i]!, h))),
  )
}

/** ⟨v, J u⟩ = ⟨Jᵀ v, u⟩, for every float operand by itself. */
const reverseMode: Law = (row, c, probe) => {
  const a = at(row, c)
  if (!differentiable(a)) return
  const cts = a.f(...a.primals).map(probe)
  const back = pullOf(a.f, a.primals, cts)
  a.primals.forEach((x, i) => {
    const ts = a.primals.map((p, j) => (i === j ? probe(p) : zeros(p)))
    const forward = inner(cts, tangentOf(a.f, a.primals, ts))
    const reverse = inner(back, ts)
    if (!sameShape(back[i]!.shape, x.shape) || back[i]!.dtype !== x.dtype)
      broken(`the cotangent of operand ${i} is ${back[i]!.dtype}[${back[i]!.shape}]`)
    agree(`⟨v, Ju⟩ and ⟨Jᵀv, u⟩ in operand ${i}`, forward.value, reverse.value, forward.size + reverse.size)
  })
}

/** Forward over forward, forward over reverse and reverse over reverse give one second derivative. */
const orders: Law = (row, c, probe) => {
  const a = at(row, c)
  if (!differentiable(a)) return
  const cts = a.f(...a.primals).map(probe)
  const [ts, us] = [a.primals.map(probe), a.primals.map(probe)]
  const first = (...xs: Tensor[]): readonly Tensor[] => tangentOf(a.f, xs, ts)
  const gradient = (...xs: Tensor[]): readonly Tensor[] => pullOf(a.f, xs, cts)
  const ff = inner(cts, tangentOf(first, a.primals, us))
  const fr = inner(ts, tangentOf(gradient, a.primals, us))
  const rr = inner(us, pullOf(gradient, a.primals, ts))
  // Terms that cancel leave the rounding of numbers of size 1.
  const size = ff.size + fr.size + rr.size + 1e-3
  agree('forward over reverse and forward over forward', fr.value, ff.value, size, 1e-10)
  agree('reverse over reverse and forward over forward', rr.value, ff.value, size, 1e-10)
}

/** A tangent that is absent, or constant to the derivative, is a tangent of zeros. */
const absentTangents: Law = (row, c, probe) => {
  const a = at(row, c)
  if (!differentiable(a)) return
  const cts = a.f(...a.primals).map(probe)
  const whole = pullOf(a.f, a.primals, cts)
  a.primals.forEach((x, i) => {
    const t = probe(x)
    const only = (v: Tensor): readonly Tensor[] => a.f(...a.primals.map((p, j) => (i === j ? v : p)))
    const absent = tangentOf(only, [x], [t])
    const zero = tangentOf(
      a.f,
      a.primals,
      a.primals.map((p, j) => (i === j ? t : zeros(p))),
    )
    absent.forEach((y, k) => {
      agreeAll(`the tangent of result ${k} from operand ${i} alone`, y, zero[k]!)
    })
    agreeAll(`the cotangent of operand ${i} alone`, pullOf(only, [x], cts)[0]!, whole[i]!)
  })
}

/** No tangent, no derivative: zeros in, exact zeros out, in both modes. */
const zeroTangents: Law = (row, c) => {
  const a = at(row, c)
  if (!differentiable(a)) return
  const outs = a.f(...a.primals)
  const both = [
    ...tangentOf(a.f, a.primals, a.primals.map(zeros)),
    ...pullOf(a.f, a.primals, outs.map(zeros)),
  ]
  for (const t of both) for (const v of dataOf(t)) if (v !== 0) broken(`a zero became ${v}`)
}

const subsets = (n: number): number[][] =>
  range(2 ** n - 1).map((m) => range(n).filter((i) => (m + 1) & (1 << i)))

/** vmap is a loop, whichever operands have the batch axis, for batches of three and of one. */
const batching: Law = (row, c) => {
  const params = c.params('float64')
  const n = c.draws[0]!.length
  for (const size of [3, 1])
    for (const batched of subsets(n).slice(-15)) {
      const draws = c.draws.slice(0, size)
      const example = (k: number) => range(n).map((i) => draws[batched.includes(i) ? k : 0]![i]!)
      const loop = range(size).map((k) => bind(row, example(k), params))
      const args = range(n).map((i) => (batched.includes(i) ? stack(draws.map((d) => d[i]!)) : draws[0]![i]!))
      const all = vmap((...xs: Tensor[]) => bind(row, xs, params) as readonly Tensor[], {
        inAxes: range(n).map((i) => (batched.includes(i) ? 0 : null)),
      })(...args)
      all.forEach((y, j) => {
        agreeAll(
          `result ${j} with operands ${batched} of a batch of ${size}`,
          y,
          stack(loop.map((l) => l[j]!)),
        )
      })
    }
}

/** The derivative of a batch is the batch of derivatives. */
const batchedGradient: Law = (row, c, probe) => {
  const a = at(row, c)
  if (!differentiable(a) || a.live.length !== a.inputs.length) return
  const cts = a.f(...a.primals).map(probe)
  const pull = (...xs: Tensor[]): readonly Tensor[] => pullOf(a.f, xs, cts)
  const loop = c.draws.map((d) => pull(...d))
  const all = vmap(pull)(...a.primals.map((_, i) => stack(c.draws.map((d) => d[i]!))))
  all.forEach((y, i) => {
    agreeAll(`the cotangent of operand ${i}`, y, stack(loop.map((l) => l[i]!)), 1e-10)
  })
}

/** The transpose rule itself: ⟨ct, f(t) - f(0)⟩ = ⟨fᵀ(ct), t⟩, linear in ct, silent about the other operands. */
const transposes: Law = (row, c, probe, entry) => {
  if (row.transpose === 'nonlinear') return
  const rule = row.transpose
  const { inputs, params } = at(row, c)
  for (const set of entry.linear ?? []) {
    const places = set.filter((i) => i < inputs.length)
    const withLinear = (ts: readonly Maybe[]) => inputs.map((x, i) => (places.includes(i) ? ts[i]! : x))
    const ts = inputs.map((x, i) => (places.includes(i) ? probe(x) : null))
    const one = bind(row, withLinear(ts) as Tensor[], params)
    const origin = bind(
      row,
      inputs.map((x, i) => (places.includes(i) ? zeros(x) : x)),
      params,
    )
    const outs = row.shape(inputs, params)
    // The transpose is asked for floats only.
    if (!outs.every((o) => isFloat(o.dtype))) return
    const [p, q] = [outs.map(probe), outs.map(probe)]
    const given = inputs.map((x, i) => (places.includes(i) ? null : x))
    // A rule for several linear operands may serve them one at a time: each is asked for by itself too.
    const back = (cts: readonly Maybe[]) => rule(cts, given, params, inputs, outs)
    const [bp, bq] = [back(p), back(q)]
    const rise = one.map((y, i) => along(y, origin[i]!, -1))
    const forward = inner(p, rise)
    const reverse = inner(bp, ts)
    agree(`transpose in operands ${places}`, forward.value, reverse.value, forward.size + reverse.size)
    const mix = back(p.map((x, i) => along(scaled(x, 2), q[i]!, -3)))
    const none = back(p.map(() => null))
    const zero = back(p.map(zeros))
    inputs.forEach((x, i) => {
      if (!places.includes(i)) {
        if (bp[i]) broken(`transpose gave a cotangent to operand ${i}, which it is not linear in`)
        return
      }
      if (bp[i] && (!sameShape(bp[i]!.shape, x.shape) || bp[i]!.dtype !== x.dtype))
        broken(`transpose gave operand ${i} a cotangent ${bp[i]!.dtype}[${bp[i]!.shape}]`)
      const [u, v, w] = [bp[i] ?? zeros(x), bq[i] ?? zeros(x), mix[i] ?? zeros(x)]
      agreeAll(`transpose of 2p - 3q in operand ${i}`, w, along(scaled(u, 2), v, -3), 1e-11)
      for (const silent of [none[i], zero[i]])
        if (silent)
          for (const e of dataOf(silent)) if (e !== 0) broken(`transpose made ${e} of a zero cotangent`)
    })
  }
}

/** Integers and bools have no tangents: none comes in, none goes out. */
const noTangents: Law = (row, c) => {
  const inputs = c.draws[0]!
  const params = c.params('float64')
  const fixed = inputs.flatMap((x, i) => (isFloat(x.dtype) ? [] : [i]))
  const outs = bind(row, inputs, params)
  const pull = vjp(
    (...xs: Tensor[]) => bind(row, xs, params) as readonly Tensor[],
    ...(inputs as Tensor[]),
  )[1]
  const back = pull(outs.map((y) => filled(1, y.shape, y.dtype))) as readonly Tensor[]
  for (const i of fixed)
    for (const v of dataOf(back[i]!)) if (v !== 0) broken(`operand ${i} got the cotangent ${v}`)
  // The same operation on integers, where it takes them.
  const whole = inputs.map((x) => (isFloat(x.dtype) ? mapped(convert(x, 'int32'), (v) => v) : x))
  let accepts = true
  try {
    bind(row, whole, params)
  } catch {
    accepts = false
  }
  if (!accepts || row.name === 'convert') return
  const dots = jvp(
    (...xs: Tensor[]) => bind(row, xs, params) as readonly Tensor[],
    whole as Tensor[],
    whole.map((x) => filled(1, x.shape, x.dtype)),
  )[1] as readonly Tensor[]
  for (const t of dots) for (const v of dataOf(t)) if (v !== 0) broken(`an integer carried the tangent ${v}`)
}

/** All laws by name. */
export const laws: Readonly<Record<string, Law>> = {
  'the shape rule states what the kernel computes': shapeRule,
  'the kernel is pure': purity,
  'float32 is float64 rounded': precision,
  'the jvp agrees with differences': forwardMode,
  'the jvp of the jvp agrees with differences': secondOrder,
  'forward and reverse mode are adjoint': reverseMode,
  'all orders of modes agree': orders,
  'absent tangents are zeros': absentTangents,
  'zero tangents and cotangents stay exact zeros': zeroTangents,
  'vmap is a loop': batching,
  'vmap of the gradient is a loop of gradients': batchedGradient,
  'transposes are linear and adjoint': transposes,
  'integers and bools have no tangents': noTangents,
}

/** Names the case in the message of what a law throws. */
export const hold = (law: Law, row: Primitive, c: Case, probe: Probe, entry: Entry): void => {
  try {
    law(row, c, probe, entry)
  } catch (error) {
    throw new Error(`${row.name}(${show(c.draws[0]!)}): ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

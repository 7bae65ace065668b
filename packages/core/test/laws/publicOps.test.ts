import * as core from '@cotangent/core'
import { add, grad, jvp, mul, sum, type Tensor, tensor, tree, vjp, vmap } from '@cotangent/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differentiate } from './difference.js'
import { probeFrom } from './probe.js'
import { notDifferentiable, publicOps, type Sample } from './publicOps.js'
import { stack } from './tensors.js'

const SEED = 20260301
const RUNS = 6

const moved = (x: Tensor, h: number, d: Tensor): Tensor => add(x, mul(h, d)) as Tensor
const leaves =
  (f: Sample['f']) =>
  (...xs: Tensor[]): Tensor[] =>
    tree.leaves(f(...xs))
const flat = (ts: readonly Tensor[]): Float64Array =>
  Float64Array.from(ts.flatMap((t) => [...t.toTypedArray()]))

/** Entries agree within the error of the estimate and the rounding of the analytic value. */
const agree = (got: Float64Array, want: { value: Float64Array; error: Float64Array }, what: string): void => {
  const scale = Math.max(1, ...want.value.map(Math.abs))
  got.forEach((g, i) => {
    const tolerance = 20 * want.error[i]! + 1e-9 * scale
    if (!(Math.abs(g - want.value[i]!) <= tolerance))
      throw new Error(`${what}, entry ${i}: ${g}, by differences ${want.value[i]} ± ${want.error[i]}`)
    if (!(want.error[i]! <= 1e-4 * scale))
      throw new Error(`${what}, entry ${i}: the differences are too rough to say: ± ${want.error[i]}`)
  })
}
const close = (a: Float64Array, b: Float64Array, what: string): void => {
  const scale = Math.max(1, ...b.map(Math.abs))
  a.forEach((x, i) => {
    if (!(Math.abs(x - b[i]!) <= 1e-9 * scale)) throw new Error(`${what}, entry ${i}: ${x} against ${b[i]}`)
  })
}

const laws: Record<string, (s: Sample) => void> = {
  'the jvp is the derivative': ({ f, args }) => {
    const ds = args.map(probeFrom(1))
    const [, dots] = jvp(leaves(f), args as Tensor[], ds)
    agree(
      flat(dots),
      differentiate((h) => flat(leaves(f)(...args.map((x, i) => moved(x, h, ds[i]!))))),
      'jvp',
    )
  },
  'reverse mode is the adjoint': ({ f, args }) => {
    const probe = probeFrom(2)
    const ds = args.map(probe)
    const [, dots] = jvp(leaves(f), args as Tensor[], ds)
    const [ys, pull] = vjp(leaves(f), ...args)
    const cts = ys.map(probe)
    const inner = (a: readonly Tensor[], b: readonly Tensor[]) =>
      Float64Array.of(a.reduce((s, x, i) => s + sum(mul(x, b[i]!)).item(), 0))
    close(inner(pull(cts) as Tensor[], ds), inner(cts, dots), 'adjoint')
  },
  'second derivatives, in both orders of modes': ({ f, args }) => {
    const probe = probeFrom(3)
    const ds = args.map(probe)
    const ws = leaves(f)(...args).map(probe)
    const scalar = (...xs: Tensor[]): Tensor =>
      leaves(f)(...xs).reduce(
        (s, y, i) => add(s, sum(mul(y, ws[i]!))) as Tensor,
        tensor(0, { dtype: 'float64' }) as Tensor,
      )
    const all = args.map((_, i) => i)
    const gradient = (...xs: Tensor[]): Tensor[] => grad(scalar, { argnums: all })(...xs) as Tensor[]
    const [, hv] = jvp(gradient, args as Tensor[], ds)
    agree(
      flat(hv),
      differentiate((h) => flat(gradient(...args.map((x, i) => moved(x, h, ds[i]!))))),
      'hessian',
    )
    const along = (...xs: Tensor[]): Tensor =>
      gradient(...xs).reduce(
        (s, g, i) => add(s, sum(mul(g, ds[i]!))) as Tensor,
        tensor(0, { dtype: 'float64' }) as Tensor,
      )
    close(flat(grad(along, { argnums: all })(...args) as Tensor[]), flat(hv), 'reverse over reverse')
  },
  'vmap is a loop': ({ f, args }) => {
    const others = args.map((x) => moved(x, 1 / 128, probeFrom(4)(x)))
    const mapped = vmap(leaves(f))(...args.map((x, i) => stack([x, others[i]!])))
    const [a, b] = [leaves(f)(...args), leaves(f)(...others)]
    mapped.forEach((m, i) => {
      expect([...m.toTypedArray()]).toEqual([...a[i]!.toTypedArray(), ...b[i]!.toTypedArray()])
    })
  },
}

test('every exported function is here', () => {
  const exported = [
    ...Object.entries(core).flatMap(([name, v]) => (typeof v === 'function' ? [name] : [])),
    ...Object.keys(core.linalg).map((name) => `linalg.${name}`),
  ]
  expect(exported.filter((name) => !(name in publicOps) && !notDifferentiable.includes(name))).toEqual([])
  expect(
    [...Object.keys(publicOps), ...notDifferentiable].filter((name) => !exported.includes(name)),
  ).toEqual([])
})

describe.each(Object.entries(laws))('%s', (_, law) => {
  test.each(Object.entries(publicOps))('%s', (_name, samples) => {
    fc.assert(fc.property(samples, law), { seed: SEED, numRuns: RUNS })
  })
})

import {
  add,
  cast,
  cos,
  grad,
  jit,
  leakyRelu,
  mean,
  mul,
  neg,
  norm,
  random,
  reshape,
  sin,
  softplus,
  stack,
  sum,
  type Tensor,
  tensor,
} from '@cotangent/core'
import { activation, dense, type ParamsOf, sequential } from '@cotangent/nn'
import { adam, step } from '@cotangent/optim'
import { gradientPenalty, interpolate, r1 } from '@cotangent/regularize'

/** What holds the critic's gradient: nothing, that its norm be 1 between the data, or R1 at the data. */
export type Hold = 'none' | 'gradient penalty' | 'R1'

const MODES = 8
const WIDTH = 64
const LATENT = 8
const STD = 0.02

/** Points of eight Gaussians on the circle of radius 1. */
const real = (key: Tensor, count: number): Tensor => {
  const [kc, kn] = [...(random.split(key) as Iterable<Tensor>)] as [Tensor, Tensor]
  const angle = mul(cast(random.randint(kc, [count], 0, MODES), 'float32'), (2 * Math.PI) / MODES) as Tensor
  return add(stack([cos(angle), sin(angle)], { axis: 1 }), mul(random.normal(kn, [count, 2]), STD)) as Tensor
}

const leaky = () => activation((x: Tensor) => leakyRelu(x) as Tensor)
const net = (outputs: number) =>
  sequential({ one: dense(WIDTH), a: leaky(), two: dense(WIDTH), b: leaky(), head: dense(outputs) })

/** What a game came to. */
export interface Ring {
  /** Of the eight, those that at least 2 % of the samples are at. */
  readonly modes: number
  /** The share of samples within four deviations of a mode, in per cent. */
  readonly near: number
  /** How far a sample moves, in the mean, in the last 200 steps. */
  readonly moved: number
  readonly samples: readonly (readonly [number, number])[]
  /** ‖∇D‖ on a grid over [-1.5, 1.5]², rows from the top. */
  readonly field: readonly (readonly number[])[]
}

/** A generator against a critic on the ring of eight Gaussians, with the loss of Goodfellow et al. 2014 that does not saturate. */
export const ring = (hold: Hold, seed: number, steps: number, cells = 19): Ring => {
  const [generator, critic] = [net(2), net(1)]
  const optimizer = adam({ learningRate: 1e-3, b1: 0.5 })
  type P = ParamsOf<typeof generator>
  const g = generator.init(random.key(2 * seed), [1, LATENT])
  const d = critic.init(random.key(2 * seed + 1), [1, 2])
  const make = (p: P, key: Tensor, count: number) =>
    generator.apply(p, g.state, random.normal(key, [count, LATENT]) as Tensor, { train: true }).y
  const judge = (p: P) => (x: Tensor) =>
    reshape(critic.apply(p, d.state, x, { train: true }).y, [x.shape[0]!])
  const turn = jit((gp: P, gs: ReturnType<typeof optimizer.init>, dp: P, ds: typeof gs, key: Tensor) => {
    const [k1, k2, k3, k4] = [...(random.split(key, 4) as Iterable<Tensor>)] as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ]
    const [truth, fake] = [real(k1, 128), make(gp, k2, 128)]
    const criticLoss = (p: P): Tensor => {
      const told = add(mean(softplus(neg(judge(p)(truth)))), mean(softplus(judge(p)(fake)))) as Tensor
      if (hold === 'R1') return add(told, r1(judge(p), truth, { weight: 1 })) as Tensor
      if (hold === 'gradient penalty')
        return add(told, gradientPenalty(judge(p), interpolate(truth, fake, k3), { weight: 1 })) as Tensor
      return told
    }
    const nextD = step(optimizer, dp, grad(criticLoss)(dp), ds)
    const generatorLoss = (p: P): Tensor =>
      mean(softplus(neg(judge(nextD.params)(make(p, k4, 128))))) as Tensor
    const nextG = step(optimizer, gp, grad(generatorLoss)(gp), gs)
    return [nextG.params, nextG.state, nextD.params, nextD.state] as const
  })
  let now = [g.params, optimizer.init(g.params), d.params, optimizer.init(d.params)] as const
  const drawn = (): ArrayLike<number> => make(now[0], random.key(999), 1000).toTypedArray()
  let before = drawn()
  for (let i = 0; i < steps; i++) {
    if (i === steps - 200) before = drawn()
    now = turn(now[0], now[1], now[2], now[3], random.foldIn(random.key(seed), i) as Tensor) as typeof now
  }
  const after = drawn()
  const samples = Array.from({ length: 1000 }, (_, i) => [after[2 * i]!, after[2 * i + 1]!] as const)
  const counts = new Array<number>(MODES).fill(0)
  for (const [x, y] of samples)
    for (let m = 0; m < MODES; m++) {
      const a = (2 * Math.PI * m) / MODES
      if (Math.hypot(x - Math.cos(a), y - Math.sin(a)) < 4 * STD) counts[m]!++
    }
  const at = (i: number) => -1.5 + (3 * i) / (cells - 1)
  const grid = tensor(
    Array.from({ length: cells * cells }, (_, k) => [at(k % cells), -at(Math.floor(k / cells))]),
  ) as Tensor
  const slope = grad((x: Tensor) => sum(judge(now[2])(x)) as Tensor)(grid) as Tensor
  const sizes = (norm(slope, { axis: 1 } as never) as Tensor).toTypedArray()
  const steps200 = samples.map(([x, y], i) => Math.hypot(x - before[2 * i]!, y - before[2 * i + 1]!))
  return {
    moved: steps200.reduce((a, b) => a + b, 0) / samples.length,
    modes: counts.filter((n) => n >= 20).length,
    near: counts.reduce((a, b) => a + b, 0) / 10,
    samples,
    field: Array.from({ length: cells }, (_, i) => [...sizes.subarray(i * cells, (i + 1) * cells)]),
  }
}

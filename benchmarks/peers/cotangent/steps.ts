import {
  add,
  conv,
  jit,
  matmul,
  maxPool,
  mean,
  mul,
  relu,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tree,
  valueAndGrad,
} from '@cotangent/core'
import { loss, lstm, transformerBlock } from '@cotangent/nn'
import { adam, step } from '@cotangent/optim'
import { gradientPenalty } from '@cotangent/regularize'
import { mlpStep } from '../../training/mlp.js'
import { type Given, type Kinds, sample, type Task } from '../task.js'
import { inputs, stepping, training } from './inputs.js'

type Named = Readonly<Record<string, Tensor>>

/** Gradient descent on an objective of parameters and examples, one call a step. */
const descent = <P>(
  given: Given,
  start: P,
  examples: Named,
  rate: number,
  objective: (p: P, examples: Named) => Tensor,
): Task => {
  const train = jit(
    (p: P, from: Named) => {
      const [value, g] = valueAndGrad((q: P) => objective(q, from))(p)
      return { value, next: tree.map((w: Tensor, d: Tensor) => sub(w, mul(d, rate)), p, g as P) as P }
    },
    { donate: 0, threads: given.threads },
  )
  return training(start, (p) => train(p, examples) as { value: Tensor; next: P })
}

const mlp = (given: Given): Task => {
  const { x, y, ...params } = inputs(given)
  const of = (letter: string): Tensor[] =>
    Object.entries(params).flatMap(([name, t]) => (name.startsWith(letter) ? [t] : []))
  const weights = of('w')
  const layers = [x!.shape[1]!, ...weights.map((w) => w.shape[1]!)]
  const start = { x: x!, y: y!, weights, biases: of('b') }
  return stepping(mlpStep(layers, x!.shape[0]!, { start, threads: given.threads }).run)
}

const convnet = (given: Given): Task => {
  const { x, y, ...params } = inputs(given)
  return descent(given, params, { x: x!, y: y! }, 0.01, (p, from) => {
    const layer = (z: Tensor, w: Tensor, b: Tensor): Tensor =>
      maxPool(relu(add(conv(z, w, { padding: 'same' }), b)), { window: 2 }) as Tensor
    const z = layer(layer(from.x!, p.w1!, p.b1!), p.w2!, p.b2!)
    const logits = add(matmul(reshape(z, [32, 1568]), p.w3!), p.b3!)
    return loss.softmaxCrossEntropy(logits, from.y!)
  })
}

const recurrent = (given: Given): Task => {
  const { x, kernel, recurrent, bias } = inputs(given)
  const layer = lstm(recurrent!.shape[0]!)
  const start = { kernel: kernel!, recurrent: recurrent!, bias: bias! }
  return descent(given, start, { x: x! }, 0.01, (p, from) =>
    mean(square(layer.apply(p, {}, from.x!, { train: true }).y)),
  )
}

const transformer = (given: Given): Task => {
  const { x, ...params } = inputs(given)
  const layer = transformerBlock(given.option('heads'))
  const blocks = Array.from({ length: given.option('blocks') }, (_, i) => {
    const p = (name: string): Tensor => params[`${i}.${name}`]!
    const norm = (name: string) => ({ scale: p(`${name}s`), bias: p(`${name}b`) })
    const dense = (name: string) => ({ kernel: p(`w${name}`), bias: p(`b${name}`) })
    return {
      norm1: norm('n1'),
      attention: { query: dense('q'), key: dense('k'), value: dense('v'), output: dense('o') },
      norm2: norm('n2'),
      hidden: dense('h'),
      output: dense('z'),
    }
  })
  return descent(given, blocks, { x: x! }, given.option('rate'), (p, from) =>
    mean(square(p.reduce((z, own) => layer.apply(own, {}, z, { train: true }).y, from.x!))),
  )
}

const wgan = (given: Given): Task => {
  const { real, fake, ...params } = inputs(given)
  return descent(given, params, { real: real!, fake: fake! }, 1e-3, (p, from) => {
    const critic = (x: Tensor): Tensor =>
      sum(matmul(tanh(add(matmul(x, p.w1!), p.b1!)), p.w2!), { axis: 1 }) as Tensor
    const between = mul(add(from.real!, from.fake!), 0.5) as Tensor
    return add(
      sub(mean(critic(from.fake!)), mean(critic(from.real!))),
      gradientPenalty(critic, between),
    ) as Tensor
  })
}

const update = (given: Given): Task => {
  const { p, g } = inputs(given)
  const optimizer = adam({ learningRate: 1e-3 })
  let state = { params: p!, opt: optimizer.init(p!) }
  const call = jit(
    (s: typeof state, d: Tensor) => {
      const next = step(optimizer, s.params, d, s.opt)
      return { params: next.params, opt: next.state } as typeof state
    },
    { donate: 0, threads: given.threads },
  )
  const run = (): void => {
    state = call(state, g!)
  }
  return {
    call: run,
    check: () => {
      for (let i = 0; i < 3; i++) run()
      return sample(state.params.toTypedArray())
    },
  }
}

export const steps: Kinds = { mlp, convnet, lstm: recurrent, transformer, wgan, adam: update }

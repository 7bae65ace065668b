import {
  abs,
  add,
  jit,
  mul,
  random,
  relu,
  square,
  sum,
  type Tensor,
  tree,
  valueAndGrad,
} from '@cotangent/core'
import { activation, dense, loss, sequential } from '@cotangent/nn'
import { adam, step } from '@cotangent/optim'

/** One of the training steps that the figures are about: layers, batch. */
export const SIZES = {
  tiny: { layers: [2, 16, 16, 2], batch: 32 },
  digits: { layers: [784, 256, 128, 10], batch: 128 },
  wide: { layers: [1024, 1024, 1024, 10], batch: 256 },
} as const

const L1 = 1e-5
const L2 = 1e-4

/** What a step starts from instead of random values; weights and biases in the order of the layers. */
export interface Start {
  readonly x: Tensor
  readonly y: Tensor
  readonly weights: readonly Tensor[]
  readonly biases: readonly Tensor[]
}

/** A multi-layer perceptron with softmax cross-entropy, L1 and squared L2 penalties and Adam, as one compiled call. */
export const mlpStep = (
  layers: readonly number[],
  batch: number,
  { start, ...options }: { readonly start?: Start; readonly threads?: number } = {},
) => {
  const [inputs, ...widths] = layers
  const model = sequential(
    widths.flatMap((n, i) => (i + 1 < widths.length ? [dense(n), activation(relu)] : [dense(n)])),
  )
  const { params: drawn, state } = model.init(random.key(0), [batch, inputs!])
  const [weights, biases] = [[...(start?.weights ?? [])], [...(start?.biases ?? [])]]
  const params = tree.map(
    (p: Tensor) => (p.rank === 2 ? weights : biases).shift() ?? p,
    drawn,
  ) as typeof drawn
  const optimizer = adam({ learningRate: 1e-3 })
  type P = typeof params
  const kernels = (p: P): Tensor[] => {
    const found: Tensor[] = []
    const walk = (x: unknown): void => {
      if (typeof x !== 'object' || x === null) return
      for (const [k, v] of Object.entries(x))
        if (k === 'kernel') found.push(v as Tensor)
        else walk(v)
    }
    walk(p)
    return found
  }
  const train = jit(
    (s: { params: P; opt: ReturnType<typeof optimizer.init> }, x: Tensor, y: Tensor) => {
      const objective = (p: P): Tensor => {
        const logits = model.apply(p, state, x, { train: true }).y
        const penalty = kernels(p)
          .map((w) => add(mul(sum(abs(w)), L1), mul(sum(square(w)), L2)))
          .reduce((a, b) => add(a, b))
        return add(loss.softmaxCrossEntropy(logits, y), penalty) as Tensor
      }
      const [value, grads] = valueAndGrad(objective)(s.params)
      const next = step(optimizer, s.params, grads as never, s.opt)
      return { state: { params: next.params as P, opt: next.state }, value }
    },
    { ...options, donate: [0] },
  )
  const x = start?.x ?? random.normal(random.key(1), [batch, inputs!])
  const y = start?.y ?? random.randint(random.key(2), [batch], 0, layers[layers.length - 1]!)
  let s = { params, opt: optimizer.init(params) }
  return {
    train,
    args: () => [s, x, y] as const,
    run: (): Tensor => {
      const out = train(s, x, y)
      s = out.state
      return out.value
    },
  }
}

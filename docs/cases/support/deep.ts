import { add, grad, matmul, mul, norm, random, relu, sum, type Tensor, tanh } from '@cotangent/core'
import { batchNorm, layerNorm } from '@cotangent/nn'

type Activation = (x: Tensor) => Tensor
/** Of a linear layer. */
export const identity: Activation = (x) => x
/** By name. */
export const FUNCTIONS: Readonly<Record<string, Activation>> = {
  linear: identity,
  relu: (x) => relu(x) as Tensor,
  tanh: (x) => tanh(x) as Tensor,
}

/** A step from one layer to the next, given its weights. */
export type Link = (h: Tensor, w: Tensor) => Tensor

/** A layer as it is. */
export const plain =
  (f: Activation): Link =>
  (h, w) =>
    f(matmul(h, w) as Tensor)
/** A layer whose output is added to its input. */
export const residual =
  (f: Activation): Link =>
  (h, w) =>
    add(h, mul(f(matmul(h, w) as Tensor), 0.2)) as Tensor
/** With layer normalisation before the function. */
export const normalised = (f: Activation): Link => {
  const layer = layerNorm({ affine: false } as never)
  return (h, w) => f(layer.apply({} as never, {}, matmul(h, w) as Tensor, { train: true }).y)
}
/** With batch normalisation before the function. */
export const overBatch = (f: Activation): Link => {
  const layer = batchNorm({ affine: false })
  return (h, w) => {
    const z = matmul(h, w) as Tensor
    const { params, state } = layer.init(random.key(0), z.shape)
    return f(layer.apply(params, state, z, { train: true }).y)
  }
}

const DEEPEST = 50
/** Standard normal weights, a batch and a direction for a seed: the same for all gains, which only scale them. */
const drawn = new Map<string, readonly Tensor[]>()
const draw = (seed: number, width: number): readonly Tensor[] => {
  const name = `${seed} ${width}`
  const keys = () => [...(random.split(random.key(seed), DEEPEST + 2) as Iterable<Tensor>)]
  const found =
    drawn.get(name) ??
    keys().map((key, i) => random.normal(key, i < 2 ? [16, width] : [width, width]) as Tensor)
  drawn.set(name, found)
  return found
}

/** The weights of a layer from standard normal numbers. */
export type Weights = (z: Tensor, layer: number) => Tensor
/** N(0, g²/width). */
export const gaussian =
  (gain: number, width: number): Weights =>
  (z) =>
    mul(z, gain / Math.sqrt(width)) as Tensor

/** ‖δ_0‖/‖δ_L‖: what is left of a gradient that starts at the last layer when it comes to the first. */
export const backward = (
  link: Link,
  weights: Weights,
  depth: number,
  width: number,
  seed: number,
): number => {
  const [x, r, ...ws] = draw(seed, width)
  const layers = ws.slice(0, depth).map(weights)
  const delta = grad((h: Tensor) => sum(mul(layers.reduce(link, h), r!)) as Tensor)(x!) as Tensor
  return (norm(delta) as Tensor).item() / (norm(r!) as Tensor).item()
}

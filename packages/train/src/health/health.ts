import { isFinite as isFiniteTensor, square, sum, type Tensor, tree } from '@cotangent/core'
import { explain } from './explain.js'

/** Vanishing: hardly anything reaches some layer. Exploding: far more than at the others, or not even a number. */
export type Verdict = 'vanishing' | 'healthy' | 'exploding'

/** The gradient of one layer. */
export interface LayerHealth {
  /** The path of the layer: that of its parameters without the last part. */
  readonly layer: string
  /** ‖∂L/∂W‖₂ over all parameters of the layer. */
  readonly norm: number
  /** The norm over that of the last layer: what is left, or has grown, on the way back. */
  readonly ratio: number
  /** The largest norm that was seen. */
  readonly peak: number
  readonly parameters: number
}

/** The first number that is not one. */
export interface NonFinite {
  /** The path of the parameter. */
  readonly path: string
  /** The position in the tensor, where it is known. */
  readonly index?: readonly number[]
  readonly value?: number
  /** The step, counted from 1, where it is known. */
  readonly step?: number
}

/** How gradients arrive at the layers. */
export interface GradientHealth {
  readonly verdict: Verdict
  /** In the order of the parameters, which is that of a sequential model. */
  readonly layers: readonly LayerHealth[]
  /** The norm of the whole gradient. */
  readonly norm: number
  /** The ratio that is furthest from 1. */
  readonly ratio: number
  readonly nonFinite?: NonFinite
  /** The verdict in words, with the layer that led to it and what helps. */
  explain(): string
}

/** Options of {@link gradientHealth}. */
export interface HealthOptions {
  /** Ratios to the last layer below this are called vanishing. Default 1e-3. */
  readonly vanishing?: number
  /** Ratios above this are called exploding. Default 1e3. */
  readonly exploding?: number
}

/** The gradient of one parameter: its path, size, squared norm and largest squared norm. */
export interface LeafNorm {
  readonly path: string
  readonly size: number
  readonly squared: number
  readonly peak: number
}

export const layerOf = (path: string): string => {
  const at = path.lastIndexOf('/')
  return at < 0 ? path : path.slice(0, at)
}

const verdictOf = (
  layers: readonly LayerHealth[],
  finite: boolean,
  { vanishing = 1e-3, exploding = 1e3 }: HealthOptions,
): { readonly verdict: Verdict; readonly ratio: number } => {
  const ratios = layers.map(({ ratio }) => ratio)
  const far = ratios.reduce((a, b) => (Math.abs(Math.log(b)) > Math.abs(Math.log(a)) ? b : a), 1)
  if (!finite || layers.some(({ norm }) => !Number.isFinite(norm)))
    return { verdict: 'exploding', ratio: far }
  if (layers.some(({ norm }) => norm === 0) || far < vanishing) return { verdict: 'vanishing', ratio: far }
  return { verdict: far > exploding ? 'exploding' : 'healthy', ratio: far }
}

/** The health that the norms of the parameters' gradients amount to. */
export const healthOf = (
  leaves: readonly LeafNorm[],
  nonFinite: NonFinite | undefined,
  options: HealthOptions = {},
): GradientHealth => {
  const byLayer = new Map<string, { squared: number; peak: number; parameters: number }>()
  for (const { path, size, squared, peak } of leaves) {
    const of = byLayer.get(layerOf(path)) ?? { squared: 0, peak: 0, parameters: 0 }
    byLayer.set(layerOf(path), {
      squared: of.squared + squared,
      peak: of.peak + peak,
      parameters: of.parameters + size,
    })
  }
  const norms = [...byLayer].map(([layer, of]) => ({ ...of, layer, norm: Math.sqrt(of.squared) }))
  const last = norms.at(-1)?.norm ?? 0
  // Where the last layer has no gradient nothing can be compared with it.
  const layers = norms.map(({ layer, norm, peak, parameters }) => ({
    layer,
    norm,
    ratio: last === 0 ? (norm === 0 ? 1 : Number.POSITIVE_INFINITY) : norm / last,
    peak: Math.sqrt(peak),
    parameters,
  }))
  const { verdict, ratio } = verdictOf(layers, nonFinite === undefined, options)
  const norm = Math.sqrt(leaves.reduce((total, { squared }) => total + squared, 0))
  const found = { verdict, layers, norm, ratio, ...(nonFinite && { nonFinite }) }
  return { ...found, explain: () => explain(found) }
}

const firstNonFinite = (path: string, x: Tensor): NonFinite | undefined => {
  const at = isFiniteTensor(x).toTypedArray().indexOf(0)
  if (at < 0) return undefined
  const index: number[] = []
  let rest = at
  for (const n of [...x.shape].reverse()) {
    index.unshift(rest % n)
    rest = Math.floor(rest / n)
  }
  return { path, index, value: x.toTypedArray()[at]! }
}

/**
 * The norms of the gradient by layer, what is left of it on the way from the last layer to the first, and a verdict. A
 * gradient vanishes or explodes by the product of the layers' Jacobians (Pascanu, Mikolov, Bengio 2013,
 * https://arxiv.org/abs/1211.5063), so layers are compared with the last one, where it starts.
 *
 * @example
 * const health = gradientHealth({ first: { kernel: tensor([1e-6]) }, last: { kernel: tensor([1]) } })
 * health.verdict // => 'vanishing'
 * health.layers.map((layer) => layer.ratio) // => [1e-6, 1]
 * gradientHealth({ w: tensor([1, NaN]) }).nonFinite?.index // => [1]
 */
export const gradientHealth = (grads: unknown, options: HealthOptions = {}): GradientHealth => {
  const leaves = tree.leaves(grads)
  const paths = tree.paths(grads)
  const norms = leaves.map((g, i) => {
    const squared = (sum(square(g)) as Tensor).item()
    return { path: paths[i]!, size: g.size, squared, peak: squared }
  })
  // The search by entry only where a sum says that there is something to find.
  const bad = leaves.findIndex(
    (g, i) => !Number.isFinite(norms[i]!.squared) && firstNonFinite('', g) !== undefined,
  )
  return healthOf(norms, bad < 0 ? undefined : firstNonFinite(paths[bad]!, leaves[bad]!), options)
}

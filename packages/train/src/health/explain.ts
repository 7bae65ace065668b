import type { GradientHealth } from './health.js'

const number = (x: number): string => {
  const size = Math.abs(x)
  return size === 0 ? '0' : size < 1e-3 || size >= 1e6 ? x.toExponential(2) : x.toPrecision(3)
}

const HELP = {
  vanishing:
    'What helps: initialisation for the activation (init.heNormal for relu), normalisation (batchNorm, layerNorm), residual connections, gates (gru, lstm) in place of rnn.',
  exploding:
    'What helps: a smaller learning rate, clipByGlobalNorm, initialisation for the activation, normalisation. A weight penalty does not change the factor from layer to layer.',
} as const

/** A verdict in words. */
export const explain = ({ verdict, layers, norm, nonFinite }: Omit<GradientHealth, 'explain'>): string => {
  if (nonFinite !== undefined) {
    const { path, index, value, step } = nonFinite
    const entry = index === undefined ? '' : `[${index.join(', ')}]`
    const what = value === undefined ? 'is not finite' : `is ${value}`
    const when = step === undefined ? '' : ` at step ${step}`
    return `exploding: the gradient of ${path}${entry} ${what}${when}; it is the first such value. ${HELP.exploding}`
  }
  if (verdict === 'healthy') {
    const ratios = layers.map(({ ratio }) => ratio)
    return `healthy: the gradient has norm ${number(norm)}; layers differ from the last by factors from ${number(Math.min(...ratios))} to ${number(Math.max(...ratios))}.`
  }
  const dead = layers.filter(({ norm: own }) => own === 0)
  if (dead.length > 0)
    return `vanishing: the gradient of ${dead.map(({ layer }) => layer).join(', ')} is exactly 0: no unit is active, or the layer is cut off. ${HELP.vanishing}`
  const worst = layers.reduce((a, b) => (Math.abs(Math.log(b.ratio)) > Math.abs(Math.log(a.ratio)) ? b : a))
  return `${verdict}: the gradient of ${worst.layer} has norm ${number(worst.norm)}, ${number(worst.ratio)} times that of ${layers.at(-1)!.layer}. ${HELP[verdict]}`
}

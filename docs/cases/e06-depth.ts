import { add, grad, matmul, mul, norm, random, relu, sum, type Tensor, tanh } from '@cotangent/core'
import { init, layerNorm } from '@cotangent/nn'
import { figure } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { median } from './support/stats.js'

type Activation = (x: Tensor) => Tensor
const identity: Activation = (x) => x
const FUNCTIONS: Readonly<Record<string, Activation>> = {
  linear: identity,
  relu: (x) => relu(x) as Tensor,
  tanh: (x) => tanh(x) as Tensor,
}

/** A step from one layer to the next, given its weights. */
type Link = (h: Tensor, w: Tensor) => Tensor

const plain =
  (f: Activation): Link =>
  (h, w) =>
    f(matmul(h, w) as Tensor)
const residual =
  (f: Activation): Link =>
  (h, w) =>
    add(h, mul(f(matmul(h, w) as Tensor), 0.2)) as Tensor
const normalised = (f: Activation): Link => {
  const layer = layerNorm({ affine: false } as never)
  return (h, w) => f(layer.apply({} as never, {}, matmul(h, w) as Tensor, { train: true }).y)
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

/** The weights of a layer from standard normal numbers. */
type Weights = (z: Tensor, layer: number) => Tensor
const gaussian =
  (gain: number, width: number): Weights =>
  (z) =>
    mul(z, gain / Math.sqrt(width)) as Tensor
const log10 = (x: number): string => Math.log10(x).toFixed(1)

/** Median measured elsewhere over five seeds with width 128 and 50 layers, by function and gain. */
const PILOT: readonly (readonly [keyof typeof FUNCTIONS, number, number])[] = [
  ['linear', 0.8, 1.2e-5],
  ['linear', 1.25, 6.0e4],
  ['relu', 1, 2.8e-8],
  ['relu', Math.SQRT2, 0.94],
  ['relu', 2, 3.2e7],
  ['tanh', 1, 0.12],
  ['tanh', 1.5, 19],
  ['tanh', 2, 1.6e3],
  ['tanh', 3, 3.2e6],
]

export const depth: Case = {
  id: 'E6',
  title: 'Gradients that vanish and explode with depth',
  claim: 'Regularisation prevents the explosion of the gradient (the introduction, 2.2 and 3.4).',
  setting:
    'Random networks of width 128 and up to 50 layers, weights N(0, g²/width), a batch of 16: the norm of the gradient at the first layer over that at the last, the median of five seeds. Then with what is said to help.',
  lesson:
    'The gradient is a product of one factor for each layer: (g/√2)ᴸ for relu. What changes the factor helps: initialisation (He makes it 1, orthogonal weights for linear layers), normalisation, residual connections. An L2 penalty adds λW to the gradient of each weight; the factor stays as it was. Clipping bounds the step that is taken, not the gradient that arrives.',
  async run({ full, seeds, log }): Promise<Outcome> {
    const width = full ? 128 : 48
    const measure = (link: Link, weights: Weights, layers: number) =>
      median(seeds.map((seed) => backward(link, weights, layers, width, seed)))
    log?.('against theory')
    const known = PILOT.map(([name, gain, pilot]) => ({
      name,
      gain,
      pilot,
      found: measure(plain(FUNCTIONS[name]!), gaussian(gain, width), 50),
    }))
    const worst = Math.max(...known.map(({ found, pilot }) => Math.abs(Math.log10(found / pilot))))

    const depths = full ? [2, 5, 10, 20, 30, 40, 50] : [2, 10, 30, 50]
    const gains = full ? [0.8, 1, 1.2, Math.SQRT2, 1.6, 1.8, 2] : [1, Math.SQRT2, 2]
    log?.('depth and gain')
    const map = gains.map((gain) =>
      depths.map((layers) => Math.log10(measure(plain(FUNCTIONS.relu!), gaussian(gain, width), layers))),
    )

    log?.('cures')
    const rough = gaussian(1.8, width)
    // What a penalty does to the weights at a step of η = 0.1 and λ = 0.01 from a gradient of zero: a factor of 0.999.
    const decayed: Weights = (z, i) => mul(rough(z, i), 1 - 0.1 * 0.01) as Tensor
    const orthogonal: Weights = (_, i) => init.orthogonal()(random.key(70 + i), [width, width])
    const cures: readonly (readonly [string, Link, Weights])[] = [
      ['gain 1.8, relu', plain(FUNCTIONS.relu!), rough],
      ['the same after a step of L2', plain(FUNCTIONS.relu!), decayed],
      ['He', plain(FUNCTIONS.relu!), gaussian(Math.SQRT2, width)],
      ['layerNorm, gain 1.8', normalised(FUNCTIONS.relu!), rough],
      ['residual, gain 1', residual(FUNCTIONS.relu!), gaussian(1, width)],
      ['orthogonal, linear', plain(identity), orthogonal],
    ]
    const lines = cures.map(([name, link, weights]) => ({
      name,
      points: depths.map((layers) => [layers, measure(link, weights, layers)] as const),
    }))
    const at50 = Object.fromEntries(lines.map(({ name, points }) => [name, points.at(-1)![1]]))
    const change = Math.abs(Math.log10(at50['the same after a step of L2']! / at50['gain 1.8, relu']!))
    return {
      head: ['network', 'gain', 'measured', 'elsewhere', 'theory'],
      rows: known.map(({ name, gain, pilot, found }) => [
        name,
        gain.toFixed(2),
        found.toExponential(1),
        pilot.toExponential(1),
        name === 'tanh' ? '' : ((name === 'relu' ? gain / Math.SQRT2 : gain) ** 50).toExponential(1),
      ]),
      raw: [['network', ...depths], ...lines.map(({ name, points }) => [name, ...points.map((p) => p[1])])],
      figures: {
        map: await figure.heatMap({
          title: 'log10 of what arrives at the first layer, relu',
          x: { name: 'layers', labels: depths },
          y: { name: 'gain g', labels: gains.map((g) => g.toFixed(2)) },
          values: map,
          diverging: true,
          digits: 1,
          width: 620,
          height: 340,
        }),
        cures: await figure.lines({
          title: 'What is said to help',
          x: { name: 'layers' },
          y: { name: '‖δ₀‖/‖δ_L‖', log: true },
          lines,
          width: 760,
          height: 380,
        }),
      },
      claims: [
        {
          text: 'What arrives is what was measured elsewhere, within a factor of 3',
          measured: `off by 10^${worst.toFixed(2)} at most`,
          holds: worst < 0.5,
        },
        {
          text: 'He keeps the gradient',
          measured: `10^${log10(at50.He!)} after 50 layers`,
          holds: Math.abs(Math.log10(at50.He!)) < 1,
        },
        {
          text: 'Normalisation and residual connections keep it within 100',
          measured: `10^${log10(at50['layerNorm, gain 1.8']!)} and 10^${log10(at50['residual, gain 1']!)}`,
          holds:
            Math.abs(Math.log10(at50['layerNorm, gain 1.8']!)) < 2 &&
            Math.abs(Math.log10(at50['residual, gain 1']!)) < 2,
        },
        {
          text: 'An L2 penalty prevents the explosion',
          measured: `10^${log10(at50['gain 1.8, relu']!)} without, 10^${log10(at50['the same after a step of L2']!)} with`,
          holds: change > 1,
        },
      ],
    }
  },
}

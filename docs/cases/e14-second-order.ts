import {
  add,
  exp,
  grad,
  jit,
  log1p,
  mean as meanOf,
  mul,
  neg,
  random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@cotangent/core'
import { accuracy, loss } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import { augment, evaluate, figure, fit } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { network, parts } from './support/digits.js'
import { mean, spread } from './support/stats.js'

/** The Dirac-GAN of Mescheder, Geiger, Nowozin 2018: a generator at θ, a critic D(x) = ψx, the truth at 0. */
const duel = (gamma: number, steps: number, rate: number): readonly (readonly [number, number])[] => {
  const softplus = (z: Tensor): Tensor => log1p(exp(z)) as Tensor
  const critic = (psi: Tensor) => (x: Tensor) => mul(psi, x) as Tensor
  // R1: ½γ‖∇D(x)‖² at the truth: a gradient with respect to x, differentiated with respect to ψ.
  const criticLoss = (psi: Tensor, theta: Tensor) =>
    add(
      softplus(critic(psi)(theta)),
      mul(square(grad(critic(psi))(tensor(0) as Tensor) as Tensor), gamma / 2),
    ) as Tensor
  // The game of zero sum: what one gains the other loses.
  const generatorLoss = (theta: Tensor, psi: Tensor) => neg(softplus(critic(psi)(theta))) as Tensor
  const step = jit((theta: Tensor, psi: Tensor) => [
    sub(theta, mul(rate, grad(generatorLoss)(theta, psi))),
    sub(psi, mul(rate, grad(criticLoss)(psi, theta))),
  ])
  let now = [tensor(1), tensor(0)] as [Tensor, Tensor]
  const path: (readonly [number, number])[] = [[1, 0]]
  for (let i = 0; i < steps; i++) {
    now = step(...now) as [Tensor, Tensor]
    path.push([now[0].item(), now[1].item()])
  }
  return path
}

const NOISES = [0, 0.1, 0.2, 0.3, 0.4, 0.5]

export const secondOrder: Case = {
  id: 'E14',
  title: 'Penalties of derivatives',
  claim:
    'Regularisers that are themselves gradients (beyond the article: Drucker & LeCun 1992; Mescheder et al. 2018).',
  setting:
    'The Dirac-GAN with and without R1, the penalty ½γ‖∇D‖² of the critic’s gradient. And the network of E5 on 300 digits with λ·E‖∂L/∂x‖², the penalty of the gradient with respect to the image, tested with noise.',
  lesson:
    'A gradient in the loss is differentiated like anything else, inside the compiled step. R1 turns a game that circles into one that ends; the penalty of the input gradient makes a classifier smooth, and noise matters less.',
  async run({ full, seeds, log }): Promise<Outcome> {
    log?.('Dirac-GAN')
    const [without, withR1] = [0, 1].map((gamma) => duel(gamma, full ? 2000 : 800, 0.1)) as [
      ReturnType<typeof duel>,
      ReturnType<typeof duel>,
    ]
    const distance = (path: ReturnType<typeof duel>): number => Math.hypot(...path.at(-1)!)
    const results: { name: string; seed: number; errors: readonly number[] }[] = []
    for (const strength of [0, 3])
      for (const seed of seeds) {
        const name = strength === 0 ? 'none' : 'input gradient'
        log?.(`${name}, seed ${seed}`)
        const data = parts(seed, { train: 300, noise: 0 })
        const model = network(full ? 64 : 32)
        const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
        const { state } = await fit({
          ...plain,
          ...(strength > 0 && {
            terms: {
              inputGradient: ({
                batch,
                predict,
              }: {
                readonly batch: { readonly x: Tensor; readonly y: Tensor }
                predict(x: Tensor): Tensor
              }) => {
                // Of the sum, so that row i is the gradient of example i alone.
                const slope = grad((x: Tensor) =>
                  loss.softmaxCrossEntropy(predict(x), batch.y, { reduction: 'sum' }),
                )(batch.x) as Tensor
                return mul(meanOf(sum(square(slope), { axis: 1 } as never) as Tensor), strength) as Tensor
              },
            },
          }),
          optimizer: adam({ learningRate: 3e-3 }),
          data: data.train,
          batchSize: 50,
          epochs: full ? 60 : 25,
          key: random.key(seed),
          health: false,
        }).last()
        const errors: number[] = []
        for (const [i, std] of NOISES.entries()) {
          const noisy = augment.noise({ std })(random.key(900 + 10 * seed + i), {
            x: data.test.x,
            y: data.test.y,
          })
          errors.push(
            100 * (1 - (await evaluate(plain, state.params, state.layers, noisy)).metrics.accuracy!),
          )
        }
        results.push({ name, seed, errors })
      }
    const of = (name: string, i: number) => results.filter((r) => r.name === name).map((r) => r.errors[i]!)
    return {
      head: ['noise', 'error without %', 'error with %'],
      rows: NOISES.map((std, i) => [std.toFixed(1), spread(of('none', i)), spread(of('input gradient', i))]),
      raw: [['method', 'seed', ...NOISES], ...results.map((r) => [r.name, r.seed, ...r.errors])],
      figures: {
        duel: await figure.lines({
          title: 'Dirac-GAN: generator θ and critic ψ',
          x: { name: 'θ' },
          y: { name: 'ψ' },
          lines: [
            { name: 'no penalty', points: without },
            { name: 'R1', points: withR1 },
          ],
          height: 400,
        }),
        noise: await figure.lines({
          title: 'Test error under noise',
          x: { name: 'σ' },
          y: { name: 'error, %' },
          lines: ['none', 'input gradient'].map((name) => ({
            name,
            points: NOISES.map((std, i) => [std, mean(of(name, i))] as const),
          })),
        }),
      },
      claims: [
        {
          text: 'Without a penalty the game goes in circles',
          measured: `distance from the truth ${distance(without).toFixed(2)}, from 1 at the start`,
          holds: distance(without) > 0.9,
        },
        {
          text: 'With R1 it arrives',
          measured: `distance ${distance(withR1).toExponential(1)}`,
          holds: distance(withR1) < 0.05,
        },
        {
          text: 'The penalty of the input gradient helps against noise',
          measured: `at 0.3: ${mean(of('none', 3)).toFixed(1)} % to ${mean(of('input gradient', 3)).toFixed(1)} %`,
          holds: mean(of('input gradient', 3)) < mean(of('none', 3)),
        },
      ],
    }
  },
}

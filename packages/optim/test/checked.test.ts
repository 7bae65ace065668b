import { checkOptimizer } from '@cotangent/check'
import { add, mul, random, type Tensor, tanh } from '@cotangent/core'
import * as optim from '@cotangent/optim'
import { chain } from '@cotangent/optim'
import * as E from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { type Row, rows } from './rows.js'

// Every optimiser and every part of one, in float64, by the laws that `@cotangent/check` has for anyone's own: structure, purity,
// what a gradient of 0 does, and the derivatives of the loss after three steps, by the learning rate and by where it began.

const after = (first: unknown) => ({
  make: (learningRate: optim.Hyper) => chain(first as optim.Transform, optim.sgd({ learningRate })),
})
const parts: Readonly<Record<string, Row>> = {
  identity: after(optim.identity),
  clipByValue: after(optim.clipByValue(0.7)),
  clipByBlockRms: after(optim.clipByBlockRms(0.5)),
  clipByGlobalNorm: after(optim.clipByGlobalNorm(1)),
  centralize: after(optim.centralize()),
  zeroNans: after(optim.zeroNans()),
  addDecayedWeights: { ...after(optim.addDecayedWeights(0.1)), restless: true },
  scaleByAdam: after(optim.scaleByAdam()),
  scaleByAdamax: after(optim.scaleByAdamax()),
  scaleByAmsgrad: after(optim.scaleByAmsgrad()),
  scaleByNadam: after(optim.scaleByNadam()),
  scaleByAdadelta: after(optim.scaleByAdadelta()),
  scaleByAdagrad: after(optim.scaleByAdagrad()),
  scaleByLion: after(optim.scaleByLion()),
  scaleByRms: after(optim.scaleByRms()),
  scaleByLearningRate: { make: (learningRate) => optim.scaleByLearningRate(learningRate) },
  byLabel: {
    make: (learningRate) =>
      optim.byLabel((path: string) => (path === 'b' ? 'bias' : 'rest'), {
        bias: optim.sgd({ learningRate }),
        rest: optim.adam({ learningRate }),
      }),
  },
  scaleBy: after(
    optim.scaleBy({
      hyper: { decay: 0.9 },
      memory: ['mean'],
      rule:
        ({ decay }) =>
        (g, { mean }) => {
          const next = add(mul(mean, decay), g) as Tensor
          return { memory: { mean: next }, update: tanh(next) as Tensor }
        },
    }),
  ),
  lbfgs: { make: () => optim.lbfgs() },
}
const all = { ...rows, ...parts }
const key: Tensor = random.key(0)

test.each(Object.entries(all))('%s', (_, { make, restless }) => {
  const found = checkOptimizer((rate) => make(rate) as optim.Transform<never, never>, {
    seed: 1,
    context: { key },
    ...(restless && { restless }),
  })
  expect(E.isLeft(found) ? found.left.map(String) : []).toEqual([])
})

test('nothing that the package offers is left out', () => {
  const others = [
    'admm',
    'applyUpdates',
    'fista',
    'gaussNewton',
    'monoid',
    'proximalGradient',
    'schedule',
    'step',
  ]
  const text = Object.values(all)
    .map(({ make }) => make.toString())
    .join('\n')
  const missing = Object.keys(optim).filter(
    (name) => !(name in all) && !others.includes(name) && !new RegExp(`\\b${name}\\b`).test(text),
  )
  expect(missing).toEqual([])
})

import { random, relu, type Tensor, tree } from '@cotangent/core'
import { accuracy, activation, dense, loss, residual, sequential } from '@cotangent/nn'
import { adam } from '@cotangent/optim'
import {
  type Functional,
  l2,
  leastSquares,
  norm2,
  on,
  type Penalty,
  ridgePath,
  solve,
} from '@cotangent/regularize'
import { figure, fit } from '@cotangent/train'
import type { Case, Outcome } from './support/case.js'
import { diabetes } from './support/diabetes.js'
import { parts } from './support/digits.js'

/** ‖β‖ and the α of the ridge that has the same solution, computed elsewhere. */
const KNOWN = [
  [100, 782.07257689, 0.12786537],
  [400, 574.38471991, 0.69639736],
  [800, 375.45438933, 2.13075149],
  [1200, 226.90320455, 5.28859873],
  [1500, 131.71919982, 11.38786147],
] as const
const LIMIT = 1955.451119

const block = () => residual(sequential({ dense: dense(32), act: activation(relu) }))
/** Residual blocks: a layer that is zero passes its input on, so a network can do without it. */
const model = sequential({
  first: dense(32),
  act: activation(relu),
  r1: block(),
  r2: block(),
  r3: block(),
  head: dense(10),
})

export const squareRoot: Case = {
  id: 'E4',
  title: 'The square root in the article’s L2',
  claim: 'L2 is the square root of the sum of squares (sections 2.1 and 3.4).',
  setting:
    'The diabetes data with λ‖β‖₂, not squared. And a network of a layer, three residual blocks and a head on 400 digits, with the square root of each layer, of all layers together, and the square.',
  lesson:
    'The root is not weight decay. It walks the path of the ridge, but reaches zero, all at once, at a finite λ. Over layers it is a group lasso whose groups are layers. The square only shrinks. Here `norm2` is the root and `l2` half the square, and neither is called by the other’s name.',
  async run({ full, seeds, log }): Promise<Outcome> {
    const { X, y, n } = await diabetes()
    const data = leastSquares(X, y)
    const normAt = (lambda: number): readonly number[] => [
      ...(
        solve({ loss: data, penalty: norm2(lambda / n), tolerance: 1e-12, maxIterations: 1e5 }) as Tensor
      ).toTypedArray(),
    ]
    let off = 0
    const rows = KNOWN.map(([lambda, norm, alpha]) => {
      const beta = normAt(lambda)
      const found = Math.hypot(...beta)
      const same = ridgePath(X, y, [lambda / found / n])[0]!.params.kernel.toTypedArray()
      const apart = Math.max(...beta.map((b, k) => Math.abs(b - same[k]!))) / found
      off = Math.max(off, Math.abs(found / norm - 1), Math.abs(lambda / found / alpha - 1), apart)
      return [String(lambda), found.toFixed(6), (lambda / found).toFixed(6), apart.toExponential(1)]
    })
    const grid = Array.from({ length: 42 }, (_, i) => 50 * i + 1)
    const path = grid.map((lambda) => [lambda, Math.hypot(...normAt(lambda))] as const)
    const [below, above] = [Math.hypot(...normAt(LIMIT - 1)), Math.hypot(...normAt(LIMIT + 1e-3))]

    const strength = 0.15
    const penalties: readonly (readonly [string, Functional | Penalty])[] = [
      ['root of each layer', on('**/kernel', norm2(strength), { group: 'perLayer' })],
      ['root of all together', on('**/kernel', norm2(strength), { group: 'global' })],
      ['square', on('**/kernel', l2(strength))],
    ]
    const curves: { name: string; points: (readonly [number, number])[] }[] = []
    const dead: Record<string, number> = {}
    const accuracyOf: Record<string, number> = {}
    for (const [name, penalty] of penalties) {
      log?.(name)
      const { train, validation } = parts(seeds[0]!, { train: full ? 400 : 200, noise: 0 })
      const smallest: (readonly [number, number])[] = []
      const run = fit({
        model,
        loss: loss.softmaxCrossEntropy,
        metrics: { accuracy },
        penalty,
        optimizer: adam({ learningRate: 3e-3 }),
        data: train,
        validation,
        batchSize: 50,
        epochs: full ? 100 : 30,
        key: random.key(seeds[0]!),
        health: false,
      })
      for await (const { epoch, state, validation: measured } of run) {
        accuracyOf[name] = measured!.metrics.accuracy!
        const norms = tree
          .leaves(state.params)
          .filter((p) => p.rank === 2)
          .map((p) => Math.hypot(...p.toTypedArray()))
        smallest.push([epoch, Math.min(...norms)])
        dead[name] = norms.filter((v) => v === 0).length
      }
      curves.push({ name, points: smallest })
    }
    return {
      head: ['λ', '‖β‖', 'α of the same ridge', 'apart from it'],
      rows,
      raw: [['lambda', 'norm'], ...path],
      figures: {
        path: await figure.lines({
          title: 'λ‖β‖₂: the norm reaches 0 at a finite λ',
          x: { name: 'λ' },
          y: { name: '‖β‖' },
          lines: [{ name: '‖β‖', points: path }],
          marks: [{ at: LIMIT, label: `λ = ${LIMIT.toFixed(2)}` }],
          width: 760,
        }),
        layers: await figure.lines({
          title: `The smallest norm of a layer, λ = ${strength}`,
          x: { name: 'epoch', min: 1 },
          y: { name: '‖W‖' },
          lines: curves,
          width: 760,
        }),
      },
      claims: [
        {
          text: 'The norms, and the ridge with the same solution, are those computed elsewhere',
          measured: `relative difference ${off.toExponential(1)}`,
          holds: off < 1e-6,
        },
        {
          text: `Zero from λ = ${LIMIT} on, and not before`,
          measured: `‖β‖ is ${below.toExponential(1)} just below and ${above} just above`,
          holds: below > 0 && above === 0,
        },
        {
          text: 'The square never makes a layer zero',
          measured: `${dead.square} layers`,
          holds: dead.square === 0,
        },
        {
          text: 'The root makes whole layers zero',
          measured: `each by itself: ${dead['root of each layer']} of 5; all together: ${dead['root of all together']} of 5; test accuracy of the first ${accuracyOf['root of each layer']!.toFixed(3)}`,
          holds: dead['root of each layer']! > 0,
        },
      ],
    }
  },
}

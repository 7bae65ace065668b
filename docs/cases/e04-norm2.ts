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
import { evaluate, figure, fit } from '@cotangent/train'
import type { Case, Measured } from './support/case.js'
import { diabetes } from './support/diabetes.js'
import { parts } from './support/digits.js'
import { rowsOf } from './support/raw.js'
import { mean, spread } from './support/stats.js'

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

const LAYERS = ['first', 'r1', 'r2', 'r3', 'head'] as const
const WORKS = 15
const SHOWN = 0.5
const STRENGTHS = [0.05, 0.15, 0.3, 0.5, 0.8]
const ROOTS = ['root of each layer', 'root of all together']
const WAYS = [...ROOTS, 'square']
const penaltyOf = (way: string, strength: number): Functional | Penalty =>
  way === 'square'
    ? on('**/kernel', l2(strength))
    : on('**/kernel', norm2(strength), { group: way === ROOTS[0] ? 'perLayer' : 'global' })

interface Run {
  readonly way: string
  readonly strength: number
  readonly seed: number
  /** Of the kernels at the end, and after each epoch. */
  readonly norms: readonly number[]
  readonly curve: readonly (readonly number[])[]
  readonly error: number
}

const train = async (way: string, strength: number, seed: number, full: boolean): Promise<Run> => {
  const data = parts(seed, { train: 400, noise: 0 })
  const plain = { model, loss: loss.softmaxCrossEntropy, metrics: { accuracy } }
  const curve: (readonly number[])[] = []
  let error = 100
  const run = fit({
    ...plain,
    penalty: penaltyOf(way, strength),
    optimizer: adam({ learningRate: 3e-3 }),
    data: data.train,
    batchSize: 50,
    epochs: full ? 100 : 60,
    key: random.key(seed),
    health: false,
  })
  for await (const { epoch, epochs, state } of run) {
    const kernels = tree.leaves(state.params).filter((p) => p.rank === 2)
    curve.push(kernels.map((p) => Math.hypot(...p.toTypedArray())))
    if (epoch === epochs)
      error = 100 * (1 - (await evaluate(plain, state.params, state.layers, data.test)).metrics.accuracy!)
  }
  return { way, strength, seed, norms: curve.at(-1)!, curve, error }
}

export const squareRoot: Case = {
  id: 'E4',
  title: 'The square root in the article’s L2',
  claim: 'L2 is the square root of the sum of squares (sections 2.1 and 3.4).',
  setting:
    'The diabetes data with λ‖β‖₂, not squared. And a network of a layer, three residual blocks and a head on 400 digits, with the square root of each layer, of all layers together, and the square, at five strengths.',
  lesson:
    'The root is not weight decay. It walks the path of the ridge, but reaches zero, all at once, at a finite λ. Over layers it is a group lasso whose groups are layers, and here it is nearly all or nothing too: up to some λ every layer lives, a little further the whole network is zero, and where some layers are gone the rest is no longer of use. The square only shrinks. Here `norm2` is the root and `l2` half the square, and neither is called by the other’s name.',
  async run({ full, seeds, log }): Promise<Measured> {
    const { X, y, n } = await diabetes()
    const data = leastSquares(X, y)
    const normAt = (lambda: number): readonly number[] => [
      ...(
        solve({ loss: data, penalty: norm2(lambda / n), tolerance: 1e-12, maxIterations: 1e5 }) as Tensor
      ).toTypedArray(),
    ]
    const known = KNOWN.map(([lambda]) => {
      const beta = normAt(lambda)
      const found = Math.hypot(...beta)
      const same = ridgePath(X, y, [lambda / found / n])[0]!.params.kernel.toTypedArray()
      const apart = Math.max(...beta.map((b, k) => Math.abs(b - same[k]!))) / found
      return { lambda, found, apart }
    })
    const grid = Array.from({ length: 42 }, (_, i) => 50 * i + 1)
    const path = grid.map((lambda) => [lambda, Math.hypot(...normAt(lambda))] as const)
    const around = [LIMIT - 1, LIMIT + 1e-3].map((lambda) => Math.hypot(...normAt(lambda)))

    const strengths = full ? STRENGTHS : [0.15, SHOWN]
    const runs: Run[] = []
    for (const way of WAYS)
      for (const strength of strengths)
        for (const seed of seeds) {
          log?.(`${way}, ${strength}, seed ${seed}`)
          runs.push(await train(way, strength, seed, full))
        }
    const of = (way: string, strength: number) => runs.filter((r) => r.way === way && r.strength === strength)
    return {
      head: ['penalty', 'λ', 'layers that are zero, of 5', 'smallest ‖W‖', 'test error %'],
      rows: WAYS.flatMap((way) =>
        strengths.map((strength) => {
          const found = of(way, strength)
          return [
            way,
            String(strength),
            spread(found.map((r) => r.norms.filter((v) => v === 0).length)),
            mean(found.map((r) => Math.min(...r.norms))).toPrecision(2),
            spread(found.map((r) => r.error)),
          ]
        }),
      ),
      raw: [
        ['part', 'way', 'lambda', 'seed', 'norm', 'apart', 'error', ...LAYERS],
        ...known.map((k) => ['known', '', k.lambda, '', k.found, k.apart, '', ...LAYERS.map(() => '')]),
        ...around.map((norm, i) => ['limit', i, '', '', norm, '', '', ...LAYERS.map(() => '')]),
        ...path.map(([lambda, norm]) => ['path', '', lambda, '', norm, '', '', ...LAYERS.map(() => '')]),
        ...runs.map((r) => ['network', r.way, r.strength, r.seed, '', '', r.error, ...r.norms]),
      ],
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
          title: `The largest and the smallest layer while it is trained, λ = ${SHOWN}, one seed`,
          x: { name: 'epoch', min: 1 },
          y: { name: '‖W‖' },
          lines: WAYS.flatMap((way, colour) =>
            [Math.max, Math.min].map((pick, k) => ({
              name: k === 0 ? way : `${way}, smallest`,
              colour,
              dashed: k > 0,
              points: of(way, SHOWN)[0]!.curve.map((norms, i) => [i + 1, pick(...norms)] as const),
            })),
          ),
          width: 760,
          height: 400,
        }),
      },
    }
  },
  judge(raw) {
    const rows = rowsOf(raw)
    const known = rows.where({ part: 'known' })
    const [norms, apart] = [known.of('norm'), known.of('apart')]
    const off = Math.max(
      ...KNOWN.flatMap(([lambda, norm, alpha], i) => [
        Math.abs(norms[i]! / norm - 1),
        Math.abs(lambda / norms[i]! / alpha - 1),
        apart[i]!,
      ]),
    )
    const [below, above] = rows.where({ part: 'limit' }).of('norm') as [number, number]
    const network = rows.where({ part: 'network' })
    const strengths = network.each('lambda').map(Number)
    const dead = (way: string, lambda: number) => {
      const layers = LAYERS.map((layer) => network.where({ way, lambda }).of(layer))
      return layers[0]!.map((_, i) => layers.filter((norms) => norms[i] === 0).length)
    }
    const largest = (way: string) => Math.max(...strengths.flatMap((s) => dead(way, s)))
    const some = ROOTS.flatMap((way) =>
      strengths.flatMap((lambda) => {
        const errors = network.where({ way, lambda }).of('error')
        return dead(way, lambda).flatMap((n, i) => (n > 0 && n < LAYERS.length ? [errors[i]!] : []))
      }),
    )
    const at = (way: string) => strengths.find((s) => dead(way, s).every((n) => n === LAYERS.length))
    return [
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
        text: 'The root makes whole layers exactly zero, the square none at any strength',
        measured: `${ROOTS.map((way) => `${way}: ${at(way) === undefined ? 'at none of these λ' : `all 5 from λ = ${at(way)}`}`).join('; ')}; square: ${largest('square')}`,
        holds: ROOTS.some((way) => at(way) !== undefined) && largest('square') === 0,
      },
      {
        text: `It removes some layers and leaves a network that works (test error below ${WORKS} %)`,
        measured:
          some.length === 0
            ? 'in no run are 1 to 4 layers zero'
            : `in ${some.length} runs 1 to 4 layers are zero; the least error of these is ${Math.min(...some).toFixed(1)} %`,
        holds:
          some.length === 0 && strengths.length < STRENGTHS.length
            ? 'undecided'
            : some.some((error) => error < WORKS),
      },
    ]
  },
}

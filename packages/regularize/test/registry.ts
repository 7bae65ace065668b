import { matmul, type Tensor, tensor } from '@cotangent/core'
import {
  affine,
  anchor,
  article,
  box,
  type CheckPenaltyOptions,
  cappedL1,
  cauchy,
  elasticNet,
  etp,
  exclusiveLasso,
  type Functional,
  functional,
  fusedLasso,
  geman,
  graphLaplacian,
  groupLasso,
  groupLinf,
  groupMcp,
  groupScad,
  halfspace,
  huber,
  l0,
  l0Ball,
  l0Envelope,
  l1,
  l1Ball,
  l2,
  l2Ball,
  lHalf,
  linf,
  linfBall,
  logDet,
  logSum,
  lp,
  lTwoThirds,
  maxNorm,
  mcp,
  nonNegative,
  norm2,
  nuclear,
  nuclearBall,
  orthogonal,
  precompose,
  rank,
  scad,
  schatten,
  simplex,
  singularValues,
  slope,
  smoothL1,
  sparseGroupLasso,
  spectral,
  spectralBall,
  stiefel,
  tv1d,
  tv2d,
  unitNorm,
  weightedL1,
  welsch,
} from '@cotangent/regularize'

export interface Entry {
  readonly f: Functional
  /** The name of the exported function that makes it. */
  readonly by: string
  readonly options?: CheckPenaltyOptions
}

const d = (x: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(x as number[], { dtype: 'float64' })
const groups = [[0, 3], [2], [1, 4]]
const alone = { groups: [[0], [1], [2], [3], [4]] }
const together = { groups: [[0, 1, 2, 3, 4]], weights: 'none' } as const
const chain = d([0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => [2, -1][Math.abs(i - j)] ?? 0)))
const matrix = { shape: [3, 2] }
const steps = [0.1, 0.5, 2, 10]
const turn = d([
  [0.6, 0.8, 0, 0, 0],
  [-0.8, 0.6, 0, 0, 0],
  [0, 0, 1, 0, 0],
])

/** Everything of one tensor that the package exports, at values away from 1 so that factors show. */
export const registry: readonly Entry[] = [
  { by: 'l1', f: l1(0.75) },
  { by: 'l2', f: l2(0.75) },
  {
    by: 'elasticNet',
    f: elasticNet(1.5, 0.25),
    options: { twins: [{ name: 'ρ = 1 is l1', a: elasticNet(0.7, 1), b: l1(0.7) }] },
  },
  { by: 'huber', f: huber(1.5, 0.5) },
  { by: 'smoothL1', f: smoothL1(1.5, 0.5) },
  { by: 'mcp', f: mcp(0.8, 3) },
  { by: 'l0Envelope', f: l0Envelope(0.7) },
  { by: 'scad', f: scad(0.8, 3.7) },
  { by: 'logSum', f: logSum(0.8, 0.5) },
  { by: 'cappedL1', f: cappedL1(0.8, 1.3) },
  { by: 'l0', f: l0(1.1) },
  { by: 'lHalf', f: lHalf(0.9) },
  { by: 'lTwoThirds', f: lTwoThirds(0.9) },
  { by: 'lp', f: lp(0.9, 0.3) },
  { by: 'lp', f: lp(0.9, 1.5) },
  { by: 'lp', f: lp(0.9, 3) },
  { by: 'geman', f: geman(1.2, 1.3) },
  { by: 'etp', f: etp(1.2, 0.8) },
  { by: 'cauchy', f: cauchy(0.7, 1.2) },
  { by: 'welsch', f: welsch(0.7, 1.2) },
  { by: 'weightedL1', f: weightedL1(d([0.5, 0, 1, 2, 0.25])) },
  { by: 'anchor', f: anchor(0.7, d([1, -1, 0.5, 0, 2])) },
  { by: 'article', f: article.l1Objective(0.8) },
  { by: 'article', f: article.l2Objective(0.8) },
  { by: 'norm2', f: norm2(0.75) },
  { by: 'linf', f: linf(0.75) },
  {
    by: 'groupLasso',
    f: groupLasso(0.6, { groups }),
    options: {
      twins: [
        { name: 'groups of one entry are l1', a: groupLasso(0.6, alone), b: l1(0.6) },
        { name: 'one group is norm2', a: groupLasso(0.6, together), b: norm2(0.6) },
      ],
    },
  },
  {
    by: 'sparseGroupLasso',
    f: sparseGroupLasso(0.8, 0.25, { groups }),
    options: {
      twins: [
        { name: 'ρ = 1 is l1', a: sparseGroupLasso(0.8, 1, { groups }), b: l1(0.8) },
        {
          name: 'ρ = 0 is the group lasso',
          a: sparseGroupLasso(0.8, 0, { groups }),
          b: groupLasso(0.8, { groups }),
        },
      ],
    },
  },
  {
    by: 'groupMcp',
    f: groupMcp(0.7, 2, { groups }),
    options: { twins: [{ name: 'groups of one entry are mcp', a: groupMcp(0.7, 2, alone), b: mcp(0.7, 2) }] },
  },
  {
    by: 'groupScad',
    f: groupScad(0.7, 3, { groups }),
    options: {
      twins: [{ name: 'groups of one entry are scad', a: groupScad(0.7, 3, alone), b: scad(0.7, 3) }],
    },
  },
  {
    by: 'groupLinf',
    f: groupLinf(0.9, { groups }),
    options: {
      twins: [
        { name: 'groups of one entry are l1', a: groupLinf(0.9, alone), b: l1(0.9) },
        { name: 'one group is linf', a: groupLinf(0.9, together), b: linf(0.9) },
      ],
    },
  },
  {
    by: 'exclusiveLasso',
    f: exclusiveLasso(0.9, { groups }),
    options: { twins: [{ name: 'groups of one entry are l2', a: exclusiveLasso(0.9, alone), b: l2(0.9) }] },
  },
  {
    by: 'slope',
    f: slope([1, 0.75, 0.5, 0.25, 0]),
    options: { twins: [{ name: 'equal strengths are l1', a: slope([0.4, 0.4, 0.4, 0.4, 0.4]), b: l1(0.4) }] },
  },
  {
    by: 'tv1d',
    f: tv1d(0.6),
    options: { twins: [{ name: 'one column of tv2d', a: tv1d(0.6), b: tv1d(0.6) }] },
  },
  { by: 'fusedLasso', f: fusedLasso(0.3, 0.6) },
  { by: 'tv2d', f: tv2d(0.6), options: { shape: [2, 2], steps: [0.3, 2], tolerance: 1e-4 } },
  {
    by: 'tv2d',
    f: tv2d(0.6, { variant: 'anisotropic' }),
    options: { shape: [2, 2], steps: [0.3, 2], tolerance: 1e-4 },
  },
  { by: 'graphLaplacian', f: graphLaplacian(0.8, chain) },
  {
    by: 'nuclear',
    f: nuclear(0.6),
    options: { ...matrix, steps, twins: [{ name: 'schatten(1)', a: nuclear(0.6), b: schatten(0.6, 1) }] },
  },
  { by: 'schatten', f: schatten(0.6, 0.5), options: { ...matrix, steps } },
  {
    by: 'schatten',
    f: schatten(0.6, 2),
    options: {
      ...matrix,
      steps,
      twins: [{ name: 'the squared Frobenius norm', a: schatten(0.6, 2), b: l2(1.2) }],
    },
  },
  { by: 'logDet', f: logDet(0.6, 0.4), options: { ...matrix, steps } },
  { by: 'spectral', f: spectral(0.6), options: { ...matrix, steps } },
  { by: 'spectral', f: spectral(0.6, { squared: true }), options: { ...matrix, steps } },
  { by: 'singularValues', f: singularValues(mcp(0.7, 2)), options: { ...matrix, steps } },
  { by: 'orthogonal', f: orthogonal(0.3), options: { ...matrix, steps } },
  { by: 'orthogonal', f: orthogonal(0.3, { variant: 'dso' }), options: { ...matrix, steps } },
  { by: 'orthogonal', f: orthogonal(0.3, { variant: 'mc' }), options: matrix },
  { by: 'orthogonal', f: orthogonal(0.3, { variant: 'srip' }), options: matrix },
  { by: 'box', f: box(-0.5, 2) },
  { by: 'nonNegative', f: nonNegative() },
  { by: 'linfBall', f: linfBall(0.7) },
  { by: 'l1Ball', f: l1Ball(1.5) },
  { by: 'l2Ball', f: l2Ball(1.5) },
  { by: 'simplex', f: simplex(1.5) },
  { by: 'maxNorm', f: maxNorm(0.9, { axis: 0 }), options: matrix },
  { by: 'unitNorm', f: unitNorm() },
  { by: 'l0Ball', f: l0Ball(2) },
  { by: 'halfspace', f: halfspace(d([1, -2, 0.5, 1, 0]), 0.5) },
  {
    by: 'affine',
    f: affine(
      d([
        [1, 1, 1, 1, 1],
        [1, -1, 0, 0, 0],
      ]),
      d([1, 0.5]),
    ),
  },
  { by: 'spectralBall', f: spectralBall(0.9), options: { ...matrix, steps } },
  { by: 'nuclearBall', f: nuclearBall(1.2), options: { ...matrix, steps } },
  { by: 'rank', f: rank(1), options: { ...matrix, steps } },
  { by: 'stiefel', f: stiefel(), options: { ...matrix, steps } },
  { by: 'functional', f: functional({ name: 'pinball', value: (x) => l1(2).value(x), prox: l1(2).prox }) },
  {
    by: 'precompose',
    f: precompose((x: Tensor) => matmul(turn, x) as Tensor, l1(0.5), { tight: 1 }),
    options: { shape: [5] },
  },
]

import { expect, test } from 'vitest'
import { all, any, type Criterion, earlyStopping, prechelt, stopsAt } from '../src/index.js'

// JuliaAI/EarlyStopping.jl, test/criteria.jl (MIT).
const JULIA = [10, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 16]

// Computed by hand: E_va as below, E_tr = 10·0.9^t, strips of 5.
const OWN = {
  validation: [10, 8, 6, 5, 4.5, 4.4, 4.6, 4.7, 4.9, 5.0, 5.1, 5.2, 5.3, 5.2, 5.4],
  training: Array.from({ length: 15 }, (_, i) => 10 * 0.9 ** (i + 1)),
}
// P_5 = 1000·(mean(1, 1/0.9, ..., 1/0.9⁴) - 1) = 248.3158 for every strip; PQ(10) = 13.636/248.3158 = 0.05492 and
// PQ(15) = 22.727/248.3158 = 0.09153.

// Training and validation with strips of 2, by hand:
//   t=2: least 8 at t=2, GL 0                     t=4: GL 100(10/8 - 1) = 25, P_2 = 1000((7+7)/2/7 - 1) = 0 -> no progress
const FLAT = { training: [9, 8, 7, 7], validation: [10, 8, 9, 10] }

const rows: readonly (readonly [string, Criterion, Parameters<typeof stopsAt>[1], number | undefined])[] = [
  ...(
    [
      [12, 3],
      [20, 4],
      [40, 6],
      [90, 11],
      [110, 12],
      [1000, undefined],
    ] as const
  ).map(([alpha, at]) => [`GL_${alpha}, EarlyStopping.jl`, prechelt.gl(alpha), JULIA, at] as const),
  // Its "number since best".
  ...(
    [
      [6, 8],
      [5, 7],
      [4, 6],
      [3, 5],
      [2, 4],
      [1, 3],
    ] as const
  ).map(
    ([patience, at]) =>
      [`patience ${patience}, EarlyStopping.jl`, earlyStopping({ patience }), JULIA, at] as const,
  ),
  // Its "patience" counts increases in a row; UP with strips of 1 does the same.
  ...(
    [
      [6, undefined],
      [5, 12],
      [4, 6],
      [3, 5],
      [2, 4],
      [1, 3],
    ] as const
  ).map(
    ([s, at]) =>
      [`UP_${s} with strips of 1, EarlyStopping.jl`, prechelt.up(s, { strip: 1 }), JULIA, at] as const,
  ),
  ['GL_5', prechelt.gl(5), OWN, 8],
  ['UP_1', prechelt.up(1), OWN, 10],
  ['UP_2', prechelt.up(2), OWN, 15],
  ['UP_3', prechelt.up(3), OWN, undefined],
  ['PQ just below the first strip end that counts', prechelt.pq(0.0549), OWN, 10],
  ['PQ just above it', prechelt.pq(0.05493), OWN, 15],
  ['PQ just below the next', prechelt.pq(0.0915), OWN, 15],
  ['PQ just above it', prechelt.pq(0.0916), OWN, undefined],
  ['PQ where training stands still', prechelt.pq(1000, { strip: 2 }), FLAT, 4],
  [
    'minDelta: 1.6 improves 2 by 0.4 only',
    earlyStopping({ patience: 2, minDelta: 0.5 }),
    [3, 2, 1.6, 1.55, 1.4],
    4,
  ],
  ['an improvement of exactly minDelta is none', earlyStopping({ patience: 1, minDelta: 1 }), [3, 2], 2],
  ['equal is not better', earlyStopping({ patience: 2 }), [1, 1, 1], 3],
  ['NaN is never better', earlyStopping({ patience: 2 }), [Number.NaN, Number.NaN, 1], 2],
  ['NaN is not the least', prechelt.gl(5), [2, Number.NaN, 2.2], 3],
  ['mode max', earlyStopping({ patience: 2, mode: 'max' }), [0.5, 0.7, 0.6, 0.7], 4],
  ['any: the first of 8 and 10', any(prechelt.gl(5), prechelt.up(1)), OWN, 8],
  ['all: the last of 8 and 10', all(prechelt.gl(5), prechelt.up(1)), OWN, 10],
  ['all of any', all(any(prechelt.gl(5), prechelt.up(2)), prechelt.pq(0.06)), OWN, 15],
  ['any of nothing', any(), [3, 4, 5], undefined],
  ['all of nothing', all(), [3, 4, 5], undefined],
]

test.each(rows)('%s', (_, criterion, losses, at) => {
  expect(stopsAt(criterion, losses)).toBe(at)
})

test('the strip of the hand-computed sequence has the progress stated', () => {
  const strip = OWN.training.slice(0, 5)
  const mean = strip.reduce((a, b) => a + b, 0) / 5
  expect(1000 * (mean / Math.min(...strip) - 1)).toBeCloseTo(248.3158, 4)
})

test.each([
  ['earlyStopping: patience', () => earlyStopping({ patience: 0 }), /patience is 0/],
  ['earlyStopping: minDelta', () => earlyStopping({ minDelta: -1 }), /minDelta is -1/],
  ['GL', () => prechelt.gl(0), /alpha is 0/],
  ['PQ', () => prechelt.pq(1, { strip: 2.5 }), /strip is 2.5/],
  ['UP', () => prechelt.up(1.5), /s is 1.5/],
])('%s refuses what cannot be meant', (_, make, message) => {
  expect(make).toThrow(message)
})

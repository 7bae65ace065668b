import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { PRIMITIVES } from '../../src/primitives/registry.js'
import { hold, laws } from './laws.js'
import { primitives } from './primitives.js'
import { probeFrom } from './probe.js'
import { samples } from './samples.js'

const seed = Number(process.env.LAWS_SEED ?? 20260119)
const numRuns = Number(process.env.LAWS_RUNS ?? 12)
console.log(`laws: seed ${seed}, ${numRuns} cases of each primitive under each law`)

let checks = 0
afterAll(() => {
  console.log(`laws: ${checks} checks of ${Object.keys(laws).length} laws over ${primitives.size} primitives`)
})

test('every primitive has samples, and samples are of primitives', () => {
  expect([...Object.keys(samples)].sort()).toEqual([...primitives.keys()].sort())
})

test('the registry has every primitive', () => {
  expect([...PRIMITIVES.keys()].sort()).toEqual([...primitives.keys()].sort())
})

test('every primitive says where its derivative comes from, and what is linear has sets to transpose', () => {
  for (const [name, row] of primitives) {
    expect(row.derivation, name).not.toBe('')
    if (row.transpose !== 'nonlinear') expect(samples[name]?.linear, name).toBeDefined()
  }
})

for (const [title, law] of Object.entries(laws))
  describe(title, () => {
    for (const [name, row] of primitives) {
      const entry = samples[name]
      if (entry === undefined) continue
      test(name, () => {
        fc.assert(
          fc.property(entry.cases, fc.nat(), (c, salt) => {
            checks++
            hold(law, row, c, probeFrom(salt), entry)
          }),
          { seed, numRuns },
        )
      })
    }
  })

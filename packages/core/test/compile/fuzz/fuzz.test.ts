import { afterAll, describe, expect, test } from 'vitest'
import { hasRelaxedMadd } from '../../../src/compile/index.js'
import type { GraphIR } from '../../../src/graph/ir.js'
import { nestedGraphs } from '../../../src/graph/nested.js'
import { PRIMITIVES } from '../../../src/primitives/registry.js'
import { report, search } from './run.js'

// Programs of fixed seeds, compiled and interpreted. main.ts goes on with fresh seeds.

const BLOCKS = 20
const PROGRAMS = 100 // in a block

const relaxed = hasRelaxedMadd()
const count = new Map<string, number>()
const tally = (graph: GraphIR): void => {
  for (const node of graph.nodes) {
    count.set(node.op.name, (count.get(node.op.name) ?? 0) + 1)
    for (const { graph: inner } of nestedGraphs(node)) tally(inner)
  }
}

describe('generated programs, compiled and interpreted, give the same', () => {
  test.each(Array.from({ length: BLOCKS }, (_, k) => 1 + k * PROGRAMS))(
    'from seed %i on',
    (from) => {
      const wrong = search(from, PROGRAMS, { relaxed }, ({ graph }) => tally(graph))
      expect(wrong.slice(0, 3).map((seed) => report(seed, { relaxed }))).toEqual([])
    },
    120_000, // Some seconds by itself; threads wait for a processor where others have it.
  )

  afterAll(() => {
    // A primitive that no program holds would go untested.
    const rare = [...PRIMITIVES.keys()].filter((name) => (count.get(name) ?? 0) < 10)
    expect(rare).toEqual([])
  })
})

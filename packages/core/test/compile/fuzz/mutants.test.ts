import { expect, test } from 'vitest'
import { mutants } from './mutants.js'
import { hunt, planted } from './mutate.js'

// Bugs that the first programs find; mutate.ts plants them all.
const quick = ['views: slice', 'prune', 'cond']

test.each(quick)(
  'a bug planted in %s is found',
  async (part) => {
    const mutant = mutants.find((m) => m.part === part)!
    expect(await hunt(await planted(mutant), 1, 100)).toBeDefined()
  },
  60_000,
)

test('nothing is found where nothing is planted', async () => {
  const mutant = mutants[0]!
  expect(await hunt(await planted({ ...mutant, wrong: mutant.right }), 1, 20)).toBeUndefined()
}, 60_000)

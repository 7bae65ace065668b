import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mutants } from './mutants/index.js'
import { hunt, planted } from './mutate.js'

test.each([...new Set(mutants.map((m) => m.file))])('bugs planted in %s have their places', (file) => {
  const source = readFileSync(new URL(`../../../src/compile/${file}`, import.meta.url), 'utf8')
  // Who changes such a place finds another one for the bug, and sees with mutate.ts that it is found.
  const lost = mutants.filter((m) => m.file === file && source.split(m.right).length !== 2)
  expect(lost.map(({ part, bug, right }) => `${part}, ${bug}: ${right}`)).toEqual([])
})

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

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MUTATIONS } from './mutations/index.js'
import { NASTY } from './nasty.js'
import { missed, PEERS, refused, summary } from './reference/table.js'

const page = readFileSync(new URL('../../../docs/gradient-checking.md', import.meta.url), 'utf8')
const rows = (kind: string) => PEERS.rows.filter((r) => r.kind === kind)

describe('the comparison with torch and JAX', () => {
  test('is of the functions that are tested here', () => {
    expect(rows('wrong').map((r) => r.name)).toEqual(MUTATIONS.map((m) => m.op.definition.name))
    expect(rows('nasty').map((r) => r.name)).toEqual(Object.keys(NASTY))
  })
  test('found here what the other tests assert', () => {
    expect(rows('wrong').filter((r) => !r.ours || r.blame.join() !== r.name)).toEqual([])
    expect(rows('nasty').filter((r) => r.ours)).toEqual([])
  })
  test.each([
    ['summary', summary],
    ['missed', missed],
    ['refused', refused],
  ])('is printed in the documentation: %s', (_, table) => {
    expect(page).toContain(table())
  })
})

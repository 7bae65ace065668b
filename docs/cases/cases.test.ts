import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cases } from './index.js'

// The cases that take seconds are run here; the others by `pnpm demo --full`, and what they came to is stored.
const QUICK = ['E1', 'E3', 'E13']

describe('cases', () => {
  test.each(cases.filter(({ id }) => QUICK.includes(id)).map((one) => [one.id, one] as const))(
    '%s comes to what it says',
    async (_, one) => {
      const { claims, figures } = await one.run({ full: false, seeds: [0] })
      // Claims of the article that do not hold are stated as such, and must go on not to hold.
      const refuted = claims.filter(({ holds }) => !holds).map(({ text }) => text)
      expect(refuted).toEqual(one.id === 'E3' ? ['Every coefficient falls by itself, towards one level'] : [])
      for (const svg of Object.values(figures)) expect(svg).toMatch(/^<svg/)
    },
    60_000,
  )

  test('have ids and titles of their own', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  })

  test('every stored page has its numbers and its figures', () => {
    for (const { id } of cases) {
      const page = new URL(`./${id}.md`, import.meta.url)
      if (!existsSync(page)) continue
      const text = readFileSync(page, 'utf8')
      const links = [...text.matchAll(/\]\(((?:figures|results)\/[^)]+)\)/g)].map(([, path]) => path!)
      expect(links.length).toBeGreaterThan(0)
      for (const path of links) expect(existsSync(new URL(`./${path}`, import.meta.url)), path).toBe(true)
    }
  })
})

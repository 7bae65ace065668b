import { readFileSync } from 'node:fs'
import * as everything from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { registry } from './registry.js'

const page = readFileSync(new URL('../../../docs/penalties.md', import.meta.url), 'utf8')
// Cells are told apart by bars that are not escaped.
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
const rowOf = (name: string) =>
  rows.find((cells) => new RegExp(`\`${name.replace('.', '\\.')}\\(`).test(cells[1]!))

describe('the tables of docs/penalties.md', () => {
  const names = [...new Set(registry.map((e) => e.by))].filter(
    (n) => n !== 'functional' && n !== 'precompose',
  )
  test.each(names)('%s: convexity, prox and metric are those of the code', (name) => {
    const cells = rowOf(name === 'article' ? 'article.l1Objective' : name)
    expect(cells, `${name} has no row`).toBeDefined()
    const [, , , prox, convex, metric] = cells!
    for (const { f } of registry.filter((e) => e.by === name)) {
      expect(prox !== '', 'prox').toBe(true)
      if (convex === '✓' || convex === '–') expect(f.traits.convex).toBe(convex === '✓')
      expect(f.traits.metric === true).toBe(metric === '✓')
    }
  })

  test.each([
    'gradientPenalty',
    'r1',
    'inputGradient',
    'jacobianPenalty',
    'contractive',
    'hessianTrace',
    'gradientNorm',
    'vat',
    'activityL1',
    'activityL2',
    'klSparsity',
    'entropyPenalty',
  ] as const)('%s has a row', (name) => {
    expect(everything).toHaveProperty(name)
    expect(rowOf(name)).toBeDefined()
  })

  test('the proven compositions are those of the code', () => {
    const from = page.indexOf('Several proximal terms')
    const table = page
      .slice(from)
      .split('\n')
      .filter((line) => /^\| (?!-|first)/.test(line))
    expect(table.slice(0, everything.compositions.length).map((line) => line.split('|')[3]!.trim())).toEqual(
      everything.compositions.map((c) => (c.metrics ? '✓' : '–')),
    )
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import type { Primitive } from '../../src/graph/ir.js'

// Every row there is, found by reading the sources: a new primitive is under the laws as soon as it is exported.

const sources = new URL('../../src/', import.meta.url)

const isRow = (value: unknown): value is Primitive =>
  typeof value === 'object' && value !== null && 'kernel' in value && 'jvp' in value && 'batch' in value

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .filter((file) => /export const \w+P\b/.test(readFileSync(new URL(file, sources), 'utf8')))

const rows = new Map<string, Primitive>()
for (const file of files) {
  const module: Record<string, unknown> = await import(new URL(file, sources).href)
  for (const [name, value] of Object.entries(module)) {
    if (!name.endsWith('P') || !isRow(value)) continue
    const known = rows.get(value.name)
    if (known !== undefined && known !== value) throw new Error(`two primitives are called ${value.name}`)
    rows.set(value.name, value)
  }
}

/** All primitives by name. */
export const primitives: ReadonlyMap<string, Primitive> = rows

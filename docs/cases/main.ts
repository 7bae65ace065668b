// Runs cases and writes what they came to: `tsx docs/cases/main.ts --full E5 E8`. Without names, all of them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cases } from './index.js'
import { save } from './support/save.js'

const args = process.argv.slice(2)
const full = args.includes('--full')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const seeds = full ? [0, 1, 2, 3, 4] : [0]
mkdirSync(new URL('./results/', import.meta.url), { recursive: true })
for (const one of cases.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  const started = performance.now()
  const outcome = await one.run({ full, seeds, log: (text) => console.log(`${one.id}: ${text}`) })
  console.table(outcome.rows.map((row) => Object.fromEntries(outcome.head.map((h, i) => [h, row[i]]))))
  console.log(
    outcome.claims.map((c) => `${c.holds ? 'holds' : 'DOES NOT HOLD'}: ${c.text} (${c.measured})`).join('\n'),
  )
  console.log(`${one.id}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`)
  if (full) save(one, outcome, (path, text) => writeFileSync(new URL(path, import.meta.url), text))
}

// Runs cases and writes what they came to: `tsx docs/cases/main.ts --full E5 E8`. Without names, all of them.
// `--judge` runs nothing: it judges the stored numbers anew and puts what that says into the pages.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cases } from './index.js'
import { outcomeOf } from './support/case.js'
import { fromCsv } from './support/raw.js'
import { rejudged, save } from './support/save.js'
import { inWords } from './support/verdict.js'

const args = process.argv.slice(2)
const full = args.includes('--full')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const chosen = cases.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
const at = (path: string): URL => new URL(path, import.meta.url)

if (args.includes('--judge')) {
  for (const one of chosen) {
    const claims = one.judge(fromCsv(readFileSync(at(`./results/${one.id}.csv`), 'utf8')))
    const page = readFileSync(at(`./${one.id}.md`), 'utf8')
    writeFileSync(at(`./${one.id}.md`), rejudged(page, claims))
  }
} else {
  const seeds = full ? [0, 1, 2, 3, 4] : [0]
  for (const folder of ['./results/', './figures/']) mkdirSync(at(folder), { recursive: true })
  for (const one of chosen) {
    const started = performance.now()
    const outcome = await outcomeOf(one, { full, seeds, log: (text) => console.log(`${one.id}: ${text}`) })
    console.table(outcome.rows.map((row) => Object.fromEntries(outcome.head.map((h, i) => [h, row[i]]))))
    console.log(outcome.claims.map((c) => `${inWords(c.holds)}: ${c.text} (${c.measured})`).join('\n'))
    console.log(`${one.id}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`)
    if (full) save(one, outcome, (path, text) => writeFileSync(at(path), text))
  }
}

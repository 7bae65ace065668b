// The tour of the practical cases: `pnpm demo` in about a minute, `pnpm demo --full` as the documentation shows them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Listr } from 'listr2'
import { cases } from '../cases/index.js'
import { type Case, type Outcome, outcomeOf } from '../cases/support/case.js'
import { save } from '../cases/support/save.js'
import type { Verdict } from '../cases/support/verdict.js'
import { tourPage } from './page.js'
import { table } from './table.js'

const full = process.argv.includes('--full')
const seeds = full ? [0, 1, 2, 3, 4] : [0]
const done: (readonly [Case, Outcome])[] = []

const tasks = cases.map((one) => ({
  title: `${one.id}  ${one.title}`,
  task: async (_: unknown, task: { title: string; output: string }) => {
    const started = performance.now()
    const outcome = await outcomeOf(one, {
      full,
      seeds,
      log: (text) => {
        if (process.stdout.isTTY) task.output = text
      },
    })
    done.push([one, outcome])
    if (full)
      save(one, outcome, (path, text) => writeFileSync(new URL(`../cases/${path}`, import.meta.url), text))
    task.title = `${task.title}  (${((performance.now() - started) / 1000).toFixed(1)} s)`
    // The terminal is drawn between cases.
    await new Promise((resolve) => setImmediate(resolve))
  },
}))

console.log(`The practical cases, ${full ? 'in full, five seeds' : 'in small, one seed'}.\n`)
await new Listr(tasks, { concurrent: false }).run()

const word = (verdict: Verdict): string => (verdict === 'undecided' ? '?' : verdict ? 'yes' : 'NO')
const verdicts = done.flatMap(([, { claims }]) => claims.map(({ holds }) => word(holds)))
const count = (which: string): number => verdicts.filter((v) => v === which).length
const rows = done.flatMap(([one, { claims }]) =>
  claims.map(({ text, measured, holds }, i) => [i === 0 ? one.id : '', word(holds), text, measured]),
)
console.log(`\n${table(['case', 'holds', 'statement', 'measured'], rows, 4)}\n`)
console.log(
  `${verdicts.length} statements: ${count('yes')} hold, ${count('NO')} do not, ${count('?')} are within what chance makes of numbers this small.`,
)

const folder = new URL('../../.cache/', import.meta.url)
mkdirSync(folder, { recursive: true })
const page = new URL('tour.html', folder)
writeFileSync(page, tourPage(done, full))
console.log(`The figures: ${fileURLToPath(page)}`)

// Memory while a CSV file of a million rows is read: as a stream of batches, and into memory.
//
//   pnpm run build && pnpm exec tsx benchmarks/csv.ts

import { random } from '@cotangent/core'
import { dataset } from '@cotangent/train'

const ROWS = 1_000_000
async function* file() {
  yield 'a,b,c,y\n'
  for (let i = 0; i < ROWS; i += 100)
    yield Array.from({ length: 100 }, (_, k) => `${i + k},${(i + k) / 7},0.5,1\n`).join('')
}
const resident = (): number => process.memoryUsage().rss / 2 ** 20

const marks: number[] = []
let [rows, started] = [0, performance.now()]
for await (const { x } of dataset.streamCsv(file, { size: 1000 }).batches({ epoch: 1, key: random.key(0) })) {
  rows += x.shape[0]!
  if (rows % 100_000 === 0) marks.push(resident())
}
console.log(
  `stream: ${rows} rows in ${((performance.now() - started) / 1000).toFixed(1)} s; RSS in MiB every 100,000 rows: ${marks.map((m) => m.toFixed(0)).join(' ')}`,
)
started = performance.now()
const { x, y } = await dataset.fromCsv(file())
const own = (x.size + y.size) * 4
console.log(
  `fromCsv: ${x.shape[0]} rows in ${((performance.now() - started) / 1000).toFixed(1)} s; the numbers take ${(own / 2 ** 20).toFixed(0)} MiB, RSS ${resident().toFixed(0)} MiB`,
)

import { hasRelaxedMadd } from '../../../src/compile/index.js'
import { report, search } from './run.js'

// tsx packages/core/test/compile/fuzz/main.ts [seconds] [first seed]: compares compiled programs with the interpreter for
// so long (an hour, unless told), and prints each one that differs with its seed, made as small as it gets. With
// `--seed n` only that program. Exits with 1 if there was any.

const relaxed = hasRelaxedMadd()
const given = process.argv.slice(2)

if (given[0] === '--seed') {
  console.log(report(Number(given[1]), { relaxed }))
} else {
  const seconds = Number(given[0] ?? 3600)
  let seed = Number(given[1] ?? Date.now() % 2 ** 31)
  const first = seed
  const end = performance.now() + 1000 * seconds
  let found = 0
  console.log(`programs from seed ${first} on${relaxed ? ', with relaxed instructions' : ''}`)
  for (let block = 1; performance.now() < end; block++, seed += 100) {
    for (const bad of search(seed, 100, { relaxed })) {
      found++
      console.log(`\n${report(bad, { relaxed })}\n`)
    }
    if (block % 10 === 0) console.log(`${100 * block} programs, ${found} differ`)
  }
  console.log(`${seed - first} programs from seed ${first} on: ${found} differ`)
  process.exitCode = found > 0 ? 1 : 0
}

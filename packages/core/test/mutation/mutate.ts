import { primitives } from '../laws/primitives.js'
import { judge, seed, type Verdict } from './judge.js'

// tsx packages/core/test/mutation/mutate.ts [primitive ...]: mutates every rule of every primitive and prints, for each
// kind of mutant, how many the laws refused. Exits with 1 if any survived.

const names = process.argv.length > 2 ? process.argv.slice(2) : [...primitives.keys()]
const verdicts: Verdict[] = []
const started = performance.now()
for (const name of names) {
  verdicts.push(...judge(name))
  process.stderr.write('.')
}
process.stderr.write('\n')

const groupBy = (all: readonly Verdict[], of: (v: Verdict) => string): Map<string, Verdict[]> => {
  const groups = new Map<string, Verdict[]>()
  for (const v of all) groups.set(of(v), [...(groups.get(of(v)) ?? []), v])
  return groups
}

const table = (title: string, of: (v: Verdict) => string): void => {
  const groups = groupBy(verdicts, of)
  console.log(`| ${title} | mutants | killed | survivors |\n|---|---:|---:|---:|`)
  for (const [key, group] of groups) {
    const killed = group.filter((v) => v.killer !== undefined).length
    console.log(`| ${key} | ${group.length} | ${killed} | ${group.length - killed} |`)
  }
  const killed = verdicts.filter((v) => v.killer !== undefined).length
  console.log(`| **all** | ${verdicts.length} | ${killed} | ${verdicts.length - killed} |\n`)
}

console.log(`seed ${seed}, ${names.length} primitives\n`)
table('rule and mutation', (v) => `${v.rule}: ${v.kind}`)
console.log('| law that refused first | mutants |\n|---|---:|')
for (const [law, group] of groupBy(verdicts, (v) => v.killer ?? 'none'))
  console.log(`| ${law} | ${group.length} |`)
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`)

const survivors = verdicts.filter((v) => v.killer === undefined)
for (const v of survivors) console.log(`survived: ${v.primitive}, ${v.rule}, ${v.kind}`)
process.exitCode = survivors.length === 0 ? 0 : 1

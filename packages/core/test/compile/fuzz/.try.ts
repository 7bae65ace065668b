import { hasRelaxedMadd } from '/work/h-fuzz/packages/core/src/compile/index.js'
import { planOf } from '/work/h-fuzz/packages/core/test/compile/fuzz/check.js'
import { programOf } from '/work/h-fuzz/packages/core/test/compile/fuzz/generate.js'
import { fault } from '/work/h-fuzz/packages/core/test/compile/fuzz/run.js'

const [from, count] = process.argv.slice(2).map(Number)
const relaxed = hasRelaxedMadd()
const seen = new Map()
const t0 = performance.now()
for (let seed = from; seed < from + count; seed++) {
  const program = programOf(seed)
  const what = fault(program, planOf(seed, { relaxed }, program.wish), seed)
  if (what) {
    const key = what.replace(/[-\d.e]+/g, '#').slice(0, 70)
    const l = seen.get(key) ?? []
    l.push([seed, what.split('\n').slice(0, 3).join(' ').slice(0, 300)])
    seen.set(key, l)
  }
}
for (const [k, l] of [...seen].sort((a, b) => b[1].length - a[1].length))
  console.log(l.length, k, '\n    ', ...l.slice(0, 2).map(([s, w]) => `${s}: ${w}\n     `))
console.log((performance.now() - t0) / 1000, 's')

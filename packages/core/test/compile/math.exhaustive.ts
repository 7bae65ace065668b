import { hasRelaxedMadd } from '../../src/compile/wasm/index.js'
import { errorOf, references } from './singles.js'

// The error of float32 functions over all 2^32 bit patterns, minutes for each:
//   npx tsx packages/core/test/compile/math.exhaustive.ts exp log tanh sigmoid

const chunk = 2 ** 16
const bits = new Uint32Array(chunk)
const names = process.argv.slice(2).filter((name) => name in references)

for (const name of names) {
  for (const relaxed of [false, true].filter((r) => !r || hasRelaxedMadd())) {
    const error = errorOf(name, relaxed, chunk)
    let [worst, at] = [0, 0]
    for (let base = 0; base < 2 ** 32; base += chunk) {
      for (let i = 0; i < chunk; i++) bits[i] = base + i
      const found = error(bits, worst)
      if (found.worst > worst) [worst, at] = [found.worst, found.at]
    }
    console.log(`${name}${relaxed ? ' relaxed' : ''}: ${worst.toFixed(3)} ulp, at ${at}`)
  }
}

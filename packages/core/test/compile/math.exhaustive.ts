import { LANE_FUNCTIONS } from '../../src/compile/kernels/math/index.js'
import { doubles } from '../../src/compile/kernels/math/lanes.js'
import { widen } from '../../src/compile/kernels/math/table.js'
import { hasRelaxedMadd, i32x4, i64x2, type V128, v128 } from '../../src/compile/wasm/index.js'
import { assemble } from './harness.js'

// The error of float32 functions over all 2^32 bit patterns, a minute or two for each:
//   npx tsx packages/core/test/compile/math.exhaustive.ts exp log tanh sigmoid
// All of it runs in WebAssembly, against the float64 function of the same name, which math.double.test.ts compares with
// mpmath. A sign that differs, or NaN on one side only, counts as infinite.

const chunks = 2 ** 10

const worstOf = (name: string, relaxed: boolean): number => {
  const { call, f64 } = assemble(
    (lib) =>
      lib.module.function(
        'run',
        { first: 'i32', n: 'i32' },
        [],
        (f, p) => {
          const l = doubles(f, lib)
          const row = LANE_FUNCTIONS[name]!
          const worst = f.local('v128')
          const bits = f.let(i32x4.add(i32x4.splat(p.first), i32x4.const(0, 1, 2, 3)))
          const i = f.local('i32')
          const magnitude = (x: V128) => l.min(l.abs(x), l.const(2 ** 128))
          f.for(i, 0, p.n, 4, () => {
            const y = f.let(row.f32x4(f, lib, bits))
            for (const half of [0, 1] as const) {
              const got = widen(f, y, half)
              const value = f.let(row.f64x2(f, lib, widen(f, bits, half)))
              const size = f.let(magnitude(value))
              const binade = v128.and(size, i64x2.const(0x7ff0000000000000n))
              const ulp = l.mul(
                l.max(l.min(binade, l.const(2 ** 127)), l.const(2 ** -126)),
                l.const(2 ** -23),
              )
              const error = f.let(l.div(l.abs(l.sub(magnitude(got), size)), ulp))
              const opposite = i64x2.ltS(v128.xor(got, value), l.int(0))
              const oneIsNaN = v128.xor(l.ne(got, got), l.ne(value, value))
              const bothNaN = v128.and(l.ne(got, got), l.ne(value, value))
              const wrong = v128.or(v128.andnot(opposite, bothNaN), oneIsNaN)
              const counted = l.select(wrong, l.const(Number.POSITIVE_INFINITY), v128.andnot(error, bothNaN))
              f.set(worst, l.max(worst, f.let(counted)))
            }
            f.set(bits, i32x4.add(bits, i32x4.const(4)))
          })
          f.storeVector(0, worst)
        },
        { export: true },
      ),
    { relaxed },
  )
  const n = 2 ** 32 / chunks
  let worst = 0
  for (let k = 0; k < chunks; k++) {
    call.run!((k * n) | 0, n)
    worst = Math.max(worst, f64[0]!, f64[1]!)
  }
  return worst
}

for (const name of process.argv.slice(2)) {
  for (const relaxed of [false, true].filter((r) => !r || hasRelaxedMadd())) {
    console.log(`${name}${relaxed ? ' relaxed' : ''}: ${worstOf(name, relaxed).toFixed(3)} ulp`)
  }
}

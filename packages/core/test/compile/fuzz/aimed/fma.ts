import type { Random } from '../random.js'
import { type Aim, finished, made, maker, REAL } from './aim.js'

// Fused multiply-add where rounding twice goes wrong: x·y lies close to half of the last place of z.

type Triple = readonly [x: number, y: number, z: number]

const near = (r: Random, bits: number): Triple => {
  const sign = (): number => (r.chance(0.5) ? 1 : -1)
  const size = 2 ** r.int(-10, 10)
  const z = sign() * size * (1 + r.int(0, 2 ** 20 - 1) * 2 ** (r.chance(0.5) ? 1 - bits : -20))
  const half = 2 ** (Math.floor(Math.log2(Math.abs(z))) - bits)
  // (1 + e)(1 - e) = 1 - e², a little below 1; with other factors a little above.
  const e = r.int(0, 3) * 2 ** (1 - bits)
  const x = sign() * half * r.pick([1, 1, 2, 3]) * (1 + e)
  return [x, r.pick([1 - e, 1 + e, 1 - e / 2]), z]
}

export const fma: Aim = (r) => {
  const m = maker(r)
  const dtype = r.pick(REAL)
  const n = r.int(5, 60)
  const triples = Array.from({ length: n }, () =>
    r.chance(0.8) ? near(r, dtype === 'float32' ? 24 : 53) : ([r.normal(), r.normal(), r.normal()] as const),
  )
  const [x, y, z] = [0, 1, 2].map((k) => m.argument(made({ shape: [n], dtype }, (i) => triples[i]![k]!)))
  return finished(m, m.add('fma', [x!, y!, z!]), { rounds: 1 })
}

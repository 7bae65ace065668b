import { describe, expect, it } from 'vitest'
import { hasRelaxedMadd } from '../../src/compile/wasm/index.js'
import { errorOf, references } from './singles.js'

// Float32 functions on every 4099th bit pattern and about the places where something changes, against float64.

const stride = 4099
const places = [
  0,
  2 ** -149,
  2 ** -126,
  2 ** -30,
  2 ** -24,
  2 ** -12,
  0.25,
  0.5,
  0.55,
  1,
  1.5,
  2,
  Math.PI / 2,
  Math.PI,
  4,
  6,
  10,
  16,
  20,
  27,
  88.72284,
  87.33655,
  89,
  103.97208,
  105,
  2 ** 20,
  2 ** 24,
  2 ** 60,
  2 ** 127,
  3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NaN,
]
const patterns = (): Uint32Array => {
  const swept = Array.from({ length: Math.floor(2 ** 32 / stride) }, (_, i) => i * stride)
  const at = new Uint32Array(new Float32Array(places).buffer)
  const near = [...at].flatMap((bits) => Array.from({ length: 33 }, (_, i) => bits + i - 16))
  const all = [...swept, ...near, ...near.map((bits) => bits ^ 0x80000000)]
  return Uint32Array.from({ length: Math.ceil(all.length / 4) * 4 }, (_, i) => all[i] ?? 0)
}

const bits = patterns()
/** Functions whose reference takes long are sampled more thinly. */
const slow = new Set(['lgamma', 'digamma', 'erfInv'])
const thin = bits.filter((_, i) => i % 40 === 0 || i > bits.length - 8000).slice(0, -4)

describe.each([false, true].filter((relaxed) => !relaxed || hasRelaxedMadd()))('relaxed: %s', (relaxed) => {
  it.each(Object.keys(references))('%s is within 2 ulp', (name) => {
    const { worst, at } = errorOf(name, relaxed, bits.length)(slow.has(name) ? thin : bits)
    expect(worst, `at ${at}`).toBeLessThanOrEqual(2)
  })
})

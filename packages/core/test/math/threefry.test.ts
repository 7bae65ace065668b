import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  fillBits,
  fillBlock,
  foldIn,
  seedKey,
  splitKeys,
  threefry2x32,
  uniformFloat32,
  uniformFloat64,
  unitFloat32,
  unitFloat64,
  type Words,
} from '../../src/math/threefry.js'

// Made by ../reference/make_random.py: integers are words or the bits of a float32, text is the hexadecimal digits
// of 64 bits.
interface Reference {
  seeds: { seed: number; key: Words }[]
  foldInNegative: { key: Words; data: number; out: Words }
  blocks: { key: Words; counter: Words; out: Words }[]
  keys: {
    key: Words
    split: { n: number; keys: Words[] }[]
    nested: Record<
      'left.split(3)' | 'right.split().right.split(2)' | 'foldIn(7).split(2)' | 'split(2).left.foldIn(3)',
      Words | Words[]
    >
    foldIn: { data: number; key: Words }[]
    bits: { count: number; bits: number[] }[]
    bitsOfScalar: number
    bitsOfShape3x4: number[][]
    bits64: string[]
    uniform32: number[]
    uniform64: string[]
    bounded: { minval: number; maxval: number; uniform32: number[]; uniform64: string[] }[]
  }[]
}
const reference: Reference = JSON.parse(
  readFileSync(new URL('../reference/random.json', import.meta.url), 'utf8'),
)

const pairs = (keys: Uint32Array): Words[] =>
  Array.from({ length: keys.length / 2 }, (_, i) => [keys[2 * i] ?? -1, keys[2 * i + 1] ?? -1])

const split = ([k0, k1]: Words, n: number) => pairs(splitKeys(k0, k1, n))
const nth = ([k0, k1]: Words, n: number, of: number): Words => {
  const key = split([k0, k1], of)[n]
  if (key === undefined) throw new Error(`no key ${n} of ${of}`)
  return key
}

const bits = ([k0, k1]: Words, count: number) => {
  const out = new Uint32Array(count)
  fillBits(k0, k1, count, out)
  return [...out]
}

const blocks = ([k0, k1]: Words, count: number) => {
  const hi = new Uint32Array(count)
  const lo = new Uint32Array(count)
  fillBlock(k0, k1, count, hi, lo)
  return pairs(Uint32Array.from([...hi].flatMap((h, i) => [h, lo[i] ?? -1])))
}

const bitsOfFloat32 = (values: number[]) => [...new Uint32Array(Float32Array.from(values).buffer)]
const bitsOfFloat64 = (values: number[]) =>
  [...new BigUint64Array(Float64Array.from(values).buffer)].map((word) => word.toString(16).padStart(16, '0'))
const hex = ([hi, lo]: Words) => hi.toString(16).padStart(8, '0') + lo.toString(16).padStart(8, '0')

describe('the block function', () => {
  // The known answers of Random123 (kat_vectors, threefry2x32, 20 rounds), independent of JAX.
  test.each<[Words, Words, Words]>([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])('key %j and counter %j give %j', (key, counter, out) => {
    expect(threefry2x32(...key, ...counter)).toEqual(out)
  })

  test.each(reference.blocks)('key $key and counter $counter', ({ key, counter, out }) => {
    expect(threefry2x32(...key, ...counter)).toEqual(out)
  })
})

describe('keys', () => {
  test.each(reference.seeds)('seed $seed', ({ seed, key }) => {
    expect(seedKey(seed)).toEqual(key)
  })

  test('fold in takes negative integers modulo 2^32', () => {
    const { key, data, out } = reference.foldInNegative
    expect(foldIn(...key, data)).toEqual(out)
  })

  describe.each(reference.keys)('from $key', (of) => {
    test.each(of.split)('split into $n', ({ n, keys }) => {
      expect(split(of.key, n)).toEqual(keys)
    })

    test.each(of.foldIn)('fold in $data', ({ data, key }) => {
      expect(foldIn(...of.key, data)).toEqual(key)
    })

    test('nested', () => {
      const left = nth(of.key, 0, 2)
      const right = nth(of.key, 1, 2)
      expect({
        'left.split(3)': split(left, 3),
        'right.split().right.split(2)': split(nth(right, 1, 2), 2),
        'foldIn(7).split(2)': split(foldIn(...of.key, 7), 2),
        'split(2).left.foldIn(3)': foldIn(...left, 3),
      }).toEqual(of.nested)
    })
  })
})

describe.each(reference.keys)('bits and uniform numbers of key $key', (of) => {
  test.each(of.bits)('$count words', ({ count, bits: words }) => {
    expect(bits(of.key, count)).toEqual(words)
  })

  test('the shape does not matter', () => {
    expect(bits(of.key, 1)).toEqual([of.bitsOfScalar])
    expect(bits(of.key, 12)).toEqual(of.bitsOfShape3x4.flat())
  })

  test('64 bits', () => {
    expect(blocks(of.key, of.bits64.length).map(hex)).toEqual(of.bits64)
  })

  test('float32 in [0, 1)', () => {
    const words = bits(of.key, of.uniform32.length)
    expect(bitsOfFloat32(words.map(unitFloat32))).toEqual(of.uniform32)
    expect(bitsOfFloat32(words.map((word) => uniformFloat32(word, 0, 1)))).toEqual(of.uniform32)
  })

  test('float64 in [0, 1)', () => {
    const words = blocks(of.key, of.uniform64.length)
    expect(bitsOfFloat64(words.map(([hi, lo]) => unitFloat64(hi, lo)))).toEqual(of.uniform64)
    expect(bitsOfFloat64(words.map(([hi, lo]) => uniformFloat64(hi, lo, 0, 1)))).toEqual(of.uniform64)
  })

  test.each(of.bounded)('from $minval to $maxval', ({ minval, maxval, uniform32, uniform64 }) => {
    const single = bits(of.key, uniform32.length).map((word) => uniformFloat32(word, minval, maxval))
    expect(bitsOfFloat32(single)).toEqual(uniform32)
    const double = blocks(of.key, uniform64.length).map(([hi, lo]) => uniformFloat64(hi, lo, minval, maxval))
    expect(bitsOfFloat64(double)).toEqual(uniform64)
  })
})

// x y + z rounded once, in exact integer arithmetic: all operands are multiples of 2^-scale.
describe('the fused multiply-add of the bounds rounds once', () => {
  const scale = 140
  const exact = (x: number): bigint => {
    let [numerator, shift] = [x, scale]
    while (!Number.isInteger(numerator)) [numerator, shift] = [numerator * 2, shift - 1]
    return BigInt(numerator) << BigInt(shift)
  }
  const fused = (x: number, y: number, z: number, digits: number) => {
    const sum = exact(x) * exact(y) + (exact(z) << BigInt(scale))
    const size = sum < 0n ? -sum : sum
    const drop = BigInt(Math.max(0, size.toString(2).length - digits))
    const half = drop > 0n ? 1n << (drop - 1n) : 0n
    const [quotient, rest] = [size >> drop, size & ((1n << drop) - 1n)]
    const up = drop > 0n && (rest > half || (rest === half && (quotient & 1n) === 1n)) ? 1n : 0n
    return Number(quotient + up) * 2 ** (Number(drop) - 2 * scale) * (sum < 0n ? -1 : 1)
  }
  const key = seedKey(7)
  const words = blocks(key, 2000)
  // Bounds of few digits and far apart in size are where ties come up.
  const bounds = words.map(([hi, lo]) => {
    const minval = ((hi % 2001) - 1000) * 2 ** (lo % 24)
    return [minval, minval + (1 + (lo % 999)) * 2 ** ((hi % 13) - 6)] as const
  })

  test('float64', () => {
    words.forEach(([hi, lo], i) => {
      const [minval, maxval] = bounds[i] ?? [0, 1]
      const wanted = Math.max(minval, fused(unitFloat64(hi, lo), maxval - minval, minval, 53))
      expect(uniformFloat64(hi, lo, minval, maxval)).toBe(wanted)
    })
  })

  test('float32', () => {
    words.forEach(([word], i) => {
      const [minval, maxval] = (bounds[i] ?? [0, 1]).map(Math.fround) as [number, number]
      const wanted = Math.max(minval, fused(unitFloat32(word), Math.fround(maxval - minval), minval, 24))
      expect(uniformFloat32(word, minval, maxval)).toBe(wanted)
    })
  })

  // u * 3 has one digit too many, so it is in the middle of two values, and the bound that decides which of
  // them is nearer is lost when the sum is rounded.
  test.each([2 ** -120, -(2 ** -120)])('a middle, and %d beside it', (minval) => {
    for (let m = 2 ** 23 - 16; m < 2 ** 23; m++) {
      const single = fused(m * 2 ** -23, 3, minval, 24)
      expect(uniformFloat32(m * 2 ** 9, minval, 3)).toBe(single)
      const [hi, lo] = [m * 2 ** 9 + 511, (2 ** 32 - 1 - (m % 16) * 2 ** 12) >>> 0]
      const double = fused(unitFloat64(hi, lo), 3, minval, 53)
      expect(uniformFloat64(hi, lo, minval, 3)).toBe(double)
    }
  })
})

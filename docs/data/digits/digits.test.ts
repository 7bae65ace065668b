import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeDigits, loadDigits } from './digits.js'

const bytes = (): Uint8Array => new Uint8Array(readFileSync(new URL('./digits.bin', import.meta.url)))

test('holds the 1,797 images and labels of the data set', () => {
  const { count, height, width, pixels, labels } = loadDigits()
  expect([count, height, width, pixels.length, labels.length]).toEqual([1797, 8, 8, 1797 * 64, 1797])
  expect(Array.from(labels.subarray(0, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(Array.from(pixels.subarray(0, 8))).toEqual([0, 0, 5, 13, 9, 1, 0, 0])
  expect(pixels.reduce((total, ink) => total + ink, 0)).toBe(561718)
  const perDigit = Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length)
  expect(perDigit).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
})

test('a truncated file is refused with both lengths', () => {
  expect(() => decodeDigits(bytes().subarray(1))).toThrow(/116804 bytes, expected 116805/)
})

test('a changed file is refused by its checksum', () => {
  const changed = bytes()
  changed[100] = 16 - (changed[100] ?? 0)
  expect(() => decodeDigits(changed)).toThrow(/sha256/)
})

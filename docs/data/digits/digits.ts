import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** 1,797 hand-written digits, 8x8 pixels each; image i is `pixels.subarray(64 * i, 64 * (i + 1))`. */
export interface Digits {
  readonly count: number
  readonly height: number
  readonly width: number
  /** Row-major ink from 0 (none) to 16 (full), one byte per pixel. */
  readonly pixels: Uint8Array
  /** The digit on each image, 0 to 9. */
  readonly labels: Uint8Array
}

const COUNT = 1797
const SIDE = 8
const PIXELS = COUNT * SIDE * SIDE
const SHA256 = '87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826'

/** Reads the bytes of `digits.bin`; throws where they are not the ones that `make.py` writes. */
export const decodeDigits = (bytes: Uint8Array): Digits => {
  const length = PIXELS + COUNT
  if (bytes.length !== length)
    throw new Error(`digits.bin has ${bytes.length} bytes, expected ${length}: restore it or run make.py`)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  if (checksum !== SHA256)
    throw new Error(`digits.bin has sha256 ${checksum}, expected ${SHA256}: restore it or run make.py`)
  return {
    count: COUNT,
    height: SIDE,
    width: SIDE,
    pixels: bytes.slice(0, PIXELS),
    labels: bytes.slice(PIXELS),
  }
}

/** Loads the data set from the file beside this module. */
export const loadDigits = (): Digits =>
  decodeDigits(new Uint8Array(readFileSync(new URL('./digits.bin', import.meta.url))))

/** Mulberry32: numbers in [0, 1) that are the same on every machine. */
export const generator = (seed: number): (() => number) => {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A file from the text of a header and the bytes of the data. */
export const fileOf = (header: string, data: Uint8Array = new Uint8Array(0), claim?: bigint): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const file = new Uint8Array(8 + text.length + data.length)
  new DataView(file.buffer).setBigUint64(0, claim ?? BigInt(text.length), true)
  file.set(text, 8)
  file.set(data, 8 + text.length)
  return file
}

/** The text of the header of a file, and its data; of a broken file what there is. */
export const partsOf = (file: Uint8Array): { readonly header: string; readonly data: Uint8Array } => {
  const claim = file.length < 8 ? 0n : new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)
  const end = Math.min(8 + Number(claim), file.length)
  return { header: new TextDecoder().decode(file.subarray(8, end)), data: file.subarray(end) }
}

const HOSTILE = [
  ...['0', '1', '-1', '7', '1e9', '4294967296', '9007199254740991', '9007199254740993'],
  ...['18446744073709551615', '1e308', '1e999', '0.5', 'null', '"4"', '[]', '{}'],
]
const FRAGMENTS = [
  ...['"', '{', '}', '[', ']', ',', ':', '\\', '\\u0000', '\ud7ff', 'F16', '"__proto__":', '__metadata__'],
  ...['[[[[[[[[[[[[[[[[', '{"a":'.repeat(200), '['.repeat(5000), '/'.repeat(300), '~1', '"dtype":"F64"'],
]

/** A damaged copy: bits, lengths, numbers, names and fragments of the header are changed, in one way. */
export const mutate = (file: Uint8Array, random: () => number): Uint8Array => {
  const below = (n: number) => Math.floor(random() * n)
  const pick = <T>(xs: readonly T[]): T => xs[below(xs.length)]!
  const { header, data } = partsOf(file)
  const edited = (f: (at: number) => string) => fileOf(f(below(header.length + 1)), data)
  const numbers = [...header.matchAll(/\d+/g)]
  const strings = [...header.matchAll(/"[^"\\]*"/g)]
  const swap = (m: RegExpExecArray, by: string) =>
    fileOf(header.slice(0, m.index) + by + header.slice(m.index + m[0].length), data)
  const kinds: readonly (() => Uint8Array)[] = [
    () => {
      const at = below(file.length)
      return file.map((b, i) => (i === at ? b ^ (1 << below(8)) : b))
    },
    () => {
      const copy = file.slice()
      for (let n = 1 + below(4); n > 0; n--) copy[below(copy.length)] = below(256)
      return copy
    },
    () => file.slice(0, below(file.length)),
    () => fileOf(header, data, BigInt(below(2 ** 31)) << BigInt(below(33))),
    () => fileOf(header, data.slice(0, below(data.length + 1))),
    () => fileOf(header, new Uint8Array([...data, ...data.slice(0, 1 + below(16))])),
    () => edited((at) => header.slice(0, at) + pick(FRAGMENTS) + header.slice(at)),
    () => edited((at) => header.slice(0, at) + header.slice(at + 1 + below(12))),
    () => edited((at) => `${header.slice(0, at)}${header.slice(below(header.length))}`),
    () => (numbers.length === 0 ? file : swap(pick(numbers), pick(HOSTILE))),
    () => (numbers.length === 0 ? file : swap(pick(numbers), String(below(80)))),
    () => (strings.length === 0 ? file : swap(pick(strings), pick(strings)[0])),
  ]
  return pick(kinds)()
}

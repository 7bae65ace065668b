import type { Word } from '../../../primitives/random.js'
import { sizeOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import {
  type FunctionBuilder,
  type FunctionRef,
  i32,
  i32x4,
  type Local,
  type V128,
  v128,
} from '../../wasm/index.js'
import { constants, entry, type Kernel, noScratch } from '../kernel.js'
import { loadKeys, storePairs, storeWords } from './lanes.js'
import { encrypt, scheduleOf } from './threefry.js'

/** What is wanted of the words of a block. */
const WORDS: Readonly<Record<Word, (x0: V128, x1: V128) => V128>> = {
  bits: v128.xor,
  float32: (x0, x1) => i32x4.shrU(v128.xor(x0, x1), 9),
  float64hi: (x0) => i32x4.shrU(x0, 6),
  float64lo: (x0, x1) => v128.or(i32x4.shl(v128.and(x0, i32x4.const(63)), 20), i32x4.shrU(x1, 12)),
}

/** Runs over the counters 0 ... size-1 of each key, in fours. */
const eachCounter = (
  f: FunctionBuilder,
  { to, key, keys, size }: { readonly [K in 'to' | 'key' | 'keys' | 'size']: Local<'i32'> },
  bytes: number,
  write: (blocks: readonly [Local<'v128'>, Local<'v128'>], left: Local<'i32'>) => void,
): void => {
  const [k, left] = [f.local('i32'), f.local('i32')]
  const counters = f.local('v128')
  f.for(k, 0, keys, 1, () => {
    const schedule = scheduleOf(f, v128.load32Splat(key), v128.load32Splat(key, 4))
    f.set(counters, i32x4.const(0, 1, 2, 3))
    f.set(left, size)
    f.while(i32.gtS(left, 0), () => {
      write(encrypt(f, schedule, i32x4.const(0), counters), left)
      f.set(counters, i32x4.add(counters, i32x4.const(4)))
      f.increase(to, 4 * bytes)
      f.increase(left, -4)
    })
    // `left` is now 0 to -3: step back from the end of a vector to the end of the array.
    f.increase(to, i32.mul(left, bytes))
    f.increase(key, 8)
  })
}

/** (to, key, keys, size): `size` words for each key. */
const randomWords = (lib: Library, word: Word): FunctionRef =>
  lib.get(`random_${word}`, (m, name) =>
    m.function(name, { to: 'i32', key: 'i32', keys: 'i32', size: 'i32' }, [], (f, p) =>
      eachCounter(f, p, 4, ([x0, x1], left) => storeWords(f, p.to, f.let(WORDS[word](x0, x1)), left)),
    ),
  )

/** (to, key, keys): one word for each key, four keys at a time. */
const randomWord = (lib: Library, word: Word): FunctionRef =>
  lib.get(`random1_${word}`, (m, name) =>
    m.function(name, { to: 'i32', key: 'i32', keys: 'i32' }, [], (f, { to, key, keys }) => {
      const i = f.local('i32')
      f.for(i, 0, keys, 4, () => {
        const [k0, k1] = loadKeys(f, entry(key, i, 3))
        const [x0, x1] = encrypt(f, scheduleOf(f, k0, k1), i32x4.const(0), i32x4.const(0))
        storeWords(f, entry(to, i, 2), f.let(WORDS[word](x0, x1)), i32.sub(keys, i))
      })
    }),
  )

/** (to, key, keys, size): `size` new keys for each key. */
const splitKeys = (lib: Library): FunctionRef =>
  lib.get('random_split', (m, name) =>
    m.function(name, { to: 'i32', key: 'i32', keys: 'i32', size: 'i32' }, [], (f, p) =>
      eachCounter(f, p, 8, ([x0, x1], left) => storePairs(f, p.to, x0, x1, left)),
    ),
  )

/** (to, key, data, keys): one new key for each key and number, four at a time. */
const foldKeys = (lib: Library): FunctionRef =>
  lib.get('random_fold', (m, name) =>
    m.function(name, { to: 'i32', key: 'i32', data: 'i32', keys: 'i32' }, [], (f, p) => {
      const i = f.local('i32')
      f.for(i, 0, p.keys, 4, () => {
        const [k0, k1] = loadKeys(f, entry(p.key, i, 3))
        const numbers = v128.load(entry(p.data, i, 2))
        const [x0, x1] = encrypt(f, scheduleOf(f, k0, k1), i32x4.const(0), numbers)
        storePairs(f, entry(p.to, i, 3), x0, x1, i32.sub(p.keys, i))
      })
    }),
  )

const keysOf = (shape: readonly number[]): number => sizeOf(shape.slice(0, -1))

/** Words of random bits, the same as the interpreter's. */
export const randomBitsKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, { inputs, params }, at) => {
    const { shape, word } = params as { readonly shape: readonly number[]; readonly word: Word }
    const [keys, size] = [keysOf(inputs[0]!.shape), sizeOf(shape)]
    const places = [at.outputs[0]!, at.inputs[0]!]
    if (size === 1) f.call(randomWord(lib, word), [...places, ...constants(keys)])
    else f.call(randomWords(lib, word), [...places, ...constants(keys, size)])
    return undefined
  },
}

/** New keys from a key. */
export const randomSplitKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, { inputs, params }, at) => {
    const { n } = params as { readonly n: number }
    f.call(splitKeys(lib), [at.outputs[0]!, at.inputs[0]!, ...constants(keysOf(inputs[0]!.shape), n)])
    return undefined
  },
}

/** A new key from a key and a number. */
export const foldInKernel: Kernel = {
  scratch: noScratch,
  emit: (f, lib, { inputs }, at) => {
    const [key, data] = at.inputs
    f.call(foldKeys(lib), [at.outputs[0]!, key!, data!, ...constants(keysOf(inputs[0]!.shape))])
    return undefined
  },
}

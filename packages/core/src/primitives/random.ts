import { fail, showShape } from '../errors.js'
import type { Aval, Maybe, Primitive } from '../graph/ir.js'
import { fma32, fma64 } from '../math/fma.js'
import { fillBits, fillBlock, foldIn as foldInWords, splitKeys } from '../math/threefry.js'
import { sameShape, sizeOf } from '../shape.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'
import { bind1 } from '../trace/trace.js'
import type { Shape } from '../types/index.js'
import { addMaybe, elementwiseBatch, mul, none } from './arithmetic.js'
import { compute, definePrimitive, needFloat, noJvp, outSize, reals, sameAvals } from './define.js'
import { batchAll } from './structural.js'

// Counter-based random numbers: pure functions of a key, int32[..., 2]. All leading axes of the key are a batch, so
// that a map over keys is the same primitive with one axis more, and every sample is the one its key alone gives.

const needKey = (op: string, key: Aval): Shape =>
  key.dtype === 'int32' && key.shape.at(-1) === 2
    ? key.shape.slice(0, -1)
    : fail('Shape', `${op}: a key is int32[..., 2], not ${key.dtype}${showShape(key.shape)}.`, {
        op,
        shapes: [key.shape],
      })

/** Runs over the keys of a batch with the words each one writes. */
const eachKey = (
  key: Tensor,
  out: Int32Array,
  size: number,
  write: (k0: number, k1: number, words: Uint32Array, i: number) => void,
): void => {
  const words = dataOf(key)
  const unsigned = new Uint32Array(out.buffer)
  for (let i = 0; 2 * i < words.length; i++)
    write(words[2 * i]!, words[2 * i + 1]!, unsigned.subarray(i * size, (i + 1) * size), i)
}

/**
 * What is wanted of the words of an entry, as int32: all 32 `bits`; the upper 23 of them for a `float32` in steps
 * of 2^-23; or the 52 bits of a float64, as `float64hi` · 2^-26 + `float64lo` · 2^-52.
 */
export type Word = 'bits' | 'float32' | 'float64hi' | 'float64lo'

interface BitsParams {
  readonly [key: string]: unknown
  readonly shape: Shape
  readonly word: Word
}

const fillWord = (word: Word, k0: number, k1: number, words: Uint32Array): void => {
  const n = words.length
  if (word === 'bits' || word === 'float32') {
    fillBits(k0, k1, n, words)
    if (word === 'float32') for (let i = 0; i < n; i++) words[i] = words[i]! >>> 9
    return
  }
  const lo = new Uint32Array(n)
  fillBlock(k0, k1, n, words, lo)
  for (let i = 0; i < n; i++)
    words[i] = word === 'float64hi' ? words[i]! >>> 6 : ((words[i]! & 63) << 20) | (lo[i]! >>> 12)
}

export const randomBitsP: Primitive<BitsParams> = definePrimitive<BitsParams>({
  name: 'randomBits',
  shape: ([key], { shape }) => [{ shape: [...needKey('randomBits', key!), ...shape], dtype: 'int32' }],
  kernel: ([key], { shape, word }, [out]) => {
    const y = new Int32Array(sizeOf(out!.shape))
    eachKey(key!, y, sizeOf(shape), (k0, k1, words) => fillWord(word, k0, k1, words))
    return [fromData(y, out!.shape, 'int32')]
  },
  jvp: noJvp(),
  transpose: 'nonlinear',
  batch: ([key], _, params) => [bind1(randomBitsP, [key!], params)],
  domain: [reals],
  kinks: 'none',
  derivation: 'a function of integers: no tangent. Salmon et al., SC 2011',
  flops: (_, [out]) => 100 * sizeOf(out!.shape),
})
export const randomBits = (key: Tensor, shape: Shape, word: Word): Tensor =>
  bind1(randomBitsP, [key], { shape, word })

export const randomSplitP: Primitive<{ readonly n: number }> = definePrimitive<{ readonly n: number }>({
  name: 'randomSplit',
  shape: ([key], { n }) => [{ shape: [...needKey('randomSplit', key!), n, 2], dtype: 'int32' }],
  kernel: ([key], { n }, [out]) => {
    const y = new Int32Array(sizeOf(out!.shape))
    eachKey(key!, y, 2 * n, (k0, k1, words) => words.set(splitKeys(k0, k1, n)))
    return [fromData(y, out!.shape, 'int32')]
  },
  jvp: noJvp(),
  transpose: 'nonlinear',
  batch: ([key], _, params) => [bind1(randomSplitP, [key!], params)],
  domain: [reals],
  kinks: 'none',
  derivation: 'a function of integers: no tangent',
  flops: (_, [out]) => 50 * sizeOf(out!.shape),
})
export const randomSplit = (key: Tensor, n: number): Tensor => bind1(randomSplitP, [key], { n })

/** Keys int32[..., 2] with data int32[...]: one number for each key. */
export const foldInP: Primitive<typeof none> = definePrimitive<typeof none>({
  name: 'foldIn',
  shape: ([key, data]) => {
    const batch = needKey('foldIn', key!)
    if (data!.dtype !== 'int32' || !sameShape(batch, data!.shape))
      fail(
        'Shape',
        `foldIn: keys ${showShape(key!.shape)} take int32${showShape(batch)}, not ${data!.dtype}${showShape(data!.shape)}.`,
        { op: 'foldIn', shapes: [key!.shape, data!.shape] },
      )
    return [{ shape: key!.shape, dtype: 'int32' }]
  },
  kernel: ([key, data], _, [out]) => {
    const y = new Int32Array(sizeOf(out!.shape))
    const numbers = dataOf(data!)
    eachKey(key!, y, 2, (k0, k1, words, i) => words.set(foldInWords(k0, k1, numbers[i]!)))
    return [fromData(y, out!.shape, 'int32')]
  },
  jvp: noJvp(),
  transpose: 'nonlinear',
  batch: (inputs, batched, _, size) => {
    const [key, data] = inputs.map((x, i) => batchAll(x, batched[i]!, size))
    return [foldIn(key!, data!)]
  },
  domain: [reals],
  kinks: 'none',
  derivation: 'a function of integers: no tangent',
  flops: (_, [out]) => 50 * sizeOf(out!.shape),
})
export const foldIn = (key: Tensor, data: Tensor): Tensor => bind1(foldInP, [key, data], none)

export const fmaP: Primitive<typeof none> = definePrimitive<typeof none>({
  name: 'fma',
  shape: (inputs) => [needFloat('fma', sameAvals('fma', inputs))],
  kernel: ([x, y, z], _, [out]) => {
    const [a, b, c] = [dataOf(x!), dataOf(y!), dataOf(z!)]
    const f = out!.dtype === 'float64' ? fma64 : fma32
    return [
      compute(out!.shape, out!.dtype, (r) => {
        for (let i = 0; i < r.length; i++) r[i] = f(a[i]!, b[i]!, c[i]!)
      }),
    ]
  },
  jvp: ([x, y], [tx, ty, tz]): readonly Maybe[] => [
    addMaybe(addMaybe(tx ? mul(tx, y!) : null, ty ? mul(x!, ty) : null), tz!),
  ],
  transpose: 'nonlinear',
  batch: elementwiseBatch(() => fmaP),
  domain: [reals],
  kinks: 'none',
  derivation: 'd(xy + z) = dx·y + x·dy + dz; rounded once, as XLA contracts it',
  flops: (_, outs) => 2 * outSize(_, outs),
})
/** x·y + z, rounded once. */
export const fma = (x: Tensor, y: Tensor, z: Tensor): Tensor => bind1(fmaP, [x, y, z], none)

import { BYTES } from '../../../dtype.js'
import { sizeOf } from '../../../shape.js'
import type { DType } from '../../../types/index.js'
import type { Library } from '../../library.js'
import {
  callValue,
  type FunctionBuilder,
  type FunctionRef,
  type I32,
  i32,
  i64,
  type Local,
  v128,
} from '../../wasm/index.js'
import { copyStatic } from '../copy.js'
import { constants, entry, type Kernel } from '../kernel.js'
import { KEYS } from './keys.js'

// A stable sort of rows: records of a key and its position are sorted, by insertion if they are few and otherwise
// byte by byte from the lowest one (radix sort), skipping bytes that all keys share; then each operand is read in
// the order of the positions. A record is [position, key] in 8 bytes, or [key, position, unused] in 16.

const FEW = 40
const COUNTERS = 256 * 4

interface Records {
  /** log2 of the bytes of a record. */
  readonly log: 3 | 4
  readonly keyBytes: 4 | 8
  readonly keyAt: number
  readonly positionAt: number
}
const recordsOf = (dtype: DType): Records =>
  KEYS[dtype].bytes === 4
    ? { log: 3, keyBytes: 4, keyAt: 4, positionAt: 0 }
    : { log: 4, keyBytes: 8, keyAt: 0, positionAt: 8 }

/** (x, n, records): one record for each element. */
const writeRecords = (f: FunctionBuilder, dtype: DType, x: I32, n: I32, records: I32): void => {
  const [i, log] = [f.local('i32'), recordsOf(dtype).log]
  const k = KEYS[dtype]
  f.for(i, 0, n, 1, () => {
    const to = f.let(entry(records, i, log))
    const from = f.let(entry(x, i, k.log))
    if (k.bytes === 4) {
      f.store('i32', to, i)
      f.store('i32', to, k.key(from), 4)
    } else {
      f.store('i64', to, k.key(from))
      f.store('i32', to, i, 8)
    }
  })
}

/** Each record moves down to its place among those before it. */
const insertionSort = (f: FunctionBuilder, r: Records, records: I32, n: I32): void => {
  const size = 1 << r.log
  const [i, hole, key] = [f.local('i32'), f.local('i32'), f.local('i64')]
  const record = f.local(r.log === 3 ? 'i64' : 'v128')
  f.for(i, 1, n, 1, () => {
    f.set(hole, entry(records, i, r.log))
    // Of 8 bytes, the whole is compared: key, then position, which never tie.
    f.set(key, i64.load(hole))
    f.set(record, r.log === 3 ? i64.load(hole) : v128.load(hole))
    f.while(i32.ne(hole, records), (leave) => {
      const before = f.let(i32.sub(hole, size))
      leave(i32.eqz(i64.ltU(key, i64.load(before))))
      copyStatic(f, hole, before, size)
      f.set(hole, before)
    })
    if (r.log === 3) f.store('i64', hole, record)
    else f.storeVector(hole, record as Local<'v128'>)
  })
}

/** Sorts `records`, with `spare` as a second place of the same size; the local holds where they end up. */
const radixSort = (
  f: FunctionBuilder,
  r: Records,
  n: I32,
  places: { readonly records: I32; readonly spare: I32; readonly counters: I32 },
): Local<'i32'> => {
  const { counters } = places
  const bytes = Array.from({ length: r.keyBytes }, (_, b) => b)
  const [i, at, byte] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const [from, to] = [f.let(places.records), f.let(places.spare)]
  const [slot, sum, next, record] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
  const counter = (b: I32, digit: I32): I32 => i32.add(counters, i32.add(i32.shl(b, 10), i32.shl(digit, 2)))

  f.fillMemory(counters, 0, r.keyBytes * COUNTERS)
  f.for(i, 0, n, 1, () => {
    f.set(at, entry(from, i, r.log))
    for (const b of bytes) {
      f.set(slot, i32.add(counters, i32.shl(i32.load8U(at, r.keyAt + b), 2)))
      f.store('i32', slot, i32.add(i32.load(slot, b * COUNTERS), 1), b * COUNTERS)
    }
  })
  f.for(byte, 0, r.keyBytes, 1, () => {
    const digit = (record: I32): I32 => i32.load8U(i32.add(record, byte), r.keyAt)
    f.if(i32.ne(i32.load(counter(byte, digit(from))), n), () => {
      // Counts become places of the next record of each digit.
      f.set(slot, counter(byte, i32.const(0)))
      f.set(sum, to)
      f.for(i, 0, 256, 1, () => {
        f.set(next, i32.add(sum, i32.shl(i32.load(slot), r.log)))
        f.store('i32', slot, sum)
        f.set(sum, next)
        f.increase(slot, 4)
      })
      f.for(i, 0, n, 1, () => {
        f.set(record, entry(from, i, r.log))
        f.set(slot, counter(byte, digit(record)))
        f.set(next, i32.load(slot))
        f.store('i32', slot, i32.add(next, 1 << r.log))
        copyStatic(f, next, record, 1 << r.log)
      })
      f.set(next, from)
      f.set(from, to)
      f.set(to, next)
    })
  })
  return from
}

/** (x, n, scratch): sorts a row; returns where the records are. */
const sortRow = (lib: Library, dtype: DType): FunctionRef =>
  lib.get(`sort_row_${dtype}`, (m, name) =>
    m.function(name, { x: 'i32', n: 'i32', scratch: 'i32' }, ['i32'], (f, { x, n, scratch }) => {
      const r = recordsOf(dtype)
      const counters = scratch
      const records = f.let(i32.add(scratch, r.keyBytes * COUNTERS))
      writeRecords(f, dtype, x, n, records)
      f.if(i32.leS(n, FEW), () => {
        insertionSort(f, r, records, n)
        f.return(records)
      })
      f.result(radixSort(f, r, n, { records, spare: entry(records, n, r.log), counters }))
    }),
  )

/** (to, x, records, n): elements of `bytes` bytes in the order of the positions. */
const permute = (lib: Library, bytes: number, r: Records): FunctionRef =>
  lib.get(`permute_${bytes}_${r.log}`, (m, name) =>
    m.function(name, { to: 'i32', x: 'i32', records: 'i32', n: 'i32' }, [], (f, { to, x, records, n }) => {
      const [i, log] = [f.local('i32'), Math.log2(bytes)]
      f.for(i, 0, n, 1, () => {
        const from = f.let(entry(x, i32.load(entry(records, i, r.log), r.positionAt), log))
        copyStatic(f, entry(to, i, log), from, bytes)
      })
    }),
  )

/** Rows sorted by the first operand. */
export const sortKernel: Kernel = {
  scratch: ({ inputs }) => {
    const { shape, dtype } = inputs[0]!
    const r = recordsOf(dtype)
    return r.keyBytes * COUNTERS + 2 * (shape.at(-1)! << r.log)
  },
  emit: (f, lib, { inputs }, at) => {
    const { shape, dtype } = inputs[0]!
    const n = shape.at(-1)!
    const rows = n === 0 ? 0 : sizeOf(shape) / n
    const r = recordsOf(dtype)
    const row = f.local('i32')
    f.for(row, 0, rows, 1, () => {
      const offset = (of: DType): I32 => i32.mul(row, n * BYTES[of])
      const key = i32.add(at.inputs[0]!, offset(dtype))
      const records = f.let(callValue(sortRow(lib, dtype), 'i32', [key, ...constants(n), at.scratch]))
      inputs.forEach((x, k) => {
        f.call(permute(lib, BYTES[x.dtype], r), [
          i32.add(at.outputs[k]!, offset(x.dtype)),
          i32.add(at.inputs[k]!, offset(x.dtype)),
          records,
          ...constants(n),
        ])
      })
    })
    return undefined
  },
}

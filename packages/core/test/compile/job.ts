import { expect } from 'vitest'
import type { Scalar } from '../../src/compile/kernels/gemm/element.js'
import { emitJob, type Job } from '../../src/compile/kernels/gemm/job.js'
import type { Library } from '../../src/compile/library.js'
import { i32 } from '../../src/compile/wasm/index.js'
import { allocate, type TypedArray } from '../../src/dtype.js'
import { sizeOf } from '../../src/shape.js'
import { dataOf, fromData, type Tensor } from '../../src/tensor.js'
import { assemble } from './harness.js'

export type Shape = readonly number[]

export const make = (shape: Shape, dtype: Scalar, entry: (i: number) => number): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = entry(i)
  return fromData(data, shape, dtype)
}

/** Multiples of 1/64 (whole numbers for int32): products and sums are exact, so every order gives the same bits. */
export const filled = (shape: Shape, dtype: Scalar, seed: number): Tensor => {
  const unit = dtype === 'int32' ? 1 : 1 / 64
  return make(shape, dtype, (i) => ((((i + seed) * 37 + 11) % 129) - 64) * unit)
}

export interface JobOptions {
  readonly relaxed: boolean
  /** Rows after which the work is cut, as among threads; rounded up to a multiple of the grain where that is strict. */
  readonly cut?: number | undefined
}

/**
 * Runs a job on two operands: whole by `emitJob`, and in pieces, which must give the same bits. Memory around the operands
 * is NaN (or a large number), the bytes around the result must stay it, and the epilogue must see each row once.
 */
export const runJob = (
  of: (lib: Library) => Job,
  a: TypedArray,
  b: TypedArray,
  initial: TypedArray,
  { relaxed, cut }: JobOptions,
): { readonly job: Job; readonly got: number[] } => {
  const size = a.BYTES_PER_ELEMENT
  const total = initial.length
  const place = (at: number, count: number): number => Math.ceil((at + count * size) / 64) * 64 + 64
  // One number behind aligned addresses: views need not be aligned.
  const atA = 64 + size
  const atB = place(atA, a.length) + size
  const atC = place(atB, b.length) + size
  const packed = place(atC, total)
  const made: { job?: Job; end: number; seen: number } = { end: 0, seen: 0 }
  const {
    call,
    f32,
    f64,
    i32: ints,
  } = assemble(
    (lib) => {
      const job = of(lib)
      const scratch = Math.ceil((packed + job.packedBytes) / 64) * 64
      const end = scratch + job.scratchBytes
      const seen = Math.ceil(end / 64) * 64 + 64
      Object.assign(made, { job, end, seen })
      const places = { a: atA, b: atB, c: atC, packed, scratch }
      const export_ = { export: true }
      lib.module.function('prepare', {}, [], (f) => job.prepare(f, places, 0, job.pieces), export_)
      lib.module.function('whole', {}, [], (f) => emitJob(f, job, places), export_)
      lib.module.function(
        'run',
        { first: 'i32', last: 'i32' },
        [],
        (f, { first, last }) =>
          job.run(f, places, first, last, (f, from, to) => {
            const i = f.local('i32')
            f.for(i, from, to, 1, () => {
              const at = f.let(i32.add(i32.shl(i, 2), seen))
              f.store('i32', at, i32.add(i32.load(at), 1))
            })
          }),
        export_,
      )
    },
    { relaxed, pages: 40 },
  )
  const job = made.job!
  const data = a instanceof Float32Array ? f32 : a instanceof Float64Array ? f64 : ints
  const outside = a instanceof Int32Array ? 77777 : Number.NaN
  data.fill(outside, 0, made.end / size)
  data.set(a, atA / size)
  data.set(b, atB / size)
  const result = (): number[] => [...data.subarray(atC / size, atC / size + total)]
  data.set(initial, atC / size)
  call.prepare!()
  const grain = job.strict ? job.grain : 1
  const step = Math.max(1, Math.ceil((cut ?? job.rows) / grain) * grain)
  for (let i = 0; i < job.rows; i += step) call.run!(i, Math.min(job.rows, i + step))
  const got = result()
  const seen = [...ints.subarray(made.seen / 4, made.seen / 4 + job.rows)]
  expect(seen).toEqual(Array.from({ length: job.rows }, () => (total === 0 ? 0 : 1)))
  data.set(initial, atC / size)
  call.whole!()
  expect(result()).toEqual(got)
  expect([data[atC / size - 1], data[atC / size + total]]).toEqual([outside, outside])
  return { job, got }
}

export const entries = (t: Tensor): TypedArray => dataOf(t)

// GFLOP/s (or GB/s) of contractions and convolutions as compiled kernels, one thread, best of many: machines are noisy,
// so compare with the limit printed first.
// pnpm exec tsx benchmarks/matmul.ts [part of a row's name]

import { convJob } from '../packages/core/src/compile/kernels/conv/conv.js'
import { dotJob } from '../packages/core/src/compile/kernels/gemm/dot.js'
import { ELEMENTS, type Scalar } from '../packages/core/src/compile/kernels/gemm/element.js'
import { emitJob, type Job } from '../packages/core/src/compile/kernels/gemm/job.js'
import { dotLayout } from '../packages/core/src/compile/kernels/gemm/layout.js'
import { Library } from '../packages/core/src/compile/library.js'
import { f32x4, hasRelaxedMadd, ModuleBuilder } from '../packages/core/src/compile/wasm/index.js'
import { type ConvParams, convP } from '../packages/core/src/primitives/contraction.js'

type Shape = readonly number[]
const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)
const relaxed = hasRelaxedMadd()

/** Seconds of processor time used by this process: what others do meanwhile counts less than by the clock. */
const processor = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Seconds of one call at best; each of the many rounds lasts about a third of a millisecond or one call. */
const best = (run: (times: number) => void): number => {
  const since = (times: number): number => {
    const [start, used] = [performance.now(), processor()]
    run(times)
    const clock = (performance.now() - start) / 1000
    // Short rounds fit between two turns of the scheduler, and the processor time is too coarse for them.
    return clock < 0.002 ? clock : Math.min(clock, processor() - used)
  }
  let times = 1
  let once = since(1)
  const warm = performance.now() + 60
  while (performance.now() < warm) once = Math.min(once, since(times) / times)
  times = Math.max(1, Math.round(0.0003 / once))
  const rounds = Math.max(12, Math.min(400, Math.round(0.25 / (times * once))))
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < rounds; i++) least = Math.min(least, since(times) / times)
  return least
}

/** A job on operands of these sizes, called `times` times inside the module. */
const compile = (of: (lib: Library) => Job, dtype: Scalar, sizes: Shape) => {
  const s = ELEMENTS[dtype].bytes
  const build = (pages: number) => {
    const m = new ModuleBuilder({ initial: pages, maximum: pages, shared: false })
    const lib = new Library(m, { relaxed })
    const job = of(lib)
    let end = 1024
    const take = (bytes: number): number => {
      const at = end
      end = Math.ceil((end + bytes) / 64) * 64 + 64
      return at
    }
    const [a, b, c] = sizes.map((n) => take(n * s)) as [number, number, number]
    const places = { a, b, c, packed: take(job.packedBytes), scratch: take(job.scratchBytes) }
    m.function(
      'run',
      { times: 'i32' },
      [],
      (f, { times }) => {
        const i = f.local('i32')
        f.for(i, 0, times, 1, () => emitJob(f, job, places))
      },
      { export: true },
    )
    return { m, job, end, a, b }
  }
  const pages = Math.ceil(build(1).end / 65536) + 1
  const { m, job, a, b } = build(pages)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.encode()), { env: { memory } })
  const data = dtype === 'float64' ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer)
  for (let i = 0; i < sizes[0]!; i++) data[a / s + i] = Math.sin(i)
  for (let i = 0; i < sizes[1]!; i++) data[b / s + i] = Math.cos(i)
  return { run: exports.run as (times: number) => void, variant: job.variant }
}

const wanted = process.argv[2] ?? ''
const report = (
  name: string,
  of: (lib: Library) => Job,
  dtype: Scalar,
  sizes: Shape,
  work: number,
  unit: string,
) => {
  if (!`${name} ${dtype}`.includes(wanted)) return
  const { run, variant } = compile(of, dtype, sizes)
  const seconds = best(run)
  const micro = (seconds * 1e6).toFixed(seconds < 1e-5 ? 3 : 1)
  console.log(
    `${name.padEnd(44)} ${dtype} ${variant.padEnd(13)} ${micro.padStart(10)} µs ${(work / seconds / 1e9).toFixed(1).padStart(7)} ${unit}`,
  )
}

const dot = (
  name: string,
  dtype: Scalar,
  a: Shape,
  b: Shape,
  contract: readonly [number, number],
  bytes = false,
  batch = 0,
): void => {
  const axes = Array.from({ length: batch }, (_, i) => i)
  const params = { contract: [[contract[0]], [contract[1]]], batch: [axes, axes] } as const
  const layout = dotLayout({ shape: a }, { shape: b }, params)
  const items = size(a.slice(0, batch))
  const { m, n, k } = layout
  const work = bytes ? ELEMENTS[dtype].bytes * (size(a) + size(b) + items * m * n) : 2 * items * m * n * k
  report(
    name,
    (lib) => dotJob(lib, { dtype, layout }),
    dtype,
    [size(a), size(b), items * m * n],
    work,
    bytes ? 'GB/s' : 'GFLOP/s',
  )
}

const conv = (name: string, dtype: Scalar, x: Shape, w: Shape, part: Partial<ConvParams> = {}): void => {
  const all = (value: number): number[] => x.slice(3).map(() => value)
  const params: ConvParams = {
    strides: all(1),
    lo: all(0),
    hi: all(0),
    inputDilation: all(1),
    windowDilation: all(1),
    ...part,
  }
  const out = convP.shape(
    [
      { shape: x, dtype },
      { shape: w, dtype },
    ],
    params,
  )[0]!.shape
  // Multiplications by zeros between entries of a dilated input are not counted as work.
  const dense = size(params.inputDilation)
  const flops = (2 * size(out) * size(w.slice(1, -1))) / dense
  report(
    name,
    (lib) => convJob(lib, { dtype, x, w, params }),
    dtype,
    [size(x), size(w), size(out)],
    flops,
    'GFLOP/s',
  )
}

/** The limit of the arithmetic here and now: multiply-adds on registers. */
const peak = (): void => {
  const m = new ModuleBuilder({ initial: 1, maximum: 1, shared: false })
  const lib = new Library(m, { relaxed })
  m.function(
    'run',
    { times: 'i32' },
    [],
    (f, { times }) => {
      const sums = Array.from({ length: 12 }, () => f.local('v128'))
      const [x, i] = [f.let(f32x4.const(1)), f.local('i32')]
      f.for(i, 0, times, 1, () => {
        for (const sum of sums) f.set(sum, lib.madd32(x, x, sum))
      })
      for (const sum of sums) f.storeVector(0, sum)
    },
    { export: true },
  )
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.encode()), { env: { memory } })
  const seconds = best((times) => (exports.run as (n: number) => void)(times * 10_000))
  console.log(
    `${process.version}, ${relaxed ? 'fused' : 'separate'} multiply-add; at most ${((12 * 8 * 10_000) / seconds / 1e9).toFixed(1)} GFLOP/s in float32`,
  )
}

peak()
for (const dtype of ['float32', 'float64'] as const) {
  for (const n of [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100, 128, 256, 512, 1024])
    dot(`A·B ${n}`, dtype, [n, n], [n, n], [1, 0])
  for (const n of [4, 8, 16, 32, 64, 256, 1024]) {
    dot(`A·Bᵀ ${n}`, dtype, [n, n], [n, n], [1, 1])
    dot(`Aᵀ·B ${n}`, dtype, [n, n], [n, n], [0, 0])
  }
  dot('batch of 1000, 3x3', dtype, [1000, 3, 3], [1000, 3, 3], [2, 1], false, 1)
  dot('batch of 1000, 8x8', dtype, [1000, 8, 8], [1000, 8, 8], [2, 1], false, 1)
  dot('batch of 32, 128x64 · 64x128', dtype, [32, 128, 64], [32, 64, 128], [2, 1], false, 1)
  dot('batch of 32, 128x64 · (128x64)ᵀ', dtype, [32, 128, 64], [32, 128, 64], [2, 2], false, 1)
  dot('MLP [32,2]·[2,16]', dtype, [32, 2], [2, 16], [1, 0])
  dot('MLP [32,16]·[16,16]', dtype, [32, 16], [16, 16], [1, 0])
  dot('MLP [32,16]·[16,2]', dtype, [32, 16], [16, 2], [1, 0])
  dot('MLP [128,784]·[784,256]', dtype, [128, 784], [784, 256], [1, 0])
  dot('MLP [128,784]ᵀ·[128,256]', dtype, [128, 784], [128, 256], [0, 0])
  dot('MLP [128,256]·[784,256]ᵀ', dtype, [128, 256], [784, 256], [1, 1])
  dot('MLP [128,128]·[128,10]', dtype, [128, 128], [128, 10], [1, 0])
  dot('MLP [128,128]ᵀ·[128,10]', dtype, [128, 128], [128, 10], [0, 0])
  dot('MLP [128,10]·[128,10]ᵀ', dtype, [128, 10], [128, 10], [1, 1])
  for (const n of [64, 1024]) {
    dot(`A·x ${n}`, dtype, [n, n], [n, 1], [1, 0], true)
    dot(`Aᵀ·x ${n}`, dtype, [n, n], [n, 1], [0, 0], true)
    dot(`x·A ${n}`, dtype, [1, n], [n, n], [1, 0], true)
    dot(`x·Aᵀ ${n}`, dtype, [1, n], [n, n], [1, 1], true)
    dot(`4 rows·A ${n}`, dtype, [4, n], [n, n], [1, 0], true)
    dot(`4 rows·Aᵀ ${n}`, dtype, [4, n], [n, n], [1, 1], true)
    dot(`x·yᵀ ${n}`, dtype, [n, 1], [1, n], [1, 0], true)
  }
  const pad = { lo: [1, 1], hi: [1, 1] }
  conv('conv 3x3, 8x28x28, 1 to 16', dtype, [1, 8, 28, 28, 1], [1, 3, 3, 1, 16], pad)
  conv('conv 3x3, 8x32x32, 3 to 32', dtype, [1, 8, 32, 32, 3], [1, 3, 3, 3, 32], pad)
  conv('conv 3x3, 8x28x28, 16 to 32', dtype, [1, 8, 28, 28, 16], [1, 3, 3, 16, 32], pad)
  conv('conv 3x3, 8x14x14, 64 to 64', dtype, [1, 8, 14, 14, 64], [1, 3, 3, 64, 64], pad)
  conv('conv 3x3 stride 2, 8x28x28, 32 to 64', dtype, [1, 8, 28, 28, 32], [1, 3, 3, 32, 64], {
    ...pad,
    strides: [2, 2],
  })
  conv('its input gradient', dtype, [1, 8, 14, 14, 64], [1, 3, 3, 64, 32], {
    lo: [1, 1],
    hi: [2, 2],
    inputDilation: [2, 2],
  })
  conv('its window gradient', dtype, [1, 32, 28, 28, 8], [1, 14, 14, 8, 64], {
    ...pad,
    windowDilation: [2, 2],
  })
  conv('window gradient 3x3, 8x28x28, 16 to 32', dtype, [1, 16, 28, 28, 8], [1, 28, 28, 8, 32], pad)
  conv('conv 1x1, 8x14x14, 64 to 128', dtype, [1, 8, 14, 14, 64], [1, 1, 1, 64, 128])
  conv('depthwise 3x3, 8x28x28, 64', dtype, [64, 8, 28, 28, 1], [64, 3, 3, 1, 1], pad)
  conv('depthwise 3x3 stride 2, 8x28x28, 64', dtype, [64, 8, 28, 28, 1], [64, 3, 3, 1, 1], {
    ...pad,
    strides: [2, 2],
  })
  conv('its input gradient, depthwise', dtype, [64, 8, 14, 14, 1], [64, 3, 3, 1, 1], {
    lo: [1, 1],
    hi: [2, 2],
    inputDilation: [2, 2],
  })
  conv('window gradient, depthwise 3x3, 8x28x28, 64', dtype, [64, 1, 28, 28, 8], [64, 28, 28, 8, 1], pad)
  conv('conv 1d 9, 8x1024, 16 to 16', dtype, [1, 8, 1024, 16], [1, 9, 16, 16])
  conv('conv 3d 3x3x3, 2x16x16x16, 8 to 16', dtype, [1, 2, 16, 16, 16, 8], [1, 3, 3, 3, 8, 16])
}

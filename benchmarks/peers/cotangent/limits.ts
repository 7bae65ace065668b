// What WebAssembly can do on this machine: the limits that rows are compared with.
import { Library } from '../../../packages/core/src/compile/library.js'
import {
  f32x4,
  f64x2,
  hasRelaxedMadd,
  i32,
  ModuleBuilder,
  type V128,
  v128,
} from '../../../packages/core/src/compile/wasm/index.js'
import { ADAM_BYTES } from '../rows.js'
import type { Kinds, Task } from '../task.js'

type Code = Parameters<Parameters<ModuleBuilder['function']>[3]>[0]

const compile = (bytes: number, code: (f: Code, lib: Library) => void): Task => {
  const pages = Math.ceil(bytes / 65536) + 1
  const m = new ModuleBuilder({ initial: pages, maximum: pages, shared: false })
  const lib = new Library(m, { relaxed: hasRelaxedMadd() })
  m.function('run', {}, [], (f) => code(f, lib), { export: true })
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.encode()), { env: { memory } })
  const call = exports.run as () => void
  return { call, check: () => [] }
}

/** Twelve independent chains keep both units busy. */
const peak = (one: V128, madd: (lib: Library) => (x: V128, y: V128, sum: V128) => V128): Task =>
  compile(16, (f, lib) => {
    const sums = Array.from({ length: 12 }, () => f.local('v128'))
    const [x, i] = [f.let(one), f.local('i32')]
    f.for(i, 0, 10_000, 1, () => {
      for (const sum of sums) f.set(sum, madd(lib)(x, x, sum))
    })
    for (const sum of sums) f.storeVector(0, sum)
  })

/** A pass over streams of equal size that lie behind each other, 16 entries a round. */
const pass = (
  streams: number,
  body: (f: Code, load: (stream: number) => V128, to: (stream: number, x: V128) => void) => void,
  bytes: number,
): Task =>
  compile(streams * bytes, (f) => {
    const i = f.local('i32')
    f.for(i, 0, bytes, 64, () => {
      for (const offset of [0, 16, 32, 48])
        body(
          f,
          (stream) => v128.load(i, stream * bytes + offset),
          (stream, x) => f.storeVector(i, x, stream * bytes + offset),
        )
    })
  })

/** A multiple of a cache line, a little apart from powers of two. */
const part = (streams: number): number => Math.floor(ADAM_BYTES / streams / 64) * 64

export const limits: Kinds = {
  peak32: () => peak(f32x4.const(1), (lib) => (x, y, sum) => lib.madd32(x, y, sum)),
  peak64: () => peak(f64x2.const(1), (lib) => (x, y, sum) => lib.madd64(x, y, sum)),
  copy: () => compile(ADAM_BYTES, (f) => f.copyMemory(i32.const(0), i32.const(part(2)), part(2))),
  triad: () =>
    pass(3, (_, load, to) => to(0, f32x4.add(load(1), f32x4.mul(load(2), f32x4.const(0.5)))), part(3)),
  // What no order of instructions can avoid in Adam: the unit that divides and takes roots is one.
  divider: () =>
    compile(64, (f) => {
      const [x, i] = [f.let(f32x4.const(3)), f.local('i32')]
      const sums = Array.from({ length: 8 }, () => f.let(f32x4.const(2)))
      f.for(i, 0, 1e6 / 4 / sums.length, 1, () => {
        for (const sum of sums) f.set(sum, f32x4.div(x, f32x4.sqrt(sum)))
      })
      for (const sum of sums) f.storeVector(0, sum)
    }),
  update: ({ row }) =>
    pass(
      4,
      (f, load, to) => {
        const g = f.let(load(3))
        for (const stream of [0, 1, 2]) to(stream, f32x4.add(load(stream), g))
      },
      Math.floor(row.bytes! / 7 / 64) * 64,
    ),
}

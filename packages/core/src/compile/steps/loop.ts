import { BYTES } from '../../dtype.js'
import { sameShape, sizeOf } from '../../shape.js'
import { alignUp, type Buffer } from '../buffer.js'
import { worthSharing } from '../library.js'
import { emitLoop, loopFacts } from '../loop/emit.js'
import { isCheap } from '../loop/lanes.js'
import type { LoopSpec } from '../loop/spec.js'
import type { Emission, Step } from '../step.js'
import type { Unit } from '../unit.js'
import { isWhole, type View } from '../view.js'
import { type I32, i32 } from '../wasm/index.js'

const unique = <T>(xs: readonly T[]): T[] => [...new Set(xs)]

/** A loop nest over no elements: sums over nothing are 0, and nothing else is written. */
const overNothing = (spec: LoopSpec): LoopSpec[] =>
  spec.reductions
    .filter(({ view }) => sizeOf(view.shape) > 0)
    .map(({ view }) => ({
      shape: view.shape,
      values: [{ kind: 'uniform', dtype: view.buffer.dtype, value: 0 }],
      stores: [{ value: 0, view }],
      reductions: [],
    }))

const everyElement = (view: View, spec: LoopSpec): boolean =>
  sameShape(view.shape, spec.shape) && isWhole(view)

/** Reads that a write may take the place of: both walk whole buffers of one dtype in the order of the nest. */
const inPlacePairs = (spec: LoopSpec): { write: Buffer; read: Buffer }[] => {
  const loads = spec.values.flatMap((v) => (v.kind === 'load' ? [v.view] : []))
  const reads = unique(loads.map((v) => v.buffer)).filter((b) =>
    loads.every((v) => v.buffer !== b || everyElement(v, spec)),
  )
  return spec.stores.flatMap(({ view }) =>
    everyElement(view, spec)
      ? reads.flatMap((read) => (read.dtype === view.buffer.dtype ? [{ write: view.buffer, read }] : []))
      : [],
  )
}

let counter = 0

/** Nanoseconds: what is computed, and what goes to and from memory. */
const workOf = (spec: LoopSpec): number => {
  const n = sizeOf(spec.shape)
  const perElement = spec.values.reduce((sum, v) => {
    if (v.kind === 'map') return sum + (isCheap(v.op) ? 0.12 : 1.5)
    return v.kind === 'load' ? sum + (v.view.buffer.size * BYTES[v.dtype]) / (12 * Math.max(1, n)) : sum
  }, 0)
  const written = spec.stores.reduce((sum, { view }) => sum + BYTES[view.buffer.dtype] / 8, 0)
  return n * (perElement + written + 0.1 * spec.reductions.length)
}

/** Element-wise work and reductions. */
export const loopStep = (unit: Unit, spec: LoopSpec, text: string, path: string): Step => {
  const work = workOf(spec)
  const empty = sizeOf(spec.shape) === 0
  const { extent, grain, scratch, pitch } = loopFacts(spec)
  const own = empty ? 0 : alignUp(scratch)
  const maps = spec.values.filter((v) => v.kind === 'map').length + spec.reductions.length
  const part = (e: Emission, from: I32, to: I32, thread: I32): void => {
    const { ref, addresses } = emitLoop(e.lib, spec)
    const memory = i32.add(e.scratch, i32.mul(thread, own))
    e.f.call(ref, [from, to, memory, ...addresses(e.f, e.addressOf)])
  }
  return {
    kind: 'loop',
    text,
    reads: unique(spec.values.flatMap((v) => (v.kind === 'load' ? [v.view.buffer] : []))),
    writes: unique([...spec.stores, ...spec.reductions].map((s) => s.view.buffer)),
    inPlace: inPlacePairs(spec),
    // Each thread has its own.
    scratch: own * (work >= worthSharing(unit.lib.target) ? (unit.lib.target.threads ?? 1) : 1),
    flops: maps * sizeOf(spec.shape),
    work,
    divisible: true,
    path,
    fails: false,
    rows:
      empty || grain === 0
        ? undefined
        : {
            extent,
            grain,
            least: 1,
            pitch,
            scratch: (threads) => own * threads,
            prepare: undefined,
            emit: part,
          },
    emit: (e) => {
      const { f, lib, addressOf } = e
      if (empty)
        for (const nothing of overNothing(spec)) {
          const { ref, addresses } = emitLoop(lib, nothing)
          const end = i32.const(loopFacts(nothing).extent)
          f.call(ref, [i32.const(0), end, i32.const(0), ...addresses(f, addressOf)])
        }
      else if (grain > 0 && extent > grain && unit.isShared({ work })) {
        const ref = lib.module.function(
          `share${counter++}`,
          { from: 'i32', to: 'i32', thread: 'i32' },
          [],
          (g, { from, to, thread }) => part({ ...e, f: g }, from, to, thread),
        )
        unit.regions!.fork(f, { ref, extent, grain, work })
      } else part(e, i32.const(0), i32.const(extent), i32.const(0))
    },
  }
}

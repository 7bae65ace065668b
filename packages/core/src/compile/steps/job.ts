import { BYTES } from '../../dtype.js'
import type { Node } from '../../graph/ir.js'
import { alignUp } from '../buffer.js'
import { emitJob, type Job, type Places } from '../kernels/gemm/job.js'
import { worthSharing } from '../library.js'
import type { Emission, Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { type FunctionBuilder, type I32, i32 } from '../wasm/index.js'

/** Two operands and the result. */
interface Operands {
  readonly a: View
  readonly b: View
  readonly out: View
}

const LEAST = 96 // rows of a product
let counter = 0

/** A contraction, as the job that was chosen for it. */
export const jobStep = (unit: Unit, node: Node, job: Job, text: string, { a, b, out }: Operands): Step => {
  const packed = alignUp(job.packedBytes)
  const own = alignUp(job.scratchBytes)
  const bytes = BYTES[out.buffer.dtype]
  const flops = node.op.flops(node.inputs, node.outputs, node.params)
  const work = flops / (bytes === 8 ? 12 : 25)
  const places = (e: Emission, f: FunctionBuilder, thread: I32): Places => {
    const at = (v: View): I32 => f.let(i32.add(e.addressOf(f, v.buffer), v.offset * bytes))
    return {
      a: at(a),
      b: at(b),
      c: at(out),
      packed: f.let(e.scratch),
      scratch: f.let(i32.add(e.scratch, i32.add(i32.mul(thread, own), packed))),
    }
  }
  type Part = (f: FunctionBuilder, at: Places, from: I32, to: I32) => void
  const fork = (e: Emission, part: Part, extent: number, grain: number): void => {
    const ref = e.lib.module.function(
      `job${counter++}`,
      { from: 'i32', to: 'i32', thread: 'i32' },
      [],
      (f, { from, to, thread }) => part(f, places(e, f, thread), from, to),
    )
    unit.regions!.fork(e.f, { ref, extent, grain, work })
  }
  const pitch = (out.buffer.size / Math.max(1, job.rows)) * bytes
  return {
    kind: node.op.name,
    text,
    reads: [a.buffer, b.buffer],
    writes: [out.buffer],
    inPlace: [],
    // Each thread has its own scratch memory behind what is packed once for all.
    scratch: packed + own * (work >= worthSharing(unit.lib.target) ? (unit.lib.target.threads ?? 1) : 1),
    flops,
    work,
    divisible: true,
    path: node.path,
    fails: false,
    rows:
      job.rows === 0 || out.offset !== 0
        ? undefined
        : {
            extent: job.rows,
            grain: job.grain,
            least: LEAST,
            scratch: (threads) => packed + own * threads,
            pitch: (buffer) => (buffer === out.buffer ? pitch : undefined),
            prepare:
              job.pieces === 0
                ? undefined
                : (e) => {
                    if (unit.isShared({ work })) fork(e, job.prepare, job.pieces, 1)
                    else job.prepare(e.f, places(e, e.f, i32.const(0)), 0, job.pieces)
                  },
            emit: (e, from, to, thread) => job.run(e.f, places(e, e.f, thread), from, to),
          },
    emit: (e) => {
      if (!unit.isShared({ work }) || job.rows <= job.grain) {
        emitJob(e.f, job, places(e, e.f, i32.const(0)))
        return
      }
      if (job.pieces > 0) fork(e, job.prepare, job.pieces, 1)
      fork(e, job.run, job.rows, job.grain)
    },
  }
}

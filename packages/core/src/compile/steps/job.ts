import { BYTES } from '../../dtype.js'
import type { Node } from '../../graph/ir.js'
import { alignUp } from '../buffer.js'
import { emitJob, type Job } from '../kernels/gemm/job.js'
import type { Step } from '../step.js'
import type { View } from '../view.js'
import { i32 } from '../wasm/index.js'

/** A contraction, as the job that was chosen for it. */
export const jobStep = (node: Node, job: Job, text: string, a: View, b: View, out: View): Step => {
  const packed = alignUp(job.packedBytes)
  const bytes = BYTES[out.buffer.dtype]
  return {
    kind: node.op.name,
    text,
    reads: [a.buffer, b.buffer],
    writes: [out.buffer],
    inPlace: [],
    scratch: packed + job.scratchBytes,
    flops: node.op.flops(node.inputs, node.outputs, node.params),
    path: node.path,
    emit: ({ f, addressOf, scratch }) => {
      const at = (v: View) => f.let(i32.add(addressOf(f, v.buffer), v.offset * bytes))
      emitJob(f, job, {
        a: at(a),
        b: at(b),
        c: at(out),
        packed: f.let(scratch),
        scratch: f.let(i32.add(scratch, packed)),
      })
    },
  }
}

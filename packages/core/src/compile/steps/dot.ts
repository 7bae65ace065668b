import { BYTES } from '../../dtype.js'
import type { Node } from '../../graph/ir.js'
import { alignUp } from '../buffer.js'
import { dotJob } from '../kernels/gemm/dot.js'
import type { Scalar } from '../kernels/gemm/element.js'
import { emitJob } from '../kernels/gemm/job.js'
import type { DotLayout } from '../kernels/gemm/layout.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { i32 } from '../wasm/index.js'

/** A batch of matrix products. */
export const dotStep = (unit: Unit, node: Node, layout: DotLayout, a: View, b: View, out: View): Step => {
  const job = dotJob(unit.lib, { dtype: out.buffer.dtype as Scalar, layout })
  const packed = alignUp(job.packedBytes)
  const bytes = BYTES[out.buffer.dtype]
  return {
    kind: 'dot',
    text: `dot ${layout.batch.map((x) => `${x.size}×`).join('')}${layout.m}×${layout.k}×${layout.n} ${job.variant}`,
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

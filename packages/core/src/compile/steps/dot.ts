import type { Node } from '../../graph/ir.js'
import { dotJob } from '../kernels/gemm/dot.js'
import type { Scalar } from '../kernels/gemm/element.js'
import type { DotLayout } from '../kernels/gemm/layout.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { jobStep } from './job.js'

/** A batch of matrix products. */
export const dotStep = (unit: Unit, node: Node, layout: DotLayout, a: View, b: View, out: View): Step => {
  const job = dotJob(unit.lib, { dtype: out.buffer.dtype as Scalar, layout })
  const batch = layout.batch.map((x) => `${x.size}×`).join('')
  return jobStep(unit, node, job, `dot ${batch}${layout.m}×${layout.k}×${layout.n} ${job.variant}`, {
    a,
    b,
    out,
  })
}

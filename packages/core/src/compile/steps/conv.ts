import type { Node } from '../../graph/ir.js'
import type { ConvParams } from '../../primitives/contraction.js'
import { convJob } from '../kernels/conv/conv.js'
import type { Scalar } from '../kernels/gemm/element.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import type { View } from '../view.js'
import { jobStep } from './job.js'

/** A convolution of dense operands. */
export const convStep = (unit: Unit, node: Node, [x, w]: readonly View[], out: View): Step => {
  const [ax, aw] = node.inputs
  const job = convJob(unit.lib, {
    dtype: out.buffer.dtype as Scalar,
    x: ax!.shape,
    w: aw!.shape,
    params: node.params as unknown as ConvParams,
  })
  return jobStep(unit, node, job, `conv [${ax!.shape}] * [${aw!.shape}] ${job.variant}`, {
    a: x!,
    b: w!,
    out,
  })
}

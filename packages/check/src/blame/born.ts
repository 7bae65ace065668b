import type { Tensor } from '@cotangent/core'
import { dataOf } from '@cotangent/core/internal'
import { allVisits } from '../regularity/site.js'
import type { Traced } from '../subject/subject.js'

const finite = (xs: readonly Tensor[]): boolean => xs.every((x) => dataOf(x).every((v) => Number.isFinite(v)))

/** The first operation with finite operands and a result that is not finite. */
export const birthplace = ({ graph, inputs }: Traced): { op: string; path: string } | undefined => {
  const born = allVisits(graph, inputs).find(
    (v) => v.node.op.name !== 'constant' && v.inputs.length > 0 && finite(v.inputs) && !finite(v.outputs),
  )
  return born && { op: born.op, path: born.path }
}

import type { Node } from '../../graph/ir.js'
import type { DotParams } from '../../primitives/contraction.js'
import { dotLayout } from '../kernels/gemm/layout.js'
import { convStep } from '../steps/conv.js'
import { dotStep } from '../steps/dot.js'
import { permuteView, type View } from '../view.js'
import type { Lowering } from './lower.js'

/** Operands are read as they lie where their axes have common strides, otherwise copied. */
export const lowerDot = (to: Lowering, node: Node): boolean => {
  const [x, y] = node.inputs
  if (x!.dtype === 'bool') return false
  const [a, b] = [to.viewOf(x!), to.viewOf(y!)]
  const layout = dotLayout(a, b, node.params as unknown as DotParams)
  const ready = (v: View, perm: readonly number[] | null): View =>
    perm ? to.copied(permuteView(v, perm), node.path) : v
  const [left, right] = [ready(a, layout.copyA), ready(b, layout.copyB)]
  to.steps.push(dotStep(to.unit, node, layout, left, right, to.place(node.outputs[0]!)))
  return true
}

export const lowerConv = (to: Lowering, node: Node): boolean => {
  if (node.outputs[0]!.dtype === 'bool') return false
  const operands = node.inputs.map((s) => to.denseOf(s, node.path))
  to.steps.push(convStep(to.unit, node, operands, to.place(node.outputs[0]!)))
  return true
}

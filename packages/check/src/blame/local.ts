import type { Tensor } from '@cotangent/core'
import { bind, isFloat, type Node, opParams } from '@cotangent/core/internal'
import type { Visit } from '../graph/visit.js'
import type { Subject } from '../subject/subject.js'
import { localSubject } from '../subject/traced.js'

const floatsOf = (xs: readonly Tensor[]): Tensor[] => xs.filter((x) => isFloat(x.dtype))

/** A function of the float operands; the others stay as they are. */
const overFloats =
  (operands: readonly Tensor[], run: (xs: readonly Tensor[]) => readonly Tensor[]) =>
  (...floats: Tensor[]): Tensor[] => {
    let at = 0
    return floatsOf(run(operands.map((x) => (isFloat(x.dtype) ? floats[at++]! : x))))
  }

/** A node at its actual operands, with the derivatives of its own rules; null where there is nothing to derive. */
export const nodeSubject = ({ node, inputs, outputs, op }: Visit): Subject | null =>
  node.op.name === 'constant' || floatsOf(inputs).length === 0 || floatsOf(outputs).length === 0
    ? null
    : localSubject(
        op,
        overFloats(inputs, (xs) => bind(node.op, xs, node.params)),
        floatsOf(inputs),
      )

/** Branches and loops: their derivative is that of what is inside, turn by turn. */
const CONTROL: ReadonlySet<string> = new Set(['cond', 'scan', 'while'])

/** Whether an operation has a rule of its own; primitives without graphs inside always have. */
export const ownRule = (node: Node): boolean => {
  const spec = opParams(node)?.spec
  if (CONTROL.has(node.op.name)) return false
  return !spec || Boolean(spec.jvp || spec.reverse || spec.linear)
}

/** The meaning of a defined operation, with the derivatives that follow from it. */
export const meaningSubject = ({ node, inputs, op }: Visit): Subject | null => {
  const spec = opParams(node)?.spec
  return spec
    ? localSubject(
        op,
        overFloats(inputs, (xs) => spec.expand(...xs)),
        floatsOf(inputs),
      )
    : null
}

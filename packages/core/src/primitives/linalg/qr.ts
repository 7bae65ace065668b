import type { Primitive } from '../../graph/ir.js'
import { qr as kernel } from '../../math/linalg/index.js'
import type { Tensor } from '../../tensor.js'
import { bind } from '../../trace/trace.js'
import { add, none, sub } from '../arithmetic.js'
import { definePrimitive } from '../define.js'
import { concat, sliceAxis } from '../structural.js'
import { countOf, eachMatrix, matmul, needMatrix, transposed, triangle } from './matrices.js'
import { divideByUpper } from './triangularSolve.js'

/** Q [..., m, k] with orthonormal columns and R [..., k, n] upper triangular, k = min(m, n), with Q R = A. */
export const qrP: Primitive<Readonly<Record<string, never>>> = definePrimitive<
  Readonly<Record<string, never>>
>({
  name: 'qr',
  shape: ([a]) => {
    const { shape, dtype } = needMatrix('qr', a!)
    const [m, n] = shape.slice(-2)
    const k = Math.min(m!, n!)
    const lead = shape.slice(0, -2)
    return [
      { shape: [...lead, m!, k], dtype },
      { shape: [...lead, k, n!], dtype },
    ]
  },
  kernel: (inputs, _, outs) => {
    const [m, n] = inputs[0]!.shape.slice(-2)
    return eachMatrix(inputs, outs, (a) => {
      const f = kernel(a, m!, n!)
      return [f.q, f.r]
    })
  },
  // The first k columns determine Q; the columns to the right of them are Qᵀ A in R.
  jvp: ([a], [t], [q, r]) => {
    if (!t) return [null, null]
    const [k, n] = r!.shape.slice(-2)
    const axis = a!.rank - 1
    const square = sliceAxis(r!, axis, 0, k!)
    const x = divideByUpper(sliceAxis(t, axis, 0, k!), square)
    const qtx = matmul(transposed(q!), x)
    const below = triangle(qtx, true, true)
    const omega = sub(below, transposed(below))
    const dq = add(matmul(q!, sub(omega, qtx)), x)
    const dr = triangle(matmul(sub(qtx, omega), square), false)
    if (k === n) return [dq, dr]
    const rest = add(
      matmul(transposed(dq), sliceAxis(a!, axis, k!, n!)),
      matmul(transposed(q!), sliceAxis(t, axis, k!, n!)),
    )
    return [dq, concat([dr, rest], axis)]
  },
  transpose: 'nonlinear',
  batch: ([a]) => qr(a!),
  domain: ['fullRank'],
  kinks: { text: 'not differentiable where the first min(m, n) columns are dependent' },
  derivation:
    'X = dA R⁻¹, Ω = tril(QᵀX, -1) - its transpose: dQ = X - Q(QᵀX - Ω), dR = (QᵀX - Ω) R (Walter and Lehmann 2010)',
  flops: ([a]) => {
    const [m, n] = a!.shape.slice(-2)
    return 4 * countOf(a!) * m! * n! * Math.min(m!, n!)
  },
})
export const qr = (a: Tensor): readonly Tensor[] => bind(qrP, [a], none)

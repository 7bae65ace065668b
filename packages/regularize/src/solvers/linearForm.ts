import { CotangentError, type Tensor, tensor } from '@cotangent/core'
import type { Functional } from '../functional.js'
import { type Penalty, toPenalty } from '../penalty.js'
import { formOf, type LinearForm, type PlainForm, plainForm } from './formOf.js'
import type { Affine, LinearData } from './losses.js'

/** A penalty's strengths, times λ. */
export const scaledForm = (form: PlainForm, lambda: number): PlainForm => ({
  ...form,
  a: scaled(form.a, lambda),
  b: scaled(form.b, lambda),
  norms: form.norms && { ...form.norms, c: scaled(form.norms.c, lambda) },
})

const scaled = (x: Float64Array, factor: number): Float64Array => {
  const out = new Float64Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = factor * x[i]!
  return out
}

/** The formula of a penalty on the coefficients of a linear model; refuses one that has none. */
export const knownForm = (op: string, { zero }: LinearData, penalty: Functional | Penalty): LinearForm => {
  const form = formOf(penalty, zero)
  if (form !== undefined) return form
  const rough = toPenalty(penalty).terms.find(({ functional }) => !functional.traits.convex)
  throw new CotangentError(
    'Value',
    rough === undefined
      ? `${op}: the solvers of linear models know l1, l2, elasticNet, weightedL1, groupLasso, sparseGroupLasso, norm2, ` +
          'nonNegative and sums of them, on the coefficients, and this penalty is another. Use fista of @cotangent/optim.'
      : `${op}: ${rough.name} is not convex, so that there may be many minima and no duality gap tells how far one is. Use ` +
          'proximalGradient of @cotangent/optim, which finds a stationary point.',
    { op },
  )
}

/** The same in numbers. */
export const linearForm = (op: string, loss: LinearData, penalty: Functional | Penalty): PlainForm =>
  plainForm(op, knownForm(op, loss, penalty), loss.X.shape[1]!)

/** Parameters as the loss takes them. */
export const paramsOf = (
  { intercept }: LinearData,
  { w, bias }: { readonly w: Float64Array; readonly bias: number },
): Tensor | Affine => {
  const kernel = tensor(w) as Tensor
  return intercept ? { kernel, bias: tensor(bias, { dtype: 'float64' }) as Tensor } : kernel
}

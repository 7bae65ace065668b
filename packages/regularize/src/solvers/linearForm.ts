import { CotangentError, type Tensor, tensor } from '@cotangent/core'
import type { Functional } from '../functional.js'
import type { Penalty } from '../penalty.js'
import { formOf, type PlainForm, plainForm } from './formOf.js'
import type { Affine, LinearData } from './losses.js'

/** A penalty's strengths, times λ. */
export const scaledForm = (form: PlainForm, lambda: number): PlainForm => ({
  ...form,
  a: form.a.map((v) => v * lambda),
  b: form.b.map((v) => v * lambda),
  norms: form.norms && { ...form.norms, c: form.norms.c.map((v) => v * lambda) },
})

/** The penalty of a linear model in numbers; refuses one that has no such form. */
export const linearForm = (op: string, loss: LinearData, penalty: Functional | Penalty): PlainForm => {
  const form = formOf(penalty, loss.zero)
  if (form === undefined)
    throw new CotangentError(
      'Value',
      `${op}: the penalty has no form that the solvers of linear models know (l1, l2, elasticNet, weightedL1, groupLasso, ` +
        'sparseGroupLasso, norm2, nonNegative, and sums of them, on the coefficients). Use minimise with a general method.',
      { op },
    )
  return plainForm(op, form, loss.X.shape[1]!)
}

/** Parameters as the loss takes them. */
export const paramsOf = (
  { intercept }: LinearData,
  { w, bias }: { readonly w: Float64Array; readonly bias: number },
): Tensor | Affine => {
  const kernel = tensor(w) as Tensor
  return intercept ? { kernel, bias: tensor(bias, { dtype: 'float64' }) as Tensor } : kernel
}

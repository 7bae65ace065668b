import {
  add,
  foriLoop,
  jit,
  mul,
  sigmoid,
  square,
  sub,
  type Tensor,
  tensor,
  valueAndGrad,
} from '@cotangent/core'

const STEPS = 50
const f64 = (x: number): Tensor => tensor(x, { dtype: 'float64' }) as Tensor

/**
 * The error of one recurrent unit after 50 steps, x' = w·σ(x) + b from x = 0.5, as (σ(x₅₀) - 0.7)²; as a function of
 * w and b it has a cliff. Pascanu, Mikolov, Bengio 2013, https://arxiv.org/abs/1211.5063, section 2.3.
 */
const error = ({ w, b }: { readonly w: Tensor; readonly b: Tensor }): Tensor => {
  const last = foriLoop(STEPS, (_, x: Tensor) => add(mul(w, sigmoid(x)), b) as Tensor, f64(0.5))
  return square(sub(sigmoid(last), 0.7)) as Tensor
}
const measured = jit(valueAndGrad(error))

export const errorAt = (w: number, b: number): number => measured({ w: f64(w), b: f64(b) })[0].item()

/** A place on the surface. */
export interface Place {
  readonly w: number
  readonly b: number
  readonly error: number
  /** Of the gradient, before it is clipped. */
  readonly norm: number
}

/** Gradient descent over the surface; `clip` is the largest norm of a gradient that is used as it is. */
export const descend = (
  [w0, b0]: readonly [number, number],
  { rate, steps, clip }: { readonly rate: number; readonly steps: number; readonly clip?: number },
): readonly Place[] => {
  const path: Place[] = []
  let [w, b] = [w0, b0]
  for (let i = 0; i <= steps; i++) {
    const [value, slope] = measured({ w: f64(w), b: f64(b) })
    const [dw, db] = [slope.w.item(), slope.b.item()]
    const norm = Math.hypot(dw, db)
    path.push({ w, b, error: value.item(), norm })
    const size = clip !== undefined && norm > clip ? clip / norm : 1
    w -= rate * size * dw
    b -= rate * size * db
  }
  return path
}

import {
  abs,
  add,
  CotangentError,
  customJvp,
  diag,
  div,
  expandDims,
  grad,
  greater,
  jacobian,
  lessEqual,
  linalg,
  matmul,
  max,
  mul,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
  where,
} from '@cotangent/core'

/** A function of the vector of singular values that commutes with permutations and signs. */
export type OfValues = (s: Tensor) => Tensor

const EPS = { float32: 2 ** -23, float64: 2 ** -52 } as const

/** A kernel as a matrix: the last axis stays, the others are taken together. Refuses what is no matrix. */
export const matrixOf = (op: string, x: Tensor): Tensor => {
  if (x.rank === 2) return x
  if (x.rank > 2) return reshape(x, [x.size / x.shape.at(-1)!, x.shape.at(-1)!])
  throw new CotangentError(
    'Shape',
    `${op}: a tensor of shape [${x.shape}] is not a matrix. Select kernels, or reshape it to [rows, columns].`,
    { op, shapes: [x.shape] },
  )
}

/** How far from 0 a singular value may be by rounding: max(m, n)·ε·σ₁. */
export const rounding = (s: Tensor, { shape }: Tensor): Tensor =>
  mul(max(stopGradient(s)), Math.max(...shape) * EPS[s.dtype === 'float64' ? 'float64' : 'float32'])

/** σ with what is 0 up to a few roundings as 0: a power below 1 would see it. */
export const clean = (s: Tensor, x: Tensor): Tensor => where(greater(s, mul(rounding(s, x), 16)), s, 0)

const ratio = (a: Tensor, b: Tensor, tiny: Tensor, limit: Tensor): Tensor => {
  const tie = lessEqual(abs(b), tiny)
  return where(tie, limit, div(a, where(tie, 1, b)))
}

/**
 * d(U·diag(g(σ))·Vᵀ) along dA, at equal and zero singular values too, where the vectors themselves have no derivative. With
 * P = UᵀdAV and J = ∂g/∂σ: the diagonal of P moves the values; its symmetric part is multiplied by
 * (gᵢ - gⱼ)/(σᵢ - σⱼ), its skew part by (gᵢ + gⱼ)/(σᵢ + σⱼ), and what leaves the spans of U and V by gᵢ/σᵢ; limits where
 * the denominators vanish. Ding, Sun & Toh 2010; Lewis & Sendov 2005.
 */
const differential = (a: Tensor, da: Tensor, dy: Tensor, g: OfValues): Tensor => {
  const { u, s: values, vt } = linalg.svd(a)
  const s = clean(values, a)
  const [m, n] = a.shape as [number, number]
  const k = s.size
  const y = g(s)
  const j = jacobian(g)(s) as Tensor
  const own = diag(j)
  const tiny = rounding(s, a)
  const [row, column] = [(v: Tensor) => expandDims(v, 0), (v: Tensor) => expandDims(v, 1)]
  const p = matmul(matmul(transpose(u), da), transpose(vt))
  const even = mul(add(p, transpose(p)), 0.5)
  const gaps = ratio(sub(column(y), row(y)), sub(column(s), row(s)), tiny, sub(column(own), j))
  const sums = ratio(add(column(y), row(y)), add(column(s), row(s)), tiny, add(mul(j, 0), column(own)))
  const moved = add(dy, matmul(j, diag(p)))
  const inner = add(add(mul(gaps, even), mul(sums, sub(p, even))), diag(moved))
  let out = matmul(matmul(u, inner), vt)
  const slopes = ratio(y, s, tiny, own)
  if (m > k) {
    const left = sub(matmul(da, transpose(vt)), matmul(u, p))
    out = add(out, matmul(mul(left, row(slopes)), vt))
  }
  if (n > k) {
    const right = sub(matmul(transpose(u), da), matmul(p, vt))
    out = add(out, matmul(u, mul(column(slopes), right)))
  }
  return out
}

/** U·diag(g(σ))·Vᵀ. */
export const mapValues = (a: Tensor, g: OfValues): Tensor => {
  const { u, s, vt } = linalg.svd(stopGradient(a))
  // The factors are passed in so that they are computed once; y is, so that what g depends on has its derivative.
  const mapped = customJvp(
    (_: Tensor, y: Tensor, left: Tensor, right: Tensor): Tensor => matmul(mul(left, y), right),
    ([x, y, left, right], [dx, dy]) => [matmul(mul(left, y), right), differential(x, dx, dy, g)] as const,
  )
  return mapped(a, g(clean(s, a)), u, vt)
}

/** f(σ), whose gradient is U·diag(f'(σ))·Vᵀ (Lewis 1995), exact to second order at equal singular values too. */
export const ofValues = (a: Tensor, f: (s: Tensor) => Tensor): Tensor => {
  const slope = (s: Tensor): Tensor => grad(f)(s)
  const value = customJvp(
    (_: Tensor, y: Tensor): Tensor => y,
    ([x, y], [dx, dy]) => [y, add(dy, sum(mul(mapValues(x, slope), dx)))] as const,
  )
  return value(a, f(clean(stopGradient(linalg.svdvals(a)), a)))
}

// The loops in which the solvers spend their time, over columns of a column-major matrix: column j begins at j·n. Plain
// variables, no arrays of them: the engine would allocate those.

/** x[at ..] · y[from ..] over n entries. Four sums run beside each other: each addition waits for the one before it. */
export const dot = (x: Float64Array, at: number, y: Float64Array, from: number, n: number): number => {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (const end = n - 3; i < end; i += 4) {
    a += x[at + i]! * y[from + i]!
    b += x[at + i + 1]! * y[from + i + 1]!
    c += x[at + i + 2]! * y[from + i + 2]!
    d += x[at + i + 3]! * y[from + i + 3]!
  }
  for (; i < n; i++) a += x[at + i]! * y[from + i]!
  return a + b + (c + d)
}

/** y[to ..] += k · x[at ..] over n entries. */
export const axpy = (
  k: number,
  x: Float64Array,
  at: number,
  y: Float64Array,
  to: number,
  n: number,
): void => {
  let i = 0
  for (const end = n - 3; i < end; i += 4) {
    y[to + i]! += k * x[at + i]!
    y[to + i + 1]! += k * x[at + i + 1]!
    y[to + i + 2]! += k * x[at + i + 2]!
    y[to + i + 3]! += k * x[at + i + 3]!
  }
  for (; i < n; i++) y[to + i]! += k * x[at + i]!
}

/** y += Σ factors[k] · x[offsets[k] ..] over n entries: several rows share each load and store of y. */
export const combine = (
  factors: Float64Array,
  x: Float64Array,
  offsets: Int32Array,
  count: number,
  y: Float64Array,
  n: number,
): void => {
  let k = 0
  for (; k + 5 < count; k += 6) {
    const a = factors[k]!
    const b = factors[k + 1]!
    const c = factors[k + 2]!
    const d = factors[k + 3]!
    const e = factors[k + 4]!
    const f = factors[k + 5]!
    const p = offsets[k]!
    const q = offsets[k + 1]!
    const s = offsets[k + 2]!
    const t = offsets[k + 3]!
    const u = offsets[k + 4]!
    const v = offsets[k + 5]!
    for (let i = 0; i < n; i++)
      y[i]! +=
        a * x[p + i]! + b * x[q + i]! + (c * x[s + i]! + d * x[t + i]!) + (e * x[u + i]! + f * x[v + i]!)
  }
  for (; k + 3 < count; k += 4) {
    const a = factors[k]!
    const b = factors[k + 1]!
    const c = factors[k + 2]!
    const d = factors[k + 3]!
    const p = offsets[k]!
    const q = offsets[k + 1]!
    const s = offsets[k + 2]!
    const t = offsets[k + 3]!
    for (let i = 0; i < n; i++) y[i]! += a * x[p + i]! + b * x[q + i]! + (c * x[s + i]! + d * x[t + i]!)
  }
  for (; k < count; k++) axpy(factors[k]!, x, offsets[k]!, y, 0, n)
}

/** out[to + k] = scale · x_{columns[k]} · r for `count` columns. Four columns share each load of r. */
export const dots = (
  x: Float64Array,
  n: number,
  columns: Int32Array,
  count: number,
  r: Float64Array,
  from: number,
  scale: number,
  out: Float64Array,
  to = 0,
): void => {
  let k = 0
  for (; k + 3 < count; k += 4) {
    const p = columns[k]! * n
    const q = columns[k + 1]! * n
    const s = columns[k + 2]! * n
    const t = columns[k + 3]! * n
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < n; i++) {
      const v = r[from + i]!
      a += x[p + i]! * v
      b += x[q + i]! * v
      c += x[s + i]! * v
      d += x[t + i]! * v
    }
    out[to + k] = scale * a
    out[to + k + 1] = scale * b
    out[to + k + 2] = scale * c
    out[to + k + 3] = scale * d
  }
  for (; k < count; k++) out[to + k] = scale * dot(x, columns[k]! * n, r, from, n)
}

/** 0, 1, …, n - 1. */
export const iota = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i)

/** S(x, t) = sign(x)·max(|x| - t, 0). */
export const soft = (x: number, t: number): number => (x > t ? x - t : x < -t ? x + t : 0)

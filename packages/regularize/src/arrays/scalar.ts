import { type Kernels, TOGETHER } from './kernels.js'

// Plain variables, no arrays of them: the engine would allocate those.

// Four sums run beside each other: each addition waits for the one before it.
const dot = (x: Float64Array, at: number, y: Float64Array, from: number, n: number): number => {
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

const axpy = (k: number, x: Float64Array, at: number, y: Float64Array, to: number, n: number): void => {
  let i = 0
  for (const end = n - 3; i < end; i += 4) {
    y[to + i]! += k * x[at + i]!
    y[to + i + 1]! += k * x[at + i + 1]!
    y[to + i + 2]! += k * x[at + i + 2]!
    y[to + i + 3]! += k * x[at + i + 3]!
  }
  for (; i < n; i++) y[to + i]! += k * x[at + i]!
}

// Several rows share each load and store of y.
const combine = (
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

// Four columns share each load of r.
const dots = (
  x: Float64Array,
  n: number,
  columns: Int32Array,
  count: number,
  r: Float64Array,
  from: number,
  scale: number,
  out: Float64Array,
  to: number,
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

const forward = (rows: Float64Array, stride: number, size: number, b: Float64Array, at: number): void => {
  for (let i = 0; i < size; i++)
    b[at + i] = (b[at + i]! - dot(rows, i * stride, b, at, i)) / rows[i * stride + i]!
}

const backward = (rows: Float64Array, stride: number, size: number, b: Float64Array, at: number): void => {
  for (let i = size - 1; i >= 0; i--) {
    const v = b[at + i]! / rows[i * stride + i]!
    b[at + i] = v
    axpy(-v, rows, i * stride, b, at, i)
  }
}

const products = (
  x: Float64Array,
  n: number,
  columns: Int32Array,
  from: number,
  count: number,
  values: Float64Array,
  stride: number,
): void => {
  for (let i = from; i < count; i++) dots(x, n, columns, i + 1, x, columns[i]! * n, 1, values, i * stride)
}

const sweep = (
  list: Int32Array,
  count: number,
  size: number,
  w: Float64Array,
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  G: Float64Array,
  stride: number,
  positive: boolean,
  factors: Float64Array,
  offsets: Int32Array,
): number => {
  let moved = 0
  let updates = 0
  let waiting = 0
  for (let k = 0; k < count; k++) {
    const s = list[k]!
    const d = G[s * stride + s]!
    const h = d + b[s]!
    if (h === 0) continue
    const old = w[s]!
    let z = c[s]! + d * old
    for (let i = 0; i < waiting; i++) z += factors[i]! * G[offsets[i]! + s]!
    const t = a[s]!
    const next = z > t ? (z - t) / h : positive || z >= -t ? 0 : (z + t) / h
    if (next === old) continue
    w[s] = next
    updates++
    if (old * next <= 0) moved = 1
    factors[waiting] = old - next
    offsets[waiting++] = s * stride
    if (waiting < TOGETHER) continue
    combine(factors, G, offsets, waiting, c, size)
    waiting = 0
  }
  combine(factors, G, offsets, waiting, c, size)
  return 2 * updates + moved
}

/** In JavaScript, on any arrays. */
export const SCALAR: Kernels<Float64Array, Int32Array> = {
  dot,
  axpy,
  combine,
  dots,
  products,
  sweep,
  forward,
  backward,
}

// Inputs that every peer computes by itself, bit for bit: hashed positions, spread evenly over (-1, 1). data.py is the
// same formula.

/** A tensor of a row: entries scale·u + offset with u in (-1, 1), or class numbers below `classes`. */
export interface TensorSpec {
  readonly shape: readonly number[]
  readonly scale?: number
  readonly offset?: number
  readonly classes?: number
}

/** Entries before the dtype rounds them; `seed` is the place of the tensor in its row. */
export const fill = (seed: number, { shape, scale = 1, offset = 0, classes }: TensorSpec): Float64Array => {
  const size = shape.reduce((a, b) => a * b, 1)
  const values = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let h = Math.imul(i + 1 + Math.imul(seed + 1, 7919), 0x9e3779b1)
    h ^= h >>> 15
    h = Math.imul(h, 0x85ebca6b)
    h ^= h >>> 13
    const unit = (h >>> 0) / 2 ** 32
    values[i] = classes === undefined ? (2 * unit - 1) * scale + offset : Math.floor(unit * classes)
  }
  return values
}

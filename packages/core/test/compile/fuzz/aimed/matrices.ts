import type { Sym } from '../../../../src/graph/ir.js'
import { range, sizeOf } from '../../../../src/shape.js'
import type { DType } from '../../../../src/types/index.js'
import type { Random } from '../random.js'
import { type Aim, finished, made, maker, REAL } from './aim.js'

// Matrices as large as a block and larger, with equal pivots, of low rank, with rows of zeros, with equal eigenvalues, and
// with entries so large or small that their squares leave the range.

const SIZES = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 18, 20]

type Element = (row: number, col: number) => number

const STYLES: Readonly<Record<string, (r: Random) => Element>> = {
  ties: (r) => () => r.pick([-1, 1, 1, 2, -2, 0]),
  real: (r) => () => r.normal(),
  'low rank': () => (i, j) => (i + 1) * (j - 2),
  zeros: (r) => (i) => (i % 2 === 0 ? 0 : r.int(-2, 2)),
  diagonal: (r) => (i, j) => (i === j ? r.pick([1, 1, 2, -1, 0]) : 0),
  // Eigenvectors are the same backwards but for signs: two entries are the largest.
  mirrored: (r) => {
    const bands = Array.from({ length: 32 }, () => r.int(-2, 2))
    return (i, j) => bands[Math.abs(i - j)]!
  },
  // The same block, over and over.
  blocks: (r) => {
    const block = [r.int(-2, 2), r.int(-2, 2), r.int(-2, 2)]
    return (i, j) => (i >> 1 === j >> 1 ? block[(i & 1) + (j & 1)]! : 0)
  },
}

/** Powers of two: one for the whole matrix, or one for each row or column. */
const sizes = (r: Random, dtype: DType): Element => {
  const most = dtype === 'float32' ? 120 : 1000
  const exponents = Array.from({ length: 32 }, () => r.int(-most, most))
  const [whole, axis] = [r.chance(0.6), r.int(0, 1)]
  return (...at) => 2 ** exponents[whole ? 0 : at[axis]!]!
}

export const matrices: Aim = (r) => {
  const m = maker(r)
  const dtype = r.pick(REAL)
  const lead = r.pick([[], [], [2]])
  const rows = r.pick(SIZES)
  const square = r.chance(0.7)
  const cols = square ? rows : r.pick(SIZES)
  const shape = [...lead, rows, cols]
  const element = STYLES[r.pick(Object.keys(STYLES))]!(r)
  const size = r.chance(0.3) ? sizes(r, dtype) : () => 1
  const data = made({ shape, dtype }, (i) => {
    const [row, col] = [Math.floor(i / cols) % rows, i % cols]
    return element(row, col) * size(row, col)
  })
  const a = m.argument(data)
  const diagonal = (s: Sym, size: number): Sym => {
    const eye = made({ shape: [rows, cols], dtype }, (i) => (Math.floor(i / cols) === i % cols ? size : 0))
    const [wide] = m.add('broadcast', [m.constant(eye)], { shape, dims: [lead.length, lead.length + 1] })
    return m.add('add', [s, wide!])[0]!
  }
  const outputs: Sym[] = []
  if (!square || r.chance(0.4)) outputs.push(...m.add(r.pick(['qr', 'qr', 'svd']), [a]))
  else
    switch (r.pick(['lu', 'lu', 'cholesky', 'triangularSolve', 'eigh', 'eigh'])) {
      case 'lu':
        outputs.push(...m.add('lu', [a]))
        break
      case 'cholesky':
        outputs.push(...m.add('cholesky', [r.chance(0.8) ? diagonal(a, 3 * rows) : a]))
        break
      case 'eigh':
        outputs.push(...m.add('eigh', [a]))
        break
      default: {
        const b = made({ shape: [...lead, rows, r.pick([0, 1, 2, 3, 5, 8, 9])], dtype }, () => r.int(-3, 3))
        outputs.push(
          ...m.add('triangularSolve', [diagonal(a, 2 * rows), m.argument(b)], {
            lower: r.chance(0.5),
            transpose: r.chance(0.5),
            unitDiagonal: r.chance(0.5),
          }),
        )
      }
    }
  // Singular vectors are the interpreter's only where the matrix is far from others.
  const used = outputs.filter((_, k) => m.nodes.at(-1)!.op.name !== 'svd' || k === 1)
  return finished(
    m,
    range(used.length)
      .map((k) => used[k]!)
      .filter((s) => sizeOf(s.shape) >= 0),
    { rounds: 1 },
  )
}

import { grad, jit, matmul, reshape, sum, type Tensor, tensor } from '@cotangent/core'
import { type Claims, claims, type Law, silent } from './law.js'
import { by, dot, finite, gap, type Numbers, norm, numbersOf, plus, shaped } from './numbers.js'
import type { Subject } from './subject.js'

const close = (a: number, b: number, tolerance: number): boolean =>
  a === b || Math.abs(a - b) <= tolerance * (1 + Math.abs(b))

const gradient = (s: Subject, x: Numbers): number[] =>
  numbersOf(grad((v: Tensor) => s.f.value(v))(s.tensor(x)) as Tensor)

type Move = readonly [string, (x: Numbers) => number[]]

/** A turn of a plane, as a matrix of n rows. */
const turn = (n: number, angle: number): Tensor => {
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)))
  if (n > 1) {
    rows[0]![0] = rows[n - 1]![n - 1] = Math.cos(angle)
    rows[0]![n - 1] = -Math.sin(angle)
    rows[n - 1]![0] = Math.sin(angle)
  }
  return tensor(rows, { dtype: 'float64' }) as Tensor
}

const movesOf = (s: Subject): readonly Move[] => {
  const { invariant = [] } = s.f.traits
  const moves: Move[] = []
  if (invariant.includes('signs'))
    moves.push(['flipping signs', (x) => x.map((v, i) => (i % 3 === 1 ? v : -v))])
  if (invariant.includes('permutations'))
    moves.push(['a permutation', (x) => x.map((_, i) => x[(i + 2) % x.length]!)])
  if (invariant.includes('rotations') && s.shape.length >= 2) {
    const columns = s.shape.at(-1)!
    const rows = s.size / columns
    const matrix = (x: Numbers) => shaped(x, [rows, columns])
    moves.push(['a rotation of the columns', (x) => numbersOf(matmul(matrix(x), turn(columns, 0.7)))])
    moves.push(['a rotation of the rows', (x) => numbersOf(matmul(turn(rows, 0.7), matrix(x)))])
  }
  return moves
}

/** Derivatives along directions by Richardson's extrapolation of central differences. */
const slopesAlong = (s: Subject, x: Numbers, ways: readonly Numbers[], h: number): readonly number[] => {
  const values = s.values(ways.flatMap((way) => [h, -h, h / 2, -h / 2].map((e) => plus(x, e, way))))
  return ways.map((_, k) => {
    const [a, b, c, d] = values.slice(4 * k, 4 * k + 4) as [number, number, number, number]
    return (4 * ((c - d) / h) - (a - b) / (2 * h)) / 3
  })
}

const degreeLaw = (s: Subject, claim: Claims, degree: 1 | 2): void => {
  for (const x of s.points)
    for (const k of [0.5, 3]) {
      const [got, want] = [s.value(by(k, x)), k ** degree * s.value(x)]
      claim(close(got, want, 1e-10), () => ({ text: `R(${k}·x) is not ${k}^${degree}·R(x)`, x, got, want }))
      if (s.f.prox === undefined) continue
      for (const step of [0.3, 2]) {
        const left = s.prox(by(k, x), step)
        const right = by(k, s.prox(x, step * k ** (degree - 2)))
        claim(gap(left, right) <= s.tolerance * 1e-2 * (1 + norm(x)), () => ({
          text: `prox_t(${k}·x) is not ${k}·prox_{t·${k}^${degree - 2}}(x)`,
          step,
          x,
          got: left,
          want: right,
        }))
      }
    }
}

export const valueLaws: readonly Law[] = [
  {
    number: 6,
    name: 'homogeneity',
    statement: 'R(s·x) = sᵏ·R(x) for s > 0, and the prox scales with it',
    test: (s) => {
      const degree = s.f.traits.homogeneous
      return degree === undefined
        ? silent('no degree is claimed')
        : claims((claim) => degreeLaw(s, claim, degree))
    },
  },
  {
    number: 7,
    name: 'equivariance',
    statement: 'what leaves R unchanged (signs, permutations, rotations) commutes with the prox',
    test: (s) => {
      const moves = movesOf(s)
      if (moves.length === 0) return silent('no invariance is claimed')
      return claims((claim) => {
        for (const [name, move] of moves)
          for (const x of s.points) {
            const [got, want] = [s.value(move(x)), s.value(x)]
            claim(close(got, want, 1e-10), () => ({ text: `${name} changes the value`, x, got, want }))
          }
        if (s.f.prox === undefined) return
        for (const [name, move] of moves)
          for (const x of s.generic)
            for (const step of [0.3, 2]) {
              const [got, want] = [s.prox(move(x), step), move(s.prox(x, step))]
              claim(gap(got, want) <= s.tolerance * 1e-2 * (1 + norm(x)), () => ({
                text: `${name} does not commute with the prox`,
                step,
                x,
                got,
                want,
              }))
            }
      })
    },
  },
  {
    number: 11,
    name: 'finiteness',
    statement:
      'value, gradient, its gradient and the prox are no NaN at 0, -0, 1e-300 and 1e300, and finite at the small ones',
    test: (s) =>
      claims((claim) => {
        const set = s.f.traits.indicator === true
        for (const size of [0, -0, 1e-300, 1e300])
          for (const x of [s.generic[0]!.map(Math.sign), new Array<number>(s.size).fill(1)].map((v) =>
            by(size, v),
          )) {
            const at = (what: string, got: Numbers, finitely: boolean) =>
              claim(finitely ? finite(got) : !got.some(Number.isNaN), () => ({
                text: `${what} is not ${finitely ? 'finite' : 'a number'} at entries of ${Object.is(size, -0) ? '-0' : size}`,
                x,
                got,
              }))
            const small = Math.abs(size) < 1
            at('the value', [s.value(x)], small && !set)
            // Where the value overflows, or the slope is unbounded, infinities may meet.
            if (!set && Number.isFinite(s.value(x))) {
              const g = gradient(s, x)
              at('the gradient', g, small)
              if (Math.max(...g.map(Math.abs)) > 1e100) continue
              const twice = (v: Tensor) => sum(grad((w: Tensor) => s.f.value(w))(v) as Tensor)
              if (small)
                at('the gradient of the gradient', numbersOf(grad(twice)(s.tensor(x)) as Tensor), false)
            }
            if (s.f.prox !== undefined && small) at('the prox', s.prox(x, 1), true)
          }
      }),
  },
  {
    number: 12,
    name: 'gradient',
    statement:
      'the gradient is the difference quotient off kinks, and lies between the one-sided slopes on them',
    test: (s) => {
      if (s.f.traits.indicator) return silent('an indicator has no gradient to compare')
      return claims((claim) => {
        for (const x of s.generic) {
          const g = gradient(s, x)
          const ways = Array.from({ length: 4 }, () => x.map(() => 2 * s.random() - 1))
          const [coarse, fine] = [1e-3, 1e-4].map((h) => slopesAlong(s, x, ways, h)) as [
            readonly number[],
            readonly number[],
          ]
          ways.forEach((way, k) => {
            const [got, finer] = [dot(g, way), fine[k]!]
            // Where two step sizes disagree, a kink is near: nothing is claimed there.
            if (!close(coarse[k]!, finer, s.tolerance)) return
            claim(close(got, finer, 10 * s.tolerance), () => ({
              text: `the derivative along [${way}] is not the difference quotient`,
              x,
              got,
              want: finer,
            }))
          })
        }
        for (const x of s.special) {
          const g = gradient(s, x)
          const h = 1e-7
          const moved = x.flatMap((_, i) => [h, -h].map((e) => x.map((v, j) => (i === j ? v + e : v))))
          const [base, ...values] = s.values([x, ...moved]) as [number, ...number[]]
          for (let i = 0; i < s.size; i++) {
            const up = (values[2 * i]! - base) / h
            const down = (base - values[2 * i + 1]!) / h
            const slack = 1e-4 * (1 + Math.min(Math.abs(up), Math.abs(down)))
            const [low, high] = [Math.min(up, down), Math.max(up, down)]
            claim(g[i]! >= low - slack && g[i]! <= high + slack, () => ({
              text: `entry ${i} of the gradient is outside the one-sided slopes [${low}, ${high}]`,
              x,
              got: g[i]!,
            }))
            claim(!s.f.traits.smooth || Math.abs(up - down) <= 1e-2 * (1 + Math.abs(up)), () => ({
              text: `claimed smooth, but the one-sided slopes along entry ${i} are ${down} and ${up}`,
              x,
            }))
          }
        }
      })
    },
  },
  {
    number: 14,
    name: 'purity',
    statement: 'dtype and shape are kept, inputs are untouched, the same twice, and the same under jit',
    test: (s) =>
      claims((claim) => {
        const both = (v: Tensor): Tensor[] => [
          s.f.value(v),
          ...(s.f.prox === undefined ? [] : [s.f.prox(v, 0.5)]),
        ]
        const program = jit(both)
        for (const x of [s.generic[0]!, s.special[0]!]) {
          for (const dtype of ['float32', 'float64'] as const) {
            const t = reshape(tensor(x as number[], { dtype }), [...s.shape]) as Tensor
            const value = s.f.value(t)
            claim(
              value.shape.length === 0 && (value.dtype === dtype || s.f.traits.indicator === true),
              () => ({
                text: `the value of a ${dtype} tensor is ${value.dtype} of shape [${value.shape}]`,
                x,
              }),
            )
            if (s.f.prox === undefined) continue
            const p = s.f.prox(t, 0.5)
            claim(p.dtype === dtype && p.shape.join() === s.shape.join(), () => ({
              text: `the prox of a ${dtype} tensor [${s.shape}] is ${p.dtype} of shape [${p.shape}]`,
              x,
            }))
          }
          const t = s.tensor(x)
          const [one, two] = [both(t), both(t)].map((r) => r.flatMap(numbersOf))
          claim(
            one!.every((v, i) => Object.is(v, two![i])),
            () => ({ text: 'the same call differs', x, got: two!, want: one! }),
          )
          claim(gap(numbersOf(t), x) === 0, () => ({
            text: 'the input was changed',
            x,
            got: numbersOf(t),
            want: x,
          }))
          const compiled = (program(t) as Tensor[]).flatMap(numbersOf)
          const same = compiled.every((v, i) => close(v, one![i]!, s.tolerance * 1e-3))
          claim(same, () => ({ text: 'jit changes the result', x, got: compiled, want: one! }))
        }
      }),
  },
]

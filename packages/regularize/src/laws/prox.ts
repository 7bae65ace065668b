import { jacobian, linalg, reshape, type Tensor } from '@cotangent/core'
import { type Broken, type Claims, claims, type Law, type Outcome, silent } from './law.js'
import { by, dot, finite, gap, minus, type Numbers, norm, numbersOf, plus, shaped } from './numbers.js'
import { around, type Subject } from './subject.js'

const noProx = silent('it has no prox')
const withProx =
  (body: (s: Subject, claim: Claims) => void) =>
  (s: Subject): Outcome =>
    s.f.prox === undefined ? noProx : claims((claim) => body(s, claim))
const indicated = (s: Subject): boolean => s.f.traits.indicator === true
const number = (x: unknown): number =>
  typeof x === 'number' ? x : x === undefined ? Number.POSITIVE_INFINITY : (x as Tensor).item()
/** The ρ of weak convexity: 0 if convex, infinite if unknown. */
export const bend = (s: Subject): number => (s.f.traits.convex ? 0 : number(s.f.traits.weakConvexity))

const distance = (z: Numbers, x: Numbers, d?: Numbers): number =>
  z.reduce((n, v, i) => n + 0.5 * (d?.[i] ?? 1) * (v - x[i]!) ** 2, 0)

/** A point, a step and the prox there. */
interface Case {
  readonly x: Numbers
  readonly step: number
  readonly p: Numbers
}

const casesOf = (s: Subject, steps = s.steps, metric?: Numbers, xs = s.points): readonly Case[] => {
  const pairs = xs.flatMap((x) => steps.map((step) => ({ x, step })))
  const ps = s.proxes(
    pairs.map((c) => c.x),
    pairs.map((c) => c.step),
    metric,
  )
  return pairs.map((c, k) => ({ ...c, p: ps[k]! }))
}

/** For each case, points to compare with, and their values; of a set, points of it. */
const rivalsOf = (s: Subject, cases: readonly Case[]) => {
  const found = cases.map(({ x, p }) => [
    x,
    p.map(() => 0),
    plus(by(0.5, x), 0.5, p),
    ...around(s, [p, x], 60),
  ])
  const flat = found.flat()
  const points = indicated(s)
    ? s.proxes(
        flat,
        flat.map(() => 1),
      )
    : flat
  const values = s.values(points)
  const n = found[0]?.length ?? 0
  return cases.map((_, k) => ({
    zs: points.slice(k * n, (k + 1) * n),
    rs: values.slice(k * n, (k + 1) * n),
  }))
}

const AXES = 3
const GRID = 1201

/**
 * For a sum over entries the objective along an axis is a function of one number: the least of it on a dense grid that closes
 * in on its best point, for each case and axis. All cases are evaluated together.
 */
const gridsOf = (s: Subject, cases: readonly Case[], metric?: Numbers): readonly (readonly number[])[] => {
  const axes = Array.from({ length: Math.min(AXES, s.size) }, (_, i) => i)
  const along = (asked: readonly (readonly [number, number])[]): readonly number[] =>
    s.values(asked.map(([i, g]) => Array.from({ length: s.size }, (_, j) => (i === j ? g : 0))))
  const reach = 2 + Math.max(...s.points.flat().map(Math.abs))
  const dense = Array.from({ length: GRID }, (_, k) => -reach + (2 * reach * k) / (GRID - 1))
  const first = axes.map((i) => along(dense.map((g) => [i, g])))
  const weight = (i: number) => metric?.[i] ?? 1
  const objective = (c: Case, i: number, g: number, r: number) =>
    (indicated(s) ? r : c.step * r) + 0.5 * weight(i) * (g - c.x[i]!) ** 2
  const state = cases.flatMap((c) =>
    axes.map((i) => {
      const values = dense.map((g, k) => objective(c, i, g, first[i]![k]!))
      const least = Math.min(...values)
      return { c, i, at: dense[values.indexOf(least)]!, least, h: (2 * reach) / (GRID - 1) }
    }),
  )
  for (let round = 0; round < 4; round++) {
    const asked = state.flatMap(({ i, at, h }) =>
      Array.from({ length: 21 }, (_, k) => [i, at + (h * (k - 10)) / 10] as const),
    )
    const rs = along(asked)
    state.forEach((e, m) => {
      for (let k = 0; k < 21; k++) {
        const g = asked[m * 21 + k]![1]
        const v = objective(e.c, e.i, g, rs[m * 21 + k]!)
        if (v < e.least) Object.assign(e, { least: v, at: g })
      }
      e.h /= 10
    })
  }
  return cases.map((_, k) => axes.map((_, a) => state[k * axes.length + a]!.least))
}

const optimal = (s: Subject, claim: Claims, metric?: Numbers): void => {
  const cases = casesOf(s, s.steps, metric)
  const rivals = rivalsOf(s, cases)
  const own = s.values(cases.map((c) => c.p))
  const total = (c: Case, z: Numbers, r: number) => (indicated(s) ? r : c.step * r) + distance(z, c.x, metric)
  const where = metric ? ` in the metric [${metric}]` : ''
  cases.forEach((c, k) => {
    const { zs, rs } = rivals[k]!
    const values = zs.map((z, m) => total(c, z, rs[m]!))
    const m = values.indexOf(Math.min(...values))
    const mine = total(c, c.p, own[k]!)
    claim(finite(c.p) && mine - values[m]! <= s.excess * (1 + Math.abs(values[m]!)), () => ({
      text: `a point has a lower objective step·R(z) + ½‖z - x‖²${where} than prox(x): ${values[m]} against ${mine}`,
      step: c.step,
      x: c.x,
      got: c.p,
      want: zs[m]!,
    }))
  })
  if (s.f.traits.separable !== 'entry') return
  const grids = gridsOf(s, cases, metric)
  const axes = grids[0]?.map((_, i) => i) ?? []
  const alone = s.values(cases.flatMap((c) => axes.map((i) => c.p.map((v, j) => (i === j ? v : 0)))))
  cases.forEach((c, k) => {
    for (const i of axes) {
      const r = alone[k * axes.length + i]!
      const mine = (indicated(s) ? r : c.step * r) + 0.5 * (metric?.[i] ?? 1) * (c.p[i]! - c.x[i]!) ** 2
      const best = grids[k]![i]!
      claim(mine - best <= s.excess * (1 + Math.abs(best)), () => ({
        text: `a dense grid finds a lower objective along entry ${i}${where}: ${best} against ${mine}`,
        step: c.step,
        x: c.x,
        got: c.p,
      }))
    }
  })
}

/** A step at which the prox is continuous: below 1/ρ. */
const tame = (s: Subject): readonly number[] => {
  const rho = bend(s)
  return rho === 0 ? s.steps : s.steps.map((t) => Math.min(t, 0.5 / rho)).filter((t) => t > 0)
}

const mismatch = (
  text: string,
  step: number,
  x: Numbers,
  got: Numbers | number,
  want: Numbers | number,
): Broken => ({
  text,
  step,
  x,
  got,
  want,
})

export const proxLaws: readonly Law[] = [
  {
    number: 1,
    name: 'optimality',
    statement: 'prox(x) minimises step·R(z) + ½‖z - x‖², by brute force, for every step and in every metric',
    test: withProx((s, claim) => {
      optimal(s, claim)
      if (s.f.traits.metric)
        optimal(
          s,
          claim,
          s.points[0]!.map((_, i) => [1, 0.5, 2, 0.125, 3][i % 5]!),
        )
    }),
  },
  {
    number: 3,
    name: 'non-expansiveness',
    statement: '⟨Δp, Δx⟩ ≥ ‖Δp‖² if convex; ‖Δp‖ ≤ ‖Δx‖/(1 - tρ) below the step 1/ρ; ⟨Δp, Δx⟩ ≥ 0 always',
    test: withProx((s, claim) => {
      const rho = bend(s)
      const xs = [...s.points, ...around(s, s.generic, 4)]
      const steps = [...new Set([...tame(s), ...s.steps])]
      const cases = casesOf(s, steps, undefined, xs)
      for (const step of steps) {
        const ps = cases.filter((c) => c.step === step).map((c) => c.p)
        xs.forEach((x, i) => {
          xs.forEach((y, j) => {
            if (j <= i) return
            const [dx, dp] = [minus(x, y), minus(ps[i]!, ps[j]!)]
            const inner = dot(dx, dp)
            const slack = s.tolerance * 1e-4 * (1 + dot(dx, dx))
            const square = dot(dp, dp)
            const [low, text] = s.f.traits.convex
              ? [square, 'firm non-expansiveness: ⟨Δp, Δx⟩ < ‖Δp‖²']
              : step * rho < 1
                ? [square * (1 - step * rho), `‖Δp‖ > ‖Δx‖/(1 - tρ) with ρ = ${rho}`]
                : [0, 'the prox is not monotone: ⟨Δp, Δx⟩ < 0']
            claim(inner >= low - slack, () => mismatch(`${text} between x and ${y}`, step, x, inner, low))
          })
        })
      }
    }),
  },
  {
    number: 4,
    name: 'subgradient',
    statement:
      '(x - p)/t is a subgradient at p = prox(x): R(z) ≥ R(p) + ⟨(x - p)/t, z - p⟩ - ρ/2‖z - p‖²; kkt is 0 there',
    test: withProx((s, claim) => {
      const cases = casesOf(s)
      const rivals = rivalsOf(s, cases)
      const bases = s.values(cases.map((c) => c.p))
      cases.forEach(({ x, step, p }, k) => {
        const v = by(1 / step, minus(x, p))
        const rho = Math.min(bend(s), 1 / step)
        const { zs, rs } = rivals[k]!
        rs.forEach((r, m) => {
          const d = minus(zs[m]!, p)
          const bound = bases[k]! + dot(v, d) - 0.5 * rho * dot(d, d)
          const slack = (s.excess / step) * (1 + Math.abs(bound)) + 1e-12 * norm(v) * norm(d)
          claim(!(r < bound - slack), () =>
            mismatch(`R(z) is below its support at prox(x), z = [${zs[m]}]`, step, x, r, bound),
          )
        })
        // Below the step 1 the prox of a set that is not convex need not be a fixed point at the step 1 of kkt.
        if (s.f.kkt === undefined || (!s.f.traits.convex && step < 1)) return
        const left = numbersOf(s.f.kkt(s.tensor(p), s.tensor(by(-1, v))))
        claim(Math.max(...left.map(Math.abs)) <= s.tolerance * (1 + norm(v)), () =>
          mismatch('kkt is not 0 at prox(x) with the gradient -(x - p)/t', step, x, left, 0),
        )
      })
    }),
  },
  {
    number: 8,
    name: 'limits',
    statement: 'prox → x as t → 0, and R(prox(x)) → inf R as t → ∞',
    test: (s) =>
      s.f.prox === undefined
        ? noProx
        : indicated(s)
          ? silent('the prox of a set does not depend on the step')
          : claims((claim) => {
              const near = casesOf(s, [1e-9])
              const far = casesOf(s, [1e6])
              const rivals = rivalsOf(s, far)
              const values = s.values(s.points)
              const own = s.values(far.map((c) => c.p))
              s.points.forEach((x, k) => {
                const bound = Math.sqrt(2e-9 * Math.max(values[k]!, 0)) + s.tolerance * 1e-3
                claim(norm(minus(near[k]!.p, x)) <= bound, () =>
                  mismatch('prox(x, 1e-9) is far from x', 1e-9, x, near[k]!.p, x),
                )
                const { zs, rs } = rivals[k]!
                rs.forEach((v, m) => {
                  const allowed = v + distance(zs[m]!, x) * 1e-6 + s.tolerance * (1 + Math.abs(v))
                  claim(own[k]! <= allowed, () =>
                    mismatch('prox(x, 1e6) does not minimise R', 1e6, x, own[k]!, v),
                  )
                })
              })
            }),
  },
  {
    number: 9,
    name: 'projection',
    statement: 'of a set: P(x) is in it, P(P(x)) = P(x) whatever the step, and the value is 0 or ∞',
    test: (s) =>
      !indicated(s)
        ? silent('it is not the indicator of a set')
        : claims((claim) => {
            for (const x of s.points) {
              const p = s.prox(x, 1)
              const value = s.value(p)
              claim(value === 0, () => mismatch('the projection is not in the set', 1, x, value, 0))
              for (const step of [0.1, 10]) {
                const again = s.prox(p, step)
                claim(gap(again, p) <= 1e-10 * (1 + norm(p)), () =>
                  mismatch('projecting twice is not projecting once', step, x, again, p),
                )
              }
              const v = s.value(x)
              claim(v === 0 || v === Number.POSITIVE_INFINITY, () =>
                mismatch('the value of an indicator is 0 or ∞', 1, x, v, Number.POSITIVE_INFINITY),
              )
            }
          }),
  },
  {
    number: 10,
    name: 'Jacobian of the prox',
    statement:
      'it is symmetric and not negative; its eigenvalues are at most 1 if convex, 1/(1 - tρ) below 1/ρ',
    test: withProx((s, claim) => {
      const rho = bend(s)
      const cases = s.generic.flatMap((x, i) => (i === 0 ? [0.1, 1] : [i]).map((step) => ({ x, step })))
      for (const { x, step } of cases) {
        const flat = (v: Tensor) => reshape(s.f.prox!(reshape(v, [...s.shape]), step), [s.size])
        const j = jacobian(flat)(shaped(x, [s.size])) as Tensor
        const rows = numbersOf(j)
        const turned = rows.map((_, k) => rows[(k % s.size) * s.size + Math.floor(k / s.size)]!)
        claim(gap(rows, turned) <= s.tolerance, () => mismatch('it is not symmetric', step, x, rows, turned))
        const values = numbersOf(linalg.eigvalsh(j))
        const top = step * rho < 0.9 ? 1 / (1 - step * rho) : Number.POSITIVE_INFINITY
        claim(values[0]! >= -s.tolerance && values.at(-1)! <= top + s.tolerance, () =>
          mismatch(`its eigenvalues are not in [0, ${top}]`, step, x, values, top),
        )
      }
    }),
  },
]

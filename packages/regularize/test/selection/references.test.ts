import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  aic,
  bic,
  cp,
  crossValidate,
  elasticNet,
  l1,
  lambdaPath,
  larsPath,
  lassoPath,
  leastSquares,
  noiseVariance,
  type PathOptions,
  ridgePath,
} from '@cotangent/regularize'
import { describe, expect, test } from 'vitest'
import { loadDiabetes } from '../../../../docs/data/diabetes/diabetes.js'
import { apart, d, list, withBothLoops } from '../solvers/support.js'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../reference/${name}`, import.meta.url), 'utf8'))
const peers = read('solvers.json')
const golden = read('diabetes.json').diabetes_tab

const diabetes = loadDiabetes()
const mean = diabetes.y.reduce((a, b) => a + b, 0) / 442
const X = d(diabetes.X)
const y = d(diabetes.y)
const centred = d(diabetes.y.map((v) => v - mean))

withBothLoops(() => {
  describe('diabetes, exact path (target T2: the numbers of R lars and scikit-learn on this table)', () => {
    const path = lassoPath(X, centred)
    test('knots', () => {
      expect(path.lambdas).toHaveLength(13)
      expect(apart(path.lambdas, golden.lambdas)).toBeLessThan(1e-9)
    })
    test('coefficients at every knot', () => {
      golden.coefs.forEach((w: number[], k: number) => {
        expect(apart(path.coefs[k]!, w)).toBeLessThan(1e-9)
      })
      expect(apart(path.l1norms, golden.l1norms)).toBeLessThan(1e-9)
    })
    test('what comes in and leaves: hdl leaves at 2.18 and comes again at 1.31', () => {
      expect(path.active).toEqual(golden.active_order)
      expect(path.knots.map((k) => k.enters)).toEqual([2, 8, 3, 6, 1, 9, 4, 7, 5, 0, undefined, 6, undefined])
      expect(path.knots.map((k) => k.leaves).indexOf(6)).toBe(10)
    })
    test('least angle regression has the same first ten knots and none leaves', () => {
      const lar = larsPath(X, centred)
      expect(apart(lar.lambdas.slice(0, 10), golden.lambdas.slice(0, 10))).toBeLessThan(1e-9)
      expect(lar.lambdas).toHaveLength(11)
      expect(apart(lar.coefs.at(-1)!, golden.coefs.at(-1))).toBeLessThan(1e-9)
    })
    test("Mallows' Cp is least at the seventh knot", () => {
      const variance = noiseVariance(X, y)
      expect(variance).toBeCloseTo(2932.6816372, 6)
      const scores = path.coefs.slice(0, 11).map((w) => {
        const rss = diabetes.X.reduce(
          (s, row, i) => s + (diabetes.y[i]! - mean - row.reduce((t, v, j) => t + v * w[j]!, 0)) ** 2,
          0,
        )
        return cp({ loss: rss / 884, df: w.filter((v) => v !== 0).length }, 442, variance)
      })
      expect(scores.indexOf(Math.min(...scores))).toBe(7)
      expect(scores[7]).toBeCloseTo(6.8775, 4)
    })
    test('an unbounded path ends at least squares', () => {
      expect(path.at(0).shape).toEqual([10])
      expect(() => lassoPath(X, centred, { maxSteps: 3 }).at(1)).toThrow(/the path ends at λ = 316/)
    })
  })

  describe('diabetes as R lars has it (target T1: the printed path of R lars and of the gallery of scikit-learn)', () => {
    const rows = gunzipSync(readFileSync(new URL('../reference/diabetes-lars.csv.gz', import.meta.url)))
      .toString()
      .trim()
      .split('\n')
      .map((row) => row.split(' ').map(Number))
    const means = rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length)
    const shifted = rows.map((row) => row.map((v, j) => v - means[j]!))
    const lengths = means.map((_, j) => Math.hypot(...shifted.map((row) => row[j]!)))
    const path = lassoPath(d(shifted.map((row) => row.map((v, j) => v / lengths[j]!))), centred)
    const least = [
      -10.01219782, -239.81908937, 519.83978679, 324.39042769, -792.18416163, 476.74583782, 101.04457032,
      177.06417623, 751.27932109, 67.62538639,
    ]
    test('knots', () => {
      const printed = [
        949.435260384, 889.315990735, 452.900968908, 316.074052698, 130.130851302, 88.7824298155,
        68.9652212024, 19.9812546781, 5.47747294605, 5.0891788056, 2.18224972883, 1.31043524851, 0,
      ]
      expect(path.lambdas).toHaveLength(printed.length)
      printed.forEach((lambda, k) => {
        expect(Math.abs(path.lambdas[k]! - lambda)).toBeLessThanOrEqual(1e-9 * lambda + 1e-9)
      })
      expect(path.knots.map((k) => k.enters)).toEqual([2, 8, 3, 6, 1, 9, 4, 7, 5, 0, undefined, 6, undefined])
      expect(path.knots.map((k) => k.leaves).indexOf(6)).toBe(10)
    })
    test('ends at least squares, with the 3460 of the paper as the sum of sizes', () => {
      expect(apart(path.coefs.at(-1)!, least)).toBeLessThan(1e-8)
      expect(Math.abs(path.l1norms.at(-1)! / 3460.00495516 - 1)).toBeLessThan(1e-9)
    })
  })

  test('five by five, R lars with two drops (target T3: test_lasso_lars_vs_R_implementation of scikit-learn)', () => {
    const { X, y, coefs } = peers.rLars
    const path = lassoPath(d(X), d(y))
    expect(path.coefs).toHaveLength(coefs.length)
    coefs.forEach((w: number[], k: number) => {
      expect(apart(path.coefs[k]!, w)).toBeLessThan(1e-11)
    })
    expect(path.knots.filter((k) => k.leaves !== undefined)).toHaveLength(2)
  })

  const collect = async <P>(options: PathOptions<P>) => {
    const fits = []
    for await (const fit of lambdaPath(options)) fits.push(fit)
    return fits
  }

  describe('diabetes, paths of scikit-learn', () => {
    test.each([
      ['lasso_path', l1(1), peers.diabetes.lassoPath, 1],
      ['enet_path', elasticNet(1, 0.5), peers.diabetes.enetPath, 0.5],
    ] as const)('%s', async (_, penalty, peer, rho) => {
      const fits = await collect({ loss: leastSquares(X, centred), penalty, n: 20, tolerance: 1e-14 })
      expect(
        apart(
          fits.map((f) => f.lambda),
          peer.alphas,
        ),
      ).toBeLessThan(1e-12)
      fits.forEach((fit, k) => {
        expect(fit.converged).toBe(true)
        expect(apart(list(fit.params), peer.coefs[k])).toBeLessThan(1e-6)
      })
      expect(fits[0]!.lambda * rho).toBeCloseTo(2.1480435755, 9)
    })
    test('a path and the exact path agree', async () => {
      const exact = lassoPath(X, centred)
      for (const fit of await collect({
        loss: leastSquares(X, centred),
        penalty: l1(1),
        n: 30,
        tolerance: 1e-14,
      }))
        expect(apart(list(fit.params), list(exact.at(442 * fit.lambda)))).toBeLessThan(1e-10)
    })
  })

  describe('diabetes, choosing (LassoCV, LassoLarsIC and RidgeCV of scikit-learn)', () => {
    test('ten folds in order choose the alpha of LassoCV', async () => {
      const { lassoCV } = peers.diabetes
      const chosen = await crossValidate({ X, y, penalty: l1(1), folds: 10, tolerance: 1e-13 })
      expect(chosen.lambdaMin).toBeCloseTo(0.05705392298, 10)
      expect(Math.min(...chosen.mean)).toBeCloseTo(2987.2522483, 6)
      expect(apart(chosen.lambdas, lassoCV.alphas)).toBeLessThan(1e-12)
      expect(apart(chosen.mean, lassoCV.mean)).toBeLessThan(1e-8)
      expect(apart(list(chosen.fit.params.kernel), lassoCV.coef)).toBeLessThan(1e-8)
      expect(chosen.fit.params.bias.item()).toBeCloseTo(lassoCV.intercept, 8)
      expect(chosen.lambda1se).toBeGreaterThan(chosen.lambdaMin)
    })
    test.each(['aic', 'bic'] as const)('%s picks the alpha of LassoLarsIC, with 7 features', (name) => {
      const peer = peers.diabetes[name]
      const scaled = d(diabetes.X.map((row) => row.map((v) => v * Math.sqrt(442))))
      const variance = noiseVariance(scaled, y)
      expect(variance).toBeCloseTo(peer.noiseVariance, 6)
      const score = { aic, bic }[name]
      const path = lassoPath(scaled, centred)
      expect(
        apart(
          path.lambdas,
          (peer.alphas as number[]).map((a) => 442 * a),
        ),
      ).toBeLessThan(1e-9)
      const scores = path.coefs.map((w) => {
        const fit = { loss: leastSquares(scaled, centred)(d(w)).item(), df: w.filter((v) => v !== 0).length }
        return score(fit, 442, variance)
      })
      // Where one leaves, scikit-learn still counts it.
      const counted = (xs: readonly number[]) => xs.filter((_, k) => path.knots[k]!.leaves === undefined)
      expect(apart(counted(scores), counted(peer.criterion))).toBeLessThan(1e-9)
      const best = scores.indexOf(Math.min(...scores))
      expect(path.lambdas[best]! / 442).toBeCloseTo(0.9504071158, 9)
      expect(path.coefs[best]!.filter((v) => v !== 0)).toHaveLength(7)
    })
    test('leaving one out of a ridge, in closed form (target T4)', () => {
      const { alphas, loo } = peers.diabetes.ridgeLoo
      const fits = ridgePath(
        X,
        y,
        (alphas as number[]).map((a) => a / 442),
      )
      expect(
        apart(
          fits.map((f) => f.loo),
          loo,
        ),
      ).toBeLessThan(1e-10)
      expect(fits[0]!.loo).toBeCloseTo(3000.392447398, 8)
      expect(fits[0]!.gcv).toBeCloseTo(3004.029993985, 8)
      expect(fits[0]!.df).toBeCloseTo(10.2482544, 7)
    })
  })
})

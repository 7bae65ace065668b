import { existsSync, readFileSync } from 'node:fs'
import { random, type Tensor, tensor } from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { productsOf } from './e11-batch-norm.js'
import { duel } from './e14-second-order.js'
import { cases } from './index.js'
import { adding } from './support/adding.js'
import { agreement } from './support/agreement.js'
import { outcomeOf } from './support/case.js'
import { descend, errorAt } from './support/cliff.js'
import { runMethod } from './support/cures.js'
import { backward, FUNCTIONS, gaussian, normalised, plain } from './support/deep.js'
import { fromCsv, type Raw, rowsOf, toCsv } from './support/raw.js'
import { ring } from './support/ring.js'
import { claimLines, markdownTable, rejudged } from './support/save.js'
import { alongAxis } from './support/shift.js'
import { lower } from './support/verdict.js'

const at = (path: string): URL => new URL(path, import.meta.url)
const stored = (id: string): Raw => fromCsv(readFileSync(at(`./results/${id}.csv`), 'utf8'))
const named = cases.map((one) => [one.id, one] as const)

/** The statements that five seeds refute, and those that five seeds do not decide. All others hold. */
const REFUTED: Readonly<Record<string, readonly RegExp[]>> = {
  E1: [/^A coefficient that has come in stays in/],
  E2: [/^As a subgradient, .* L1 eliminates weights/, /^By a Euclidean prox/],
  E3: [/^Every coefficient falls by itself/],
  E4: [/^It removes some layers/],
  E6: [
    /^So does batch normalisation/,
    /^An L2 penalty prevents the explosion/,
    /^With an L2 penalty 30 layers .* can be trained/,
    /^Clipping is enough for it to learn/,
  ],
  E8: [/^More patience buys a lower error/],
  E9: [/^Augmentation helps on every other distribution/],
  E10: [/^What stays the same for AdamW is the decay of a step/, /^Of L2 in the loss the best λ moves/],
  E11: [/^It speeds up training at small rates/],
  E14: [/^On the ring a penalty brings more samples/],
}
const UNDECIDED: Readonly<Record<string, readonly RegExp[]>> = {
  E5: [/^mixup 0.4 lowers/, /^label smoothing 0.1 lowers/],
  E5b: [/^Each cure lowers the error here too/],
  E7: [/^Clipped Adam ends lower than Adam/],
  E10: [/^AdamW reaches a lower error/],
  E11: [/^At the best rate of each its test error is lower/],
}

/** Columns that say what a row is, not what was measured. */
const KEYS =
  /^(part|way|method|network|kind|criterion|seed|lambda|alpha|rate|strength|layers|gain|df|noise 0)$/

describe('what is stored of', () => {
  test.each(named)('%s bears out its page, and its statements come out as they did', (id, one) => {
    const claims = one.judge(stored(id))
    expect(readFileSync(at(`./${id}.md`), 'utf8')).toContain(claimLines(claims))
    const which = (verdict: unknown) => claims.filter(({ holds }) => holds === verdict).map((c) => c.text)
    for (const [verdict, expected] of [
      [false, REFUTED[id] ?? []],
      ['undecided', UNDECIDED[id] ?? []],
    ] as const) {
      const found = which(verdict)
      expect(found).toHaveLength(expected.length)
      for (const [i, text] of found.entries()) expect(text).toMatch(expected[i]!)
    }
  })

  test.each(named)('%s can be refuted: other numbers do not bear it out', (id, one) => {
    const [head, ...rows] = stored(id)
    const flat = (value: number): Raw => [
      head!,
      ...rows.map((row) =>
        row.map((cell, i) => (typeof cell === 'number' && !KEYS.test(String(head![i])) ? value : cell)),
      ),
    ]
    const holding = (raw: Raw) => one.judge(raw).filter(({ holds }) => holds === true).length
    const fewest = Math.min(...[0, 1, 1e6].map((value) => holding(flat(value))))
    expect(fewest).toBeLessThan(holding(stored(id)))
  })

  test.each(named)('%s has its figures, and its page shows all of them', (id) => {
    const page = readFileSync(at(`./${id}.md`), 'utf8')
    const links = [...page.matchAll(/\]\(((?:figures|results)\/[^)]+)\)/g)].map(([, path]) => path!)
    expect(links.length).toBeGreaterThan(1)
    for (const path of links) expect(existsSync(at(`./${path}`)), path).toBe(true)
  })

  test('the table of all cases has a row for each', () => {
    const readme = readFileSync(at('./README.md'), 'utf8')
    for (const { id } of cases) expect(readme).toMatch(new RegExp(`^\\| \\[${id}\\]\\(${id}\\.md\\) `, 'm'))
    expect(new Set(cases.map(({ id }) => id)).size).toBe(15)
  })
})

describe('run here, in small', () => {
  test.each(named.filter(([id]) => ['E1', 'E3'].includes(id)))(
    '%s comes to what is stored',
    async (id, one) => {
      const { claims, figures } = await outcomeOf(one, { full: false, seeds: [0] })
      expect(claims.map(({ text, holds }) => [text, holds])).toEqual(
        one.judge(stored(id)).map(({ text, holds }) => [text, holds]),
      )
      for (const svg of Object.values(figures)) expect(svg).toMatch(/^<svg/)
    },
  )

  test('E5: without a cure wrong labels are learnt, with dropout they are not', async () => {
    const setting = { train: 200, noise: 0.3, width: 48, epochs: 150 }
    const [none, dropout] = [
      await runMethod({ name: 'none', pilot: 0 }, 0, setting),
      await runMethod({ name: 'dropout', pilot: 0, drop: [0.2, 0.5, 0.5] }, 0, setting),
    ]
    expect(none.memorised).toBeGreaterThan(60)
    expect(dropout.memorised).toBeLessThan(30)
    expect(dropout.testError).toBeLessThan(none.testError)
    expect(none.curve).toHaveLength(150)
  })

  test('E6: what arrives is (g/√2)ᴸ, and a step of an L2 penalty leaves it so', () => {
    const arrives = (gain: number, layers: number) =>
      backward(plain(FUNCTIONS.relu!), gaussian(gain, 64), layers, 64, 0)
    for (const [gain, layers] of [
      [2, 20],
      [1, 20],
      [Math.SQRT2, 30],
    ] as const)
      expect(Math.abs(Math.log10(arrives(gain, layers) / (gain / Math.SQRT2) ** layers))).toBeLessThan(0.5)
    expect(arrives(2 * 0.999, 20) / arrives(2, 20)).toBeCloseTo(0.999 ** 20, 4)
    expect(backward(normalised(FUNCTIONS.relu!), gaussian(2, 64), 20, 64, 0)).toBeLessThan(10)
  })

  test('E7: the cliff throws free descent off, and clipped descent arrives', () => {
    const options = { rate: 0.1, steps: 300 }
    const [free, clipped] = [descend([5, -2.6], options), descend([5, -2.6], { ...options, clip: 1 })]
    expect(free.at(-1)!.error).toBeGreaterThan(0.08)
    expect(clipped.at(-1)!.error).toBeLessThan(0.02)
    expect(Math.max(...clipped.map(({ norm }) => norm))).toBeGreaterThan(10)
    // By hand: σ(x) after 50 steps of x' = 5σ(x) - 2.6 from 0.5.
    let x = 0.5
    for (let t = 0; t < 50; t++) x = 5 / (1 + Math.exp(-x)) - 2.6
    expect(errorAt(5, -2.6)).toBeCloseTo((1 / (1 + Math.exp(-x)) - 0.7) ** 2, 10)
  })

  test('E7: the answer of the adding problem is the sum of what is marked', () => {
    const { x, y } = adding(random.key(3), 20, 10)
    const [xs, ys] = [x.toTypedArray(), y.toTypedArray()]
    for (let i = 0; i < 20; i++) {
      const steps = Array.from(
        { length: 10 },
        (_, t) => [xs[20 * i + 2 * t]!, xs[20 * i + 2 * t + 1]!] as const,
      )
      expect(steps.slice(0, 5).filter(([, marked]) => marked === 1)).toHaveLength(1)
      expect(steps.slice(5).filter(([, marked]) => marked === 1)).toHaveLength(1)
      expect(ys[i]).toBeCloseTo(
        steps.reduce((sum, [value, marked]) => sum + value * marked, 0),
        6,
      )
    }
  })

  test('E9: a shift along an axis moves each digit by one pixel', () => {
    const one = new Float32Array(64)
    one[8 * 3 + 4] = 1
    const x = tensor(
      Float32Array.from({ length: 40 * 64 }, (_, k) => one[k % 64]!),
      { shape: [40, 64] },
    ) as Tensor
    const moved = alongAxis(random.key(1), { x, y: x }).x.toTypedArray()
    const places = Array.from({ length: 40 }, (_, i) => moved.indexOf(1, 64 * i) - 64 * i)
    expect([...new Set(places)].sort((a, b) => a - b)).toEqual([8 * 2 + 4, 8 * 3 + 3, 8 * 3 + 5, 8 * 4 + 4])
    const corner = tensor(
      Float32Array.from({ length: 20 * 64 }, (_, k) => (k % 64 === 0 ? 1 : 0)),
      { shape: [20, 64] },
    ) as Tensor
    const left = alongAxis(random.key(2), { x: corner, y: corner }).x.toTypedArray()
    const inks = Array.from({ length: 20 }, (_, i) =>
      left.slice(64 * i, 64 * i + 64).indexOf(1) < 0 ? 0 : 1,
    )
    // Up and left it is gone, not on the other side.
    expect(new Set(inks)).toEqual(new Set([0, 1]))
  })

  test('E11: the gradient is perpendicular to the weights into a unit that is normalised', () => {
    const largest = (...args: Parameters<typeof productsOf>) => Math.max(...productsOf(...args).map(Math.abs))
    expect(largest('batch norm', 8, 0, 1e-12)).toBeLessThan(1e-6)
    expect(largest('plain', 8, 0)).toBeGreaterThan(1e-4)
  })

  test('E14: R1 ends the game, on a ring it brings the critic to rest', () => {
    const away = (gamma: number) => Math.hypot(...duel(gamma, 400, 0.1).at(-1)!)
    expect(away(0)).toBeGreaterThan(0.9)
    expect(away(1)).toBeLessThan(1e-3)
    const slope = (hold: 'none' | 'R1') => {
      const all = ring(hold, 0, 600, 5).field.flat()
      return all.reduce((a, b) => a + b, 0) / all.length
    }
    expect(slope('R1')).toBeLessThan(slope('none') / 3)
  })
})

describe('what judges', () => {
  test('lower: five seeds by their differences, one seed by its count, and nothing from one number alone', () => {
    expect(lower([1, 2, 3, 4, 5], [2, 3.1, 4, 5.1, 6])).toBe(true)
    expect(lower([2, 3.1, 4, 5.1, 6], [1, 2, 3, 4, 5])).toBe(false)
    // The means are apart by 1; what the seeds make of it is not.
    expect(lower([1, 9, 2, 8, 3], [5, 4, 6, 5, 8])).toBe('undecided')
    // d = 1, 2, 3: mean 2, deviation 1, t = 3.46 for a limit of 4.30; of four, 2.5 / (1.29/2) = 3.87 for 3.18.
    expect(lower([0, 0, 0], [1, 2, 3])).toBe('undecided')
    expect(lower([0, 0, 0, 0], [1, 2, 3, 4])).toBe(true)
    expect(lower([5], [20], { count: 1000 })).toBe(true)
    expect(lower([5], [5.5], { count: 1000 })).toBe('undecided')
    expect(lower([5], [20])).toBe('undecided')
    expect(lower([5], [20], { count: 1000, margin: 14 })).toBe('undecided')
  })

  test('agreement: within two deviations, of means that have one', () => {
    const near = { name: 'a', pilot: 10, values: [9, 10, 12] }
    const far = { name: 'b', pilot: 20, values: [9, 10, 12] }
    expect(agreement([near])[0]!.holds).toBe(true)
    expect(agreement([near, far])[0]).toMatchObject({
      holds: false,
      measured: expect.stringMatching(/^not b /),
    })
    expect(agreement([{ ...far, values: [9] }])).toEqual([])
  })

  test('numbers and texts come back from the file', () => {
    const raw = [
      ['a, b', 'x'],
      ['say "so"', 0.1],
      ['', Number.NaN],
      ['none', Number.POSITIVE_INFINITY],
      ['1e', -3e-20],
    ]
    expect(fromCsv(toCsv(raw))).toEqual(raw)
    expect(rowsOf(raw).where({ 'a, b': 'none' }).of('x')).toEqual([Number.POSITIVE_INFINITY])
    expect(() => rowsOf(raw).of('y')).toThrow('there is no column y among a, b, x')
  })

  test('a page that is judged anew changes in its statements alone', () => {
    const page = 'Text\n\n- Holds: a. Measured: 1.\n- Holds: b. Measured: 2.\n\nMore - text\n'
    expect(rejudged(page, [{ text: 'c', measured: '3', holds: false }])).toBe(
      'Text\n\n- **Does not hold**: c. Measured: 3.\n\nMore - text\n',
    )
    expect(markdownTable(['a', 'bcd'], [['x|y', '1']])).toBe(
      '| a    | bcd |\n| ---- | --: |\n| x\\|y |   1 |',
    )
  })
})

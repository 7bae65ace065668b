import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkpointEvery, figure, fit, progress, readCheckpoint, report } from '../src/index.js'
import { everything, small } from './support/small.js'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-report-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('report', () => {
  let html = ''
  beforeAll(async () => {
    const file = join(folder, 'run.html')
    await fit({ ...everything(), callbacks: [report({ file, title: 'A <b>run</b> & more' })] }).last()
    html = readFileSync(file, 'utf8')
  }, 30_000)

  test.each([
    'Learning curves',
    'Loss',
    'Metrics',
    'Penalty terms',
    'Gradient norm by layer',
    'Weight norm by parameter',
    'hidden/kernel',
    "l1(0.01) on 'hidden/kernel'",
    'In the last epoch: healthy',
  ])('shows %s', (text) => {
    expect(html.replaceAll('&#39;', "'")).toContain(text)
  })

  test('loads nothing from elsewhere and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=/)
    const addresses = [...html.matchAll(/https?:\/\/[^"\s<]+/g)].map(([a]) => a)
    expect(new Set(addresses)).toEqual(
      new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']),
    )
  })

  test('text is text', () => {
    expect(html).toContain('<h1>A &lt;b&gt;run&lt;/b&gt; &amp; more</h1>')
  })

  test('the loss of the table is the loss of the run', async () => {
    const { loss } = await fit(everything()).last()
    expect(html).toContain(`<td>data loss</td><td>${loss.toPrecision(4)}</td>`)
  })

  test('a resumed run has the curves of the whole one', async () => {
    const [half, whole] = [join(folder, 'half.html'), join(folder, 'whole.html')]
    const saved = join(folder, 'state')
    const options = (file: string) => ({
      ...small(),
      callbacks: [report({ file }), checkpointEvery({ file: saved })],
    })
    await fit(options(whole)).last()
    await fit({ ...options(half), epochs: 2 }).last()
    const resume = await readCheckpoint<never, never, never>(saved)
    await fit({ ...options(half), resume } as ReturnType<typeof small>).last()
    // All but the time it took.
    const still = (file: string) => readFileSync(file, 'utf8').replace(/<b>[\d.]+ s<\/b>/, '')
    expect(still(half)).toBe(still(whole))
  }, 30_000)

  test('is also written when the run fails, or ends before an epoch', async () => {
    const file = join(folder, 'failed.html')
    const signal = AbortSignal.abort(new Error('before'))
    await expect(fit({ ...small(), signal, callbacks: [report({ file })] }).last()).rejects.toThrow('before')
    expect(readFileSync(file, 'utf8')).toContain('Aborted. No epoch was completed.')
  })
})

describe('figures', () => {
  const axes = { x: { name: 'x' }, y: { name: 'y', log: true } }
  test('the same numbers give the same text', async () => {
    const options = {
      title: 't',
      ...axes,
      lines: [
        {
          name: 'a',
          points: [
            [1, 1],
            [2, 0.1],
          ] as const,
        },
      ],
    }
    expect(await figure.lines(options)).toBe(await figure.lines(options))
  })
  test('what has no logarithm is left out', async () => {
    const line = (points: readonly (readonly [number, number])[]) =>
      figure.lines({ title: 't', ...axes, lines: [{ name: 'a', points }] })
    expect(
      await line([
        [1, 1],
        [2, 0],
        [3, Number.NaN],
        [4, 0.1],
      ]),
    ).toBe(
      await line([
        [1, 1],
        [4, 0.1],
      ]),
    )
  })
  test('the numbers of an axis differ where they are large or small, too', async () => {
    const labels = async (last: number) => {
      const points = [
        [0, 0],
        [last, 1],
      ] as const
      const svg = await figure.lines({
        title: 't',
        x: { name: 'x' },
        y: axes.x,
        lines: [{ name: 'a', points }],
      })
      return [...svg.matchAll(/>([\d.e-]+)<\/text>/g)].map(([, text]) => text!)
    }
    expect(await labels(2e5)).toEqual(expect.arrayContaining(['50000', '1e5', '1.5e5', '2e5']))
    expect(await labels(2e-4)).toEqual(expect.arrayContaining(['5e-5', '1e-4', '1.5e-4', '2e-4']))
  })
  test('exact zeros have bars of their own', async () => {
    const draw = (values: readonly number[]) => figure.histogram({ title: 't', x: 'w', values })
    expect(await draw([0, 1, -1])).toContain('exactly 0')
    expect(await draw([1e-9, 1, -1])).not.toContain('exactly 0')
  })
  test('a title cannot break out of the picture', async () => {
    expect(
      await figure.bars({
        title: '</svg><script>',
        categories: ['a'],
        y: axes.x,
        groups: [{ name: 'g', values: [1] }],
      }),
    ).not.toContain('<script>')
  })
})

describe('progress', () => {
  const terminal = (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 })
    let text = ''
    stream.on('data', (chunk) => {
      text += String(chunk)
    })
    return { stream, text: () => text }
  }
  test('a bar with epoch, loss, rate and time left', async () => {
    const { stream, text } = terminal(true)
    await fit({ ...small(), callbacks: [progress({ stream: stream as never })] }).last()
    expect(text()).toMatch(/epoch 4\/4 {2}loss \d.* steps\/s/)
  })
  test('nothing where there is no terminal', async () => {
    const { stream, text } = terminal(false)
    await fit({ ...small(), callbacks: [progress({ stream: stream as never })] }).last()
    expect(text()).toBe('')
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, compressed } from './bundle.js'
import { findChromium, launch } from './chromium.js'
import type { Trained, Training } from './page.js'
import { serve } from './serve.js'

// The same bundle of the built packages in Node and in Chromium.

const found = findChromium()
if (!found)
  console.warn('Chromium was not found, so nothing is tested in it: install it, or name it in CHROMIUM.')

const PLAIN: Training = { deterministic: true, hidden: 19, batch: 33, steps: 40 }

describe.skipIf(!found)('a compiled training step in Chromium', { timeout: 120_000 }, () => {
  let browser: Browser
  let server: Server
  let url: string
  let folder: string
  let module: string

  beforeAll(async () => {
    const code = await bundle('page.ts')
    folder = mkdtempSync(join(tmpdir(), 'page-'))
    module = join(folder, 'page.mjs')
    writeFileSync(module, code)
    ;({ server, url } = await serve(code))
    browser = await launch(found!)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    server?.close()
    if (folder) rmSync(folder, { recursive: true })
  })

  let known: Trained | undefined
  const inNode = (): Trained => {
    const code = `import { train } from ${JSON.stringify(pathToFileURL(module).href)}
      console.log(JSON.stringify(await train(${JSON.stringify(PLAIN)})))`
    known ??= JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }),
    ) as Trained
    return known
  }

  const open = async (place: string) => {
    const page = await browser.newPage()
    const messages: string[] = []
    page.on('console', (m) => messages.push(m.text()))
    page.on('pageerror', (e) => messages.push(String(e)))
    await page.goto(`${url}/${place}/`)
    const run = async (training: Training) => {
      // As text: the test tool would rewrite an import in a function.
      const code = `import('./page.js').then(async ({ train }) =>
        ({ ...(await train(${JSON.stringify(training)})), isolated: crossOriginIsolated }))`
      return (await page.evaluate(code)) as Trained & { readonly isolated: boolean }
    }
    return { page, messages, run }
  }
  const inPage = async (place: string, training: Training) => {
    const { page, messages, run } = await open(place)
    const trained = await run(training)
    await page.close()
    return { ...trained, messages }
  }

  test.each([
    ['plain', false],
    ['isolated', true],
  ] as const)('%s: bit for bit what Node computes, without fused operations', async (place, isolated) => {
    const node = inNode()
    expect(node.losses.at(-1)! < 0.5 * node.losses[0]!).toBe(true)
    expect(await inPage(place, PLAIN)).toEqual({ ...node, isolated, messages: [] })
  })

  test('with fused operations the losses differ by rounding only, and the interpreter agrees', async () => {
    const node = inNode()
    for (const backend of ['auto', 'interpreter'] as const) {
      const page = await inPage('isolated', { ...PLAIN, deterministic: false, backend })
      expect(page.messages).toEqual([])
      page.losses.forEach((value, i) => {
        expect(value / node.losses[i]!).toBeCloseTo(1, 4)
      })
    }
  })

  describe('two threads, asked for', () => {
    const wide: Training = { ...PLAIN, hidden: 256, batch: 256, steps: 10 }
    test('isolated: a helper comes and changes nothing', async () => {
      const { page, messages, run } = await open('isolated')
      const want = await run({ ...wide, threads: 1 })
      expect(page.workers()).toEqual([])
      const started = page.waitForEvent('worker')
      expect(await run({ ...wide, threads: 2 })).toEqual(want)
      const helper = await started
      const served = () => helper.evaluate('served') as Promise<number>
      const before = await served()
      expect(await run({ ...wide, threads: 2 })).toEqual(want)
      expect(await served()).toBeGreaterThan(before)
      expect(page.workers().length).toBe(1)
      expect(messages).toEqual([])
      await page.close()
    })
    test('plain: there is none, and it is the same', async () => {
      const { page, messages, run } = await open('plain')
      expect(await run({ ...wide, threads: 2 })).toEqual(await run({ ...wide, threads: 1 }))
      expect(page.workers()).toEqual([])
      expect(messages).toEqual([])
      await page.close()
    })
  })
})

test('the smallest page with a compiled gradient is as small as docs/compiler.md says', async () => {
  const said = readFileSync(new URL('../../../../docs/compiler.md', import.meta.url), 'utf8')
  const limit = Number(/at most (\d+) kB/.exec(said)?.[1])
  const size = compressed(await bundle('smallest.ts')) / 1000
  expect(size).toBeLessThan(limit)
  expect(size).toBeGreaterThan(0.8 * limit)
})

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable']

/** The browser to test in: what the environment names, or where Linux distributions put it. */
export const findChromium = (): string | undefined =>
  process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place))

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // As root in a container there is no sandbox to be had; the page is our own.
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

/** The first has no window, and needs two thirds of the time. */
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
]
const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin']
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Path of a Chromium for browser tests: `CHROMIUM_PATH`, the machine's, or Playwright's own; null if there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named
    throw new Error(`CHROMIUM_PATH names ${named}, which is not there.`)
  }
  const path = (env['PATH'] ?? '').split(delimiter)
  const candidates = [...path, ...folders].flatMap((folder) => names.map((name) => join(folder, name)))
  return [...candidates, ...applications, chromium.executablePath()].find((each) => existsSync(each)) ?? null
}

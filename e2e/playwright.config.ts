import { join } from 'node:path'
import { defineConfig, devices } from '@playwright/test'
import { findChromium } from '../tools/chromium.ts'

const executablePath = findChromium()

// Node's cache of compiled sources for the servers that the tests start.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/node')

export default defineConfig({
  testDir: 'tests',
  outputDir: '../test-results',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // Each worker has its own product.
  workers: 2,
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    // The server made its own certificate for this machine.
    ignoreHTTPSErrors: true,
    trace: 'off',
    // What moves is drawn again and again. `keyboard`, `page-answers` and `first-run` are of a person who sees it move.
    contextOptions: { reducedMotion: 'reduce' },
    // A fresh context has a process of its own, which compiles the app again. `tests/apart.spec.ts` holds that no test finds it used.
    reuseContext: true,
    screenshot: 'only-on-failure',
    actionTimeout: 20_000,
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // One process shows all pages of a context, one after the other: it has compiled the app already.
        '--disable-site-isolation-trials',
        '--renderer-process-limit=1',
        // A page of a test is gone before its scripts have run often enough to repay what optimizing them takes.
        '--js-flags=--no-maglev --no-turbofan',
      ],
    },
  },
})

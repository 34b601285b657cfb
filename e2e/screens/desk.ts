/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import { devices, type Page, type WebError } from '@playwright/test'
import { test as base, expect } from '../product.ts'

const viewport = { width: 1280, height: 800 }

/**
 * Beside a page of its own for each test, one of the worker, signed in, which shows one screen after the other: it has
 * read the app and axe already. It is for screens that change nothing in the browser but what they show.
 */
export const test = base.extend<{ desk: Page }, { pageOfWorker: Page }>({
  pageOfWorker: [
    async ({ browser, product, session }, use) => {
      const context = await browser.newContext({
        ...devices['Desktop Chrome'],
        viewport,
        baseURL: product.url,
        ignoreHTTPSErrors: true,
      })
      context.setDefaultTimeout(20_000)
      await context.addCookies(session)
      await use(await context.newPage())
      await context.close()
    },
    { scope: 'worker' },
  ],
  desk: async ({ pageOfWorker: page }, use) => {
    const context = page.context()
    const thrown: string[] = []
    const hear = (error: WebError) => void thrown.push(String(error.error()))
    context.on('weberror', hear)
    await page.evaluate(() => {
      if (location.protocol === 'https:')
        for (const storage of [localStorage, sessionStorage]) storage.clear()
    })
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
    await use(page)
    context.off('weberror', hear)
    expect(thrown, 'errors that the page threw').toEqual([])
  },
})

/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import { addAuthenticator } from '../authenticator.ts'
import { expect, test } from '../product.ts'

// The tests of a worker share a browser context, for a fresh one reads the whole app again. Each must find it as new.
for (const turn of ['first', 'second']) {
  test(`the ${turn} of two tests finds nothing that the other left in the browser`, async ({
    page,
    context,
  }) => {
    await page.goto('/sign-in')
    const found = await page.evaluate(async () => ({
      stored: { ...localStorage, ...sessionStorage, cookie: document.cookie, name: window.name },
      databases: (await indexedDB.databases()).map(({ name }) => name),
      ofToday: Date.now() > 1_000_000_000_000,
      scripts: ['byScript', 'byBinding'].filter((name) => name in window),
      permission: (await navigator.permissions.query({ name: 'geolocation' })).state,
      online: navigator.onLine,
      narrow: innerWidth < 1000,
      dark: matchMedia('(prefers-color-scheme: dark)').matches,
      forced: matchMedia('(forced-colors: active)').matches,
    }))
    expect(found).toEqual({
      stored: { cookie: '', name: '' },
      databases: [],
      ofToday: true,
      scripts: [],
      permission: 'prompt',
      online: true,
      narrow: false,
      dark: false,
      forced: false,
    })
    expect(context.pages()).toEqual([page])
    const read = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming && entry.transferSize > 0)
        .flatMap(({ name }) => (new URL(name).pathname.startsWith('/assets/') ? [name] : [])),
    )
    if (turn === 'second') expect(read, 'files of the app that were read again').toEqual([])
    // Chromium refuses a second one.
    await addAuthenticator(page)

    await page.evaluate(() => {
      localStorage.setItem('left', 'here')
      sessionStorage.setItem('left', 'here')
      window.name = 'left'
      indexedDB.open('left')
    })
    await context.addCookies([{ name: 'left', value: 'here', url: page.url() }])
    await context.addInitScript(() => Object.assign(window, { byScript: true }))
    await page.exposeFunction('byBinding', () => undefined)
    await page.route('**/*', (route) => route.abort())
    await context.route('**/*', (route) => route.abort())
    await page.clock.install({ time: 0 })
    await context.grantPermissions(['geolocation'])
    await page.setViewportSize({ width: 360, height: 800 })
    await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' })
    await context.newPage()
    await context.setOffline(true)
  })
}

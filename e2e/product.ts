import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createClient } from '@latchwork/contract'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { type Browse, createBrowserless } from '../tools/demo/browserless.ts'
import { type Demo, startDemo } from '../tools/demo/parts.ts'
import { serverProgram } from '../tools/test-processes/bundle.ts'
import { removeAuthenticators } from './authenticator.ts'

export type Product = Demo & {
  /** The REST API as the administrator, beside the browser. */
  readonly client: ReturnType<typeof createClient>
  readonly browse: Browse
}

type Cookies = Parameters<ReturnType<Page['context']>['addCookies']>[0]

interface WorkerFixtures {
  product: Product
  /** The cookies of a signed-in browser. */
  session: Cookies
}
interface TestFixtures {
  /** An empty page of a signed-in browser. */
  signedIn: Page
  /** Restores the sandbox after a test. */
  calm: undefined
}

/** A sandbox, a server on an empty database, and the administrator's client of its REST API. */
export async function startProduct(
  leads: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const demo = await startDemo({
    leads,
    port: 0,
    say: () => undefined,
    program: await serverProgram(),
    // All people and terminals of the tests share one address.
    settings: { LATCHWORK_SIGN_IN_TRIES: '1000', ...settings },
  })
  const browse = createBrowserless(demo.certificateFile)
  const client = createClient({ baseUrl: demo.url, fetch: browse })
  await client.session.signIn({ body: { email: demo.email, password: demo.password } })
  return { ...demo, client, browse }
}

/** What makes Chromium count the product's own certificate as good: it caches nothing that came with a bad one. */
function trusting({ certificateFile }: Product): string {
  const { publicKey } = new X509Certificate(readFileSync(certificateFile))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`
}

/**
 * Playwright empties a context between tests, and the cache of what was read from the server with it. That cache holds
 * the app and nothing of a test. Playwright has no option that spares it.
 */
function keepCache(context: BrowserContext): void {
  Reflect.get(context, '_connection').toImpl(context).clearCache = () => Promise.resolve()
}

/** One sandbox and one server for all tests of a worker. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures needed from this pattern
    async ({}, use) => {
      const product = await startProduct(60)
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  session: [
    async ({ product, playwright }, use) => {
      // Once for all tests of the worker: hashing a password takes long.
      const request = await playwright.request.newContext({ baseURL: product.url, ignoreHTTPSErrors: true })
      const { email, password } = product
      const answer = await request.post('/api/session', {
        data: { email, password },
        headers: { 'x-latchwork': '1' },
      })
      expect(answer.status()).toBe(200)
      const { cookies } = await request.storageState()
      await request.dispose()
      await use(cookies)
    },
    { scope: 'worker' },
  ],
  launchOptions: [
    async ({ launchOptions, product }, use) =>
      use({ ...launchOptions, args: [...(launchOptions.args ?? []), trusting(product)] }),
    { scope: 'worker' },
  ],
  baseURL: async ({ product }, use) => use(product.url),
  signedIn: async ({ page, session }, use) => {
    await page.context().addCookies(session)
    await use(page)
  },
  context: async ({ context }, use) => {
    keepCache(context)
    const thrown: string[] = []
    context.on('weberror', (error) => thrown.push(String(error.error())))
    await use(context)
    // The tests of a worker share their context. Playwright empties it, but leaves these.
    await removeAuthenticators()
    await context.setOffline(false)
    await context.clearPermissions()
    expect(thrown, 'errors that the page threw').toEqual([])
  },
  calm: [
    async ({ product }, use) => {
      await use(undefined)
      const { control } = product.sandbox
      control.clearFaults()
      control.setLatency(0)
    },
    { auto: true },
  ],
})
export { expect }

import { createClient } from '@latchwork/contract'
import { test as base, type Page } from '@playwright/test'
import { createBrowserless } from '../tools/demo/browserless.ts'
import { type Demo, startDemo } from '../tools/demo/parts.ts'

type Product = Demo & {
  /** The REST API as the administrator, beside the browser. */
  readonly client: ReturnType<typeof createClient>
}

interface WorkerFixtures {
  product: Product
}
interface TestFixtures {
  /** A page whose browser is signed in. */
  signedIn: Page
}

/** One sandbox and one server for all tests of a worker. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures needed from this pattern
    async ({}, use) => {
      const demo = await startDemo({ leads: 60, port: 0, say: () => undefined })
      const browse = createBrowserless(demo.certificateFile)
      const client = createClient({ baseUrl: demo.url, fetch: browse })
      await client.session.signIn({ body: { email: demo.email, password: demo.password } })
      await use({ ...demo, client })
      await demo.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  baseURL: async ({ product }, use) => use(product.url),
  signedIn: async ({ page, product }, use) => {
    await page.goto('/')
    await page.getByLabel('Email').fill(product.email)
    await page.getByLabel('Password').fill(product.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation').first().waitFor()
    await use(page)
  },
})
export { expect } from '@playwright/test'

import type { Page } from '@playwright/test'
import { expect, type Product, startProduct } from '../product.ts'
import { administrationScreens } from '../screens/administration-screens.ts'
import { changeScreens } from '../screens/change-screens.ts'
import { credentialScreens } from '../screens/credential-screens.ts'
import { test } from '../screens/desk.ts'
import { inspect } from '../screens/inspect.ts'
import { passScreens } from '../screens/pass-screens.ts'
import type { Screen, Shown } from '../screens/screen.ts'
import { emptyScreens, screens } from '../screens/screens.ts'
import { type Seed, seed } from '../screens/seed.ts'
import { terminalScreens } from '../screens/terminal-screens.ts'
import { wizardScreens } from '../screens/wizard-screens.ts'

// By far the longest file: its tests run on several workers.
test.describe.configure({ mode: 'parallel' })

let seeded: { readonly product: Product; readonly seed: Seed } | undefined

/** The worker's product, with content on every screen. */
async function seedOf(product: Product): Promise<Seed> {
  if (seeded?.product !== product) seeded = { product, seed: await seed(product) }
  return seeded.seed
}

const everyScreen = [
  ...screens,
  ...credentialScreens,
  ...passScreens,
  ...wizardScreens,
  ...changeScreens,
  ...administrationScreens,
  ...terminalScreens,
]
async function inspectScreen(
  screen: Screen,
  page: Page,
  { product, session }: Pick<Shown, 'product' | 'session'>,
): Promise<void> {
  await screen.show({ page, product, session, seed: await seedOf(product) })
  await inspect(page, screen.name, screen)
}

for (const screen of everyScreen) {
  const title = `axe finds nothing on ${screen.name}, light and dark, wide and narrow`
  if (screen.signedOut) {
    test(title, ({ page, product, session }) => inspectScreen(screen, page, { product, session }))
  } else if (screen.changesBrowser) {
    test(title, ({ signedIn, product, session }) => inspectScreen(screen, signedIn, { product, session }))
  } else {
    test(title, ({ desk, product, session }) => inspectScreen(screen, desk, { product, session }))
  }
}

test('axe finds nothing on empty screens, which say what to do next', async ({ page }) => {
  test.slow()
  const fresh = await startProduct(40)
  try {
    await page.goto(`${fresh.url}/sign-in`)
    await page.getByLabel('Email').fill(fresh.email)
    await page.getByRole('textbox', { name: 'Password' }).fill(fresh.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
    for (const { name, path, says } of emptyScreens) {
      await page.goto(fresh.url + path)
      await expect(page.getByRole('heading', { name: says })).toBeVisible()
      await inspect(page, name)
    }
  } finally {
    await fresh.stop()
  }
})

test('axe finds nothing on the pages of the sandbox where keys and apps are made', async ({
  page,
  product,
}) => {
  const settings = `${product.sandbox.appUrl}/settings/developer`
  await page.goto(`${settings}/api-keys/`)
  await page.getByRole('link', { name: 'Create New API Key' }).click()
  await inspect(page, 'sandbox-key-form')
  await page.getByRole('textbox', { name: 'Name' }).fill('Latchwork')
  await page.getByRole('button', { name: 'Generate' }).click()
  await expect(page.getByRole('button', { name: 'Copy API Key' })).toBeVisible()
  await inspect(page, 'sandbox-key-made')
  await page.goto(`${settings}/oauth-apps`)
  await page.getByRole('link', { name: 'Create App' }).click()
  await inspect(page, 'sandbox-app-form')
  await page.getByRole('textbox', { name: 'App Name' }).fill('Latchwork')
  await page.getByRole('textbox', { name: 'Redirect URL' }).fill(`${product.url}/oauth/callback`)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('button', { name: 'Copy Client Secret' })).toBeVisible()
  await inspect(page, 'sandbox-app-made')
})

import { randomBytes } from 'node:crypto'
import { account, present } from '../accounts.ts'
import { changeDatabase } from '../database.ts'
import { test as base, expect, type Product, startProduct } from '../product.ts'
import { inspect } from '../screens/inspect.ts'

const dayMs = 86_400_000
const values = 300

const test = base.extend<object, { product: Product }>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures needed from this pattern
    async ({}, use) => {
      const product = await startProduct(20, { LATCHWORK_DRAFTS_PER_MEMBER: String(values) })
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
})

async function storeMany({ client }: Product): Promise<void> {
  const draft = {
    connector: 'close',
    method: 'api_key',
    draft: true,
    values: { apiKey: 'api_key.of_a_draft' },
  }
  for (let made = 0; made < values; made += 20)
    await Promise.all(Array.from({ length: 20 }, () => client.credentials.create({ body: draft })))
}

test('an old master key is rotated to its end and retired, by keyboard, with a damaged value put right', async ({
  signedIn: page,
  product,
}) => {
  test.setTimeout(300_000)
  const { client } = product
  const { key } = account(product).apiKey
  const body = { connector: 'close', method: 'api_key', name: 'Damaged', values: { apiKey: key } }
  const damaged = await client.credentials.create({ body })
  await storeMany(product)
  await changeDatabase(product, (database) => {
    database.prepare('update master_keys set first_seen_at = ?').run(Date.now() - 400 * dayMs)
    // The ciphertext of another row, which can't be opened here.
    database
      .prepare(
        'update credentials set sealed = (select sealed from credentials where id <> ? limit 1) where id = ?',
      )
      .run(damaged.id, damaged.id)
  })
  const before = present((await client.keys.list()).items[0]).id

  await page.goto('/settings')
  await expect(page.getByText('In use for 400 days, 35 days over its year: rotate.')).toBeVisible()
  await page.getByRole('link', { name: 'Master keys' }).click()
  const keys = page.getByRole('list', { name: 'Master keys' })
  const row = (id: string) => keys.getByRole('listitem').filter({ hasText: id })
  await expect(row(before)).toContainText('Active')
  await expect(row(before)).toContainText('35 days over its year: rotate')
  await expect(row(before).getByRole('button', { name: /^Retire/ })).toHaveCount(0)

  await page.getByRole('button', { name: 'Add key' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add key' }).click()
  await expect(keys.getByText('Next', { exact: true })).toBeVisible()
  await inspect(page, 'keys-old')

  await page.getByRole('button', { name: 'Rotate' }).focus()
  await page.keyboard.press('Enter')
  const rotate = page.getByRole('dialog', { name: 'Rotate the master key?' })
  await expect(rotate.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('progressbar', { name: 'Rotation' })).toBeVisible()
  await expect(page.getByText(/People and flows go on meanwhile/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Rotate' })).toBeDisabled()
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.screenshot({ path: 'test-results/screens/keys-rotating-light-1280.png' })
  await expect(page.getByText('0 values on the old key')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('progressbar')).toHaveCount(0)
  await expect(row(before)).toContainText('Old')

  const quarantine = page.getByRole('list', { name: 'Values in quarantine' })
  await expect(quarantine).toContainText('Replace them in the credential, or delete it')
  await row(before)
    .getByRole('button', { name: /^Retire/ })
    .click()
  const retire = page.getByRole('dialog', { name: 'Retire this master key?' })
  await retire.getByRole('button', { name: 'Retire' }).click()
  await expect(retire.getByRole('alert')).toContainText('1 in credentials.sealed')
  await retire.getByRole('button', { name: 'Keep it' }).click()
  await inspect(page, 'keys-quarantine')

  await quarantine.getByRole('link', { name: 'Open the credential' }).click()
  const drawer = page.getByRole('dialog', { name: 'Credential' })
  await drawer.getByRole('button', { name: 'Rotate key' }).click()
  await drawer.getByRole('textbox', { name: 'API Key' }).fill(key)
  await drawer.getByRole('button', { name: 'Check and replace' }).click()
  await expect(drawer.getByRole('button', { name: 'Check and replace' })).toHaveCount(0)

  await page.goto('/settings/keys')
  await expect(quarantine).toHaveCount(0)
  await row(before)
    .getByRole('button', { name: /^Retire/ })
    .click()
  await retire.getByRole('button', { name: 'Retire' }).click()
  await expect(row(before)).toContainText('Retired')
})

test('where the key comes from the environment, the page says how to change it there', async ({ page }) => {
  test.slow()
  const product = await startProduct(20, { LATCHWORK_MASTER_KEY: randomBytes(32).toString('base64') })
  try {
    const { email, password } = product
    await page.request.post(`${product.url}/api/session`, {
      data: { email, password },
      headers: { 'x-latchwork': '1' },
    })
    await page.goto(`${product.url}/settings/keys`)
    await expect(page.getByRole('heading', { name: 'Keys in the environment' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Add key' })).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Rotate' })).toBeDisabled()
    await inspect(page, 'keys-environment')
  } finally {
    await product.stop()
  }
})

test('a member is told that master keys are for administrators', async ({ browser, product }) => {
  const { link } = await product.client.invitations.create({ body: { email: 'fern@hollowoak.example' } })
  const context = await browser.newContext({ baseURL: product.url, ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(link)
  await page.getByLabel('Name').fill('Fern')
  await page.getByLabel('Password').fill('another long pass phrase')
  await page.getByRole('button', { name: 'Join' }).click()
  await page.waitForURL('**/flows')
  await page.goto('/settings')
  await expect(page.getByRole('heading', { name: 'API tokens' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Master keys' })).toHaveCount(0)
  await page.goto('/settings/keys')
  await expect(page.getByRole('alert')).toContainText("You don't have permission to do this.")
  await context.close()
})

import { account, newName } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { signInAsMember } from '../members.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, type Product, test } from '../product.ts'

function withOwnKey(product: Product, name: string) {
  const { organization, user } = account(product)
  const { key } = product.sandbox.control.createKey(user.id, organization.id)
  const body = { connector: 'close', method: 'api_key', name: newName(name), values: { apiKey: key } }
  return product.client.credentials.create({ body })
}

/** A pass that has called these paths, of a credential whose key nobody else has. */
async function used(product: Product, paths: readonly string[]) {
  const credential = await withOwnKey(product, 'Budget')
  const pass = await calling(product, credential.id, paths)
  return { credential, pass }
}

async function calling({ client, browse, url }: Product, credentialId: string, paths: readonly string[]) {
  const rules = { objects: { lead: ['read' as const], task: ['read' as const] } }
  const body = { name: newName('Scoring'), credentialId, rules }
  const { pass, token } = await client.passes.create({ body })
  const headers = { authorization: `Bearer ${token}` }
  for (const path of paths) await browse(`${url}/close/api/v1${path}`, { method: 'GET', headers })
  return pass
}

test('the drawer shows who used the budget, as a chart and as a table, at the keyboard', async ({
  signedIn: page,
  product,
}) => {
  product.sandbox.control.setRateLimit({ limit: 3, windowSeconds: 30 })
  try {
    const { credential, pass } = await used(product, ['/lead/?_limit=1', ...Array(5).fill('/task/')])
    const drawer = new CredentialDrawer(page)
    await drawer.open(credential.id)
    const part = drawer.region('Requests to Close')
    const users = part.getByRole('table', { name: 'Who sent them' })
    await expect(users.getByRole('link', { name: pass.name })).toBeVisible({ timeout: 15_000 })
    const endpoints = part.getByLabel('Endpoints')
    await endpoints.selectOption('GET task')
    await expect(part.getByRole('img', { name: /^Requests to Close, a minute a bar\. / })).toBeVisible()
    await expect(part).toContainText('Close allows 3 requests in 30 seconds with this key')
    await expect(part).toContainText('The dashed line is that limit.')
    await expect(part).toContainText('told to wait')
    await endpoints.selectOption('All of them')
    await expect(part).toContainText('choose one to see its limit')
    await expect(users.getByRole('row').filter({ hasText: pass.name })).toContainText('4')
    await part.getByRole('button', { name: 'Show as table' }).focus()
    await page.keyboard.press('Enter')
    const table = part.getByRole('region', { name: 'Requests by the minute' })
    await expect(table.getByRole('columnheader', { name: pass.name })).toBeVisible()
    await expect(table.getByRole('row').nth(1)).toBeVisible()
    await part.getByRole('radio', { name: 'Last hour' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect(part.getByRole('region', { name: 'Requests by the hour' })).toBeVisible()
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 800 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        for (const name of ['Show as chart', 'Show as table']) {
          const button = part.getByRole('button', { name })
          if (await button.isVisible()) await button.click()
          expect(await axeFaults(page, { inDialogs: true }), `${width} ${colorScheme}`).toEqual([])
        }
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(wide).toBeLessThanOrEqual(width)
    }
    await users.getByRole('link', { name: pass.name }).click()
    await page.waitForURL(`**/passes/${pass.id}`)
  } finally {
    product.sandbox.control.setRateLimit(null)
  }
})

test('one who may use a credential sees no names of what is not shared with them', async ({
  page,
  product,
}) => {
  const { credential, pass } = await used(product, ['/lead/?_limit=1'])
  const { id: memberId } = await signInAsMember(product, page, 'Rowan')
  const params = { id: credential.id }
  await product.client.credentialAccess.set({ params, body: { memberId, role: 'collaborator' } })
  const drawer = new CredentialDrawer(page)
  await drawer.open(credential.id)
  const part = drawer.region('Requests to Close')
  await expect(part.getByRole('row', { name: /^Others, which you may not see/ })).toBeVisible({
    timeout: 15_000,
  })
  await expect(page.getByText(pass.name)).toHaveCount(0)
})

test('a credential that nothing used says so', async ({ signedIn: page, product }) => {
  const { id } = await withOwnKey(product, 'Quiet')
  const drawer = new CredentialDrawer(page)
  await drawer.open(id)
  const part = drawer.region('Requests to Close')
  await expect(part).toContainText('Nothing was asked of Close with this key in the last hour.')
  await part.getByText('Last day', { exact: true }).click()
  await expect(part).toContainText('in the last day.')
})

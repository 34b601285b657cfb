import type { PassCreate } from '@latchwork/contract'
import type { Page } from '@playwright/test'
import { newName, present, storeCredential, storeSmartView } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { signInAsMember } from '../members.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { searchList } from '../pages/list-search.ts'
import { expect, type Product, test } from '../product.ts'

/** The status of a call through the gateway. */
async function call({ browse, url }: Product, token: string, path: string, method = 'GET'): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await browse(`${url}/close/api/v1${path}`, { method, headers })).status
}

/** How many leads a pass sees. */
async function leadsOf({ browse, url }: Product, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await browse(`${url}/close/api/v1/lead/`, { method: 'GET', headers })
  return (JSON.parse(await answer.text()) as { data: unknown[] }).data.length
}

async function makePass(product: Product, input: Partial<PassCreate> = {}) {
  const credential = await storeCredential(product, newName('Of a pass'))
  return product.client.passes.create({
    body: {
      name: newName('Reader'),
      credentialId: credential.id,
      rules: { objects: { lead: ['read'] } },
      ...input,
    },
  })
}

async function chooseCredential(page: Page, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Credential for Close' }).fill(name)
  await page.getByRole('option', { name }).click()
}

const tokenIn = async (page: Page) => present(await page.getByRole('textbox', { name: 'Token' }).inputValue())

test('a pass is made object by object, shown once, used, looked at and revoked', async ({
  signedIn: page,
  product,
}) => {
  // The only one would be chosen already.
  await storeCredential(product, newName('Another'))
  const credential = await storeCredential(product, newName('Field team'))
  await page.goto('/passes')
  await page.getByRole('link', { name: 'New pass' }).click()
  await chooseCredential(page, credential.name)
  await page.getByRole('radio', { name: 'Object by object' }).check()
  await page.getByRole('checkbox', { name: 'Leads: read' }).check()
  await page.getByRole('checkbox', { name: 'Opportunities: all' }).check()
  for (const verb of ['create', 'change', 'delete'])
    await page.getByRole('checkbox', { name: `Opportunities: ${verb}` }).uncheck()
  await page.getByText(/^Fri, /).click()
  await page.getByLabel('Requests a second').fill('5')
  const words = page.getByRole('complementary', { name: 'This pass' })
  await expect(words).toContainText('May read leads and opportunities.')
  await expect(words).toContainText('May not create, change or delete anything, nor read anything else.')
  await expect(words).toContainText('At most 5 requests a second.')
  const name = page.getByRole('textbox', { name: 'Name' })
  await expect(name).toHaveValue(`Leads and opportunities, ${credential.name}`)
  await page.getByRole('button', { name: 'Make the pass' }).click()

  await expect(page.getByText('It is shown only this once.')).toBeVisible()
  const token = await tokenIn(page)
  expect(token).toMatch(/^lwp_/)
  const code = page.getByRole('region', { name: 'Code for curl' })
  await expect(code).toContainText(`${product.url}/close/api/v1/lead/`)
  await expect(code).toContainText(token)
  expect(await call(product, token, '/lead/')).toBe(200)
  expect(await call(product, token, '/task/')).toBe(403)

  await page.getByRole('button', { name: 'Done' }).click()
  await page.waitForURL(/\/passes\/pass_/)
  await expect(page.getByText('Active', { exact: true })).toBeVisible()
  const table = page.getByRole('region', { name: 'Table of calls' })
  await expect(table.getByRole('row')).toHaveCount(3)
  await expect(page.getByRole('img', { name: /2 calls, 1 denied/ })).toBeVisible()
  await page.getByText('Denied', { exact: true }).click()
  await expect(table.getByRole('row')).toHaveCount(2)
  await expect(table).toContainText('GET /task/')
  expect(await page.content()).not.toContain(token)

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Passes' }).click()
  const row = page
    .getByRole('list', { name: 'Passes' })
    .getByRole('listitem')
    .filter({ hasText: credential.name })
  await expect(row).toContainText('May read leads and opportunities.')
  await expect(row.getByRole('img', { name: 'In the last hour of use: 2 calls, 1 denied.' })).toBeVisible()
  await row.getByRole('link').click()
  await page.getByRole('button', { name: 'Revoke' }).click()
  await page
    .getByRole('dialog', { name: 'Revoke this pass?' })
    .getByRole('button', { name: 'Revoke' })
    .click()
  await expect(page.getByText('Revoked', { exact: true })).toBeVisible()
  for (const label of ['Revoke', 'New token'])
    await expect(page.getByRole('button', { name: label, exact: true })).toHaveCount(0)
  expect(await call(product, token, '/lead/')).toBe(401)
})

test('a pass is made at the keyboard, and what is missing is said at its place', async ({
  signedIn: page,
  product,
}) => {
  await storeCredential(product, newName('Another'))
  const credential = await storeCredential(product, newName('Keys only'))
  await page.goto('/passes/new')
  const press = (...keys: string[]) =>
    keys.reduce((last, key) => last.then(() => page.keyboard.press(key)), Promise.resolve())
  await page.getByRole('textbox', { name: 'Purpose' }).focus()
  await page.getByRole('button', { name: 'Make the pass' }).press('Enter')
  await expect(page.getByText('Choose the credential that it uses.')).toBeVisible()
  await expect(page.getByRole('alert').filter({ hasText: 'Choose what it may do.' })).toBeVisible()
  const combobox = page.getByRole('combobox', { name: 'Credential for Close' })
  await expect(combobox).toBeFocused()
  await page.keyboard.type(credential.name)
  await expect(page.getByRole('option')).toHaveCount(1)
  await press('ArrowDown', 'Enter', 'Tab', 'Space', 'ArrowRight')
  await expect(page.getByRole('radio', { name: 'Read-only', exact: true })).toBeChecked()
  await press('Tab')
  await expect(page.getByRole('radio', { name: '30 days' })).toBeFocused()
  await press('ArrowRight')
  await expect(page.getByRole('radio', { name: '90 days' })).toBeChecked()
  await press('Tab', '2', 'Enter')
  await expect(page.getByRole('textbox', { name: 'Token' })).toBeFocused()
  const { items } = await product.client.passes.list({ query: { query: credential.name } })
  expect(items[0]).toMatchObject({ perSecond: 2, name: `Read-only, ${credential.name}` })
})

test('a pass is changed, given a new token and deleted', async ({ signedIn: page, product }) => {
  const { pass, token } = await makePass(product)
  await page.goto(`/passes/${pass.id}`)
  await page.getByRole('link', { name: 'Change' }).click()
  await page.getByRole('radio', { name: 'Object by object' }).check()
  await page.getByRole('checkbox', { name: 'Tasks: read' }).check()
  await page.getByText('No end').click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Say why it never expires.')).toBeVisible()
  await page.getByLabel('Why it never expires').fill('The nightly copy')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('May read leads and tasks.')).toBeVisible()
  await expect(page.getByText('The nightly copy')).toBeVisible()
  expect(await call(product, token, '/task/')).toBe(200)

  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New token' })
  await dialog.getByLabel('How long the old token still works').selectOption('It ends at once')
  await dialog.getByRole('button', { name: 'Make the token' }).click()
  await expect(dialog.getByText('It is shown only this once.')).toBeVisible()
  const renewed = await tokenIn(page)
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect([await call(product, token, '/lead/'), await call(product, renewed, '/lead/')]).toEqual([401, 200])

  const drawer = new CredentialDrawer(page)
  await drawer.open(pass.credential.id)
  await drawer.dialog.getByRole('listitem').getByRole('link', { name: pass.name }).click()
  await page.waitForURL(`**/passes/${pass.id}`)
  await page.getByRole('button', { name: `More for ${pass.name}` }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page
    .getByRole('dialog', { name: 'Delete this pass?' })
    .getByRole('button', { name: 'Delete pass' })
    .click()
  await page.waitForURL(/\/passes$/)
  await expect(page.getByText(pass.name)).toHaveCount(0)
  expect(await call(product, renewed, '/lead/')).toBe(401)
})

test('a pass is limited to a smart view at the keyboard, keeps to it, and sees all leads again', async ({
  signedIn: page,
  product,
}) => {
  const name = newName('Customers in Bavaria')
  await storeSmartView(product, name)
  const { pass, token } = await makePass(product)
  expect(await leadsOf(product, token)).toBeGreaterThan(0)
  await page.goto(`/passes/${pass.id}/change`)
  const further = page.getByRole('button', { name: 'Further limits' })
  await further.press('Enter')
  await page.keyboard.press('Tab')
  const select = page.getByRole('combobox', { name: 'Only the leads of a smart view' })
  await expect(select).toBeFocused()
  await page.keyboard.type(name)
  await expect(page.getByRole('option', { name })).toHaveCount(1)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(select).toHaveValue(name)
  const words = page.getByRole('complementary', { name: 'This pass' })
  await expect(words).toContainText(`only what the smart view “${name}” shows.`)
  await expect(words).toContainText('A smart view can’t limit reports, exports')
  await page.getByRole('radio', { name: 'Everything but deletes' }).check()
  await page.getByRole('checkbox', { name: 'May make new leads' }).check()
  await expect(words).toContainText('New leads may be outside of it.')
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/\/passes\/pass_\w+$/)
  await expect(page.getByText(`only what the smart view “${name}” shows.`)).toBeVisible()
  expect(await leadsOf(product, token)).toBe(0)

  await page.getByRole('link', { name: 'Change' }).click()
  await expect(select).toHaveValue(name)
  const none = 'No smart view: all leads'
  await select.fill(none)
  await page.getByRole('option', { name: none }).click()
  await expect(select).toHaveValue(none)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/\/passes\/pass_\w+$/)
  expect(await leadsOf(product, token)).toBeGreaterThan(0)
})

test('a stranger is refused, a collaborator sees what it does and can end nothing', async ({
  page,
  product,
}) => {
  const { pass } = await makePass(product)
  const { id: memberId } = await signInAsMember(product, page, 'Linden')
  await page.goto('/passes')
  await expect(page.getByRole('heading', { name: 'No passes yet' })).toBeVisible()
  for (const path of [`/passes/${pass.id}`, `/passes/${pass.id}/change`]) {
    await page.goto(path)
    await expect(page.getByRole('heading', { name: "The pass couldn't be loaded" })).toBeVisible()
  }
  const params = { id: pass.id }
  await product.client.passAccess.set({ params, body: { memberId, role: 'collaborator' } })
  await page.goto(`/passes/${pass.id}`)
  await expect(page.getByText('You are a collaborator of this pass. You may see what it does.')).toBeVisible()
  await expect(page.getByText('A credential that you may not see')).toBeVisible()
  for (const name of ['Revoke', 'New token', `More for ${pass.name}`])
    await expect(page.getByRole('button', { name })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Change' })).toHaveCount(0)
  await page.goto(`/passes/${pass.id}/change`)
  await expect(page.getByText('You are a collaborator of this pass.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0)
})

test('with one credential a pass takes three clicks, and a second of the same gets a name of its own', async ({
  page,
  product,
}) => {
  const credential = await storeCredential(product, newName('Shared for passes'))
  const { id: memberId } = await signInAsMember(product, page, 'Hazel')
  await page.goto('/passes/new')
  await expect(page.getByText('There is no credential for Close that you may use.')).toBeVisible()
  const params = { id: credential.id }
  await product.client.credentialAccess.set({ params, body: { memberId, role: 'collaborator' } })
  const names = [`Leads only, to read, ${credential.name}`, `Leads only, to read, ${credential.name} 2`]
  for (const name of names) {
    await page.goto('/passes')
    await page.getByRole('link', { name: 'New pass' }).click()
    await expect(page.getByRole('combobox', { name: 'Credential for Close' })).toHaveValue(credential.name)
    await page.getByRole('radio', { name: 'Leads only, to read' }).check()
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue(name)
    await page.getByRole('button', { name: 'Make the pass' }).click()
    await expect(page.getByRole('heading', { name, exact: true, level: 1 })).toBeVisible()
  }
})

test('the list is narrowed to a status at the keyboard, and says when none has it', async ({
  signedIn: page,
  product,
}) => {
  const name = newName('Listed')
  const stays = (await makePass(product, { name: `${name} stays` })).pass
  const goes = (await makePass(product, { name: `${name} goes` })).pass
  await product.client.passes.revoke({ params: { id: goes.id } })
  await page.goto('/passes')
  const list = page.getByRole('list', { name: 'Passes' })
  await expect(list).toBeVisible()
  await searchList(page, 'passes', name)
  await expect(list).toContainText(stays.name)
  const status = page.getByRole('combobox', { name: 'Status' })
  const choose = async (key: 'ArrowDown' | 'ArrowUp', times: number, chosen: string) => {
    await status.press('Enter')
    await expect(page.getByRole('option', { name: 'Paused' })).toBeVisible()
    for (let count = 0; count < times; count++) await page.keyboard.press(key)
    await page.keyboard.press('Enter')
    await expect(status).toHaveValue(chosen)
  }
  await choose('ArrowDown', 5, 'Revoked')
  await expect(list).toContainText(goes.name)
  await expect(list).not.toContainText(stays.name)
  await choose('ArrowUp', 3, 'Ends soon')
  await expect(page.getByRole('heading', { name: /^No (such pass|pass of this name)$/ })).toBeVisible()
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(list).toBeVisible()
  await searchList(page, 'passes', name)
  await expect(list).toContainText(stays.name)
  await expect(list).toContainText(goes.name)
})

/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { Page } from '@playwright/test'
import { account, newName, oauthApp, storeCredential } from '../accounts.ts'
import { AddCredential } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { count, Wizard } from '../pages/wizard.ts'
import { test as base, expect, type Product, startProduct } from '../product.ts'
import { downloaded, fieldsOf, recordsOf } from '../records.ts'

/** Each test has a server of its own, on which nobody has added anything yet. */
const test = base.extend<object, { product: Product }>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures needed from this pattern
    async ({}, use) => {
      const product = await startProduct(60)
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
})
test.describe.configure({ mode: 'default' })
test.use({ contextOptions: { reducedMotion: 'no-preference' } })
test.afterEach(async ({ product: { client } }) => {
  const { items } = await client.flows.list({})
  for (const { id } of items) await client.flows.delete({ params: { id } })
  for (const group of [client.sources, client.destinations, client.credentials] as const) {
    for (const { id } of (await group.list({})).items) await group.delete({ params: { id } })
  }
  for (const { id } of (await client.files.list()).items) await client.files.delete({ params: { id } })
})

/** The form on the Authenticate step, where there is no credential yet. */
const inlineForm = (page: Page): AddCredential =>
  new AddCredential(page, page.getByRole('region', { name: 'Current step' }))

/** Counts, in the page itself, the clicks of a person and the fields that they typed into. */
async function countWork(page: Page): Promise<() => Promise<{ clicks: number; fields: string[] }>> {
  const clicks: string[] = []
  const fields: string[] = []
  await page.exposeFunction('countClick', (where: string) => clicks.push(where))
  await page.exposeFunction('countField', (label: string) => fields.push(label))
  await page.addInitScript(() => {
    const tell = (name: string, text: string) => Reflect.get(window, name)(text)
    const nameOf = (target: EventTarget | null) =>
      target instanceof HTMLElement ? (target.getAttribute('aria-label') ?? target.innerText) : ''
    document.addEventListener('pointerdown', ({ target }) => tell('countClick', nameOf(target)), true)
    document.addEventListener(
      'input',
      ({ target }) => {
        if (target instanceof HTMLInputElement && target.type !== 'radio' && target.type !== 'checkbox')
          tell('countField', target.labels?.[0]?.innerText ?? target.name)
      },
      true,
    )
  })
  return async () => ({ clicks: clicks.length, fields: [...new Set(fields)] })
}

test('from opening the page to a finished first run: at most 6 clicks and 1 field', async ({
  signedIn: page,
  product,
}) => {
  const work = await countWork(page)
  const { apiKey, organization } = account(product)
  await page.goto('/')
  await page.getByRole('link', { name: 'Leads to a spreadsheet' }).click()
  const form = inlineForm(page)
  await expect(form.field('API Key')).toBeFocused()
  await page.keyboard.type(apiKey.key)
  await form.button('Save').click()
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByRole('textbox', { name: 'File name' })).toHaveValue('leads.csv')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Create and run' }).click()
  await page.waitForURL(/\/runs\/run_/)
  await expect(page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })

  const { clicks, fields } = await work()
  expect(fields).toEqual([expect.stringContaining('API Key')])
  expect(clicks, 'clicks').toBeGreaterThanOrEqual(5)
  expect(clicks, 'clicks').toBeLessThanOrEqual(6)
  const leads = product.sandbox.control.truth(organization.id, 'lead')
  await expect(count(page, 'Written')).toHaveText(String(leads.length))
  const { items } = await product.client.credentials.list({})
  expect(items.map(({ name }) => name)).toEqual([`${organization.name} (orla)`])
})

test('S42 with no credential yet Authenticate is the form; its Save goes on, and Back shows the tile', async ({
  signedIn: page,
  product,
}) => {
  const { apiKey, organization } = account(product)
  await page.goto('/sources/new')
  await page.getByRole('radio', { name: 'Close', exact: true }).click()
  const form = inlineForm(page)
  await expect(form.field('API Key')).toBeFocused()
  await expect(page.getByRole('button', { name: 'Add Credential' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Next' })).toHaveCount(0)
  await expect(form.guide.getByRole('heading', { name: 'Get an API key' })).toBeVisible()

  // What was typed survives a reload, but for the secret.
  await form.fill({ 'API Key': 'typed before', 'Credential Description': 'kept' })
  await page.reload()
  await expect(form.field('Credential Description')).toHaveValue('kept')
  await expect(form.field('API Key')).toHaveValue('')

  await form.fill({ 'API Key': apiKey.key })
  const suggested = `${organization.name} (orla)`
  await expect(form.field('Credential Name')).toHaveValue(suggested)
  await form.fill({ 'Credential Name': 'Mine' })
  await form.fill({ 'API Key': account(product, 1).apiKey.key })
  await expect(form.dialog.getByRole('status')).toContainText(account(product, 1).organization.name)
  await expect(form.field('Credential Name'), 'what somebody typed stays').toHaveValue('Mine')
  await form.button('Save').click()
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(page.getByRole('radio', { name: 'Mine' })).toBeChecked()
  await expect(page.getByRole('button', { name: 'Add Credential' })).toBeVisible()
})

test('the name is filled in from the account, with a number where it is taken; without an account it is asked for', async ({
  signedIn: page,
  product,
}) => {
  const { apiKey, organization } = account(product)
  await storeCredential(product, `${organization.name} (orla)`)
  await page.goto('/credentials?add=close')
  const overlay = new AddCredential(page)
  await overlay.fill({ 'API Key': apiKey.key })
  await expect(overlay.field('Credential Name')).toHaveValue(`${organization.name} (orla) 2`)

  product.sandbox.control.addFault({ target: 'api', kind: 'drop', times: 1000 })
  await overlay.fill({ 'API Key': `${apiKey.key}x` })
  await expect(overlay.field('Credential Name')).toHaveValue('')
  await expect(overlay.dialog.getByText("We couldn't reach Close")).toBeVisible({ timeout: 30_000 })
  await expect(overlay.button('Save')).toHaveAccessibleDescription('Give the credential a name.')
  product.sandbox.control.clearFaults()

  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  await allow(await overlay.authorize(), organization.name)
  await expect(overlay.field('Credential Name')).toHaveValue(`${organization.name} (orla) 2`)
  await overlay.save()
  const { items } = await product.client.credentials.list({})
  expect(items.map(({ name }) => name).sort()).toEqual([
    `${organization.name} (orla)`,
    `${organization.name} (orla) 2`,
  ])
})

test.describe('where popups are blocked', () => {
  test.beforeEach(async ({ context }) => {
    await context.addInitScript(() => {
      window.open = () => null
    })
  })

  test('S39 the first credential by OAuth comes back to the form in the wizard, and is named', async ({
    signedIn: page,
    product,
  }) => {
    const { organization } = account(product)
    const { clientId, clientSecret } = oauthApp(product)
    await page.goto('/flows')
    await page.getByRole('link', { name: 'Leads to a spreadsheet' }).click()
    const form = inlineForm(page)
    await form.method('OAuth 2.0 (3-Legged)').check()
    await form.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
    await form.button('Authorize').click()
    await page.waitForURL(`${product.sandbox.appUrl}/oauth2/authorize/**`)
    await allow(page, organization.name)
    await page.waitForURL(`${product.url}/flows/new**`)
    await expect(form.dialog).toContainText('Authorized as')
    await expect(form.field('Credential Name')).toHaveValue(`${organization.name} (orla)`)
    await form.button('Save').click()
    await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
  })
})

test('tiles lead on by a click or Enter; arrow keys only move the choice', async ({
  signedIn: page,
  product,
}) => {
  const { id } = await storeCredential(product, newName('One'))
  await storeCredential(product, newName('Two'))
  const question = page.getByRole('heading', { name: 'Where do the records come from?' })
  await page.goto('/flows/new')
  await page.getByRole('radio', { name: 'Close', exact: true }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'Files', exact: true })).toBeChecked()
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByRole('radio', { name: 'Close', exact: true })).toBeChecked()
  await expect(question).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Choose a credential for Close' })).toBeVisible()
  const tiles = page.getByRole('radiogroup', { name: 'Credential for Close' }).getByRole('radio')
  await tiles.first().focus()
  await page.keyboard.press('ArrowDown')
  await expect(tiles.last()).toBeChecked()
  await expect(page.getByRole('button', { name: 'Next' })).toBeEnabled()
  await tiles.and(page.locator(`[value="${id}"]`)).click()
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(tiles.and(page.locator(`[value="${id}"]`))).toBeChecked()
  // The one that is chosen already leads on, too.
  await tiles.and(page.locator(`[value="${id}"]`)).click()
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
})

test('starting points begin where something is missing, with the rest chosen', async ({
  signedIn: page,
  product,
}) => {
  await storeCredential(product, 'Sales')
  await page.goto('/flows')
  await page.getByRole('link', { name: 'Leads to PostgreSQL' }).click()
  await page.getByRole('radio', { name: 'Sales' }).click()
  await expect(page.getByRole('radio', { name: 'Leads', exact: true })).toBeChecked()
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByRole('heading', { name: 'Add a credential for PostgreSQL' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Add a credential for PostgreSQL' })).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(page.getByRole('radio', { name: 'PostgreSQL' })).toBeChecked()

  await page.evaluate(() => sessionStorage.clear())
  await page.goto('/flows')
  await page.getByRole('link', { name: 'Import a CSV into Close' }).click()
  await expect(page.getByRole('radio', { name: 'CSV', exact: true })).toBeChecked()
  await new Wizard(page).upload('fair.csv', 'name,url\nLarkspur Looms,https://larkspur.example')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('radio', { name: 'Sales' }).click()
  await expect(page.getByRole('radio', { name: 'Create leads' })).toBeChecked()
  const preview = page.getByRole('region', { name: 'Preview' })
  await expect(preview.getByRole('listitem').first()).toContainText(/Create.*Larkspur Looms/)
})

test('the name of a file is that of what is read, and never one that is there already', async ({
  signedIn: page,
  product,
}) => {
  await storeCredential(product, 'Sales')
  const wizard = new Wizard(page)
  await page.goto('/flows')
  await page.getByRole('link', { name: 'Leads to a spreadsheet' }).click()
  await wizard.choose('Sales')
  await wizard.choose('Contacts')
  await wizard.next()
  await expect(wizard.field('File name')).toHaveValue('contacts.csv')
  await wizard.choose('JSON Lines')
  await expect(wizard.field('File name')).toHaveValue('contacts.jsonl')
  await wizard.next()
  await wizard.createAndRun('Contacts by name')
  const records = recordsOf(await downloaded(page))
  const truth = product.sandbox.control.truth(account(product).organization.id, 'contact')
  expect(fieldsOf(records, 'id', 'name')).toEqual(fieldsOf(truth, 'id', 'name'))

  await page.goto('/flows/new?start=leads-to-spreadsheet')
  await wizard.choose('Sales')
  await wizard.choose('Contacts')
  await wizard.next()
  await wizard.choose('JSON Lines')
  await expect(wizard.field('File name')).toHaveValue('contacts_2.jsonl')
  await wizard.field('File name').fill('mine.jsonl')
  await wizard.choose('CSV')
  await expect(wizard.field('File name'), 'what somebody typed stays').toHaveValue('mine.jsonl')
})

/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { Locator } from '@playwright/test'
import { account, newName, oauthApp, storeCredential } from '../accounts.ts'
import { AddCredential, addCredential, findTile, goToAuthenticate } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { Wizard } from '../pages/wizard.ts'
import { expect, test } from '../product.ts'

const oauth = 'OAuth 2.0 (3-Legged)'

test.use({ contextOptions: { reducedMotion: 'no-preference' } })

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

/** Whether the element's middle is what a person sees there: nothing lies over it. */
function isUncovered(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const { left, top, width, height } = node.getBoundingClientRect()
    const seen = document.elementFromPoint(left + width / 2, top + height / 2)
    return seen !== null && (node === seen || node.contains(seen))
  })
}

/** The accent is for the one action that a screen wants. */
function isAccented(button: Locator): Promise<boolean> {
  return button.evaluate((node) => {
    const probe = document.createElement('span')
    probe.style.backgroundColor = 'var(--mantine-primary-color-filled)'
    node.after(probe)
    const accent = getComputedStyle(probe).backgroundColor
    probe.remove()
    return getComputedStyle(node).backgroundColor === accent
  })
}

test('at 1440 by 900 the answer of Test is scrolled to and focused, clear of the footer', async ({
  signedIn: page,
  product,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  const { name } = await storeCredential(product, newName('Tested'))
  await goToAuthenticate(page)
  await (await findTile(page, name)).click()
  const button = page.getByRole('button', { name: 'Test', exact: true })
  await button.click()
  const answer = page.getByRole('region', { name: 'Answer' })
  await expect(answer).toBeFocused()
  await expect(page.getByText(/^It works\. The first/)).toBeInViewport({ ratio: 1 })
  for (const cell of [
    answer.getByRole('columnheader').first(),
    answer.getByRole('row').last().getByRole('cell').first(),
  ]) {
    await expect(cell).toBeInViewport({ ratio: 1 })
    expect(await isUncovered(cell)).toBe(true)
  }
})

test('a button that waits keeps the focus, and takes no second press', async ({
  signedIn: page,
  product,
}) => {
  const { id } = await storeCredential(product, newName('Checked'))
  const drawer = new CredentialDrawer(page)
  await drawer.open(id)
  product.sandbox.control.setLatency(1500)
  product.sandbox.control.clearRequests()
  const check = drawer.button('Check now')
  await check.focus()
  await page.keyboard.press('Enter')
  await expect(check).toHaveAttribute('aria-busy', 'true')
  await expect(check).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(check).not.toHaveAttribute('aria-busy', 'true')
  await expect(check).toBeFocused()
  expect(product.sandbox.control.requests().filter(({ path }) => path.endsWith('/me/'))).toHaveLength(1)
})

test('of dialogs over a drawer, Escape closes the top one only', async ({ signedIn: page, product }) => {
  const { id } = await storeCredential(product, newName('Stacked'))
  const drawer = new CredentialDrawer(page)
  await drawer.open(id)
  await drawer.button(`Switch to ${oauth}`).click()
  const form = new AddCredential(page, `Switch to ${oauth}`)
  await form.fill({ 'Client ID': 'typed' })
  const question = page.getByRole('dialog', { name: 'Discard what you typed?' })
  await page.keyboard.press('Escape')
  await expect(question).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(form.field('Client ID')).toHaveValue('typed')
  await page.keyboard.press('Escape')
  await question.getByRole('button', { name: 'Discard' }).click()
  await expect(form.dialog).toBeHidden()
  await expect(drawer.dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(drawer.dialog).toBeHidden()
})

test('an empty field turns red on leaving the form, not on leaving the field; Authorize is the accented button, then Save', async ({
  signedIn: page,
  product,
}) => {
  const overlay = await addCredential(page)
  await overlay.field('API Key').focus()
  await overlay.field('Credential Name').focus()
  await expect(overlay.field('API Key')).not.toHaveAttribute('aria-invalid', 'true')
  await overlay.method(oauth).check()
  await overlay.field('Client ID').focus()
  await overlay.field('Client Secret').focus()
  await expect(overlay.field('Client ID')).not.toHaveAttribute('aria-invalid', 'true')
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  await expect.poll(() => isAccented(overlay.button('Authorize'))).toBe(true)
  expect(await isAccented(overlay.button('Save'))).toBe(false)
  await allow(await overlay.authorize(), account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  // The account gives the credential its name a frame later: until then Save is grey.
  await expect.poll(() => isAccented(overlay.button('Save'))).toBe(true)
  await overlay.save()
})

test('while one still chooses, a mapping is not red; Next says what is missing', async ({
  signedIn: page,
  product,
}) => {
  const { name } = await storeCredential(product, newName('Mapped'))
  const wizard = new Wizard(page)
  await wizard.open()
  await wizard.choose('Files')
  await wizard.upload('mapped.jsonl', '{"name":"A","other":"x"}\n')
  await wizard.next()
  await wizard.choose('Close')
  await (await findTile(page, name)).click()
  await page.getByRole('radio', { name: 'Create leads' }).check()
  await expect(page.getByRole('region', { name: 'Preview' })).toBeVisible()
  await page.getByRole('button', { name: 'Add a field' }).click()
  const missing = 'Choose a column and a field in every row, or remove the row.'
  await expect(page.getByRole('status').filter({ hasText: missing })).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  // A click on what is chosen already takes nothing away.
  await wizard.select('Column 1', 'name')
  await expect(page.getByRole('combobox', { name: 'Column 1' })).toHaveValue('name')
})

test('Back after a flow was created leads to the flow, and then to where one came from', async ({
  signedIn: page,
  product,
}) => {
  const { name } = await storeCredential(product, newName('Left behind'))
  const wizard = new Wizard(page)
  await wizard.open()
  await wizard.choose('Close')
  await wizard.choose(name)
  await wizard.next()
  await wizard.choose('Files')
  await wizard.field('File name').fill('left-behind.jsonl')
  await wizard.next()
  await wizard.createAndRun(newName('Left behind'))
  await page.goBack()
  await expect(page).toHaveURL(/\/flows\/flow_\w+$/)
  await page.goBack()
  await expect(page).toHaveURL(`${product.url}/flows`)
})

test('an address at which there is nothing is shown inside the frame', async ({ signedIn: page }) => {
  await page.goto('/nowhere/at-all')
  await expect(page.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Runs' }).click()
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible()
})

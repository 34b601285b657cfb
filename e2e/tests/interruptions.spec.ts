import { account, newName, oauthApp, storeCredential } from '../accounts.ts'
import { AddCredential, addCredential, findTile, goToAuthenticate } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, test } from '../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

test('a session that ends asks to sign in over the page, which keeps what was typed', async ({
  signedIn: page,
  product,
}) => {
  const overlay = await addCredential(page)
  await overlay.fill({ 'Credential Name': 'Half typed', 'Credential Description': 'For the audit' })
  await page.context().clearCookies()
  // The key is checked as its field is left.
  await overlay.fill({ 'API Key': account(product).apiKey.key })
  const question = page.getByRole('dialog', { name: 'Your session ended' })
  await expect(question.getByLabel('Email')).toHaveValue(product.email)
  await page.keyboard.press('Escape')
  await expect(question).toBeVisible()
  await question.getByLabel('Password').fill(product.password)
  await question.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(question).toBeHidden()
  await expect(overlay.field('Credential Name')).toHaveValue('Half typed')
  await expect(overlay.field('Credential Description')).toHaveValue('For the audit')
  await overlay.button('Test').click()
  await expect(overlay.dialog).toContainText(account(product).organization.name)
})

test('S39 a reload finds the form again: by API key without the key, by OAuth with what was granted meanwhile', async ({
  signedIn: page,
  product,
}) => {
  const overlay = await addCredential(page)
  const name = newName('Loaded again')
  await overlay.fill({ 'Credential Name': name, 'API Key': account(product).apiKey.key })
  await page.reload()
  await expect(overlay.field('Credential Name')).toHaveValue(name)
  await expect(overlay.field('API Key')).toHaveValue('')

  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  const popup = await overlay.authorize()
  await page.reload()
  await expect(overlay.field('Client ID')).toHaveValue(clientId)
  await allow(popup, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  await overlay.save()
  await expect(new AddCredential(page).dialog).toBeHidden()
})

test('a sign-in window that was closed is noticed, and opens again', async ({ signedIn: page, product }) => {
  const overlay = await addCredential(page)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  const popup = await overlay.authorize()
  await popup.close()
  await expect(overlay.dialog).toContainText('The window was closed.')
  const opening = page.waitForEvent('popup')
  await overlay.button('Open the window again').click()
  await allow(await opening, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
})

test('two who edit one thing: the second hears of it, and overwrites nothing', async ({
  signedIn: page,
  product,
}) => {
  const { id } = await storeCredential(product, newName('Edited twice'))
  await page.goto(`/credentials?id=${id}`)
  await page.getByRole('button', { name: 'Edit the description' }).click()
  await product.client.credentials.update({ params: { id }, body: { description: 'by another' } })
  await page.getByRole('textbox', { name: 'Credential Description' }).fill('by me')
  await page.getByRole('button', { name: 'Save the description' }).click()
  await expect(page.getByText('Somebody else changed the description since you opened this.')).toBeVisible()
  expect(await product.client.credentials.get({ params: { id } })).toMatchObject({
    description: 'by another',
  })
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Edit the tags' }).click()
  await page.getByRole('combobox', { name: 'Tags' }).fill('audit 2026')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Save the tags' }).click()
  await expect(page.getByRole('button', { name: 'Edit the tags' })).toBeVisible()
  await page.goto('/credentials?query=audit%202026')
  await expect(page.getByRole('row').filter({ hasText: 'audit 2026' })).toHaveCount(1)
})

test('S39 a switch of the method that was begun in a wizard is found again there after a reload', async ({
  signedIn: page,
  product,
}) => {
  const { organization, user } = account(product)
  const key = product.sandbox.control.createKey(user.id, organization.id)
  const name = newName('Fixed in a wizard')
  const { id } = await product.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey: key.key } },
  })
  product.sandbox.control.deleteKey(key.id)
  await product.client.credentials.check({ params: { id } })
  await goToAuthenticate(page)
  await page.getByRole('button', { name: `Fix ${name}` }).click()
  const oauth = 'OAuth 2.0 (3-Legged)'
  const drawer = new CredentialDrawer(page)
  await drawer.button(`Switch to ${oauth}`).click()
  const form = new AddCredential(page, `Switch to ${oauth}`)
  const { clientId, clientSecret } = oauthApp(product)
  await form.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  const popup = await form.authorize()
  await page.reload()
  await expect(form.field('Client ID')).toHaveValue(clientId)
  await allow(popup, organization.name)
  await form.button('Switch').click()
  await expect(form.dialog).toBeHidden()
  await drawer.dialog.getByRole('button', { name: 'Close' }).click()
  await expect(drawer.dialog).toBeHidden()
  await (await findTile(page, name)).click()
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
})

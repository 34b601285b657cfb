import { account, newName, storeCredential } from '../../accounts.ts'
import { AddCredential, addCredential, type End, goToAuthenticate } from '../../pages/add-credential.ts'
import { expect, test } from '../../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

const sides: readonly End[] = ['source', 'destination']
for (const end of sides) {
  test(`S19 S20 starts from a new data ${end} after its type was chosen`, async ({ signedIn }) => {
    await signedIn.goto(`/${end}s/new`)
    await expect(signedIn.getByRole('radio', { name: 'Close', exact: true })).toBeVisible()
    await expect(signedIn.getByRole('button', { name: 'Next' })).toBeDisabled()
    await expect(signedIn.getByRole('button', { name: 'Add Credential' })).toHaveCount(0)
    await goToAuthenticate(signedIn, end)
    await signedIn.getByRole('button', { name: 'Add Credential' }).click()
    await expect(new AddCredential(signedIn).dialog).toBeVisible()
  })
}

test('S21 a required name, marked with an asterisk', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  await expect(overlay.dialog.locator('label').filter({ hasText: 'Credential Name' })).toContainText('*')
  await expect(overlay.field('Credential Name')).toHaveAttribute('required')
  await overlay.fill({ 'API Key': account(product).apiKey.key, 'Credential Name': '   ' })
  await overlay.button('Save').click({ force: true })
  await expect(overlay.dialog).toContainText('Credential Name is required.')
  await expect(overlay.button('Save')).toBeDisabled()
  await expect(overlay.button('Save')).toHaveAccessibleDescription('Give the credential a name.')
})

test('S22 S23 an optional description, and why to give one', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  const description = overlay.field('Credential Description')
  await expect(description).not.toHaveAttribute('required')
  await expect(description).toHaveAccessibleDescription(/recommended/i)
  await expect(description).toHaveAccessibleDescription(/not required/i)
  await expect(description).toHaveAccessibleDescription(/purpose/i)
  await expect(description).toHaveAccessibleDescription(/fresh/i)

  const name = newName('Described')
  await overlay.fill({
    'Credential Name': name,
    'Credential Description': 'Nightly report, good until the audit',
    'API Key': account(product).apiKey.key,
  })
  await overlay.save()
  const { items } = await product.client.credentials.list({ query: { query: name } })
  expect(items).toMatchObject([{ name, description: 'Nightly report, good until the audit' }])
})

test('S24 S25 each method has its own fields, and explains itself', async ({ signedIn }) => {
  const overlay = await addCredential(signedIn)
  const ofOAuth = ['Redirect URI', 'Client ID', 'Client Secret', 'Access Scope']
  await expect(overlay.method('API Key')).toBeChecked()
  await expect(overlay.field('API Key')).toBeVisible()
  for (const label of ofOAuth) await expect(overlay.field(label)).toHaveCount(0)
  await expect(overlay.button('Authorize')).toHaveCount(0)
  await overlay.field('API Key').fill('typed before')

  await overlay.method('OAuth 2.0 (3-Legged)').check()
  for (const label of ofOAuth) await expect(overlay.field(label)).toBeVisible()
  await expect(overlay.field('API Key')).toHaveCount(0)
  await expect(overlay.button('Authorize')).toBeVisible()
  await expect(overlay.button('Test')).toHaveCount(0)
  await expect(overlay.dialog.getByText('You grant access to your own Close account')).toBeVisible()

  await overlay.method('API Key').check()
  await expect(overlay.field('API Key')).toHaveValue('typed before')
  await expect(overlay.dialog.getByText('the key is the user name, the password stays empty')).toBeVisible()
})

test('S26 the key is the Basic user name, with an empty password', async ({ signedIn, product }) => {
  const { apiKey, organization, user } = account(product)
  const { apiUrl, control } = product.sandbox
  // The sandbox accepts a key only in this form.
  const ask = async (authorization: string) =>
    (await fetch(`${apiUrl}/api/v1/me/`, { headers: { authorization } })).status
  expect(await ask(`Basic ${btoa(`${apiKey.key}:`)}`)).toBe(200)
  expect(await ask(`Basic ${btoa(`${apiKey.key}:x`)}`)).toBe(401)
  expect(await ask(`Basic ${btoa(`x:${apiKey.key}`)}`)).toBe(401)
  expect(await ask(`Bearer ${apiKey.key}`)).toBe(401)

  const overlay = await addCredential(signedIn)
  control.clearRequests()
  await overlay.fill({ 'API Key': apiKey.key })
  await overlay.button('Test').click()
  await expect(overlay.dialog).toContainText(organization.name)
  await expect(overlay.dialog).toContainText(user.email)
  const asked = control.requests().filter(({ path }) => path === '/api/v1/me/')
  expect(asked.length).toBeGreaterThan(0)
  for (const request of asked) expect(request).toMatchObject({ apiKeyId: apiKey.id, status: 200 })
})

test('S27 S28 help with the API Key field', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  await expect(overlay.method('API Key')).toHaveAccessibleDescription(
    /server-side integrations, internal tools and scripts that work in one Close organization/,
  )
  await expect(
    overlay.dialog
      .locator('label')
      .filter({ hasText: /^API Key/ })
      .last(),
  ).toContainText('*')
  const field = overlay.field('API Key')
  await expect(field).toHaveAccessibleDescription(/Settings > Developer > API Keys/)
  await expect(field).toHaveAccessibleDescription(/one organization/)
  await expect(overlay.dialog.getByRole('link', { name: /Open API Keys in Close/ }).first()).toHaveAttribute(
    'href',
    `${product.sandbox.appUrl}/settings/developer/api-keys/`,
  )
  await field.focus()
  await expect(overlay.guide.locator('[aria-current=step]')).toContainText('Copy the key')
})

test('Save stays disabled, with the reason, until it can work', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  const save = overlay.button('Save')
  await expect(save).toBeDisabled()
  await expect(save).toHaveAccessibleDescription('Fill in API Key.')
  await overlay.fill({ 'API Key': account(product).apiKey.key })
  await expect(save).toBeEnabled()

  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await expect(save).toHaveAccessibleDescription('Fill in Client ID.')
  await overlay.fill({ 'Client ID': 'some-client', 'Client Secret': 'some-secret' })
  await expect(save).toHaveAccessibleDescription('Authorize first, then save.')
  await expect(save).toBeDisabled()
})

test('closing with unsaved input asks once', async ({ signedIn }) => {
  const overlay = await addCredential(signedIn)
  await overlay.fill({ 'Credential Name': 'Half typed' })
  await overlay.button('Cancel').click()
  const question = signedIn.getByRole('dialog', { name: 'Discard what you typed?' })
  await question.getByRole('button', { name: 'Keep editing' }).click()
  await expect(overlay.field('Credential Name')).toHaveValue('Half typed')
  await overlay.button('Cancel').click()
  await question.getByRole('button', { name: 'Discard' }).click()
  await expect(overlay.dialog).toBeHidden()
  await signedIn.getByRole('button', { name: 'Add Credential' }).click()
  await expect(overlay.field('Credential Name')).toHaveValue('')
})

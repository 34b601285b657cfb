import { account, newName, oauthApp, storeCredential } from '../../accounts.ts'
import { addCredential, goToAuthenticate, tile } from '../../pages/add-credential.ts'
import { allow } from '../../pages/consent.ts'
import { expect, test } from '../../product.ts'
import { listen, spellings, type Traffic, traces } from '../../traffic.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

async function expectNowhere(secret: string, traffic: Traffic, ...pages: string[]): Promise<void> {
  const found = [...(await traffic.received()), ...pages].filter((text) =>
    spellings(secret).some((spelling) => text.includes(spelling)),
  )
  expect(found, 'places that hold the secret').toEqual([])
}

test('#28 #41 #42 #48 S29 the API key stays secret', async ({ signedIn, product }) => {
  const { apiKey } = account(product)
  const traffic = listen(signedIn.context())
  const name = newName('Secret key')
  const overlay = await addCredential(signedIn)
  await overlay.fill({ 'Credential Name': name })
  const field = overlay.field('API Key')
  await field.fill(apiKey.key)
  await expect(field).toHaveAttribute('type', 'password')
  await expect(field).toHaveAttribute('autocomplete', 'off')
  await overlay.button('Show the value').click()
  await expect(field).toHaveAttribute('type', 'text')
  await overlay.button('Hide the value').click()
  await expect(field).toHaveAttribute('type', 'password')
  await overlay.button('Test').click()
  await expect(overlay.dialog).toContainText(account(product).organization.name)
  await overlay.save()
  await expect(tile(signedIn, name)).toBeChecked()
  const afterSaving = await traces(signedIn)

  await signedIn.getByRole('button', { name: 'Add Credential' }).click()
  await expect(overlay.field('API Key')).toHaveValue('')
  await signedIn.goto(`/credentials?query=${encodeURIComponent(name)}`)
  await signedIn.getByRole('button', { name }).click()
  await expect(signedIn.getByText('Stored encrypted', { exact: true })).toBeVisible()
  const received = await traffic.received()
  expect(received.filter((text) => text.includes(name)).length, 'answers that name it').toBeGreaterThan(2)
  await expectNowhere(apiKey.key, traffic, afterSaving, await traces(signedIn))
})

test('#28 #41 #48 S33 the client secret and the tokens stay secret', async ({ signedIn, product }) => {
  const app = oauthApp(product)
  const traffic = listen(signedIn.context())
  const name = newName('Secret app')
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const field = overlay.field('Client Secret')
  await expect(field).toHaveAttribute('type', 'password')
  await expect(field).toHaveAccessibleDescription(
    /Authenticates your OAuth app when it asks Close for tokens/,
  )
  await expect(field).toHaveAccessibleDescription(/Stored encrypted/)
  await overlay.fill({
    'Credential Name': name,
    'Client ID': app.clientId,
    'Client Secret': app.clientSecret,
  })
  await overlay.button('Show the value').click()
  await expect(field).toHaveAttribute('type', 'text')
  await overlay.button('Hide the value').click()
  const popup = await overlay.authorize()
  await allow(popup, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  await overlay.save()
  await expect(tile(signedIn, name)).toBeChecked()
  const afterSaving = await traces(signedIn)
  expect(afterSaving).toContain(name)

  await goToAuthenticate(signedIn)
  await expect(tile(signedIn, name)).toBeVisible()
  await expectNowhere(app.clientSecret, traffic, afterSaving, await traces(signedIn))
  // Tokens of the sandbox begin with this text, so the browser has never received one.
  const everything = (await traffic.received()).join('\n') + afterSaving
  expect(everything).not.toMatch(/"(access_token|refresh_token|accessToken|refreshToken)"\s*:/)
  expect(everything).toContain(app.clientId)
})

test('#48 a secret typed and not saved leaves no trace when the page is loaded again', async ({
  signedIn,
}) => {
  const canary = 'canary_8d2f61c0a7b94e35'
  const overlay = await addCredential(signedIn)
  await overlay.fill({ 'Credential Name': 'Never saved', 'API Key': canary })
  const stored = await signedIn.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  expect(stored).not.toContain(canary)
  await signedIn.reload()
  await expect(signedIn.getByRole('button', { name: 'Add Credential' })).toBeVisible()
  expect(await traces(signedIn)).not.toContain(canary)
})

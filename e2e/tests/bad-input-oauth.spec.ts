import { account, newName, oauthApp, storeCredential } from '../accounts.ts'
import { type AddCredential, addCredential } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { expect, type Product, test } from '../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

const linkNotValid = "This sign-in link isn't valid any more. Start again with Authorize."

function typed(product: Product, name: string): Record<string, string> {
  const { clientId, clientSecret } = oauthApp(product)
  return { 'Credential Name': name, 'Client ID': clientId, 'Client Secret': clientSecret }
}

async function expectStillTyped(overlay: AddCredential, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await expect(overlay.field(label)).toHaveValue(value)
}

test('the OAuth fields say what is wrong as they are left', async ({ signedIn }) => {
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const refusals = {
    'Client ID': [
      ['', 'Client ID is required.'],
      ['two words', 'Client ID has a space or a line break inside.'],
      ['x'.repeat(10_240), 'Client ID may have at most 8192 characters.'],
    ],
    'Client Secret': [
      ['', 'Client Secret is required.'],
      ['two words', 'Client Secret has a space or a line break inside.'],
      ['bell\u0007', 'Client Secret may not contain control characters.'],
    ],
    'Access Scope': [
      ['x'.repeat(10_240), 'Access Scope may have at most 8192 characters.'],
      ['bell\u0007', 'Access Scope may not contain control characters.'],
    ],
  }
  for (const [label, cases] of Object.entries(refusals)) {
    for (const [value = '', says = ''] of cases) {
      await overlay.fill({ 'Client ID': 'good', 'Client Secret': 'good', 'Access Scope': '' })
      await expect(overlay.button('Authorize')).toBeEnabled()
      await overlay.fill({ [label]: value })
      await expect(overlay.dialog.getByText(says)).toBeVisible()
      await expect(overlay.button('Authorize')).toBeDisabled()
    }
  }
})

test('a wrong client secret comes back to the form, and can be put right there', async ({
  signedIn,
  product,
}) => {
  const { organization } = account(product)
  const values: Record<string, string> = {
    ...typed(product, newName('Wrong secret')),
    'Credential Description': 'kept',
  }
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill({ ...values, 'Client Secret': 'oa2secret_wrong' })
  await allow(await overlay.authorize(), organization.name)
  await expect(
    overlay.dialog.getByText(
      "Close doesn't accept this Client ID with this Client Secret. Copy both again from Settings > Developer > OAuth Apps.",
    ),
  ).toBeVisible()
  await expectStillTyped(overlay, { ...values, 'Client Secret': 'oa2secret_wrong' })
  await expect(overlay.button('Save')).toBeDisabled()

  await overlay.fill({ 'Client Secret': values['Client Secret'] ?? '' })
  await allow(await overlay.authorize(), organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  await overlay.save()
})

test('a code that expired says to authorize again', async ({ signedIn, product }) => {
  const { control } = product.sandbox
  const values = typed(product, newName('Expired code'))
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill(values)
  const popup = await overlay.authorize()
  control.clearRequests()
  control.setLatency(3000)
  const allowing = allow(popup, account(product).organization.name)
  // Ten minutes pass after the code was made and before the sandbox handles the request with it.
  await expect
    .poll(() =>
      control.requests().some(({ path, outcome }) => path === '/oauth2/token/' && outcome === 'open'),
    )
    .toBe(true)
  control.advanceClock(600_000)
  await allowing
  await expect(
    overlay.dialog.getByText(
      "Close didn't accept the authorization: it expired or was used already. Authorize again.",
    ),
  ).toBeVisible()
  control.advanceClock(-600_000)
  await expectStillTyped(overlay, values)
  await expect(overlay.button('Authorize')).toBeEnabled()
})

test('Close cannot be reached when it should give the tokens', async ({ signedIn, product }) => {
  const values = typed(product, newName('No tokens'))
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill(values)
  product.sandbox.control.addFault({ target: 'token', kind: 'drop', times: 10 })
  await allow(await overlay.authorize(), account(product).organization.name)
  await expect(overlay.dialog.getByRole('alert')).toContainText(/couldn't reach/)
  await expectStillTyped(overlay, values)
  await expect(overlay.button('Authorize')).toBeEnabled()
})

for (const [what, query] of [
  ['no state', '?code=some-code'],
  ['an unknown state', '?code=some-code&state=unknown'],
  ['nothing at all', ''],
  ['two states', '?code=some-code&state=one&state=two'],
]) {
  test(`an answer with ${what} says to start again`, async ({ signedIn, product }) => {
    await signedIn.goto(`/oauth/callback${query}`)
    await expect(signedIn.getByText(linkNotValid)).toBeVisible()
    expect(signedIn.url()).toBe(`${product.url}/oauth/done?result=oauth_state_unknown`)
    await signedIn.getByRole('link', { name: /Credentials/ }).click()
    await expect(signedIn.getByRole('heading', { name: 'Credentials', level: 1 })).toBeVisible()
  })
}

test('an answer is taken once, and only from the browser that began', async ({
  signedIn,
  product,
  browser,
}) => {
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill(typed(product, newName('Once')))
  const popup = await overlay.authorize()
  const state = new URL(popup.url()).searchParams.get('state')
  const callback = `${product.url}/oauth/callback?code=stolen&state=${state}`
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true })
  const foreign = await stranger.newPage()
  await foreign.goto(callback)
  await expect(foreign.getByText(linkNotValid)).toBeVisible()
  await stranger.close()

  // The stranger's attempt used the state up. The form says so, and a new attempt works.
  await allow(popup, account(product).organization.name)
  await expect(overlay.dialog.getByText(linkNotValid)).toBeVisible()
  await expect(overlay.button('Authorize')).toBeEnabled()
  await allow(await overlay.authorize(), account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
})

test('access that was granted for other values has to be granted again', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill(typed(product, newName('Outdated')))
  await allow(await overlay.authorize(), account(product).organization.name)
  await expect(overlay.button('Save')).toBeEnabled()
  await overlay.fill({ 'Access Scope': 'all.full_access' })
  await expect(overlay.button('Save')).toBeDisabled()
  await expect(overlay.button('Save')).toHaveAccessibleDescription(
    'The fields were changed since access was granted. Authorize again.',
  )
})

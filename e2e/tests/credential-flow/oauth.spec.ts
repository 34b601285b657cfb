import { account, newName, oauthApp, present, storeCredential } from '../../accounts.ts'
import { type AddCredential, addCredential, tile } from '../../pages/add-credential.ts'
import { allow, decline } from '../../pages/consent.ts'
import { expect, type Product, test } from '../../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

const declined =
  "Close says that access was declined. Nothing was changed. Authorize again when you're ready."

/** What a person types for OAuth, besides the scope. */
function typed(product: Product, name: string): Record<string, string> {
  const { clientId, clientSecret } = oauthApp(product)
  return { 'Credential Name': name, 'Client ID': clientId, 'Client Secret': clientSecret }
}

async function begin(overlay: AddCredential, values: Record<string, string>): Promise<void> {
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill(values)
}

test('S30 S31 S32 S36 the OAuth fields explain themselves', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await expect(
    overlay.dialog.getByText('You grant access to your own Close account on Close’s page'),
  ).toBeVisible()
  await expect(overlay.method('OAuth 2.0 (3-Legged)')).toHaveAccessibleDescription(/user-facing integrations/)
  const clientId = overlay.field('Client ID')
  await expect(clientId).toHaveAttribute('required')
  await expect(clientId).toHaveAccessibleDescription(/public identifier/)
  await expect(clientId).toHaveAccessibleDescription(/Settings > Developer > OAuth Apps/)
  await expect(clientId).toHaveAccessibleDescription(/must exist there first/)
  const scope = overlay.field('Access Scope')
  await expect(scope).not.toHaveAttribute('required')
  await expect(scope).toHaveAccessibleDescription(/separated by spaces/)
  await expect(scope).toHaveAccessibleDescription(/blank for the app’s default permissions/)
  await expect(overlay.dialog.getByRole('link', { name: /OAuth and its scopes/ }).first()).toHaveAttribute(
    'href',
    'https://developer.close.com/api/overview/oauth-authentication',
  )
  await expect(overlay.dialog.getByRole('link', { name: /Open OAuth Apps/ }).first()).toHaveAttribute(
    'href',
    `${product.sandbox.appUrl}/settings/developer/oauth-apps`,
  )
})

test('S35 S37 S38 Authorize opens Close’s page; a blank scope asks for none', async ({
  signedIn,
  product,
}) => {
  const overlay = await addCredential(signedIn)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await expect(overlay.button('Authorize')).toBeDisabled()
  await expect(overlay.button('Authorize')).toHaveAccessibleDescription('Fill in Client ID.')
  await overlay.fill(typed(product, newName('Blank scope')))
  await expect(overlay.button('Authorize')).toBeEnabled()
  const popup = await overlay.authorize()
  const url = new URL(popup.url())
  expect(url.origin).toBe(product.sandbox.appUrl)
  expect(url.searchParams.get('client_id')).toBe(oauthApp(product).clientId)
  expect(url.searchParams.get('redirect_uri')).toBe(`${product.url}/oauth/callback`)
  expect(url.searchParams.get('response_type')).toBe('code')
  expect(url.searchParams.get('state')).toMatch(/^[\w-]{40,}$/)
  expect(url.searchParams.get('code_challenge_method')).toBe('S256')
  expect(url.searchParams.has('scope')).toBe(false)
  await expect(popup.getByRole('heading', { name: /Allow .* to use your account/ })).toBeVisible()
  await expect(overlay.dialog).toContainText('Waiting for Close…')
  await expect(overlay.button('Save')).toHaveAccessibleDescription('Waiting for access to be granted.')
  await overlay.button('Stop waiting').click()
  await expect(overlay.button('Authorize')).toBeVisible()
})

test('S34 a scope that is filled in is asked for, to the letter', async ({ signedIn, product }) => {
  const overlay = await addCredential(signedIn)
  const scope = 'all.full_access offline_access'
  await begin(overlay, { ...typed(product, newName('With scope')), 'Access Scope': scope })
  const popup = await overlay.authorize()
  expect(new URL(popup.url()).searchParams.get('scope')).toBe(scope)
})

test('#29 S39 S40 S41 granting access comes back to the form, and Save keeps it', async ({
  signedIn,
  product,
}) => {
  const { organization, user } = account(product, 1)
  const name = newName('By popup')
  const overlay = await addCredential(signedIn)
  await begin(overlay, { ...typed(product, name), 'Credential Description': 'For the sales team' })
  const popup = await overlay.authorize()
  await popup
    .getByLabel('Signed in as')
    .selectOption({ label: `${user.firstName} ${user.lastName} (${user.email})` })
  await popup.getByRole('button', { name: 'Switch' }).click()
  const closed = popup.waitForEvent('close')
  await allow(popup, organization.name)
  await closed
  await expect(overlay.dialog).toContainText(
    `Authorized as ${user.firstName} ${user.lastName}, ${organization.name}`,
  )
  await expect(overlay.field('Credential Name')).toHaveValue(name)
  await expect(overlay.field('Credential Description')).toHaveValue('For the sales team')
  await expect(overlay.field('Client ID')).toHaveValue(oauthApp(product).clientId)
  await expect(overlay.button('Use another account')).toBeVisible()

  const save = overlay.button('Save')
  await expect(save).toBeInViewport()
  const [saveBox, lastField] = [await save.boundingBox(), await overlay.field('Access Scope').boundingBox()]
  expect(present(saveBox).y).toBeGreaterThan(present(lastField).y)
  await overlay.save()

  // The tokens work: each request uses the grant and no key.
  product.sandbox.control.clearRequests()
  await signedIn.goto(`/credentials?query=${encodeURIComponent(name)}`)
  await signedIn.getByRole('button', { name }).click()
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await expect(drawer.getByRole('button', { name: 'Check now' })).toBeVisible()
  await drawer.getByRole('button', { name: 'Check now' }).click()
  await expect(() => {
    const asked = product.sandbox.control.requests().filter(({ path }) => path === '/api/v1/me/')
    expect(asked).toMatchObject([{ status: 200, apiKeyId: null, organizationId: organization.id }])
    expect(asked[0]?.grantId).not.toBeNull()
  }).toPass()
  await expect(drawer).toContainText('Verified')
  await expect(drawer).toContainText(organization.name)
  const granted = drawer.getByText('Granted scope').locator('..')
  await expect(granted).toContainText('all.full_access offline_access')
})

test('#9 #10 #11 the page that an authorization ends on repeats nothing of its address and leads nowhere else', async ({
  signedIn,
  product,
}) => {
  const asked: string[] = []
  signedIn.on('request', (request) => asked.push(request.url()))
  signedIn.on('dialog', () => asked.push('a dialog'))
  const hostile = [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    '//evil.example',
    'javascript:alert(1)',
  ]
  for (const text of hostile) {
    const query = new URLSearchParams({
      result: text,
      credential: text,
      error: text,
      error_description: text,
    })
    await signedIn.goto(`/oauth/done?${query}`)
    await expect(signedIn.getByRole('heading', { name: 'Access was not granted' })).toBeVisible()
    expect(await signedIn.locator('body').innerText()).not.toContain(text)
    expect(await signedIn.locator('img[src=x], script:not([src])').count()).toBe(0)
  }
  expect(asked.filter((url) => !url.startsWith(`${product.url}/`))).toEqual([])
})

test('S39 declining brings the person back with a plain message', async ({ signedIn, product }) => {
  const name = newName('Declined first')
  const overlay = await addCredential(signedIn)
  await begin(overlay, typed(product, name))
  const popup = await overlay.authorize()
  const closed = popup.waitForEvent('close')
  await decline(popup)
  await closed
  await expect(overlay.dialog.getByText(declined)).toBeVisible()
  await expect(overlay.field('Credential Name')).toHaveValue(name)
  await expect(overlay.field('Client ID')).toHaveValue(oauthApp(product).clientId)
  await expect(overlay.button('Save')).toBeDisabled()

  const again = await overlay.authorize()
  await allow(again, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  await expect(overlay.dialog.getByText(declined)).toHaveCount(0)
  await overlay.save()
  await expect(tile(signedIn, name)).toBeChecked()
})

test.describe('where popups are blocked', () => {
  test.beforeEach(async ({ context }) => {
    await context.addInitScript(() => {
      window.open = () => null
    })
  })

  test('S38 S39 the same window goes to Close’s page and comes back to the form', async ({
    signedIn,
    product,
  }) => {
    const { organization } = account(product)
    const name = newName('Same window')
    const overlay = await addCredential(signedIn, 'destination')
    await begin(overlay, {
      ...typed(product, name),
      'Credential Description': 'Typed before',
      'Access Scope': 'all.full_access',
    })
    await overlay.button('Authorize').click()
    await signedIn.waitForURL(`${product.sandbox.appUrl}/oauth2/authorize/**`)
    await allow(signedIn, organization.name)
    await signedIn.waitForURL(`${product.url}/destinations/new**`)
    await expect(overlay.dialog).toContainText('Authorized as')
    await expect(overlay.dialog).toContainText(organization.name)
    await expect(overlay.field('Credential Name')).toHaveValue(name)
    await expect(overlay.field('Credential Description')).toHaveValue('Typed before')
    await expect(overlay.field('Access Scope')).toHaveValue('all.full_access')
    await overlay.save()
    await expect(tile(signedIn, name)).toBeChecked()
  })

  test('S39 declining in the same window comes back to the form', async ({ signedIn, product }) => {
    const name = newName('Same window, declined')
    const overlay = await addCredential(signedIn)
    await begin(overlay, typed(product, name))
    await overlay.button('Authorize').click()
    await signedIn.waitForURL(`${product.sandbox.appUrl}/oauth2/authorize/**`)
    await decline(signedIn)
    await expect(overlay.dialog.getByText(declined)).toBeVisible()
    await expect(overlay.field('Credential Name')).toHaveValue(name)
    await expect(overlay.field('Client ID')).toHaveValue(oauthApp(product).clientId)
    await expect(overlay.button('Authorize')).toBeEnabled()
  })
})

test('a restart of the server between Authorize and the answer changes nothing', async ({
  signedIn,
  product,
}) => {
  const overlay = await addCredential(signedIn)
  await begin(overlay, typed(product, newName('Across a restart')))
  const popup = await overlay.authorize()
  await product.server.end('SIGTERM')
  await product.server.restart()
  await allow(popup, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
})

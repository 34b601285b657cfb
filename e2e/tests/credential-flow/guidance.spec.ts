import { newName, storeCredential } from '../../accounts.ts'
import { addCredential } from '../../pages/add-credential.ts'
import { expect, test } from '../../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

test.describe('S1 to S9: help with an API key', () => {
  test('S1 S2 S3 two ways to authenticate, and when each fits', async ({ signedIn }) => {
    const overlay = await addCredential(signedIn)
    await expect(overlay.dialog.getByRole('group', { name: 'Authentication Method' })).toBeVisible()
    await expect(overlay.dialog.getByRole('radio')).toHaveCount(2)
    await expect(overlay.method('API Key')).toHaveAccessibleDescription(
      /server-side integrations, internal tools and scripts/,
    )
    await expect(overlay.method('OAuth 2.0 (3-Legged)')).toHaveAccessibleDescription(
      /user-facing integrations, where each person authorizes their own Close account/,
    )
    await expect(overlay.dialog.getByText('HTTP Basic')).toBeVisible()
  })

  test('S4 whose a key is and where keys are managed', async ({ signedIn }) => {
    const { guide } = await addCredential(signedIn)
    await expect(guide).toContainText('API keys belong to an organization')
    await expect(guide).toContainText('one user in one organization')
    await expect(guide).toContainText('made and managed in Close’s settings')
  })

  test('S5 guides step by step to an API key', async ({ signedIn, product }) => {
    const { guide } = await addCredential(signedIn)
    await expect(guide.getByRole('heading', { name: 'Get an API key' })).toBeVisible()
    await expect(guide.getByRole('list').first().getByRole('listitem')).toContainText([
      new URL(product.sandbox.appUrl).host,
      'Settings > Developer > API Keys',
      'Create New API Key',
      'Name it',
      'Generate',
      'Copy the key',
    ])
    const link = guide.getByRole('link', { name: /Open API Keys in Close/ })
    await expect(link).toHaveAttribute('href', `${product.sandbox.appUrl}/settings/developer/api-keys/`)
    await expect(link).toHaveAttribute('target', '_blank')
  })

  test('S6 S7 S8 warns: shown once, keep it secure, what to do when it leaks', async ({ signedIn }) => {
    const { guide } = await addCredential(signedIn)
    const warnings = guide.getByRole('listitem')
    await expect(warnings.filter({ hasText: 'Close shows the full key only once' })).toBeVisible()
    await expect(
      warnings.filter({ hasText: 'whoever holds the key acts for your organization' }),
    ).toBeVisible()
    await expect(
      warnings.filter({ hasText: 'Delete it in Close, make a new one, and replace it in this credential' }),
    ).toBeVisible()
  })

  test('S9 links to Close’s documentation of API keys', async ({ signedIn }) => {
    const { guide } = await addCredential(signedIn)
    await expect(guide.getByRole('link', { name: /Close: API keys/ })).toHaveAttribute(
      'href',
      'https://developer.close.com/api/overview/api-key-authentication',
    )
  })
})

test.describe('S10 to S18: help with an OAuth app', () => {
  test('S10 S11 the app must exist first, and when to choose OAuth', async ({ signedIn }) => {
    const overlay = await addCredential(signedIn)
    await expect(overlay.method('OAuth 2.0 (3-Legged)')).toHaveAccessibleDescription(
      /acting for individual Close users/,
    )
    await expect(overlay.guide).not.toContainText('OAuth app must exist')
    await overlay.method('OAuth 2.0 (3-Legged)').check()
    await expect(overlay.guide).toContainText('An OAuth app must exist in Close first')
    await expect(overlay.guide).not.toContainText('Get an API key')
  })

  test('S12 S13 S15 S16 guides step by step to an OAuth app', async ({ signedIn, product }) => {
    const overlay = await addCredential(signedIn)
    await overlay.method('OAuth 2.0 (3-Legged)').check()
    await expect(overlay.guide.getByRole('list').first().getByRole('listitem')).toContainText([
      new URL(product.sandbox.appUrl).host,
      /Settings > Developer > OAuth Apps.*Create App/,
      'App Name',
      /Description.*optional/,
      'Redirect URI',
      'Save',
      /Client ID and Client Secret/,
      'Authorize',
    ])
    await expect(overlay.guide.getByRole('link', { name: /Open OAuth Apps in Close/ })).toHaveAttribute(
      'href',
      `${product.sandbox.appUrl}/settings/developer/oauth-apps`,
    )
  })

  test('S14 shows the exact redirect URI and copies it', async ({ signedIn, product }) => {
    const expected = `${product.url}/oauth/callback`
    expect(expected).toMatch(/^https:/)
    const overlay = await addCredential(signedIn)
    await overlay.method('OAuth 2.0 (3-Legged)').check()
    await expect(overlay.field('Redirect URI')).toHaveValue(expected)
    await expect(overlay.field('Redirect URI')).toHaveAttribute('readonly')

    await signedIn.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: product.url })
    await overlay.button('Copy the Redirect URI').click()
    await expect.poll(() => signedIn.evaluate(() => navigator.clipboard.readText())).toBe(expected)

    const forged = { host: 'other.example', 'x-forwarded-host': 'other.example', 'x-forwarded-proto': 'http' }
    const settings = await signedIn.request.get('/api/settings', { headers: forged })
    expect(await settings.json()).toMatchObject({ redirectUri: expected })
  })

  test('S17 warns that the secret is not shown again, S18 links to Close’s guide', async ({ signedIn }) => {
    const overlay = await addCredential(signedIn)
    await overlay.method('OAuth 2.0 (3-Legged)').check()
    await expect(overlay.guide).toContainText('Close does not show the Client Secret again')
    await expect(overlay.guide.getByRole('link', { name: /creating an OAuth app/ })).toHaveAttribute(
      'href',
      'https://developer.close.com/integrations/create-an-oauth-app',
    )
  })
})

test('on a narrow screen the guide is a fold above the field', async ({ signedIn }) => {
  await signedIn.setViewportSize({ width: 360, height: 800 })
  const overlay = await addCredential(signedIn)
  const step = overlay.dialog.getByText('Create New API Key')
  await expect(step).toBeHidden()
  await overlay.dialog.getByText('Get an API key, step by step').click()
  await expect(step).toBeVisible()
})

import { offerSignInLink } from '../../tools/demo/sign-in-link.ts'
import { account, newName, oauthApp } from '../accounts.ts'
import { addCredential } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { expect, test } from '../product.ts'

test('the demonstration’s link signs in the first browser that opens it, and no other', async ({
  browser,
  product,
}) => {
  const link = await offerSignInLink(product)
  try {
    const open = async (address: string) => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      return { page, answer: await page.goto(address) }
    }
    const guessed = await open(`${new URL(link.url).origin}/guessed`)
    expect(guessed.answer?.status()).toBe(404)
    const first = await open(link.url)
    await expect(first.page.getByRole('heading', { name: 'Flows', level: 1 })).toBeVisible()
    expect(first.page.url()).toBe(`${product.url}/flows`)
    const second = await open(link.url)
    expect(second.answer?.status()).toBe(410)
    await second.page.goto(product.url)
    await expect(second.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    for (const { page } of [guessed, first, second]) await page.context().close()
  } finally {
    link.close()
  }
})

test.describe('the guides lead to pages where it can be made', () => {
  test.beforeEach(async ({ context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  })

  test('an API key', async ({ signedIn, product }) => {
    await product.client.credentials.create({
      body: {
        connector: 'close',
        method: 'api_key',
        name: 'There before the key',
        values: { apiKey: account(product).apiKey.key },
      },
    })
    const overlay = await addCredential(signedIn)
    const opening = signedIn.waitForEvent('popup')
    await overlay.guide.getByRole('link', { name: /Open API Keys in Close/ }).click()
    const close = await opening
    await close.getByRole('link', { name: 'Create New API Key' }).click()
    const keyName = newName('Latchwork')
    await close.getByRole('textbox', { name: 'Name' }).fill(keyName)
    await close.getByRole('button', { name: 'Generate' }).click()
    const key = await close.getByRole('textbox', { name: 'API Key' }).inputValue()
    await close.getByRole('button', { name: 'Copy API Key' }).click()
    await expect(close.getByRole('status')).toHaveText('Copied')
    expect(await close.evaluate(() => navigator.clipboard.readText())).toBe(key)
    await close.goto(close.url())
    await expect(close.getByRole('row').filter({ hasText: keyName })).toBeVisible()
    await expect(close.getByText(key)).toHaveCount(0)
    await close.close()

    await overlay.field('API Key').focus()
    await signedIn.keyboard.press('Control+V')
    await overlay.field('API Key').blur()
    await expect(overlay.dialog.getByRole('status')).toContainText(account(product).organization.name)
  })

  test('an OAuth app', async ({ signedIn, product }) => {
    const overlay = await addCredential(signedIn)
    await overlay.method('OAuth 2.0 (3-Legged)').check()
    const opening = signedIn.waitForEvent('popup')
    await overlay.guide.getByRole('link', { name: /Open OAuth Apps in Close/ }).click()
    const close = await opening
    await close.getByRole('link', { name: 'Create App' }).click()
    await close.getByRole('textbox', { name: 'App Name' }).fill('Our Latchwork')
    await close
      .getByRole('textbox', { name: 'Redirect URL' })
      .fill(await overlay.field('Redirect URI').inputValue())
    await close.getByRole('button', { name: 'Save' }).click()
    const clientId = await close.getByRole('textbox', { name: 'Client ID' }).inputValue()
    expect(clientId).not.toBe(oauthApp(product).clientId)
    await close.getByRole('button', { name: 'Copy Client ID' }).click()
    expect(await close.evaluate(() => navigator.clipboard.readText())).toBe(clientId)
    await overlay.field('Client ID').fill(clientId)
    await overlay
      .field('Client Secret')
      .fill(await close.getByRole('textbox', { name: 'Client Secret' }).inputValue())
    await close.close()
    const popup = await overlay.authorize()
    await expect(popup.getByRole('heading', { name: 'Allow Our Latchwork' })).toBeVisible()
    await allow(popup, account(product).organization.name)
    await expect(overlay.dialog).toContainText('Authorized as')
  })
})

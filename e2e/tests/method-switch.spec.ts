import { account, newName, oauthApp, storeCredential } from '../accounts.ts'
import { AddCredential } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, type Product, test } from '../product.ts'

const oauth = 'OAuth 2.0 (3-Legged)'

function appOf(product: Product): Record<string, string> {
  const { clientId, clientSecret } = oauthApp(product)
  return { 'Client ID': clientId, 'Client Secret': clientSecret }
}

test('a key becomes a sign-in under the same id, guided and compared, and undo brings the key back', async ({
  signedIn,
  product,
}) => {
  const { organization, user } = account(product)
  const { id } = await storeCredential(product, newName('To be switched'))
  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  await drawer.button(`Switch to ${oauth}`).click()
  const form = new AddCredential(signedIn, `Switch to ${oauth}`)
  const deed = form.button('Switch')
  await expect(form.guide.getByRole('heading', { name: 'Make an OAuth app' })).toBeVisible()
  await expect(form.field('Redirect URI')).toHaveValue(`${product.url}/oauth/callback`)
  await expect(form.button('Copy the Redirect URI')).toBeVisible()
  await expect(deed).toBeDisabled()
  await form.fill(appOf(product))
  await expect(deed).toHaveAccessibleDescription('Authorize first: then you see whose account it is.')
  await allow(await form.authorize(), organization.name)
  await expect(form.dialog.getByText('The same account. Nothing changes for what uses it.')).toBeVisible()
  await expect(form.dialog.getByRole('definition').filter({ hasText: organization.name })).toHaveCount(2)
  await deed.click()
  await expect(form.dialog).toBeHidden()
  await expect(drawer.fact('Method')).toHaveText(oauth)
  await expect(drawer.fact('Acts as')).toContainText(`${user.firstName} ${user.lastName}`)
  const after = await product.client.credentials.get({ params: { id } })
  expect(after).toMatchObject({ id, method: 'oauth2', status: 'verified' })

  await drawer
    .region('Rotation')
    .getByRole('button', { name: /^Undo, until/ })
    .click()
  await expect(drawer.fact('Method')).toHaveText('API Key')
  expect(await product.client.credentials.check({ params: { id } })).toMatchObject({
    method: 'api_key',
    status: 'verified',
  })
})

test('a sign-in becomes a key; another account is named and has to be confirmed', async ({
  signedIn,
  product,
}) => {
  const [own, other] = [account(product, 0), account(product, 1)]
  const { id } = await storeCredential(product, newName('Back to a key'))
  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  await drawer.button(`Switch to ${oauth}`).click()
  const form = new AddCredential(signedIn, `Switch to ${oauth}`)
  await form.fill(appOf(product))
  await allow(await form.authorize(), own.organization.name)
  await form.button('Switch').click()
  await expect(form.dialog).toBeHidden()

  await drawer.button('Switch to API Key').click()
  const back = new AddCredential(signedIn, 'Switch to API Key')
  const deed = back.button('Switch')
  await expect(back.guide.getByRole('heading', { name: 'Get an API key' })).toBeVisible()
  await back.fill({ 'API Key': 'api_wrong.wrong' })
  await expect(back.dialog.getByRole('alert')).toContainText("Close doesn't accept this key")
  await expect(deed).toHaveAccessibleDescription('Nothing is switched before the test succeeds.')
  await back.fill({ 'API Key': other.apiKey.key })
  const warning = back.dialog.getByRole('alert')
  await expect(warning).toContainText(own.organization.name)
  await expect(warning).toContainText(other.organization.name)
  await expect(deed).toHaveAccessibleDescription('Confirm that it is another account.')
  await warning.getByRole('checkbox', { name: 'Yes, use the other account' }).check()
  await deed.click()
  await expect(back.dialog).toBeHidden()
  await expect(drawer.fact('Organization')).toHaveText(other.organization.name)
  await expect(drawer.region('Switched to API Key')).toContainText(`sign-in by ${oauth}`)
  expect(await product.client.credentials.get({ params: { id } })).toMatchObject({
    method: 'api_key',
    identity: { organizationId: other.organization.id },
  })
})

test('where popups are blocked, the way back leads to the switch', async ({ signedIn, context, product }) => {
  await context.addInitScript(() => {
    window.open = () => null
  })
  const { id } = await storeCredential(product, newName('Switched in one window'))
  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  await drawer.button(`Switch to ${oauth}`).click()
  const form = new AddCredential(signedIn, `Switch to ${oauth}`)
  await form.fill(appOf(product))
  await form.button('Authorize').click()
  await signedIn.waitForURL(`${product.sandbox.appUrl}/oauth2/authorize/**`)
  await allow(signedIn, account(product).organization.name)
  await signedIn.waitForURL(`${product.url}/credentials?**`)
  await expect(form.dialog).toContainText('The same account.')
  await form.button('Switch').click()
  await expect(form.dialog).toBeHidden()
  await expect(drawer.fact('Method')).toHaveText(oauth)
})

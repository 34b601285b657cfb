import { grant } from '../../tools/demo/authorize.ts'
import { account, newName } from '../accounts.ts'
import { changeDatabase } from '../database.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, type Product, test } from '../product.ts'

const keyOf = (product: Product, number = 0) => {
  const { organization, user } = account(product, number)
  return product.sandbox.control.createKey(user.id, organization.id)
}

async function credentialWith(product: Product, apiKey: string, what: string) {
  const body = { connector: 'close', method: 'api_key', name: newName(what), values: { apiKey } }
  return product.client.credentials.create({ body })
}

test('a key is rotated to its end: checked, compared, swapped, watched, and found to be deleted', async ({
  signedIn,
  product,
}) => {
  const { organization } = account(product)
  const [old, next] = [keyOf(product), keyOf(product)]
  const { id, createdAt } = await credentialWith(product, old.key, 'Rotated')
  const config = { object: 'leads' }
  await product.client.sources.sample({ body: { connector: 'close', credentialId: id, config } })

  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  await drawer.button('Rotate key').click()
  await expect(
    drawer.dialog.getByRole('listitem').filter({ hasText: 'Paste the new key' }).last(),
  ).toHaveAttribute('aria-current', 'step')
  await drawer.field('API Key').fill(next.key)
  await drawer.field('API Key').press('Tab')
  await expect(drawer.dialog.getByText('The same account. Nothing changes for what uses it.')).toBeVisible()
  await expect(
    drawer.dialog.getByRole('definition').filter({ hasText: organization.name }).first(),
  ).toBeVisible()
  await drawer.field('Note about this key').fill('Latchwork 2, made by Orla')
  await drawer.button('Check and replace').click()

  const rotation = drawer.region('Rotation')
  await expect(rotation).toContainText('The new key was checked and is in use')
  await expect(rotation).toContainText(`…${old.key.slice(-4)}`)
  await expect(rotation).toContainText('A run or sample last began with it')
  await expect(rotation).not.toContainText(old.key.slice(0, -4))
  await expect(rotation.getByRole('listitem').filter({ hasText: 'Delete the old key' })).not.toHaveAttribute(
    'aria-current',
    'step',
  )
  // A minute after the swap the longest request has ended; the drawer notices by itself.
  const ask = rotation.getByRole('button', { name: 'Is the old key gone?' })
  await expect(ask).toHaveCount(0)
  await changeDatabase(product, (database) => {
    database
      .prepare('update previous_secrets set replaced_at = replaced_at - 60000 where credential_id = ?')
      .run(id)
  })
  await expect(ask).toBeVisible()
  await expect(rotation).toContainText('Nothing in Latchwork has used it since')
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(new Date(createdAt))
  await expect(rotation.getByRole('definition').filter({ hasText: 'since' })).toContainText(day)
  await expect(rotation.getByRole('link', { name: /Open API Keys in Close/ })).toBeVisible()
  await ask.click()
  await expect(rotation.getByText('Close still accepts the old key.')).toBeVisible()
  product.sandbox.control.deleteKey(old.id)
  await ask.click()
  await expect(rotation.getByText('The rotation is done.')).toBeVisible()
  await rotation.getByRole('button', { name: 'Done' }).click()
  await expect(rotation).toHaveCount(0)
  expect(await product.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
  expect(await product.client.credentials.previous({ params: { id } })).toEqual({ previous: null })
})

test('the note of a key is shown when it is replaced in its turn', async ({ signedIn, product }) => {
  const { id } = await credentialWith(product, keyOf(product).key, 'Rotated twice')
  const [first, second] = [keyOf(product), keyOf(product)]
  const values = { apiKey: first.key }
  await product.client.credentials.secrets({ params: { id }, body: { values, keyNote: 'Made in May' } })
  await product.client.credentials.secrets({ params: { id }, body: { values: { apiKey: second.key } } })
  const { previous } = await product.client.credentials.previous({ params: { id } })
  expect(previous).toMatchObject({ keyNote: 'Made in May', suffix: first.key.slice(-4) })
  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  await expect(drawer.region('Rotation')).toContainText(first.key.slice(-4))
})

test('a refused key leaves everything as it is', async ({ signedIn, product }) => {
  const { id } = await credentialWith(product, keyOf(product).key, 'Not rotated')
  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  await drawer.button('Rotate key').click()
  await drawer.field('API Key').fill('api_wrong.wrong')
  await drawer.button('Check and replace').click()
  await expect(drawer.dialog.getByText("Close doesn't accept this key")).toBeVisible()
  await expect(drawer.region('Rotation')).toHaveCount(0)
  await drawer.button('Cancel').click()
  await expect(drawer.button('Rotate key')).toBeFocused()
  expect(await product.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
})

test('of a sign-in, the client secret alone is replaced, a field alone changed, and it is granted again under the same id', async ({
  signedIn,
  product,
}) => {
  const { control } = product.sandbox
  const { organization } = account(product)
  const app = control.createOAuthApp('Renewed', [`${product.url}/oauth/callback`])
  const { id } = await product.client.credentials.create({
    body: {
      connector: 'close',
      method: 'oauth2',
      draft: true,
      values: { clientId: app.clientId, clientSecret: app.clientSecret },
    },
  })
  const params = { id }
  await grant(product.client, product.browse, product, id, organization.id)
  const saved = await product.client.credentials.save({ params, body: { name: newName('Renewed app') } })

  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(id)
  control.setClientSecret(app.clientId, 'renewed-secret-of-the-app')
  await drawer.button('Replace the Client Secret').click()
  await drawer.field('Client Secret').fill('a-wrong-secret')
  await drawer.button('Check and replace').click()
  await expect(drawer.field('Client Secret')).toHaveAttribute('aria-invalid', 'true')
  await drawer.field('Client Secret').fill('renewed-secret-of-the-app')
  await drawer.button('Check and replace').click()
  await expect(drawer.field('Client Secret')).toHaveCount(0)
  await expect(drawer.dialog.getByText('Verified', { exact: true })).toBeVisible()

  await drawer.button('Change the Access Scope').click()
  await drawer.field('Access Scope').fill('all.full_access offline_access')
  await drawer.button('Check and replace').click()
  await expect(drawer.fact('Access Scope')).toHaveText('all.full_access offline_access')
  await drawer.button('Change the Access Scope').click()
  await drawer.field('Access Scope').fill('')
  await drawer.button('Check and replace').click()
  await expect(drawer.fact('Access Scope')).toHaveCount(0)

  const opening = signedIn.waitForEvent('popup')
  await drawer.button('Sign in again').click()
  const popup = await opening
  await popup.getByRole('radio', { name: organization.name }).check()
  await popup.getByRole('button', { name: 'Allow' }).click()
  await expect(signedIn.getByText(`“${saved.name}” is signed in again`)).toBeVisible()
  const now = await product.client.credentials.get({ params })
  expect(now).toMatchObject({ id, status: 'verified', values: { clientId: app.clientId } })
})

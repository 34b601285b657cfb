import { account, newName, storeCredential } from '../../accounts.ts'
import { addCredential, findTile, goToAuthenticate, tile } from '../../pages/add-credential.ts'
import { expect, test } from '../../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

test('S41 S42 S43 a saved key is a tile, chosen at once, for a source and for a destination', async ({
  signedIn,
  product,
}) => {
  const { apiKey, organization } = account(product)
  const name = newName('Tile')
  const overlay = await addCredential(signedIn, 'source')
  await overlay.fill({ 'Credential Name': name, 'API Key': apiKey.key })
  await overlay.save()
  await expect(tile(signedIn, name)).toBeChecked()
  await expect(tile(signedIn, name)).toHaveAccessibleDescription(
    new RegExp(`API Key.*${organization.name}.*Verified`),
  )
  await expect(signedIn.getByRole('button', { name: 'Next' })).toBeEnabled()

  for (const end of ['source', 'destination'] as const) {
    await signedIn.evaluate(() => sessionStorage.clear())
    await goToAuthenticate(signedIn, end)
    await expect(signedIn.getByRole('button', { name: 'Next' })).toBeDisabled()
    await (await findTile(signedIn, name)).click()
    const question = end === 'source' ? 'What should be read?' : 'What should be written?'
    await expect(signedIn.getByRole('heading', { name: question })).toBeVisible()
  }
})

test('S8 a key that leaked is replaced in place, by one of the same account', async ({
  signedIn,
  product,
}) => {
  const { control } = product.sandbox
  const { organization, user } = account(product)
  const leaked = control.createKey(user.id, organization.id)
  const name = newName('Leaked')
  const body = { connector: 'close', method: 'api_key', name, values: { apiKey: leaked.key } }
  const { id } = await product.client.credentials.create({ body })
  control.deleteKey(leaked.id)

  await signedIn.goto(`/credentials?id=${id}`)
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await drawer.getByRole('button', { name: 'Check now' }).click()
  await expect(drawer.getByText('Close accepted this key before')).toBeVisible()
  await expect(drawer).toContainText('Failed')

  await drawer.getByRole('button', { name: 'Rotate key' }).click()
  await drawer.getByRole('textbox', { name: 'API Key' }).fill(control.createKey(user.id, organization.id).key)
  await drawer.getByRole('button', { name: 'Check and replace' }).click()
  await expect(drawer).toContainText('Verified')
  await expect(drawer.getByText('Close accepted this key before')).toHaveCount(0)
  expect((await product.client.credentials.get({ params: { id } })).status).toBe('verified')
})

test('a key of another organization is refused until it is confirmed', async ({ signedIn, product }) => {
  const { id } = await storeCredential(product, newName('Pinned'), 0)
  const other = account(product, 1)
  await signedIn.goto(`/credentials?id=${id}`)
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await drawer.getByRole('button', { name: 'Rotate key' }).click()
  await drawer.getByRole('textbox', { name: 'API Key' }).fill(other.apiKey.key)
  await drawer.getByRole('button', { name: 'Check and replace' }).click()
  const refusal = drawer.getByRole('alert')
  await expect(refusal).toContainText(other.organization.name)
  await expect(refusal).toContainText(account(product).organization.name)
  await refusal.getByRole('button', { name: 'Use the other account' }).click()
  await expect(drawer.getByRole('definition').filter({ hasText: other.organization.name })).toBeVisible()
})

test('a failed credential can be chosen only after Fix opened its drawer', async ({ signedIn, product }) => {
  const { control } = product.sandbox
  const { organization, user } = account(product)
  const key = control.createKey(user.id, organization.id)
  const name = newName('Broken')
  const body = { connector: 'close', method: 'api_key', name, values: { apiKey: key.key } }
  const { id } = await product.client.credentials.create({ body })
  control.deleteKey(key.id)
  await product.client.credentials.check({ params: { id } })

  await goToAuthenticate(signedIn)
  await expect(await findTile(signedIn, name)).toBeDisabled()
  await signedIn.getByRole('button', { name: `Fix ${name}` }).click()
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await expect(drawer.getByText('Close accepted this key before')).toBeVisible()
  await drawer.getByRole('button', { name: 'Close', exact: true }).click()
  await (await findTile(signedIn, name)).click()
  await expect(signedIn.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
})

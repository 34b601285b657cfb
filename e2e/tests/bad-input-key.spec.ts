import { account, newName, storeCredential } from '../accounts.ts'
import { addCredential, tile } from '../pages/add-credential.ts'
import { expect, test } from '../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

const long = 'x'.repeat(10_240)
const refusals = [
  { label: 'Credential Name', value: '  ', says: 'Credential Name is required.' },
  { label: 'Credential Name', value: long, says: 'Credential Name may have at most 200 characters.' },
  {
    label: 'Credential Name',
    value: 'bell\u0007',
    says: 'Credential Name may not contain control characters.',
  },
  {
    label: 'Credential Description',
    value: long,
    says: 'Credential Description may have at most 2000 characters.',
  },
  {
    label: 'Credential Description',
    value: 'bell\u0007',
    says: 'Credential Description may not contain control characters.',
  },
  { label: 'API Key', value: ' ', says: 'API Key is required.' },
  { label: 'API Key', value: long, says: 'API Key may have at most 8192 characters.' },
  { label: 'API Key', value: 'bell\u0007', says: 'API Key may not contain control characters.' },
  {
    label: 'API Key',
    value: 'two words',
    says: 'API Key has a space or a line break inside. Copy it again, in one piece.',
  },
]

test('each field says what is wrong as it is left, and keeps what was typed', async ({
  signedIn,
  product,
}) => {
  const { total } = await product.client.credentials.list({})
  const overlay = await addCredential(signedIn)
  for (const { label, value, says } of refusals) {
    await test.step(`${label}: ${value.slice(0, 12).trim()}`, async () => {
      await overlay.fill({
        'Credential Name': newName('Good'),
        'Credential Description': 'good',
        'API Key': 'good',
      })
      await overlay.fill({ [label]: value })
      await expect(overlay.dialog.getByText(says)).toBeVisible()
      await expect(overlay.field(label)).toHaveAttribute('aria-invalid', 'true')
      await expect(overlay.field(label)).toHaveValue(value)
      await expect(overlay.button('Save')).toBeDisabled()
      await overlay.button('Save').click({ force: true })
    })
  }
  expect((await product.client.credentials.list({})).total, 'nothing was saved').toBe(total)
})

test('a key with spaces and line breaks around it is trimmed', async ({ signedIn, product }) => {
  const { apiKey, organization } = account(product)
  await signedIn.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: product.url })
  const name = newName('Trimmed')
  const overlay = await addCredential(signedIn)
  await overlay.fill({ 'Credential Name': `  ${name} ` })
  await signedIn.evaluate((text) => navigator.clipboard.writeText(text), `\r\n \t${apiKey.key} \n`)
  await overlay.field('API Key').focus()
  await signedIn.keyboard.press('Control+V')
  await overlay.field('API Key').blur()
  await expect(overlay.dialog.getByRole('status')).toContainText(organization.name)
  await overlay.save()
  await expect(tile(signedIn, name)).toBeChecked()
})

test('a key that was pasted with a line break inside is refused', async ({ signedIn, product }) => {
  const { apiKey } = account(product)
  await signedIn.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: product.url })
  const overlay = await addCredential(signedIn)
  const broken = apiKey.key.replace('.', '.\n')
  await signedIn.evaluate((text) => navigator.clipboard.writeText(text), broken)
  await overlay.field('API Key').focus()
  await signedIn.keyboard.press('Control+V')
  await overlay.field('API Key').blur()
  await expect(overlay.dialog).toContainText('API Key has a space or a line break inside.')
})

test('a name that is taken is refused at its field, and everything typed stays', async ({
  signedIn,
  product,
}) => {
  const name = newName('Taken')
  await storeCredential(product, name)
  const { apiKey } = account(product, 1)
  const overlay = await addCredential(signedIn)
  await overlay.fill({
    'Credential Name': name.toUpperCase(),
    'Credential Description': 'kept',
    'API Key': apiKey.key,
  })
  await overlay.button('Save').click()
  await expect(overlay.field('Credential Name')).toHaveAccessibleDescription(
    /You already have a credential with this name\. Choose another name\./,
  )
  await expect(overlay.field('Credential Description')).toHaveValue('kept')
  await expect(overlay.field('API Key')).toHaveValue(apiKey.key)
  const other = newName('Not taken')
  await overlay.fill({ 'Credential Name': other })
  await overlay.save()
  await expect(tile(signedIn, other)).toBeChecked()
})

test('a key that Close refuses cannot be saved', async ({ signedIn }) => {
  const name = newName('Wrong key')
  const overlay = await addCredential(signedIn)
  await overlay.fill({ 'Credential Name': name, 'API Key': 'api_wrong.wrong' })
  await expect(
    overlay.dialog.getByText(
      "Close doesn't accept this key. Check that it was copied whole, or make a new one.",
    ),
  ).toBeVisible()
  await expect(overlay.dialog.getByText('api_key_rejected')).toBeVisible()
  await expect(overlay.button('Save')).toBeDisabled()
  await expect(overlay.field('Credential Name')).toHaveValue(name)
  await expect(overlay.field('API Key')).toHaveValue('api_wrong.wrong')
})

test('while Close cannot be reached a key can be saved, unverified', async ({ signedIn, product }) => {
  const name = newName('Unreachable')
  product.sandbox.control.addFault({ target: 'api', kind: 'drop', times: 1000 })
  const overlay = await addCredential(signedIn)
  await overlay.fill({ 'Credential Name': name, 'API Key': account(product).apiKey.key })
  const { host } = new URL(product.sandbox.apiUrl)
  await expect(
    overlay.dialog.getByText(
      `We couldn't reach Close (${host}). You can save now; we'll verify it when Close answers.`,
    ),
  ).toBeVisible({ timeout: 30_000 })
  await expect(overlay.button('Save')).toBeEnabled()
  await overlay.button('Save').click()
  await expect(overlay.dialog).toBeHidden({ timeout: 30_000 })
  await expect(tile(signedIn, name)).toHaveAccessibleDescription(/Unverified/)

  product.sandbox.control.clearFaults()
  await signedIn.goto(`/credentials?query=${encodeURIComponent(name)}`)
  await signedIn.getByRole('button', { name }).click()
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await expect(drawer.getByText("We couldn't reach Close")).toBeVisible()
  await drawer.getByRole('button', { name: 'Check now' }).click()
  await expect(drawer.getByText("We couldn't reach Close")).toHaveCount(0)
  await expect(drawer.getByText('Verified', { exact: true })).toBeVisible()
})

test('a credential that is used cannot be deleted; what uses it is named', async ({ signedIn, product }) => {
  const { id } = await storeCredential(product, newName('Used'))
  const source = newName('Leads that need it')
  await product.client.sources.create({
    body: { connector: 'close', credentialId: id, name: source, config: { object: 'leads' } },
  })
  await signedIn.goto(`/credentials?id=${id}`)
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await drawer.getByRole('button', { name: 'Delete' }).click()
  await signedIn
    .getByRole('dialog', { name: 'Delete this credential?' })
    .getByRole('button', { name: 'Delete' })
    .click()
  const refusal = signedIn.getByRole('dialog', { name: 'It is still used' })
  await expect(refusal.getByRole('alert')).toContainText(/used/i)
  await expect(refusal.getByRole('link', { name: source })).toBeVisible()
  expect((await product.client.credentials.get({ params: { id } })).id).toBe(id)
})

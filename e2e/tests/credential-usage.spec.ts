import { account, newName, storeCredential } from '../accounts.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, type Product, test } from '../product.ts'

async function usedCredential(product: Product) {
  const credential = await storeCredential(product, newName('Used by some'))
  const source = await product.client.sources.create({
    body: {
      connector: 'close',
      credentialId: credential.id,
      name: newName('Leads'),
      config: { object: 'leads' },
    },
  })
  const destination = await product.client.destinations.create({
    body: {
      connector: 'files',
      credentialId: null,
      name: newName('File'),
      config: { file: `${source.id}.jsonl`, format: 'jsonl' },
    },
  })
  const flow = await product.client.flows.create({
    body: { name: newName('Leads to a file'), sourceId: source.id, destinationId: destination.id },
  })
  return { credential, source, flow }
}

const usersOf = async (product: Product, id: string) =>
  (await product.client.credentials.usage({ params: { id } })).items.map(({ name }) => name)

test('the drawer says what uses a credential and when it last did, and moves all of it at once', async ({
  signedIn,
  product,
}) => {
  const { credential, source, flow } = await usedCredential(product)
  const other = await storeCredential(product, newName('Instead'))
  const run = await product.client.flows.run({ params: { id: flow.id } })
  await expect
    .poll(async () => (await product.client.runs.get({ params: { id: run.id } })).status)
    .toBe('succeeded')

  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(credential.id)
  const line = (name: string) => drawer.dialog.getByRole('listitem').filter({ hasText: name })
  await expect(line(source.name)).toContainText('Last used')
  await expect(line(flow.name)).toContainText('Last used')
  await drawer.button('Move everything to another credential').click()
  const dialog = signedIn.getByRole('dialog', { name: 'Move everything to another credential' })
  const deed = dialog.getByRole('button', { name: 'Move everything' })
  await expect(deed).toBeDisabled()
  await dialog.getByRole('combobox', { name: 'Use instead' }).fill(other.name)
  await expect(dialog.getByRole('option', { name: credential.name })).toHaveCount(0)
  await dialog.getByRole('option', { name: other.name }).click()
  await expect(dialog.getByText('The same account. Nothing changes for what uses it.')).toBeVisible()
  await deed.click()
  await expect(dialog).toBeHidden()
  await expect(drawer.dialog.getByText('Nothing yet.')).toBeVisible()
  expect(await usersOf(product, other.id)).toEqual([source.name, flow.name])
  expect(await usersOf(product, credential.id)).toEqual([])
})

test('from a refused delete everything moves, to another account only once that is confirmed', async ({
  signedIn,
  product,
}) => {
  const { credential, source, flow } = await usedCredential(product)
  const other = await storeCredential(product, newName('Of another account'), 1)
  const drawer = new CredentialDrawer(signedIn)
  await drawer.open(credential.id)
  await drawer.button('Delete').click()
  const question = signedIn.getByRole('dialog', { name: 'Delete this credential?' })
  await question.getByRole('button', { name: 'Delete' }).click()
  const refusal = signedIn.getByRole('dialog', { name: 'It is still used' })
  await expect(refusal.getByRole('alert')).toContainText('Used by 1 flow and 1 source.')
  await refusal.getByRole('button', { name: 'Move them…' }).click()
  const dialog = signedIn.getByRole('dialog', { name: 'Move everything to another credential' })
  await dialog.getByRole('combobox', { name: 'Use instead' }).fill(other.name)
  await dialog.getByRole('option', { name: other.name }).click()
  const warning = dialog.getByRole('alert')
  await expect(warning).toContainText(account(product, 0).organization.name)
  await expect(warning).toContainText(account(product, 1).organization.name)
  const deed = dialog.getByRole('button', { name: 'Move everything' })
  await expect(deed).toBeDisabled()
  await warning.getByRole('checkbox', { name: 'Yes, use the other account' }).check()
  await deed.click()
  await expect(dialog).toBeHidden()
  expect(await usersOf(product, other.id)).toEqual([source.name, flow.name])
  // The question is there again, and can now be answered.
  await question.getByRole('button', { name: 'Delete' }).click()
  await expect(drawer.dialog).toBeHidden()
})

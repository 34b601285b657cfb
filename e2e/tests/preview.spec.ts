import { createPostgresDatabase } from '../../tools/test-databases/server.ts'
import { newName, storeCredential, storePostgresCredential } from '../accounts.ts'
import { findTile } from '../pages/add-credential.ts'
import { Wizard } from '../pages/wizard.ts'
import { expect, test } from '../product.ts'

test('before anything is written, a mapping to Close says which records would be refused, and why', async ({
  signedIn: page,
  product,
}) => {
  const { name } = await storeCredential(product, newName('Importer'))
  const wizard = new Wizard(page)
  await wizard.open()
  await wizard.choose('Files')
  await page.getByRole('radio', { name: /^CSV/ }).check()
  await wizard.upload(
    'fair.csv',
    'Company,Status\nLarkspur Looms,Potential\nQuartz Quays,Prospect\n,Potential\n',
  )
  await wizard.next()
  await wizard.choose('Close')
  await (await findTile(page, name)).click()
  await page.getByRole('radio', { name: 'Create leads' }).check()
  const preview = page.getByRole('region', { name: 'Preview' })
  await expect(preview).toContainText('What would happen to the first 3 records: 1 created, 2 refused')
  const rows = preview.getByRole('list').first().getByRole('listitem')
  await expect(rows.nth(1)).toContainText('Row 3')
  await expect(rows.nth(1)).toContainText(
    'Status, by label (status) takes a lead status of this account (Potential, Qualified, Customer, Bad Fit), and “Prospect” is none.',
  )
  await expect(rows.nth(2)).toContainText('A lead needs a name.')
  expect((await product.client.runs.list({ query: { query: name } })).items).toEqual([])
})

test('a table is previewed on demand, and the answer has the focus', async ({ signedIn: page, product }) => {
  const database = await createPostgresDatabase(null)
  try {
    const name = newName('Warehouse')
    await storePostgresCredential(product, name, database)
    const wizard = new Wizard(page)
    await wizard.open()
    await wizard.choose('Files')
    await wizard.upload('no-key.jsonl', '{"id":"1","name":"A"}\n{"id":"","name":null}\n{"name":"C"}\n')
    await wizard.next()
    await wizard.choose('PostgreSQL')
    await page.getByRole('radio', { name, exact: true }).click()
    await page.getByRole('button', { name: 'Preview the first records' }).click()
    const answer = page.getByRole('region', { name: 'Answer' })
    await expect(answer).toBeFocused()
    await expect(answer).toContainText('What would happen to the first 3 records')
    await expect(answer.getByRole('list').first().getByRole('listitem')).toHaveCount(3)
  } finally {
    await database.drop()
  }
})

import { account, newName, storeCredential } from '../accounts.ts'
import { AddCredential, tile } from '../pages/add-credential.ts'
import { count, Wizard } from '../pages/wizard.ts'
import { expect, type Product, test } from '../product.ts'
import { downloaded, fieldsOf, recordsOf } from '../records.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

async function addKey(overlay: AddCredential, product: Product, name: string): Promise<void> {
  const { apiKey, organization, user } = account(product)
  await overlay.page.getByRole('button', { name: 'Add Credential' }).click()
  await overlay.fill({ 'Credential Name': name, 'API Key': apiKey.key })
  await expect(overlay.dialog.getByRole('status')).toContainText(organization.name)
  await expect(overlay.dialog.getByRole('status')).toContainText(user.email)
  await overlay.save()
  await expect(tile(overlay.page, name)).toBeChecked()
}

test('with an API key, from New Data Flow to a finished run: leads of Close into a file', async ({
  signedIn,
  product,
}) => {
  const credential = newName('Key as source')
  const wizard = new Wizard(signedIn)
  await wizard.open()
  await wizard.choose('Close')
  await addKey(new AddCredential(signedIn), product, credential)
  await wizard.next()
  await wizard.choose('Leads')
  await signedIn.getByRole('button', { name: 'Test' }).click()
  const truth = product.sandbox.control.truth(account(product).organization.id, 'lead')
  await expect(signedIn.getByText(`It works. The first 10 of ${truth.length} records:`)).toBeVisible()
  await expect(signedIn.getByRole('columnheader', { name: 'Status label' })).toBeAttached()
  await wizard.next()
  await wizard.choose('Files')
  await wizard.choose('JSON Lines')
  await wizard.field('File name').fill('key-leads.jsonl')
  await wizard.next()
  await wizard.createAndRun(newName('Leads by key'))

  await expect(count(signedIn, 'Read')).toHaveText(String(truth.length))
  await expect(count(signedIn, 'Written')).toHaveText(String(truth.length))
  await expect(count(signedIn, 'Refused')).toHaveText('0')
  await expect(signedIn.getByRole('region', { name: 'Table of the last records' })).toBeVisible()
  const records = recordsOf(await downloaded(signedIn))
  const compared = ['id', 'name', 'description', 'url', 'status_label', 'date_created', 'contacts']
  expect(fieldsOf(records, ...compared)).toEqual(fieldsOf(truth, ...compared))

  await signedIn.getByRole('link', { name: 'Open the flow' }).click()
  await expect(signedIn.getByRole('list', { name: 'Runs' }).getByRole('listitem')).toHaveCount(1)
})

test('with an API key, from New Data Flow to a finished run: a file into leads of Close', async ({
  signedIn,
  product,
}) => {
  const { organization } = account(product)
  const { control } = product.sandbox
  const before = new Set(control.truth(organization.id, 'lead').map(({ id }) => id))
  const companies = [
    { name: 'Larkspur Looms', description: 'Weaves, "by hand"', url: 'https://larkspur.example' },
    { name: 'Møller & Søn', description: 'Två rader\noch en till', url: 'https://moller.example' },
    { name: 'Quartz Quays', description: '', url: 'https://quartz.example' },
  ]
  const wizard = new Wizard(signedIn)
  await wizard.open()
  await wizard.choose('Files')
  await wizard.choose('JSON Lines')
  await wizard.upload(
    'larkspur-and-others.jsonl',
    companies.map((company) => JSON.stringify(company)).join('\n'),
  )
  await signedIn.getByRole('button', { name: 'Test' }).click()
  await expect(signedIn.getByText(/It works\. The first 3 records:/)).toBeVisible()
  await wizard.next()
  await wizard.choose('Close')
  await addKey(new AddCredential(signedIn), product, newName('Key as destination'))
  await wizard.next()
  await wizard.choose('Create leads')
  const preview = signedIn.getByRole('region', { name: 'Preview' })
  await expect(preview.getByRole('listitem')).toHaveCount(3)
  await expect(preview.getByRole('listitem').first()).toContainText(/Create.*Larkspur Looms.*Larkspur Looms/)
  await wizard.next()
  await wizard.createAndRun(newName('Companies by key'))

  await expect(count(signedIn, 'Written')).toHaveText('3')
  const made = control.truth(organization.id, 'lead').filter(({ id }) => !before.has(id))
  expect(made).toHaveLength(3)
  expect(made).toEqual(expect.arrayContaining(companies.map((company) => expect.objectContaining(company))))
})

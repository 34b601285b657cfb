import { account, newName, oauthApp, present, storeCredential } from '../accounts.ts'
import { AddCredential, tile } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { count, Wizard } from '../pages/wizard.ts'
import { expect, type Product, test } from '../product.ts'
import { downloaded, fieldsOf, recordsOf } from '../records.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

async function authorize(overlay: AddCredential, product: Product, name: string): Promise<void> {
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.page.getByRole('button', { name: 'Add Credential' }).click()
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  await overlay.fill({ 'Credential Name': name, 'Client ID': clientId, 'Client Secret': clientSecret })
  await allow(await overlay.authorize(), account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  await overlay.save()
  await expect(tile(overlay.page, name)).toBeChecked()
}

test('with OAuth, from New Data Flow to a finished run: leads of Close into a file', async ({
  signedIn,
  product,
}) => {
  const { organization } = account(product)
  const wizard = new Wizard(signedIn)
  await wizard.open()
  await wizard.choose('Close')
  await authorize(new AddCredential(signedIn), product, newName('OAuth as source'))
  await wizard.next()
  await wizard.choose('Leads')
  await wizard.next()
  await wizard.choose('Files')
  await wizard.choose('JSON Lines')
  await wizard.field('File name').fill('oauth-leads.jsonl')
  await wizard.next()
  product.sandbox.control.clearRequests()
  await wizard.createAndRun(newName('Leads by OAuth'))

  const truth = product.sandbox.control.truth(organization.id, 'lead')
  await expect(count(signedIn, 'Read')).toHaveText(String(truth.length))
  await expect(count(signedIn, 'Written')).toHaveText(String(truth.length))
  const compared = ['id', 'name', 'description', 'url', 'status_label', 'date_created', 'contacts']
  const records = recordsOf(await downloaded(signedIn))
  expect(fieldsOf(records, ...compared)).toEqual(fieldsOf(truth, ...compared))
  const searches = product.sandbox.control.requests().filter(({ path }) => path === '/api/v1/data/search/')
  expect(searches.length).toBeGreaterThan(0)
  for (const search of searches) expect(search).toMatchObject({ status: 200, apiKeyId: null })
  for (const search of searches) expect(search.grantId).not.toBeNull()
})

test('with OAuth, from New Data Flow to a finished run: a CSV file, mapped by hand, updates leads of Close', async ({
  signedIn,
  product,
}) => {
  const { organization } = account(product)
  const { control } = product.sandbox
  const before = control.truth(organization.id, 'lead')
  const [first, second] = [present(before[0]), present(before[1])]
  const csv = [
    'Close Id,Company,Note',
    `${first['id']},"Renamed, by a flow",unused`,
    `${second['id']},Also renamed,unused`,
    'lead_thatdoesnotexist,Nobody,unused',
  ].join('\n')
  const wizard = new Wizard(signedIn)
  await wizard.open()
  await wizard.choose('Files')
  await wizard.choose('CSV')
  await wizard.upload('renames.csv', csv)
  await wizard.next()
  await wizard.choose('Close')
  await authorize(new AddCredential(signedIn), product, newName('OAuth as destination'))
  await wizard.next()
  await wizard.choose('Update leads')
  await expect(signedIn.getByRole('button', { name: 'Next' })).toBeDisabled()
  for (const [row, [column, field]] of [
    ['Close Id', /^id\b/i],
    ['Company', /^name$|\(name\)/i],
  ].entries()) {
    // The page adds rows for columns whose names it knows.
    await expect(signedIn.getByRole('combobox', { name: `Column ${row + 1}`, exact: true })).toBeVisible()
    await wizard.select(`Column ${row + 1}`, String(column))
    await wizard.select(`Field ${row + 1}`, present(field))
  }
  const preview = signedIn.getByRole('region', { name: 'Preview' })
  await expect(preview.getByRole('listitem').first()).toContainText(/Update.*Renamed, by a flow/)
  await wizard.next()
  await wizard.createAndRun(newName('Renames by OAuth'), 'Partial')

  await expect(count(signedIn, 'Written')).toHaveText('2')
  await expect(count(signedIn, 'Refused')).toHaveText('1')
  const refused = signedIn.getByRole('region', { name: '1 refused record' })
  await refused.getByText('Show the record').click()
  await expect(refused).toContainText('lead_thatdoesnotexist')
  const after = control.truth(organization.id, 'lead')
  expect(after).toHaveLength(before.length)
  const nameOf = (id: unknown) => after.find((lead) => lead['id'] === id)?.['name']
  expect(nameOf(first['id'])).toBe('Renamed, by a flow')
  expect(nameOf(second['id'])).toBe('Also renamed')
})

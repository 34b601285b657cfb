import { newName, present, storeCredential } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { expect, type Product, test } from '../product.ts'

/** A flow that writes a column to a field of the first account, and whose destination was given the second one. */
async function flowThatLacks(product: Product) {
  const { client } = product
  const [own, other] = [
    await storeCredential(product, newName('Its own')),
    await storeCredential(product, newName('Another'), 1),
  ]
  const leads = { connector: 'close', credentialId: own.id, config: { object: 'leads', mode: 'create' } }
  const { targetColumns } = await client.destinations.preview({ body: { source: null, destination: leads } })
  const field = present(targetColumns.find(({ name }) => name.startsWith('custom.')))
  const name = newName('Seats of companies')
  const file = `${newName('seats').replace(' ', '-')}.csv`
  const headers = { 'x-latchwork': '1', 'content-type': 'application/octet-stream' }
  await product.browse(`${product.url}/api/files/${file}`, {
    method: 'PUT',
    headers,
    body: 'Company,Seats\nA,3\n',
  })
  const source = await client.sources.create({
    body: { connector: 'files', credentialId: null, name, config: { file, format: 'csv' } },
  })
  const pairs = [
    { from: 'Company', to: 'name' },
    { from: 'Seats', to: field.name },
  ]
  const config = { ...leads.config, mapping: JSON.stringify(pairs) }
  const destination = await client.destinations.create({ body: { ...leads, name, config } })
  const flow = await client.flows.create({
    body: { name, sourceId: source.id, destinationId: destination.id },
  })
  await client.deletedCredentials.moveUsage({
    params: { id: own.id },
    body: { to: other.id, confirmIdentityChange: true, lacking: true },
  })
  return { flow, destination, field }
}

test('a flow’s page says what its account lacks, by name, until that is put right', async ({
  signedIn: page,
  product,
}) => {
  const { flow, destination, field } = await flowThatLacks(product)
  await page.goto(`/flows/${flow.id}`)
  const notice = page
    .getByRole('status')
    .filter({ hasText: 'This flow names what its account does not have.' })
  await expect(notice.getByRole('listitem')).toHaveCount(1)
  await expect(notice).toContainText('Seats')
  await expect(notice).toContainText(field.label)
  expect(await axeFaults(page)).toEqual([])

  await page.getByRole('link', { name: destination.name }).last().click()
  await page.getByRole('button', { name: 'Remove field 2' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('button', { name: 'Remove field 2' })).toBeHidden()
  await page.goBack()
  await expect(page.getByRole('button', { name: 'Run now' })).toBeVisible()
  await expect(notice).toBeHidden()
})

import { newId } from '@latchwork/contract'
import { createPostgresDatabase } from '../../tools/test-databases/server.ts'
import { newName, storeCredential, storePostgresCredential } from '../accounts.ts'
import { findTile } from '../pages/add-credential.ts'
import { Wizard } from '../pages/wizard.ts'
import { expect, test } from '../product.ts'

test('lists get tables, the flow a schema, and columns that changed a choice and new names', async ({
  signedIn: page,
  product,
}) => {
  const { sandbox, client } = product
  const database = await createPostgresDatabase(null)
  const field = { type: 'custom_field', id: `cf_${newId('flow').slice(5).repeat(3).slice(0, 43)}` }
  sandbox.control.insert({
    type: 'custom_field',
    record: { id: field.id, object_type: 'lead', name: 'Number of seats', type: 'number' },
  })
  try {
    const close = (await storeCredential(product, newName('Orchard'))).name
    const name = newName('Warehouse')
    await storePostgresCredential(product, name, database)
    const wizard = new Wizard(page)
    await wizard.open()
    await wizard.choose('Close')
    await (await findTile(page, close)).click()
    await wizard.choose('Streams of your choice')
    await page.getByText('Streams that I choose').click()
    await page.getByRole('checkbox', { name: 'Leads', exact: true }).check()
    await page.getByRole('checkbox', { name: 'Users', exact: true }).check()
    await page.getByRole('checkbox', { name: 'Leads', exact: true }).focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const details = page.getByRole('dialog', { name: 'Leads' })
    await details.getByRole('combobox', { name: 'Lists in a record' }).selectOption('Tables of their own')
    await page.keyboard.press('Escape')
    await wizard.next()
    await wizard.choose('PostgreSQL')
    await page.getByRole('radio', { name, exact: true }).click()
    await wizard.field('Table').fill('never_so')
    await page.getByRole('button', { name: 'Preview the first records' }).click()
    const answer = page.getByRole('region', { name: 'Answer' })
    // Beside others a stream has a table of its own, and not that of the form.
    await expect(answer).toContainText(/A run makes the tables public\.leads, public\.leads_addresses/)
    await wizard.next()
    await wizard.field('Schema').fill('orchard')
    await wizard.field('Flow name').fill('Orchard tables')
    await page.getByRole('button', { name: 'Create and run' }).click()
    // Each of its streams says that it has succeeded, too.
    const progress = page.getByRole('region', { name: 'Progress' })
    await expect(progress).toContainText('Everything that was read has been written.', { timeout: 60_000 })
    sandbox.control.edit({ ...field, changes: { name: 'Seats in all', type: 'text' } })
    const [flow] = (await client.flows.list({ query: { query: 'Orchard tables' } })).items
    await page.goto(`/flows/${flow?.id}`)
    await expect(page.getByText('in the schema orchard')).toBeVisible()
    await page.getByRole('button', { name: 'Run now' }).click()
    const held = page.getByRole('region', { name: 'Columns to decide about' })
    await expect(held).toContainText(/Seats in all/, { timeout: 60_000 })
    await page.goto(`/flows/${flow?.id}`)
    await held.getByRole('button', { name: /One column/ }).click()
    await expect(held).toBeHidden()
    await page.getByRole('button', { name: 'Take the new names' }).click()
    const asked = page.getByRole('dialog', { name: 'Take the new names?' })
    await expect(asked).toContainText('number_of_seats → seats_in_all')
    await asked.getByRole('button', { name: 'Take the new names' }).click()
    await expect(asked).toBeHidden()
    // Of the run that waited for the choice only the stream that failed is run again.
    await page.goBack()
    await page.getByRole('button', { name: 'Run the failed stream' }).click()
    await expect(page.getByText(/Only Leads, started by/)).toBeVisible()
    await expect(progress).toContainText('Everything that was read has been written.', { timeout: 60_000 })
  } finally {
    sandbox.control.remove(field)
    await database.drop()
  }
})

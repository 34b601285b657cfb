import { newName, storeCredential } from '../accounts.ts'
import { expect, test } from '../product.ts'

test('a flow is put on a time of day, on a cron, and paused, by keyboard', async ({
  signedIn: page,
  product,
}) => {
  const { client } = product
  const credential = await storeCredential(product, newName('Planned'))
  const source = await client.sources.create({
    body: {
      connector: 'close',
      credentialId: credential.id,
      name: newName('Leads'),
      config: { object: 'leads' },
    },
  })
  const config = { file: `${source.id}.jsonl`, format: 'jsonl' }
  const destination = await client.destinations.create({
    body: { connector: 'files', credentialId: null, name: newName('File'), config },
  })
  const { id } = await client.flows.create({
    body: { name: newName('Planned'), sourceId: source.id, destinationId: destination.id },
  })
  const flow = () => client.flows.get({ params: { id } })
  await page.goto(`/flows/${id}`)
  const more = page.getByRole('button', { name: /^More for / })
  const choose = async (item: string) => {
    await more.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: item }).press('Enter')
  }
  await page.getByRole('button', { name: 'Choose schedule' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Edit flow' })
  await dialog.getByLabel('Schedule').selectOption('Monday to Friday at a time')
  await dialog.getByLabel('Time', { exact: true }).fill('06:30')
  await dialog.getByRole('combobox', { name: 'Time zone' }).fill('zurich')
  await page.getByRole('option', { name: 'Europe/Zurich' }).click()
  await expect(dialog.getByRole('status')).toContainText('by your clock')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Monday to Friday at 06:30 (Europe/Zurich)')).toBeVisible()

  await choose('Edit')
  await expect(dialog.getByLabel('Time', { exact: true })).toHaveValue('06:30')
  await dialog.getByLabel('Schedule').selectOption('Cron expression')
  const cron = dialog.getByLabel('Cron expression')
  await cron.fill('* * * * *')
  await expect(dialog.getByText('It must leave 5 minutes between two runs.')).toBeVisible()
  await dialog.getByRole('button', { name: 'Save' }).click()
  expect((await flow()).schedule).toMatchObject({ cron: '30 6 * * 1-5' })
  // What reads as a time of day on the way does not take the field away.
  await cron.fill('0 6 * * *')
  await cron.fill('0 6 1 * *')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  expect((await flow()).schedule).toEqual({ kind: 'cron', cron: '0 6 1 * *', timeZone: 'Europe/Zurich' })

  await choose('Pause')
  await expect(page.getByText('paused this flow. It runs only when somebody runs it.')).toBeVisible()
  expect(await flow()).toMatchObject({ nextRunAt: null })
  await choose('Resume')
  await expect(page.getByText('paused this flow')).toBeHidden()
  expect((await flow()).nextRunAt).not.toBeNull()
})

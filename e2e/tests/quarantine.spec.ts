import type { Client, Run } from '@latchwork/contract'
import { newName, storeCredential } from '../accounts.ts'
import { expect, type Product, test } from '../product.ts'

/** A run that writes leads of a CSV file, of which three are refused for one reason and one for another. */
async function refusedRun(product: Product): Promise<{ run: Run; name: string }> {
  const { client } = product
  const name = newName('Leads of the fair')
  const { id: credentialId } = await storeCredential(product, newName('Fair'))
  const lines = [
    'Company,Status,Website',
    'Larkspur Looms,,https://larkspur.example',
    'Quartz Quays,stat_missing0001,https://quartz.example',
    'Gone Gliders,stat_missing0002,',
    'Moss Mills,stat_missing0003,https://moss.example',
    ',,https://nameless.example',
  ]
  const file = `${name.replaceAll(/\W/g, '-')}.csv`
  await product.browse(`${product.url}/api/files/${file}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'x-latchwork': '1' },
    body: lines.join('\n'),
  })
  const pairs = [
    { from: 'Company', to: 'name' },
    { from: 'Status', to: 'status_id' },
    { from: 'Website', to: 'url' },
  ]
  const source = await client.sources.create({
    body: { connector: 'files', credentialId: null, name, config: { file, format: 'csv' } },
  })
  const config = { object: 'leads', mode: 'create', mapping: JSON.stringify(pairs) }
  const destination = await client.destinations.create({
    body: { connector: 'close', credentialId, name, config },
  })
  const flow = await client.flows.create({
    body: { name, sourceId: source.id, destinationId: destination.id },
  })
  const run = await client.flows.run({ params: { id: flow.id } })
  return { run: await ended(client, run.id), name }
}

async function ended(client: Client, id: string): Promise<Run> {
  let run = await client.runs.get({ params: { id } })
  await expect
    .poll(async () => {
      run = await client.runs.get({ params: { id } })
      return run.finishedAt
    })
    .not.toBeNull()
  return run
}

test('refused records are put right and replayed; running again asks; a run is deleted', async ({
  signedIn: page,
  product,
}) => {
  const { run } = await refusedRun(product)
  await page.goto(`/runs/${run.id}`)
  const main = page.getByRole('main')
  await expect(main.getByText('Partial', { exact: true }).first()).toBeVisible()
  await expect(main.getByRole('heading', { name: '4 refused records' })).toBeVisible()
  const list = main.getByRole('listitem')
  await expect(list.filter({ hasText: 'Quartz Quays' })).toContainText('Row 3')
  await expect(list.filter({ hasText: 'https://nameless.example' })).toContainText('Row 6')

  await main.getByRole('button', { name: 'Edit Quartz Quays' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit Quartz Quays' })
  await dialog.getByLabel('Website').fill('https://quays.example')
  const [item] = (await product.client.runs.quarantine({ params: { id: run.id } })).items
  await product.client.runs.editQuarantined({
    params: { id: run.id, record: item?.id ?? '' },
    body: { values: { Website: 'https://somebody-else.example' } },
  })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Somebody else changed the Website')
  // The list is loaded again meanwhile.
  await expect(async () => {
    await page.keyboard.press('Escape')
    await main.getByRole('button', { name: 'Edit Quartz Quays' }).click()
    const website = dialog.getByLabel('Website')
    await expect(website).toHaveValue('https://somebody-else.example', { timeout: 1000 })
  }).toPass()
  await dialog.getByLabel('Status').fill('')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await main.getByRole('button', { name: 'Drop Gone Gliders' }).click()
  const drop = page.getByRole('dialog', { name: 'Drop these records?' })
  await drop.getByRole('button', { name: 'Drop' }).click()
  await expect(drop).toBeHidden()
  await expect(list.filter({ hasText: 'Gone Gliders' })).toHaveCount(0)

  await main.getByRole('button', { name: 'Replay the 3' }).click()
  await expect(main.getByText('· replay of')).toBeVisible()
  await expect(main.getByText('Partial', { exact: true }).first()).toBeVisible()
  await expect(main.getByRole('heading', { name: '2 refused records' })).toBeVisible()
  await main.getByRole('link', { name: 'the run that met them first' }).click()
  await expect(list.filter({ hasText: 'Moss Mills' })).toBeVisible()
  await expect(list.filter({ hasText: 'Quartz Quays' })).toHaveCount(0)

  await main.getByRole('button', { name: 'Run again' }).click()
  const again = page.getByRole('dialog', { name: 'Create them again?' })
  await expect(again).toContainText('This creates 1 lead again.')
  await again.getByRole('button', { name: 'Cancel' }).click()
  await main.getByRole('button', { name: 'Delete' }).click()
  const remove = page.getByRole('dialog', { name: 'Delete this run?' })
  await expect(remove).toContainText('2 records in its quarantine are erased with it.')
  await remove.getByRole('button', { name: 'Delete run' }).click()
  await expect(page.getByRole('list', { name: 'Runs' })).toBeVisible()
})

test('a flow that creates is put on a schedule only when that was agreed to', async ({
  signedIn: page,
  product,
}) => {
  const { run } = await refusedRun(product)
  await page.goto(`/flows/${run.flowId}`)
  await page.getByRole('button', { name: /^More for / }).click()
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit flow' })
  await dialog.getByLabel('Schedule').selectOption('Every hour')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const question = page.getByRole('dialog', { name: 'Create records on a schedule?' })
  await expect(question).toContainText('creates a lead for each record')
  await question.getByRole('button', { name: 'Yes, every time' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('main').getByText('Every hour')).toBeVisible()
})

test('what a member is told is chosen in the settings, and stays chosen', async ({
  signedIn: page,
  product,
}) => {
  await page.goto('/settings')
  const section = page.getByRole('region', { name: 'Your alerts' })
  const late = section.getByRole('checkbox', { name: 'A flow is late' })
  await late.uncheck()
  await expect.poll(async () => (await product.client.alerts.preferences()).muted).toEqual(['flow_late'])
  await page.reload()
  await expect(late).not.toBeChecked()
  await late.check()
  await expect.poll(async () => (await product.client.alerts.preferences()).muted).toEqual([])
  await expect(page.getByText('Kept after a run')).toBeVisible()
})

test('a destination can be saved before there is a source: its columns are typed', async ({
  signedIn: page,
  product,
}) => {
  const { id } = await storeCredential(product, newName('Early'))
  const { name: credential } = await product.client.credentials.get({ params: { id } })
  await page.goto('/destinations/new')
  await page.getByRole('radio', { name: /^Close/ }).click({ force: true })
  await page.getByRole('radio', { name: credential }).click({ force: true })
  await page.getByRole('radio', { name: /^Create leads/ }).check({ force: true })
  const save = page.getByRole('button', { name: 'Save data destination' })
  await expect(save).toBeDisabled()
  await page.getByRole('button', { name: 'Add a field' }).click()
  await page.getByLabel('Column 1').fill('Notes')
  await page.getByRole('combobox', { name: 'Field 1' }).click()
  await page.getByRole('option', { name: 'Description' }).click()
  await expect(
    page.getByText('Map a column to Name: a lead without a name is not made.').first(),
  ).toBeVisible()
  await expect(save).toBeDisabled()
  await page.getByRole('button', { name: 'Add a field' }).click()
  await page.getByLabel('Column 2').fill('Company')
  await page.getByRole('combobox', { name: 'Field 2' }).click()
  await page.getByRole('option', { name: 'Name', exact: true }).click()
  await save.click()
  await expect(page).toHaveURL(/\/destinations\?id=/)
})

import { newName, storeCredential } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { expect, test } from '../product.ts'

test('a flow’s history is a chart and a table, a run has a log, and the list of runs is narrowed in the address', async ({
  signedIn: page,
  product: { client, ...product },
}) => {
  const credential = await storeCredential({ client, ...product }, newName('Watched'))
  const name = newName('Watched flow')
  const source = await client.sources.create({
    body: { connector: 'close', credentialId: credential.id, name, config: { object: 'users' } },
  })
  const destination = await client.destinations.create({
    body: { connector: 'files', credentialId: null, name, config: { file: `${source.id}.jsonl` } },
  })
  const flow = await client.flows.create({
    body: { name, sourceId: source.id, destinationId: destination.id },
  })
  const ended = async () => {
    const { id } = await client.flows.run({ params: { id: flow.id } })
    await expect.poll(async () => (await client.runs.get({ params: { id } })).status).toBe('succeeded')
    return id
  }
  const [first, second] = [await ended(), await ended()]

  await page.goto(`/flows/${flow.id}`)
  const history = page.getByRole('region', { name: 'History' })
  const chart = history.getByRole('toolbar', { name: /^Records read in the last 2 runs.* 2 succeeded/ })
  const bars = chart.getByRole('button', { name: /succeeded, .* read/ })
  await expect(bars).toHaveCount(2)
  expect(await axeFaults(page)).toEqual([])
  // One stop of the Tab key, on the newest run; the arrow keys go on.
  await expect(bars.last()).toHaveAttribute('tabindex', '0')
  await bars.last().focus()
  await page.keyboard.press('ArrowLeft')
  await expect(bars.first()).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`/runs/${first}`)
  await page.goBack()
  await history.getByRole('button', { name: 'Show as table' }).press('Enter')
  const rows = history.getByRole('row')
  await expect(rows).toHaveCount(3)
  expect(await axeFaults(page)).toEqual([])
  await rows.nth(1).getByRole('link').press('Enter')
  await expect(page).toHaveURL(`/runs/${second}`)
  const log = page.getByRole('list', { name: 'Log' }).getByRole('listitem')
  await expect(log.first()).toContainText('Asked for by')
  await expect(log.last()).toContainText('Succeeded')

  await page.goto(`/flows/${flow.id}`)
  await page.getByRole('button', { name: 'Choose alerts' }).click()
  const dialog = page.getByRole('dialog', { name: 'What this flow tells of' })
  await dialog.getByLabel('Hours without a change').fill('24')
  await dialog.getByLabel('Columns of the destination change').uncheck()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('nothing read (1 day for changes), 2 times more or fewer')).toBeVisible()

  await page.goto('/runs')
  await page.getByRole('combobox', { name: 'Flow' }).fill(name)
  await page.getByRole('option', { name }).click()
  const runs = page.getByRole('list', { name: 'Runs' }).getByRole('listitem')
  await expect(runs).toHaveCount(2)
  await page.getByLabel('Status').selectOption('failed')
  await expect(page).toHaveURL(new RegExp(`flow=${flow.id}&status=failed`))
  await expect(page.getByText('No run matches')).toBeVisible()
  await page.goto(`/runs?flow=${flow.id}&starter=person&from=2020-01-01`)
  await expect(runs).toHaveCount(2)
  await expect(runs.last().getByRole('link')).toHaveAttribute('href', `/runs/${first}`)
  await page.getByLabel('Begun by').selectOption('schedule')
  await expect(page.getByText('No run matches')).toBeVisible()
  await page.getByLabel('Begun by').selectOption('Administrator')
  await expect(page).toHaveURL(/by=Administrator/)
  await expect(runs).toHaveCount(2)
  await page.goto(`/runs?flow=${flow.id}&by=Somebody%20who%20left`)
  await expect(page.getByLabel('Begun by').locator('option:checked')).toHaveText('Somebody who left')
  await expect(page.getByText('No run matches')).toBeVisible()
})

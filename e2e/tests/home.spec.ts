/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { Client, Flow } from '@latchwork/contract'
import { newName, present, storeCredential } from '../accounts.ts'
import { searchList } from '../pages/list-search.ts'
import { expect, test } from '../product.ts'

async function ended(client: Client, flow: Flow): Promise<void> {
  const { id } = await client.flows.run({ params: { id: flow.id } })
  await expect.poll(async () => (await client.runs.get({ params: { id } })).finishedAt).not.toBeNull()
}

test('the home shows what is wrong, and its filters stand in the address', async ({
  signedIn: page,
  product,
}) => {
  const { client } = product
  const { id: credentialId } = await storeCredential(product, newName('Home'))
  const name = newName('Homely')
  const users = { connector: 'close', credentialId, name, config: { object: 'users' } }
  const source = await client.sources.create({ body: users })
  const missing = { connector: 'files', credentialId: null, name, config: { file: 'no.csv', format: 'csv' } }
  const nowhere = await client.sources.create({ body: { ...missing, name: `${name} missing` } })
  const file = async (file: string) => {
    const config = { file: `${file}.jsonl`, format: 'jsonl' }
    return client.destinations.create({
      body: { connector: 'files', credentialId: null, name: file, config },
    })
  }
  const [one, two] = [await file(`${source.id}-one`), await file(`${source.id}-two`)]
  const flow = (of: string, sourceId: string, destinationId: string) =>
    client.flows.create({ body: { name: `${name} ${of}`, sourceId, destinationId } })
  const failing = await flow('failing', nowhere.id, one.id)
  const [second, tenth] = [await flow('2', source.id, two.id), await flow('10', source.id, two.id)]
  await ended(client, failing)
  await ended(client, second)

  await page.goto('/flows')
  const needed = page.getByRole('list', { name: 'Needs attention' }).getByRole('listitem')
  const flows = page.getByRole('list', { name: 'Flows', exact: true }).getByRole('listitem')
  for (const list of [needed, flows]) await expect(list.first()).toBeVisible()
  await searchList(page, 'flows', name)
  const row = needed.filter({ hasText: failing.name })
  await expect(row).toContainText('There is no file no.csv')
  await expect(row.getByRole('link', { name: `Open the source: ${failing.name}` })).toBeVisible()
  await expect(needed.filter({ hasText: second.name })).toHaveCount(0)
  const rows = flows.filter({ hasText: name })
  await expect(rows).toHaveCount(2)
  await expect(present(rows.nth(0))).toContainText(second.name)
  await expect(present(rows.nth(1))).toContainText(tenth.name)
  await expect(
    rows.nth(0).getByRole('img', { name: /^The only run: succeeded, \d+ records? written/ }),
  ).toBeVisible()
  await expect(rows.nth(0)).toContainText('Fresh')

  await page.getByRole('combobox', { name: 'Status' }).click()
  await page.getByRole('option', { name: 'Failed' }).click()
  await page.waitForURL(/standing=failed/)
  await expect(rows).toHaveCount(0)
  await page.reload()
  await expect(row).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('Failed')
})

test('a flow is copied, is warned of, and gets another destination after a question', async ({
  signedIn: page,
  product,
}) => {
  const { client } = product
  const { id: credentialId } = await storeCredential(product, newName('Lively'))
  const name = newName('Lively')
  const users = { connector: 'close', credentialId, name, config: { object: 'users' } }
  const source = await client.sources.create({ body: users })
  const config = (file: string) => ({ file: `${source.id}-${file}.jsonl`, format: 'jsonl' })
  const files = { connector: 'files', credentialId: null }
  const to = await client.destinations.create({
    body: { ...files, name: `${name} one`, config: config('one') },
  })
  await client.destinations.create({ body: { ...files, name: `${name} two`, config: config('two') } })
  const flow = await client.flows.create({ body: { name, sourceId: source.id, destinationId: to.id } })
  await ended(client, flow)
  await page.goto(`/flows/${flow.id}`)
  const choose = async (item: string) => {
    await page.getByRole('button', { name: /^More for / }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await choose('Duplicate')
  await expect(page.getByRole('heading', { name: `Copy of ${name}`, level: 1 })).toBeVisible()
  const warning = page.getByRole('status').filter({ hasText: 'Another flow writes to the same place' })
  await expect(warning).toContainText(`${source.id}-one.jsonl`)
  await warning.getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { name, level: 1, exact: true })).toBeVisible()
  await choose('Change source or destination')
  const dialog = page.getByRole('dialog', { name: 'Change source or destination' })
  await dialog.getByRole('combobox', { name: 'Data destination' }).click()
  await page.getByRole('option', { name: `${name} two` }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  const question = page.getByRole('dialog', { name: 'Read everything again?' })
  await question.getByRole('button', { name: 'Change it' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('link', { name: `${name} two` })).toBeVisible()
  await expect(warning).toBeHidden()
})

test('where a person asks for less motion, a list that loads stands still', async ({ signedIn: page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  // Never answered.
  await page.route(/\/api\/flows(\?|$)/, () => undefined)
  await page.goto('/flows')
  await expect(page.getByRole('status', { name: 'Loading the flows' })).toBeVisible()
  const endless = await page.evaluate(
    () => document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === Infinity).length,
  )
  expect(endless).toBe(0)
})

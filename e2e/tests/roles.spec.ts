import type { Client } from '@latchwork/contract'
import type { Page } from '@playwright/test'
import { newName, present, storeCredential } from '../accounts.ts'
import { signInAsMember } from '../members.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, type Product, test } from '../product.ts'

type Role = 'collaborator' | 'operator' | 'admin'

/** A flow from Close that has run once, and all of its parts. */
async function flowOf(product: Product) {
  const { client } = product
  const credential = await storeCredential(product, newName('Of a flow'))
  const source = await client.sources.create({
    body: {
      connector: 'close',
      credentialId: credential.id,
      name: newName('From'),
      config: { object: 'leads' },
    },
  })
  const destination = await client.destinations.create({
    body: {
      connector: 'files',
      credentialId: null,
      name: newName('To'),
      config: { file: `${source.id}.jsonl`, format: 'jsonl' },
    },
  })
  const flow = await client.flows.create({
    body: { name: newName('Shared flow'), sourceId: source.id, destinationId: destination.id },
  })
  const run = await client.flows.run({ params: { id: flow.id } })
  await expect.poll(async () => (await client.runs.get({ params: { id: run.id } })).status).toBe('succeeded')
  return { credential, source, destination, flow, run }
}
type Things = Awaited<ReturnType<typeof flowOf>>

async function share(client: Client, things: Things, memberId: string, role: Role): Promise<void> {
  const body = { memberId, role }
  await client.credentialAccess.set({ params: { id: things.credential.id }, body })
  await client.sourceAccess.set({ params: { id: things.source.id }, body })
  await client.destinationAccess.set({ params: { id: things.destination.id }, body })
  await client.flowAccess.set({ params: { id: things.flow.id }, body })
}

/** The names of the buttons in a part of the page. */
async function buttonsOf(page: Page, container = page.getByRole('main')): Promise<string[]> {
  const names = await container
    .getByRole('button')
    .evaluateAll((buttons) =>
      buttons.map((each) => each.getAttribute('aria-label') ?? each.textContent ?? ''),
    )
  return names.map((name) => name.trim())
}

async function drawerOf(page: Page, kind: 'source' | 'destination', id: string) {
  await page.goto(`/${kind}s?id=${id}`)
  const drawer = page.getByRole('dialog', { name: `Data ${kind}` })
  await expect(drawer.getByRole('heading', { name: 'Shared with' })).toBeVisible()
  await expect(drawer.getByRole('list', { name: 'Who has access' })).toContainText('Owner')
  return drawer
}

test('a collaborator sees what there is, and nothing to press that would be refused', async ({
  page,
  product,
}) => {
  const things = await flowOf(product)
  const { id } = await signInAsMember(product, page, 'Rowan')
  await share(product.client, things, id, 'collaborator')

  const drawer = new CredentialDrawer(page)
  await drawer.open(things.credential.id)
  await expect(drawer.dialog.getByText('You are a collaborator of this credential.')).toBeVisible()
  await expect(drawer.dialog.getByRole('listitem').getByText(things.flow.name)).toBeVisible()
  await expect(drawer.dialog.getByRole('list', { name: 'Who has access' })).toContainText('Rowan')
  await expect(drawer.button('Show as table')).toBeVisible()
  expect(await buttonsOf(page, drawer.dialog)).toEqual(['Close', 'Copy the id', 'Show as table'])
  await expect(drawer.dialog.getByRole('combobox', { name: /^(?!Endpoints$)/ })).toHaveCount(0)

  for (const kind of ['source', 'destination'] as const) {
    const end = await drawerOf(page, kind, things[kind].id)
    await expect(end.getByText(`You are a collaborator of this ${kind}.`)).toBeVisible()
    await expect(end.getByRole('textbox', { name: 'Name', exact: true })).toBeDisabled()
    for (const name of ['Save changes', 'Delete', 'Hand over…']) {
      await expect(end.getByRole('button', { name })).toHaveCount(0)
    }
  }

  await page.goto('/flows')
  const row = page.getByRole('listitem').filter({ hasText: things.flow.name })
  await expect(row).toBeVisible()
  // A copy would be one's own.
  const more = `More for ${things.flow.name}`
  await expect(row.getByRole('button')).toHaveCount(1)
  await row.getByRole('button', { name: more }).click()
  await expect(page.getByRole('menuitem')).toHaveText(['Duplicate'])
  await page.goto(`/flows/${things.flow.id}`)
  await expect(page.getByText('You are a collaborator of this flow.')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Last run' })).toBeVisible()
  expect(await buttonsOf(page)).toEqual([more])

  const refused: string[] = []
  page.on('response', (answer) => {
    if (answer.status() === 403) refused.push(answer.url())
  })
  await page.goto(`/runs/${things.run.id}`)
  await expect(page.getByText('To run it or read its records, you need the role Operator')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Last records' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Run again' })).toHaveCount(0)
  expect(refused, 'requests that the server refused').toEqual([])

  await expect(page.getByRole('navigation').getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await page.goto('/audit')
  await expect(page.getByRole('heading', { name: "The audit log couldn't be loaded" })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Verify' })).toHaveCount(0)
  await page.goto('/settings')
  await expect(page.getByRole('list', { name: 'Members' })).toContainText('Rowan')
  for (const name of [/Invite/, /^Remove/]) await expect(page.getByRole('button', { name })).toHaveCount(0)
  await expect(page.getByRole('combobox')).toHaveCount(0)
})

test('an operator checks and runs, and changes nothing', async ({ page, product }) => {
  const things = await flowOf(product)
  const { id } = await signInAsMember(product, page, 'Alder')
  await share(product.client, things, id, 'operator')

  const drawer = new CredentialDrawer(page)
  await drawer.open(things.credential.id)
  await expect(drawer.dialog.getByText('You are an operator of this credential.')).toBeVisible()
  await expect(drawer.dialog.getByRole('list', { name: 'Who has access' })).toContainText('Alder')
  await expect(drawer.button('Show as table')).toBeVisible()
  expect(await buttonsOf(page, drawer.dialog)).toEqual(['Close', 'Check now', 'Copy the id', 'Show as table'])
  await drawer.button('Check now').click()
  await expect(drawer.dialog.getByText('Verified', { exact: true })).toBeVisible()

  await page.goto('/flows')
  const row = page.getByRole('listitem').filter({ hasText: things.flow.name })
  await expect(row.getByRole('button')).toHaveCount(2)
  await row.getByRole('button', { name: `Run now: ${things.flow.name}` }).click()
  await page.waitForURL(/\/runs\/run_/)
  await expect(page.getByText('Succeeded', { exact: true })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Table of the last records' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run again' })).toBeVisible()
  await page.goto(`/flows/${things.flow.id}`)
  await expect(page.getByText('You are an operator of this flow.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run now' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Hand over…', exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: /^More for / }).click()
  await expect(page.getByRole('menuitem')).toHaveText(['Duplicate'])
})

test('an owner hands things over, reads before what changes, and is an admin of them afterwards', async ({
  page,
  product,
}) => {
  const heir = await signInAsMember(product, page, 'Yarrow')
  const owner = await signInAsMember(product, page, 'Sorrel')
  const things = await flowOf(product)
  const params = { id: things.flow.id }
  await product.client.flowAccess.transfer({ params, body: { to: owner.id } })
  const credential = { id: things.credential.id }
  await product.client.credentialAccess.transfer({ params: credential, body: { to: owner.id } })
  await product.client.sourceAccess.transfer({ params: { id: things.source.id }, body: { to: owner.id } })
  const to = { id: things.destination.id }
  await product.client.destinationAccess.transfer({ params: to, body: { to: owner.id } })

  const handOver = async (container = page.getByRole('main'), kind = 'flow') => {
    await container.getByRole('button', { name: 'Hand over…' }).click()
    const dialog = page.getByRole('dialog', { name: `Hand this ${kind} over` })
    await expect(dialog.getByRole('button', { name: 'Hand over' })).toBeDisabled()
    const option = dialog.getByRole('option', { name: /^Yarrow/ }).last()
    await dialog.getByLabel('New owner').selectOption(present(await option.getAttribute('value')))
    await expect(dialog.getByRole('list', { name: 'What changes' })).toContainText(
      'You stay an admin of it: you may change and share it, but no longer delete it or take it back.',
    )
    await dialog.getByRole('button', { name: 'Hand over to Yarrow' }).click()
    await expect(dialog).toBeHidden()
  }
  await page.goto(`/flows/${things.flow.id}`)
  await handOver()
  await expect(page.getByText('You are an admin of this flow.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Hand over…', exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: /^More for / }).click()
  await expect(page.getByRole('menuitem')).toHaveText([
    'Edit',
    'Pause',
    'Change source or destination',
    'Duplicate',
  ])
  await page.keyboard.press('Escape')
  const drawer = new CredentialDrawer(page)
  await drawer.open(things.credential.id)
  await handOver(drawer.dialog, 'credential')
  await expect(drawer.dialog.getByText('You are an admin of this credential.')).toBeVisible()
  await expect(drawer.fact('Owner')).toHaveText('Yarrow')
  await expect(drawer.button('Rotate key')).toBeVisible()
  await expect(drawer.button('Delete')).toHaveCount(0)
  for (const kind of ['source', 'destination'] as const) {
    const end = await drawerOf(page, kind, things[kind].id)
    await handOver(end, kind)
    await expect(end.getByText(`You are an admin of this ${kind}.`)).toBeVisible()
    await expect(end.getByRole('button', { name: 'Delete' })).toHaveCount(0)
    await expect(end.getByRole('button', { name: 'Save changes' })).toBeVisible()
  }
  const { items } = await product.client.flowAccess.get({ params })
  expect(items[0]).toMatchObject({ member: { id: heir.id, name: 'Yarrow' }, role: 'owner' })
  expect(items).toContainEqual(
    expect.objectContaining({ member: { id: owner.id, name: 'Sorrel' }, role: 'admin' }),
  )
})

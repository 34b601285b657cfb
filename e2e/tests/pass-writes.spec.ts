import type { Page } from '@playwright/test'
import { newName, storeCredential } from '../accounts.ts'
import { callTool } from '../agent.ts'
import { expectAccessibleInAllForms } from '../axe.ts'
import { expect, type Product, test } from '../product.ts'

/** A pass whose writes a person confirms, and a lead that it may change. */
async function ground(product: Product) {
  const { client } = product
  const credential = await storeCredential(product, newName('For an agent'))
  const { pass, token } = await client.passes.create({
    body: {
      name: newName('Agent'),
      credentialId: credential.id,
      rules: { objects: { lead: ['read', 'change', 'delete'], note: ['create'] } },
      confirmWrites: true,
    },
  })
  const headers = { authorization: `Bearer ${token}` }
  const answer = await product.browse(`${product.url}/close/api/v1/lead/?_limit=1`, {
    method: 'GET',
    headers,
  })
  const { data } = JSON.parse(await answer.text())
  return { pass, token, lead: data[0] as { id: string; name: string } } // of the sandbox
}

const cards = (page: Page) => page.getByRole('article')

test('a write of an agent is shown before and after, confirmed at the keyboard, and refused', async ({
  signedIn: page,
  product,
}) => {
  const { pass, token, lead } = await ground(product)
  await page.goto(`/passes/${pass.id}`)
  await expect(page.getByText('Each write waits until a person confirms it.')).toBeVisible()
  await expect(page.getByText('No write waits.')).toBeVisible()
  const fields = { name: 'A better name' }
  const changed = callTool(product, token, 'update_record', { object: 'lead', id: lead.id, fields })
  const card = cards(page)
  await expect(card.getByRole('heading', { name: `Change ${lead.name}` })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Waiting for you (1)' })).toBeVisible()
  const row = card.getByRole('row').filter({ hasText: 'A better name' })
  await expect(row.getByRole('cell').first()).toHaveText(lead.name)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Passes' }).click()
  const listed = page
    .getByRole('list', { name: 'Passes' })
    .getByRole('listitem')
    .filter({ hasText: pass.name })
  await expect(listed).toContainText('1 write waits')
  await listed.getByRole('link').click()
  await expect(page.getByRole('heading', { name: 'Waiting for you (1)' })).toBeVisible()
  await expect(row.getByRole('cell').first()).toHaveText(lead.name)
  await expectAccessibleInAllForms(page)
  product.sandbox.control.edit({ type: 'lead', id: lead.id, changes: { name: 'By somebody else' } })
  await card.getByRole('button', { name: 'Confirm' }).focus()
  await page.keyboard.press('Enter')
  await expect(card.getByRole('alert')).toContainText('The record has changed since you looked at it.')
  await expect(row.getByRole('cell').first()).toHaveText('By somebody else')
  await card.getByRole('button', { name: 'Confirm' }).focus()
  await page.keyboard.press('Enter')
  expect(await changed).toContain('A better name')
  await expect(cards(page)).toHaveCount(0)
  await expect(page.getByRole('list', { name: 'Decided lately' })).toContainText('confirmed and sent')

  const deleted = callTool(product, token, 'delete_record', { object: 'lead', id: lead.id })
  await expect(card.getByRole('button', { name: 'Confirm the deletion' })).toBeVisible()
  await card.getByRole('button', { name: 'Refuse' }).click()
  expect(await deleted).toContain('A person refused this write')
  await expect(page.getByRole('list', { name: 'Decided lately' })).toContainText('refused')
  const read = await callTool(product, token, 'get_record', { object: 'lead', id: lead.id })
  expect(read).toContain('A better name')
})

test('the form offers it for a pass that may write, and says it in words', async ({
  signedIn: page,
  product,
}) => {
  await storeCredential(product, newName('Another'))
  await page.goto('/passes/new')
  const box = page.getByRole('checkbox', { name: 'A person confirms each write' })
  await page.getByRole('radio', { name: 'Read-only', exact: true }).check()
  await expect(box).toHaveCount(0)
  await page.getByRole('radio', { name: 'Everything but deletes' }).check()
  await box.check()
  await expect(page.getByRole('complementary', { name: 'This pass' })).toContainText(
    'Each write waits until a person confirms it.',
  )
})

import { expect, type Page } from '@playwright/test'
import { account, newName, storeSmartView } from '../accounts.ts'
import { callTool } from '../agent.ts'
import type { Product } from '../product.ts'
import { dialog, heading, type Screen } from './screen.ts'
import type { Seed } from './seed.ts'

/** A pass that has read leads, and was refused what it may not do. */
async function usedPass({ client, browse, url }: Product, { verified }: Seed): Promise<string> {
  const { pass, token } = await client.passes.create({
    body: {
      name: newName('Lead scoring of the agency'),
      purpose: 'Aster of the agency runs it each night',
      credentialId: verified.id,
      rules: { objects: { lead: ['read', 'change'], opportunity: ['read'], task: ['read', 'create'] } },
      perSecond: 5,
      perDay: 1000,
    },
  })
  const call = (path: string, method = 'GET') =>
    browse(`${url}/close/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } })
  for (const path of ['/lead/?_limit=5', '/opportunity/', '/email_template/']) await call(path)
  await call('/lead/lead_that_stays/', 'DELETE')
  await expect
    .poll(async () => (await client.passes.counts({ params: { id: pass.id } })).today)
    .toBeGreaterThan(0)
  return pass.id
}

/** The form of a new pass with a credential, and what it may do by a preset's label. */
async function beginPass(page: Page, product: Product, seed: Seed, preset: string): Promise<void> {
  await page.goto('/passes/new')
  await page.getByRole('combobox', { name: 'Credential for Close' }).fill(seed.verified.name)
  await page
    .getByRole('option', { name: account(product).organization.name })
    .first()
    .click()
  await page.getByRole('radio', { name: preset }).check()
}

/** A pass of an agent, of which one write waits for a person. */
async function waitingWrite(product: Product, { verified }: Seed): Promise<string> {
  const { client, sandbox } = product
  const { pass, token } = await client.passes.create({
    body: {
      name: newName('Tidies up descriptions'),
      credentialId: verified.id,
      rules: { objects: { lead: ['read', 'change'] } },
      confirmWrites: true,
    },
  })
  const [lead] = sandbox.control.truth(account(product).organization.id, 'lead')
  const fields = { description: 'Weaves by machine, since the spring' }
  // Nobody answers it: the write waits all the same.
  callTool(product, token, 'update_record', { object: 'lead', id: lead?.['id'], fields }).catch(
    () => undefined,
  )
  await expect.poll(async () => (await client.passes.get({ params: { id: pass.id } })).waitingWrites).toBe(1)
  return pass.id
}

/** Passes: the list, making one, and the page of one. */
export const passScreens: readonly Screen[] = [
  {
    name: 'passes',
    show: async ({ page, product, seed }) => {
      await usedPass(product, seed)
      const over = await product.client.passes.create({
        body: {
          name: newName('For the fair'),
          credentialId: seed.authorized.id,
          rules: { objects: { contact: ['read', 'create', 'change', 'delete'] } },
        },
      })
      await product.client.passes.revoke({ params: { id: over.pass.id } })
      await page.goto('/passes')
      await expect(page.getByRole('list', { name: 'Passes' })).toContainText('Revoked')
    },
  },
  {
    name: 'pass',
    show: async ({ page, product, seed }) => {
      await page.goto(`/passes/${await usedPass(product, seed)}`)
      await expect(page.getByRole('region', { name: 'Table of calls' })).toContainText('DELETE')
      await expect(page.getByRole('region', { name: 'Code for curl' })).toBeVisible()
    },
  },
  {
    name: 'pass-calls',
    show: async ({ page, product, seed }) => {
      await page.goto(`/passes/${await usedPass(product, seed)}`)
      await page.getByText('Denied', { exact: true }).click()
      await page.getByRole('heading', { name: 'Last 7 days' }).scrollIntoViewIfNeeded()
      await expect(page.getByRole('region', { name: 'Table of calls' }).getByRole('row')).toHaveCount(3)
    },
  },
  {
    name: 'pass-waiting-writes',
    show: async ({ page, product, seed }) => {
      await page.goto(`/passes/${await waitingWrite(product, seed)}`)
      await expect(page.getByRole('region', { name: 'What would change' })).toContainText('Weaves by machine')
    },
  },
  {
    name: 'passes-waiting',
    show: async ({ page, product, seed }) => {
      await waitingWrite(product, seed)
      await page.goto('/passes')
      await expect(page.getByRole('list', { name: 'Passes' })).toContainText('1 write waits')
    },
  },
  {
    name: 'pass-new-faults',
    show: async ({ page }) => {
      await page.goto('/passes/new')
      await page.getByRole('button', { name: 'Make the pass' }).click()
      await expect(page.getByText('Choose what it may do.', { exact: true })).toBeVisible()
    },
  },
  {
    name: 'pass-by-object',
    show: async ({ page }) => {
      await page.goto('/passes/new')
      await page.getByRole('radio', { name: 'Read-only', exact: true }).check()
      await page.getByRole('radio', { name: 'Object by object' }).check()
      await page.getByRole('checkbox', { name: 'Tasks: all' }).check()
      await page.getByRole('checkbox', { name: 'Leads: read' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'pass-further',
    show: async ({ page, product, seed }) => {
      const { pass } = await product.client.passes.create({
        body: {
          name: newName('Some fields'),
          credentialId: seed.verified.id,
          rules: {
            objects: { lead: ['read', 'change'] },
            fields: { lead: { read: ['name', 'status_id', 'custom'], write: ['status_id'] } },
            paths: [{ method: 'GET', path: '/status/lead/' }],
          },
          addresses: ['10.0.0.0/8'],
        },
      })
      await page.goto(`/passes/${pass.id}/change`)
      await page.getByLabel('Single endpoints').scrollIntoViewIfNeeded()
      await expect(page.getByLabel('Single endpoints')).toHaveValue('GET /status/lead/')
    },
  },
  {
    name: 'pass-smart-view',
    show: async ({ page, product, seed }) => {
      const view = newName('Customers in Bavaria')
      await storeSmartView(product, view)
      await beginPass(page, product, seed, 'Everything but deletes')
      await page.getByRole('button', { name: 'Further limits' }).click()
      await page.getByRole('combobox', { name: 'Only the leads of a smart view' }).fill(view)
      await page.getByRole('option', { name: view }).click()
      await page.getByRole('checkbox', { name: 'May make new leads' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'pass-made',
    show: async ({ page, product, seed }) => {
      await beginPass(page, product, seed, 'Leads only, to read')
      await page.getByRole('button', { name: 'Make the pass' }).click()
      await expect(page.getByRole('textbox', { name: 'Token' })).toBeVisible()
    },
  },
  {
    name: 'pass-new-token',
    show: async ({ page, product, seed }) => {
      await page.goto(`/passes/${await usedPass(product, seed)}`)
      await page.getByRole('button', { name: 'New token' }).click()
      await expect(dialog(page, 'New token').getByRole('button', { name: 'Make the token' })).toBeVisible()
    },
  },
  {
    name: 'pass-revoke',
    show: async ({ page, product, seed }) => {
      await page.goto(`/passes/${await usedPass(product, seed)}`)
      await page.getByRole('button', { name: 'Revoke' }).click()
      await expect(dialog(page, 'Revoke this pass?')).toBeVisible()
    },
  },
  {
    name: 'pass-not-there',
    show: async ({ page }) => {
      await page.goto('/passes/pass_0000000000000000000000')
      await heading(page, "The pass couldn't be loaded")
    },
  },
]

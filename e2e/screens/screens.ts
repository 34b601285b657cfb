import { expect, type Page } from '@playwright/test'
import { account, oauthApp } from '../accounts.ts'
import { addCredential, goToAuthenticate, tile } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import type { Product } from '../product.ts'
import type { Seed } from './seed.ts'

export interface Shown {
  readonly page: Page
  readonly product: Product
  readonly seed: Seed
}

/** Something a person can have before them. */
export interface Screen {
  readonly name: string
  /** Without anybody signed in. */
  readonly signedOut?: true
  /** Needs the narrow layout to be seen at all. */
  readonly narrowOnly?: true
  /** Brings it about and waits until it is all there. */
  show(shown: Shown): Promise<void>
}

const heading = (page: Page, name: string | RegExp) =>
  expect(page.getByRole('heading', { name }).first()).toBeVisible()
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })

/** Every screen but those of the wizard. */
export const screens: readonly Screen[] = [
  {
    name: 'sign-in',
    signedOut: true,
    show: async ({ page }) => {
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await expect(page.getByText('Email is required.')).toBeVisible()
    },
  },
  {
    name: 'setup',
    signedOut: true,
    show: async ({ page }) => {
      await page.goto('/setup?token=of-the-log')
      await heading(page, 'Make the administrator')
    },
  },
  {
    name: 'oauth-done',
    signedOut: true,
    show: async ({ page }) => {
      await page.goto('/oauth/done?result=oauth_declined')
      await heading(page, 'Access was not granted')
    },
  },
  {
    name: 'flows',
    show: async ({ page, seed }) => {
      await page.goto('/flows')
      await expect(page.getByRole('link', { name: seed.succeeded.flowName, exact: true })).toBeVisible()
    },
  },
  {
    name: 'flow',
    show: async ({ page, seed }) => {
      await page.goto(`/flows/${seed.succeeded.flowId}`)
      await heading(page, 'Last run')
      await expect(page.getByRole('list', { name: 'Runs' })).toBeVisible()
    },
  },
  {
    name: 'flow-edit',
    show: async ({ page, seed }) => {
      await page.goto(`/flows/${seed.succeeded.flowId}`)
      await page.getByRole('button', { name: 'Edit' }).click()
      await expect(dialog(page, 'Edit flow')).toBeVisible()
    },
  },
  {
    name: 'sources',
    show: async ({ page }) => {
      await page.goto('/sources')
      await expect(page.getByText('Leads for the report: source')).toBeVisible()
    },
  },
  {
    name: 'source',
    show: async ({ page }) => {
      await page.goto('/sources')
      await page.getByText('Leads for the report: source').click()
      await expect(dialog(page, 'Data source').getByRole('button', { name: 'Save' })).toBeVisible()
    },
  },
  {
    name: 'destinations',
    show: async ({ page }) => {
      await page.goto('/destinations')
      await expect(page.getByText('Companies from the fair: destination')).toBeVisible()
    },
  },
  {
    name: 'destination',
    show: async ({ page }) => {
      await page.goto('/destinations')
      await page.getByText('Companies from the fair: destination').click()
      await expect(dialog(page, 'Data destination').getByRole('region', { name: 'Preview' })).toBeVisible()
    },
  },
  {
    name: 'credentials',
    show: async ({ page, seed }) => {
      await page.goto('/credentials')
      await expect(page.getByRole('button', { name: seed.verified.name, exact: true })).toBeVisible()
    },
  },
  {
    name: 'credentials-none-found',
    show: async ({ page }) => {
      await page.goto('/credentials?query=nobody')
      await heading(page, 'No credential matches')
    },
  },
  {
    name: 'credential-oauth',
    show: async ({ page, seed }) => {
      await page.goto(`/credentials?id=${seed.authorized.id}`)
      await expect(dialog(page, 'Credential').getByText('Granted scope')).toBeVisible()
    },
  },
  {
    name: 'credential-failed',
    show: async ({ page, seed }) => {
      await page.goto(`/credentials?id=${seed.failed.id}`)
      await dialog(page, 'Credential').getByRole('button', { name: 'Replace the API Key' }).click()
      await dialog(page, 'Credential').getByRole('button', { name: 'Check and replace' }).click()
      await expect(dialog(page, 'Credential').getByText('API Key is required.')).toBeVisible()
    },
  },
  {
    name: 'credential-edit',
    show: async ({ page, seed }) => {
      await page.goto(`/credentials?id=${seed.verified.id}`)
      await dialog(page, 'Credential').getByRole('button', { name: 'Edit the description' }).click()
      await expect(dialog(page, 'Credential').getByRole('textbox')).toBeFocused()
    },
  },
  {
    name: 'credential-used',
    show: async ({ page, seed }) => {
      await page.goto(`/credentials?id=${seed.verified.id}`)
      await dialog(page, 'Credential').getByRole('button', { name: 'Delete' }).click()
      await dialog(page, 'Delete this credential?').getByRole('button', { name: 'Delete' }).click()
      await expect(dialog(page, 'It is still used').getByRole('listitem').first()).toBeVisible()
    },
  },
  {
    name: 'credential-choose-connector',
    show: async ({ page }) => {
      await page.goto('/credentials?add=choose')
      await expect(
        dialog(page, 'What is the credential for?').getByText('PostgreSQL', { exact: true }),
      ).toBeVisible()
    },
  },
  {
    name: 'overlay-postgres',
    show: async ({ page }) => {
      await page.goto('/credentials?add=postgres')
      await expect(dialog(page, 'Add New Credential · PostgreSQL')).toBeVisible()
    },
  },
  {
    name: 'overlay-api-key',
    show: async ({ page, product }) => {
      const { apiKey, organization } = account(product)
      const overlay = await addCredential(page)
      await overlay.fill({ 'Credential Name': 'Field team', 'API Key': apiKey.key })
      await expect(overlay.dialog.getByRole('status')).toContainText(organization.name)
      await overlay.field('API Key').focus()
    },
  },
  {
    name: 'overlay-refused',
    show: async ({ page }) => {
      const overlay = await addCredential(page)
      await overlay.fill({ 'Credential Name': ' ', 'API Key': 'api_wrong.wrong' })
      await expect(overlay.dialog.getByRole('alert')).toBeVisible()
    },
  },
  {
    name: 'overlay-oauth',
    show: async ({ page, product }) => {
      const { clientId, clientSecret } = oauthApp(product)
      const overlay = await addCredential(page)
      await overlay.method('OAuth 2.0 (3-Legged)').check()
      await overlay.fill({
        'Credential Name': 'Field team',
        'Client ID': clientId,
        'Client Secret': clientSecret,
      })
      await allow(await overlay.authorize(), account(product).organization.name)
      await expect(overlay.dialog).toContainText('Authorized as')
    },
  },
  {
    name: 'overlay-oauth-waiting',
    show: async ({ page }) => {
      const overlay = await addCredential(page)
      await overlay.method('OAuth 2.0 (3-Legged)').check()
      await overlay.fill({ 'Client ID': 'of-an-app', 'Client Secret': 'of-an-app' })
      const popup = page.waitForEvent('popup')
      await overlay.button('Authorize').click()
      await (await popup).close()
      await expect(overlay.dialog.getByText('Waiting for Close…')).toBeVisible()
    },
  },
  {
    name: 'overlay-discard',
    show: async ({ page }) => {
      const overlay = await addCredential(page)
      await overlay.fill({ 'Credential Name': 'Half typed' })
      await overlay.button('Cancel').click()
      await expect(dialog(page, 'Discard what you typed?')).toBeVisible()
    },
  },
  {
    name: 'runs',
    show: async ({ page, seed }) => {
      await page.goto('/runs')
      await expect(page.getByRole('list', { name: 'Runs' })).toContainText(seed.failedRun.flowName)
    },
  },
  {
    name: 'run-succeeded',
    show: async ({ page, seed }) => {
      await page.goto(`/runs/${seed.succeeded.id}`)
      await expect(page.getByRole('region', { name: 'Table of the last records' })).toBeVisible()
    },
  },
  {
    name: 'run-refused',
    show: async ({ page, seed }) => {
      await page.goto(`/runs/${seed.refused.id}`)
      await page.getByText('Show the record').first().click()
    },
  },
  {
    name: 'run-failed',
    show: async ({ page, seed }) => {
      await page.goto(`/runs/${seed.failedRun.id}`)
      await expect(page.getByRole('link', { name: /Open the credential/ })).toBeVisible()
    },
  },
  {
    name: 'run-in-progress',
    show: async ({ page, product, seed }) => {
      product.sandbox.control.setLatency(60_000)
      const run = await product.client.flows.run({ params: { id: seed.succeeded.flowId } })
      await page.goto(`/runs/${run.id}`)
      await expect(page.getByText('Running', { exact: true })).toBeVisible()
    },
  },
  {
    name: 'run-not-there',
    show: async ({ page }) => {
      await page.goto('/runs/run_0000000000000000000000')
      await heading(page, "The run couldn't be loaded")
    },
  },
  {
    name: 'settings',
    show: async ({ page }) => {
      await page.goto('/settings')
      await expect(page.getByText('Redirect URI').first()).toBeVisible()
    },
  },
  {
    name: 'settings-new-token',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'New token' }).click()
      await dialog(page, 'New API token').getByRole('textbox', { name: 'Name' }).fill('nightly export')
      await dialog(page, 'New API token').getByRole('button', { name: 'Make the token' }).click()
      await expect(dialog(page, 'New API token').getByText('It is shown only this once')).toBeVisible()
    },
  },
  {
    name: 'palette',
    show: async ({ page, seed }) => {
      await page.goto('/flows')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByRole('combobox', { name: 'Search' }).fill('report')
      await expect(page.getByRole('option', { name: seed.succeeded.flowName }).first()).toBeVisible()
    },
  },
  {
    name: 'palette-nothing',
    show: async ({ page }) => {
      await page.goto('/flows')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByRole('combobox', { name: 'Search' }).fill('zzzz')
      await expect(page.getByText('Nothing is called that.')).toBeVisible()
    },
  },
  {
    name: 'account-menu',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Account' }).click()
      await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible()
    },
  },
  {
    name: 'theme-menu',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: /^Theme/ }).click()
      await expect(page.getByRole('menuitemradio', { name: 'Dark' })).toBeVisible()
    },
  },
  {
    name: 'phone-menu',
    narrowOnly: true,
    show: async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 800 })
      await page.goto('/flows')
      await page.getByRole('button', { name: 'Menu' }).click()
      await expect(dialog(page, 'Menu').getByRole('link', { name: 'Settings' })).toBeVisible()
    },
  },
  {
    name: 'offline',
    show: async ({ page }) => {
      await page.goto('/flows')
      await heading(page, 'Flows')
      await page.context().setOffline(true)
      await expect(page.getByRole('status').filter({ hasText: /offline|connection/i })).toBeVisible()
    },
  },
  {
    name: 'not-found',
    show: async ({ page }) => {
      await page.goto('/nowhere')
      await heading(page, 'There is nothing at this address')
    },
  },
]

/** The wizard's steps. */
export const wizardScreens: readonly Screen[] = [
  {
    name: 'wizard-select',
    show: async ({ page }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Close', exact: true }).check()
    },
  },
  {
    name: 'wizard-authenticate',
    show: async ({ page, seed }) => {
      await goToAuthenticate(page)
      await tile(page, seed.verified.name).check()
    },
  },
  {
    name: 'wizard-configure-source',
    show: async ({ page, seed }) => {
      await goToAuthenticate(page)
      await tile(page, seed.verified.name).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Opportunities' }).check()
      await page.getByRole('button', { name: 'Test' }).click()
      await expect(page.getByRole('region', { name: 'First records' })).toBeVisible()
    },
  },
  {
    name: 'wizard-configure-file',
    show: async ({ page }) => {
      await page.goto('/sources/new')
      await page.getByRole('radio', { name: 'Files' }).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('combobox', { name: 'File', exact: true }).click()
      await expect(page.getByRole('option', { name: 'companies.jsonl' })).toBeVisible()
    },
  },
  {
    name: 'wizard-mapping',
    show: async ({ page, seed }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Files' }).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('combobox', { name: 'File', exact: true }).click()
      await page.getByRole('option', { name: 'companies.jsonl' }).click()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Close', exact: true }).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await tile(page, seed.verified.name).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Create leads' }).check()
      await expect(page.getByRole('region', { name: 'Preview' }).getByRole('listitem').first()).toBeVisible()
    },
  },
  {
    name: 'wizard-name',
    show: async ({ page }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Files' }).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('combobox', { name: 'File', exact: true }).click()
      await page.getByRole('option', { name: 'companies.jsonl' }).click()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Files' }).check()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('textbox', { name: 'File name' }).fill('copy.jsonl')
      await page.getByRole('button', { name: 'Next' }).click()
      await expect(page.getByRole('textbox', { name: 'Flow name' })).toBeVisible()
    },
  },
  {
    name: 'wizard-leave',
    show: async ({ page }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Close', exact: true }).check()
      await page.getByRole('button', { name: 'Close the wizard' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
]

/** What stands where there is nothing yet. */
export const emptyScreens = [
  { name: 'empty-flows', path: '/flows', says: 'No flows yet' },
  { name: 'empty-sources', path: '/sources', says: 'No data sources yet' },
  { name: 'empty-destinations', path: '/destinations', says: 'No data destinations yet' },
  { name: 'empty-credentials', path: '/credentials', says: 'No credentials yet' },
  { name: 'empty-runs', path: '/runs', says: 'Nothing has run yet' },
] as const

import { expect } from '@playwright/test'
import { dialog, heading, type Screen } from './screen.ts'

/** Every screen except those of credentials and of the wizard. */
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
      await page.getByRole('button', { name: /^More for / }).click()
      await page.getByRole('menuitem', { name: 'Edit' }).click()
      await dialog(page, 'Edit flow').getByLabel('Schedule').selectOption('Monday to Friday at a time')
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
    name: 'run-refused-edit',
    show: async ({ page, seed }) => {
      await page.goto(`/runs/${seed.refused.id}`)
      await page
        .getByRole('button', { name: /^Edit / })
        .first()
        .click()
      await expect(dialog(page, /^Edit /)).toBeVisible()
    },
  },
  {
    name: 'run-again',
    show: async ({ page, seed }) => {
      await page.goto(`/runs/${seed.refused.id}`)
      await page.getByRole('button', { name: 'Run again' }).click()
      await expect(dialog(page, 'Create them again?')).toBeVisible()
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
      await expect(page.getByText('Nothing has this name.')).toBeVisible()
    },
  },
  {
    name: 'account-menu',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Profile' }).click()
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
    changesBrowser: true,
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

/** Screens of empty lists. */
export const emptyScreens = [
  { name: 'empty-flows', path: '/flows', says: 'No flows yet' },
  { name: 'empty-sources', path: '/sources', says: 'No data sources yet' },
  { name: 'empty-destinations', path: '/destinations', says: 'No data destinations yet' },
  { name: 'empty-credentials', path: '/credentials', says: 'No credentials yet' },
  { name: 'empty-passes', path: '/passes', says: 'No passes yet' },
  { name: 'empty-pass-credential', path: '/passes/new', says: 'New pass' },
  {
    name: 'empty-wizard-credential',
    path: '/flows/new?start=leads-to-spreadsheet',
    says: 'Add a credential for Close',
  },
  { name: 'empty-runs', path: '/runs', says: 'Nothing has run yet' },
] as const

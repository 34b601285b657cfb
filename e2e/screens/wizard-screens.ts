import { expect } from '@playwright/test'
import { findTile, goToAuthenticate } from '../pages/add-credential.ts'
import type { Screen } from './screen.ts'

/** The wizard's steps. */
export const wizardScreens: readonly Screen[] = [
  {
    name: 'wizard-select',
    show: async ({ page }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Close', exact: true }).press('Space')
    },
  },
  {
    name: 'wizard-authenticate',
    show: async ({ page, seed }) => {
      await goToAuthenticate(page)
      await (await findTile(page, seed.verified.name)).press('Space')
    },
  },
  {
    name: 'wizard-configure-source',
    show: async ({ page, seed }) => {
      await goToAuthenticate(page)
      await (await findTile(page, seed.verified.name)).click()
      await page.getByRole('radio', { name: 'Opportunities' }).check()
      await page.getByRole('button', { name: 'Test' }).click()
      await expect(page.getByRole('region', { name: 'First records' })).toBeVisible()
    },
  },
  {
    name: 'wizard-streams',
    show: async ({ page, seed }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Close', exact: true }).click()
      await (await findTile(page, seed.verified.name)).click()
      await page.getByRole('radio', { name: 'Streams of your choice' }).check()
      await page.getByText('Streams that I choose').click()
      await page.getByRole('button', { name: 'Recommended' }).click()
      await expect(page.getByText(/^[1-9]\d* of \d+ chosen$/)).toBeVisible()
    },
  },
  {
    name: 'wizard-configure-file',
    show: async ({ page }) => {
      await page.goto('/sources/new')
      await page.getByRole('radio', { name: 'Files' }).click()
      await page.getByRole('combobox', { name: 'File', exact: true }).click()
      await expect(page.getByRole('option', { name: 'companies.jsonl' })).toBeVisible()
    },
  },
  {
    name: 'wizard-mapping',
    show: async ({ page, seed }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Files' }).click()
      await page.getByRole('combobox', { name: 'File', exact: true }).click()
      await page.getByRole('option', { name: 'companies.jsonl' }).click()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Close', exact: true }).click()
      await (await findTile(page, seed.verified.name)).click()
      await page.getByRole('radio', { name: 'Create leads' }).check()
      await expect(page.getByRole('region', { name: 'Preview' }).getByRole('listitem').first()).toBeVisible()
    },
  },
  {
    name: 'wizard-name',
    show: async ({ page }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Files' }).click()
      await page.getByRole('combobox', { name: 'File', exact: true }).click()
      await page.getByRole('option', { name: 'companies.jsonl' }).click()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Files' }).click()
      await page.getByRole('textbox', { name: 'File name' }).fill('copy.jsonl')
      await page.getByRole('button', { name: 'Next' }).click()
      await expect(page.getByRole('textbox', { name: 'Flow name' })).toBeVisible()
    },
  },
  {
    name: 'wizard-leave',
    show: async ({ page }) => {
      await page.goto('/flows/new')
      await page.getByRole('radio', { name: 'Close', exact: true }).click()
      await page.getByRole('button', { name: 'Close the wizard' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
]

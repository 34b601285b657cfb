import { expect } from '@playwright/test'
import { dialog, heading, type Screen } from './screen.ts'

/** What administrators look at. */
export const administrationScreens: readonly Screen[] = [
  {
    name: 'health',
    show: async ({ page }) => {
      await page.goto('/health')
      await expect(page.getByRole('region', { name: /^Failed/ })).toBeVisible()
    },
  },
  {
    name: 'health-none-found',
    show: async ({ page }) => {
      await page.goto('/health')
      await page.getByRole('textbox', { name: 'Search credentials' }).fill('nobody')
      await heading(page, 'No credential matches')
    },
  },
  {
    name: 'alerts',
    show: async ({ page }) => {
      await page.goto('/flows')
      await page.getByRole('button', { name: /^Alerts/ }).click()
      await expect(dialog(page, 'Alerts')).toBeVisible()
    },
  },
  {
    name: 'audit',
    show: async ({ page }) => {
      await page.goto('/audit')
      await expect(page.getByRole('list', { name: 'Audit log' })).toBeVisible()
    },
  },
  {
    name: 'audit-entry',
    show: async ({ page, seed }) => {
      await page.goto(`/audit?kind=credential.&object=${seed.authorized.id}`)
      await page
        .getByRole('button', { name: /saved|authorized/ })
        .first()
        .click()
      await expect(dialog(page, 'Entry of the audit log')).toContainText('Hash')
    },
  },
  {
    name: 'keys',
    show: async ({ page }) => {
      await page.goto('/settings/keys')
      await expect(page.getByRole('list', { name: 'Master keys' })).toContainText('Active')
    },
  },
  {
    name: 'keys-rotate',
    show: async ({ page }) => {
      await page.goto('/settings/keys')
      await page.getByRole('button', { name: 'Rotate' }).click()
      await expect(dialog(page, 'Rotate the master key?')).toBeVisible()
    },
  },
  {
    name: 'settings-invite',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Invite' }).click()
      await dialog(page, 'Invite somebody').getByLabel('Email').fill('teal@hollowoak.example')
      await dialog(page, 'Invite somebody').getByRole('button', { name: 'Make the link' }).click()
      await expect(dialog(page, 'Invite somebody').getByRole('textbox', { name: 'Link' })).toBeVisible()
    },
  },
  {
    name: 'join',
    signedOut: true,
    show: async ({ page, product }) => {
      const { link } = await product.client.invitations.create({ body: { email: 'moss@hollowoak.example' } })
      await page.goto(link)
      await expect(page.getByLabel('Name')).toBeVisible()
    },
  },
  {
    name: 'join-used',
    signedOut: true,
    show: async ({ page }) => {
      await page.goto('/join?token=none')
      await expect(page.getByRole('alert')).toBeVisible()
    },
  },
]

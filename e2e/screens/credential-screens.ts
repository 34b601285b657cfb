import { expect } from '@playwright/test'
import { account, oauthApp } from '../accounts.ts'
import { addCredential } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { dialog, heading, type Screen } from './screen.ts'

/** The credentials, the drawer of one, and the overlay. */
export const credentialScreens: readonly Screen[] = [
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
      await dialog(page, 'Credential').getByRole('button', { name: 'Rotate key' }).click()
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
    name: 'credential-budget',
    show: async ({ page, seed }) => {
      await page.goto(`/credentials?id=${seed.verified.id}`)
      const part = dialog(page, 'Credential').getByRole('region', { name: 'Requests to Close' })
      await expect(part.getByRole('table', { name: 'Who sent them' })).toBeVisible()
      await part.getByRole('table', { name: 'Who sent them' }).scrollIntoViewIfNeeded()
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
]

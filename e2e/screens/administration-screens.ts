import { expect } from '@playwright/test'
import { present } from '../accounts.ts'
import { addAuthenticator } from '../authenticator.ts'
import { signInAsMember } from '../members.ts'
import { dialog, heading, type Screen } from './screen.ts'

/** The screens of administrators. */
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
      await page.getByRole('searchbox', { name: 'Search credentials' }).fill('nobody')
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
    name: 'settings-change-name',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Change your name' }).click()
      await expect(dialog(page, 'Change your name').getByLabel('Name')).toBeVisible()
    },
  },
  {
    name: 'settings-change-password',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Change your password' }).click()
      await dialog(page, 'Change your password').getByRole('button', { name: 'Change it' }).click()
      await expect(dialog(page, 'Change your password')).toContainText('Current password is required.')
    },
  },
  {
    name: 'settings-add-passkey',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await expect(dialog(page, 'Add a passkey').getByLabel('Current password')).toBeVisible()
    },
  },
  {
    name: 'settings-passkeys',
    changesBrowser: true,
    show: async ({ page, product }) => {
      await addAuthenticator(page)
      await page.goto('/settings')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await dialog(page, 'Add a passkey').getByLabel('Current password').fill(product.password)
      await dialog(page, 'Add a passkey').getByRole('button', { name: 'Go on' }).click()
      await expect(page.getByRole('list', { name: 'Passkeys' })).toBeVisible()
      await page.getByRole('list', { name: 'Passkeys' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'settings-sign-ins',
    show: async ({ page }) => {
      await page.goto('/settings')
      await page.getByRole('list', { name: 'Where you are signed in' }).scrollIntoViewIfNeeded()
      await page.getByRole('button', { name: 'End all others' }).click()
      await expect(dialog(page, 'End all others?')).toBeVisible()
    },
  },
  {
    name: 'settings-new-password-link',
    changesBrowser: true,
    show: async ({ page, product, session }) => {
      await signInAsMember(product, page, 'Fern')
      await page.context().addCookies(session)
      await page.goto('/settings')
      await page
        .getByRole('button', { name: /^New password for/ })
        .first()
        .click()
      await dialog(page, 'A new password').getByRole('button', { name: 'Make the link' }).click()
      await expect(dialog(page, 'A new password').getByRole('textbox', { name: 'Link' })).toBeVisible()
    },
  },
  {
    name: 'reset',
    signedOut: true,
    show: async ({ page, product }) => {
      const { items } = await product.client.members.list()
      const params = { id: present(items.find(({ role }) => role === 'member') ?? items[0]).id }
      await page.goto((await product.client.passwordResets.create({ params })).link)
      await expect(page.getByLabel('New password')).toBeVisible()
    },
  },
  {
    name: 'reset-used',
    signedOut: true,
    show: async ({ page }) => {
      await page.goto('/reset?token=none')
      await expect(page.getByRole('alert')).toBeVisible()
    },
  },
  {
    name: 'other-address',
    signedOut: true,
    show: async ({ page, product }) => {
      await page.goto(`https://127.0.0.1:${new URL(product.url).port}/flows`)
      await heading(page, 'Latchwork has another address')
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

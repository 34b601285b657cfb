import { expect, test } from '@playwright/test'
import { account, oauthApp } from '../accounts.ts'
import { signInAsMember } from '../members.ts'
import { AddCredential } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { dialog, heading, type Screen } from './screen.ts'

const oauth = 'OAuth 2.0 (3-Legged)'

/** Changes of a credential, handing things over, and the views of lower roles. */
export const changeScreens: readonly Screen[] = [
  {
    name: 'credential-rotate',
    show: async ({ page, product, seed }) => {
      const { organization, user } = account(product)
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.verified.id)
      await drawer.button('Rotate key').click()
      await drawer.field('API Key').fill(product.sandbox.control.createKey(user.id, organization.id).key)
      await drawer.field('API Key').blur()
      await expect(drawer.dialog.getByText('The same account.')).toBeVisible()
      await drawer.button('Check and replace').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'credential-rotate-other-account',
    show: async ({ page, product, seed }) => {
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.verified.id)
      await drawer.button('Rotate key').click()
      await drawer.field('API Key').fill(account(product, 1).apiKey.key)
      await drawer.field('API Key').blur()
      await expect(drawer.button('Use the other account')).toBeVisible()
      await drawer.button('Use the other account').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'credential-change-scope',
    show: async ({ page, seed }) => {
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.authorized.id)
      await drawer.button('Change the Access Scope').click()
      await expect(drawer.field('Access Scope')).toBeFocused()
    },
  },
  {
    name: 'credential-switch-to-oauth',
    show: async ({ page, product, seed }) => {
      const { clientId, clientSecret } = oauthApp(product)
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.verified.id)
      await drawer.button(`Switch to ${oauth}`).click()
      const form = new AddCredential(page, `Switch to ${oauth}`)
      await form.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
      await allow(await form.authorize(), account(product).organization.name)
      await expect(form.dialog.getByText('The same account.')).toBeVisible()
    },
  },
  {
    name: 'credential-switch-other-account',
    show: async ({ page, product, seed }) => {
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.authorized.id)
      await drawer.button('Switch to API Key').click()
      const form = new AddCredential(page, 'Switch to API Key')
      await form.fill({ 'API Key': account(product, 1).apiKey.key })
      await expect(form.dialog.getByRole('alert')).toBeVisible()
    },
  },
  {
    name: 'credential-move-usage',
    show: async ({ page, seed }) => {
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.verified.id)
      await drawer.button('Move everything to another credential').click()
      const move = dialog(page, 'Move everything to another credential')
      await move.getByRole('combobox', { name: 'Use instead' }).fill('فريق')
      await move.getByRole('option', { name: 'فريق المبيعات' }).click()
      await expect(move.getByRole('alert')).toBeVisible()
    },
  },
  {
    name: 'hand-over',
    changesBrowser: true,
    show: async ({ page, product, session, seed }) => {
      await signInAsMember(product, page, 'Rue')
      await page.context().addCookies(session)
      await page.goto(`/flows/${seed.succeeded.flowId}`)
      await page.getByRole('button', { name: 'Hand over…' }).click()
      const hand = dialog(page, 'Hand this flow over')
      await hand.getByLabel('New owner').selectOption({ index: 1 })
      await expect(hand.getByRole('button', { name: /^Hand over to/ })).toBeEnabled()
    },
  },
  {
    name: 'member-credential',
    changesBrowser: true,
    show: async ({ page, product, seed }) => {
      const { id: memberId } = await signInAsMember(product, page, 'Rowan')
      const params = { id: seed.verified.id }
      await product.client.credentialAccess.set({ params, body: { memberId, role: 'collaborator' } })
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.verified.id)
      await expect(drawer.dialog.getByText('You are a collaborator')).toBeVisible()
      await expect(drawer.dialog.getByRole('list', { name: 'Who has access' })).toContainText('Rowan')
    },
  },
  {
    name: 'member-flow',
    changesBrowser: true,
    show: async ({ page, product, seed }) => {
      const { id: memberId } = await signInAsMember(product, page, 'Rowan')
      const params = { id: seed.succeeded.flowId }
      await product.client.flowAccess.set({ params, body: { memberId, role: 'collaborator' } })
      await page.goto(`/flows/${seed.succeeded.flowId}`)
      await heading(page, 'Last run')
      await expect(page.getByText('You are a collaborator')).toBeVisible()
      await expect(page.getByRole('list', { name: 'Who has access' })).toContainText('Rowan')
    },
  },
  {
    name: 'member-run',
    changesBrowser: true,
    show: async ({ page, product, seed }) => {
      const { id: memberId } = await signInAsMember(product, page, 'Rowan')
      const params = { id: seed.succeeded.flowId }
      await product.client.flowAccess.set({ params, body: { memberId, role: 'collaborator' } })
      await page.goto(`/runs/${seed.succeeded.id}`)
      await expect(page.getByText('you need the role Operator')).toBeVisible()
    },
  },
  {
    name: 'member-source',
    changesBrowser: true,
    show: async ({ page, product, seed }) => {
      const { id: memberId } = await signInAsMember(product, page, 'Rowan')
      const { source } = await product.client.flows.get({ params: { id: seed.succeeded.flowId } })
      const params = { id: source.id ?? '' }
      await product.client.sourceAccess.set({ params, body: { memberId, role: 'operator' } })
      await page.goto(`/sources?id=${source.id}`)
      await expect(dialog(page, 'Data source').getByText('You are an operator')).toBeVisible()
      await expect(dialog(page, 'Data source').getByRole('list', { name: 'Who has access' })).toContainText(
        'Rowan',
      )
    },
  },
  // Last, because it needs a minute after the replacement: then the old key's last use is over.
  {
    name: 'credential-rotated',
    show: async ({ page, seed }) => {
      // A worker may come to it first.
      test.slow()
      const drawer = new CredentialDrawer(page)
      await drawer.open(seed.rotated.id)
      const ask = drawer.button('Is the old key gone?')
      await expect(ask).toBeVisible({ timeout: 80_000 })
      await ask.click()
      await expect(drawer.dialog.getByText('Close still accepts the old key.')).toBeVisible()
    },
  },
]

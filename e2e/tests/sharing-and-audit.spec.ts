import type { Page } from '@playwright/test'
import { newName, storeCredential } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { expect, test } from '../product.ts'

async function expectAccessible(page: Page): Promise<void> {
  // Colours are checked after all fades have ended.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
  expect(await axeFaults(page)).toEqual([])
}

test('a member is invited, joins by the link, and sees what is shared with them', async ({
  signedIn,
  product,
  browser,
}) => {
  const name = newName('Shared')
  await storeCredential(product, name)
  await signedIn.goto('/settings')
  await signedIn.getByRole('button', { name: 'Invite' }).click()
  await signedIn.getByLabel('Email').fill('teal@hollowoak.example')
  await signedIn.getByRole('button', { name: 'Make the link' }).click()
  const link = new URL(await signedIn.getByRole('textbox', { name: 'Link' }).inputValue())
  await signedIn.getByRole('button', { name: 'Done' }).click()
  await expect(signedIn.getByRole('list', { name: 'Invitations' })).toContainText('teal@hollowoak.example')
  await expectAccessible(signedIn)

  const context = await browser.newContext({ baseURL: product.url, ignoreHTTPSErrors: true })
  const guest = await context.newPage()
  await guest.goto(link.pathname + link.search)
  await guest.getByLabel('Name').fill('Teal')
  await guest.getByLabel('Password').fill('another long pass phrase')
  await expectAccessible(guest)
  await guest.getByRole('button', { name: 'Join' }).click()
  await guest.waitForURL('**/flows')
  await expect(guest.getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await guest.goto('/credentials')
  await expect(guest.getByText('No credentials yet')).toBeVisible()

  await signedIn.goto('/credentials')
  await signedIn.getByPlaceholder('Name, description, account or tag').fill(name)
  await signedIn.getByRole('button', { name, exact: true }).click()
  await signedIn.getByLabel('Share with').selectOption({ label: 'Teal' })
  await expect(signedIn.getByLabel('Role of Teal')).toHaveValue('collaborator')
  await expectAccessible(signedIn)
  await guest.reload()
  await expect(guest.getByText(name).first()).toBeVisible()
  await context.close()

  await signedIn.goto('/settings')
  await signedIn.getByRole('button', { name: 'Remove Teal' }).click()
  await signedIn.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(signedIn.getByRole('button', { name: 'Remove Teal' })).toHaveCount(0)
})

test('the audit log says who did what, what changed, and that it is intact', async ({
  signedIn,
  product,
}) => {
  const name = newName('Audited')
  const { id } = await storeCredential(product, name)
  await product.client.credentials.update({ params: { id }, body: { description: 'for the nightly run' } })
  await signedIn.goto('/audit')
  await signedIn.getByLabel('About').selectOption('credential.')
  const entries = signedIn.getByRole('list', { name: 'Audit log' })
  await expect(entries).toContainText(`saved the credential “${name}”.`)
  await expectAccessible(signedIn)
  await entries.getByRole('button', { name: `changed the credential “${name}”` }).click()
  const drawer = signedIn.getByRole('dialog')
  await expect(drawer).toContainText('credential.update')
  await expect(drawer.getByRole('row', { name: 'description none for the nightly run' })).toBeVisible()
  await expectAccessible(signedIn)
  await signedIn.keyboard.press('Escape')
  const thing = signedIn.getByRole('combobox', { name: 'Thing' })
  await thing.fill(name)
  await signedIn.getByRole('option', { name, exact: true }).click()
  await expect(entries.getByRole('listitem')).toHaveCount(2) // saved and changed
  await expect(signedIn).toHaveURL(new RegExp(`object=${id}`))
  await expectAccessible(signedIn)
  await signedIn.reload()
  await expect(thing).toHaveValue(name)
  await signedIn.getByRole('button', { name: 'Any thing' }).click()
  await expect(thing).toHaveValue('')
  await expect(signedIn).not.toHaveURL(/object=/)
  await entries.getByRole('button', { name: `changed the credential “${name}”` }).click()
  await drawer.getByRole('button', { name: 'All that happened to it' }).click()
  await expect(thing).toHaveValue(name)
  await expect(entries.getByRole('listitem')).toHaveCount(2)
  await signedIn.getByRole('button', { name: 'Verify' }).click()
  await expect(signedIn.getByText(/The log is intact: all \d+ entries/)).toBeVisible()
  await expect(
    signedIn.getByText(/^(The calls of passes are intact: those of |No calls of passes are sealed yet)/),
  ).toBeVisible()
  await signedIn.getByLabel('Result').selectOption('failed')
  await expect(entries.filter({ hasText: `saved the credential “${name}”` })).toHaveCount(0)
  await signedIn.getByLabel('To').fill('2020-01-01')
  await expect(signedIn.getByText('No entry matches')).toBeVisible()
})

test('a deleted credential is restored', async ({ signedIn, product }) => {
  const name = newName('Deleted')
  const { id } = await storeCredential(product, name)
  await product.client.credentials.delete({ params: { id } })
  await signedIn.goto('/credentials')
  await signedIn.getByRole('button', { name: `Restore ${name}` }).click()
  await expect(signedIn.getByRole('button', { name: `Restore ${name}` })).toHaveCount(0)
  await expect(signedIn.getByText(`“${name}” is restored.`)).toBeVisible()
  await signedIn.getByPlaceholder('Name, description, account or tag').fill(name)
  await expect(signedIn.getByRole('button', { name, exact: true })).toBeVisible()
})

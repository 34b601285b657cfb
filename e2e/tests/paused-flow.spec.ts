import { newName, storeCredential } from '../accounts.ts'
import { signInAsMember } from '../members.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, test } from '../product.ts'

test('#52 a flow whose credential is deleted says why it is paused, and resumes once it has it again', async ({
  page,
  product,
}) => {
  const { client } = product
  const credential = await storeCredential(product, newName('Lent'))
  const borrower = await signInAsMember(product, page, 'Tansy')
  const source = await client.sources.create({
    body: {
      connector: 'close',
      credentialId: credential.id,
      name: newName('Lent leads'),
      config: { object: 'leads' },
    },
  })
  const destination = await client.destinations.create({
    body: {
      connector: 'files',
      credentialId: null,
      name: newName('Lent file'),
      config: { file: `${source.id}.jsonl`, format: 'jsonl' },
    },
  })
  const flow = await client.flows.create({
    body: {
      name: newName('Borrowed'),
      sourceId: source.id,
      destinationId: destination.id,
      scheduleMinutes: 60,
    },
  })
  const params = { id: flow.id }
  // Tansy is an admin of the flow, and sees only the connectors of its sides.
  const body = { subject: { kind: 'member', id: borrower.id }, role: 'admin' } as const
  await client.flowAccess.set({ params, body })
  await client.credentials.delete({ params: { id: credential.id }, query: { stopUsers: 'true' } })

  await page.goto('/flows')
  const row = page.getByRole('listitem').filter({ hasText: flow.name })
  await expect(row.getByText('Paused')).toBeVisible()
  await expect(row).not.toContainText(source.name)
  await page.goto(`/flows/${flow.id}`)
  const main = page.getByRole('main')
  await expect(main.getByText('was deleted by Administrator')).toBeVisible()
  await expect(main.getByText('Not shared with you')).toHaveCount(2)
  await main.getByRole('button', { name: 'Resume' }).click()
  await expect(main.getByText('which was deleted')).toBeVisible()

  await client.deletedCredentials.restore({ params: { id: credential.id } })
  await main.getByRole('button', { name: 'Resume' }).click()
  await expect(main.getByRole('button', { name: 'Resume' })).toBeHidden()
  await expect(main.getByText('Every hour')).toBeVisible()
})

test('a used credential is deleted after what stops was shown, also what is not shared', async ({
  page,
  product,
}) => {
  const { client } = product
  const owner = await signInAsMember(product, page, 'Sedge')
  const credential = await storeCredential(product, newName('Mine'))
  await client.credentialAccess.transfer({ params: { id: credential.id }, body: { to: owner.id } })
  const config = { object: 'leads' }
  await client.sources.create({
    body: { connector: 'close', credentialId: credential.id, name: newName('Of another'), config },
  })
  const drawer = new CredentialDrawer(page)
  await drawer.open(credential.id)
  await expect(drawer.dialog.getByText('1 source of Administrator')).toBeVisible()
  await drawer.button('Delete').click()
  await page
    .getByRole('dialog', { name: 'Delete this credential?' })
    .getByRole('button', { name: 'Delete' })
    .click()
  const used = page.getByRole('dialog', { name: 'It is still used' })
  await expect(used.getByText('1 that isn’t shared with you')).toBeVisible()
  await used.getByRole('button', { name: 'Delete and pause them' }).click()
  await expect(page.getByText(`“${credential.name}” is deleted.`)).toBeVisible()
})

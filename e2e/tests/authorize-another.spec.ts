import { account, newName, oauthApp } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { signInAsMember } from '../members.ts'
import { allow } from '../pages/consent.ts'
import { expect, test } from '../product.ts'

test("#60 an administrator who opens the link of a member's draft is told whose it is, and says so before going on", async ({
  signedIn: page,
  session,
  product,
}) => {
  const member = await signInAsMember(product, page, 'Linden')
  const { clientId, clientSecret } = oauthApp(product)
  const made = await page.request.post('/api/credentials', {
    data: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    headers: { 'x-latchwork': '1' },
  })
  const { id } = await made.json()
  await page.context().clearCookies()
  await page.context().addCookies(session)

  await page.goto(`/authorize/${id}`)
  const goOn = page.getByRole('button', { name: 'Go on to grant access' })
  await expect(page.getByText(member.name).first()).toBeVisible()
  await expect(page.getByText('Asked for by')).toBeVisible()
  await expect(page.getByText(clientId)).toBeVisible()
  await expect(goOn).toBeDisabled()
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole('checkbox', { name: /will belong to Linden/ }).press('Space')
  await goOn.click()
  await allow(page, account(product).organization.name)
  await expect(page.getByRole('heading', { name: 'Access was granted' })).toBeVisible()

  // A new sign-in for another member, from the drawer, asks as well.
  const name = newName('Of Linden')
  await product.client.credentials.save({ params: { id }, body: { name } })
  await page.goto(`/credentials?id=${id}`)
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await expect(page.getByRole('alert')).toContainText(`the credential of ${member.name}`)
  const popup = page.waitForEvent('popup')
  await page.getByRole('button', { name: `Sign in for ${member.name}` }).click()
  await allow(await popup, account(product).organization.name)
  await expect(page.getByText(/is signed in again/)).toBeVisible()

  // A member who may not change it gets the answer that it does not exist.
  await signInAsMember(product, page, 'Hazel')
  await page.goto(`/authorize/${id}`)
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(goOn).toHaveCount(0)
})

import { account, newName, oauthApp, storeCredential } from '../accounts.ts'
import { AddCredential, addCredential, findTile, goToAuthenticate } from '../pages/add-credential.ts'
import { allow } from '../pages/consent.ts'
import { CredentialDrawer } from '../pages/credential-drawer.ts'
import { expect, test } from '../product.ts'

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

test('a session that ends asks to sign in over the page, which keeps what was typed', async ({
  signedIn: page,
  product,
}) => {
  const overlay = await addCredential(page)
  await overlay.fill({ 'Credential Name': 'Half typed', 'Credential Description': 'For the audit' })
  await page.context().clearCookies()
  // The key is checked as its field is left.
  await overlay.fill({ 'API Key': account(product).apiKey.key })
  const question = page.getByRole('dialog', { name: 'Your session ended' })
  await expect(question.getByLabel('Email')).toHaveValue(product.email)
  await page.keyboard.press('Escape')
  await expect(question).toBeVisible()
  await question.getByLabel('Password').fill(product.password)
  await question.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(question).toBeHidden()
  await expect(overlay.field('Credential Name')).toHaveValue('Half typed')
  await expect(overlay.field('Credential Description')).toHaveValue('For the audit')
  await overlay.button('Test').click()
  await expect(overlay.dialog).toContainText(account(product).organization.name)
})

test('so it does in settings and for a file that is sent, and says that nothing was changed', async ({
  signedIn: page,
  product,
}) => {
  const signInAgain = async () => {
    const question = page.getByRole('dialog', { name: 'Your session ended' })
    await expect(question.getByLabel('Password')).toBeFocused()
    await page.keyboard.type(product.password)
    await page.keyboard.press('Enter')
    await expect(question).toBeHidden()
  }
  const nothingChanged = page.getByText('Your session had ended, so nothing was changed. Try again.')
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Change your name' }).click()
  const name = page.getByRole('textbox', { name: 'Name', exact: true })
  await name.fill('Typed before')
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await signInAgain()
  await expect(name).toHaveValue('Typed before')
  await expect(nothingChanged).toBeVisible()

  await page.goto('/sources/new')
  await page.getByRole('radio', { name: 'Files' }).click()
  await page.context().clearCookies()
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload a file' }).click()
  await (await choosing).setFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: Buffer.from('a\n1\n') })
  await signInAgain()
  await expect(nothingChanged).toBeVisible()
})

test('S39 a reload finds the form again: by API key without the key, by OAuth with what was granted meanwhile', async ({
  signedIn: page,
  product,
}) => {
  const overlay = await addCredential(page)
  const name = newName('Loaded again')
  await overlay.fill({ 'Credential Name': name, 'API Key': account(product).apiKey.key })
  await page.reload()
  await expect(overlay.field('Credential Name')).toHaveValue(name)
  await expect(overlay.field('API Key')).toHaveValue('')

  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  const popup = await overlay.authorize()
  await page.reload()
  await expect(overlay.field('Client ID')).toHaveValue(clientId)
  await allow(popup, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
  await overlay.save()
  await expect(new AddCredential(page).dialog).toBeHidden()
})

test('a sign-in window that was closed is noticed, and opens again', async ({ signedIn: page, product }) => {
  const overlay = await addCredential(page)
  await overlay.method('OAuth 2.0 (3-Legged)').check()
  const { clientId, clientSecret } = oauthApp(product)
  await overlay.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  const popup = await overlay.authorize()
  await popup.close()
  await expect(overlay.dialog).toContainText('The window was closed.')
  const opening = page.waitForEvent('popup')
  await overlay.button('Open the window again').click()
  await allow(await opening, account(product).organization.name)
  await expect(overlay.dialog).toContainText('Authorized as')
})

test('two who edit one thing: the second hears of it, and overwrites nothing', async ({
  signedIn: page,
  product,
}) => {
  const { id } = await storeCredential(product, newName('Edited twice'))
  await page.goto(`/credentials?id=${id}`)
  await page.getByRole('button', { name: 'Edit the description' }).click()
  await product.client.credentials.update({ params: { id }, body: { description: 'by another' } })
  await page.getByRole('textbox', { name: 'Credential Description' }).fill('by me')
  await page.getByRole('button', { name: 'Save the description' }).click()
  await expect(page.getByText('Somebody else changed the description since you opened this.')).toBeVisible()
  expect(await product.client.credentials.get({ params: { id } })).toMatchObject({
    description: 'by another',
  })
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Edit the tags' }).click()
  await page.getByRole('combobox', { name: 'Tags' }).fill('audit 2026')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Save the tags' }).click()
  await expect(page.getByRole('button', { name: 'Edit the tags' })).toBeVisible()
  await page.goto('/credentials?query=audit%202026')
  await expect(page.getByRole('row').filter({ hasText: 'audit 2026' })).toHaveCount(1)
})

test('nor in a source, in who may use it, in a flow or a pass', async ({ signedIn: page, product }) => {
  const { client } = product
  const name = newName('Changed twice')
  const { id: credentialId } = await storeCredential(product, name)
  const source = (of: string) =>
    client.sources.create({
      body: { connector: 'close', credentialId, name: `${name} ${of}`, config: { object: 'users' } },
    })
  const [first, second] = [await source('first'), await source('second')]
  const destination = await client.destinations.create({
    body: {
      ...{ connector: 'files', credentialId: null, name },
      config: { file: `${first.id}.jsonl`, format: 'jsonl' },
    },
  })
  const flow = await client.flows.create({
    body: { name, sourceId: first.id, destinationId: destination.id },
  })
  const refused = (what: string) =>
    expect(page.getByText(`Somebody else changed ${what} since you opened this.`)).toBeVisible()

  await page.goto(`/sources?id=${first.id}`)
  const field = page.getByRole('textbox', { name: 'Name', exact: true })
  await field.fill(`${name} by me`)
  await client.sources.update({ params: { id: first.id }, body: { name: `${name} by another` } })
  await page.getByRole('button', { name: 'Save' }).click()
  await refused('the name')
  await expect(field, 'what was typed stays').toHaveValue(`${name} by me`)
  const everyone = { params: { id: first.id }, body: { memberId: null, role: 'operator' } } as const
  await client.sourceAccess.set(everyone)
  await page.getByRole('combobox', { name: 'Share with' }).selectOption('Everyone')
  await refused('the role')

  await page.goto(`/flows/${flow.id}`)
  await page.getByRole('button', { name: /^More for / }).click()
  await page.getByRole('menuitem', { name: 'Change source or destination' }).click()
  const sides = page.getByRole('dialog', { name: 'Change source or destination' })
  await sides.getByRole('combobox', { name: 'Data source' }).click()
  await page.getByRole('option', { name: second.name }).click()
  const third = await source('third')
  await client.flows.update({ params: { id: flow.id }, body: { sourceId: third.id } })
  await sides.getByRole('button', { name: 'Save' }).click()
  await refused('the source')

  const { pass } = await client.passes.create({
    body: { name, credentialId, rules: { objects: { lead: ['read'] } } },
  })
  await page.goto(`/passes/${pass.id}/change`)
  await page.getByRole('textbox', { name: 'Requests a day' }).fill('100')
  await client.passes.update({ params: { id: pass.id }, body: { perDay: 50 } })
  await page.getByRole('button', { name: 'Save' }).click()
  await refused('the requests a day')
})

test('S39 a switch of the method that was begun in a wizard is found again there after a reload', async ({
  signedIn: page,
  product,
}) => {
  const { organization, user } = account(product)
  const key = product.sandbox.control.createKey(user.id, organization.id)
  const name = newName('Fixed in a wizard')
  const { id } = await product.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey: key.key } },
  })
  product.sandbox.control.deleteKey(key.id)
  await product.client.credentials.check({ params: { id } })
  await goToAuthenticate(page)
  await page.getByRole('button', { name: `Fix ${name}` }).click()
  const oauth = 'OAuth 2.0 (3-Legged)'
  const drawer = new CredentialDrawer(page)
  await drawer.button(`Switch to ${oauth}`).click()
  const form = new AddCredential(page, `Switch to ${oauth}`)
  const { clientId, clientSecret } = oauthApp(product)
  await form.fill({ 'Client ID': clientId, 'Client Secret': clientSecret })
  const popup = await form.authorize()
  await page.reload()
  await expect(form.field('Client ID')).toHaveValue(clientId)
  await allow(popup, organization.name)
  await form.button('Switch').click()
  await expect(form.dialog).toBeHidden()
  await drawer.dialog.getByRole('button', { name: 'Close' }).click()
  await expect(drawer.dialog).toBeHidden()
  await (await findTile(page, name)).click()
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
})

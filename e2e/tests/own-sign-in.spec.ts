import { present } from '../accounts.ts'
import { addAuthenticator } from '../authenticator.ts'
import { signInAsMember } from '../members.ts'
import { expect, test } from '../product.ts'

const password = 'another long pass phrase'

test('a person changes their name and password, and ends other browsers', async ({
  page,
  product,
  browser,
}) => {
  const { id } = await signInAsMember(product, page, 'Laurel')
  const email = present((await product.client.members.list()).items.find((member) => member.id === id)).email
  const phone = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: product.url })
  const signIn = async (secret: string) => {
    const data = { email, password: secret }
    const answer = await phone.request.post('/api/session', { data, headers: { 'x-latchwork': '1' } })
    return answer.status()
  }
  expect(await signIn(password)).toBe(200)

  await page.goto('/settings')
  await page.getByRole('button', { name: 'Change your name' }).press('Enter')
  const naming = page.getByRole('dialog', { name: 'Change your name' })
  await naming.getByLabel('Name').fill('')
  await naming.getByLabel('Name').press('Enter')
  await expect(naming).toContainText('Name is required.')
  await naming.getByLabel('Name').fill('Laurel Hedge')
  await naming.getByLabel('Name').press('Enter')
  await expect(page.getByRole('region', { name: 'Profile' })).toContainText('Laurel Hedge')

  const places = page.getByRole('list', { name: 'Where you are signed in' })
  await expect(places.getByRole('listitem')).toHaveCount(2)
  await expect(places.getByRole('listitem').first()).toContainText('This one')
  await places.getByRole('button', { name: /^End/ }).click()
  await expect(places.getByRole('listitem')).toHaveCount(1)
  const asked = await phone.request.get('/api/session')
  expect(await asked.json()).toMatchObject({ user: null })

  expect(await signIn(password)).toBe(200)
  await page.getByRole('button', { name: 'Change your password' }).click()
  const changing = page.getByRole('dialog', { name: 'Change your password' })
  await changing.getByRole('button', { name: 'Change it' }).click()
  await expect(changing).toContainText('Current password is required.')
  await changing.getByLabel('Current password').fill('not the pass phrase')
  await changing.getByLabel('New password').fill('a pass phrase of this year')
  await changing.getByRole('button', { name: 'Change it' }).click()
  await expect(changing.getByRole('alert')).toContainText("This isn't your current password.")
  await changing.getByLabel('Current password').fill(password)
  await changing.getByRole('button', { name: 'Change it' }).click()
  await expect(page.getByText('Your password was changed.')).toBeVisible()
  expect(await (await phone.request.get('/api/session')).json()).toMatchObject({ user: null })
  expect(await signIn(password)).toBe(401)
  expect(await signIn('a pass phrase of this year')).toBe(200)

  await page.reload()
  await page.getByRole('button', { name: 'End all others' }).click()
  await page.getByRole('button', { name: 'End them' }).click()
  await expect(places.getByRole('listitem')).toHaveCount(1)
  expect(await (await phone.request.get('/api/session')).json()).toMatchObject({ user: null })
  await phone.close()
})

test('a passkey is added, signs its person in, changes the password without the old one, and is removed', async ({
  page,
  product,
}) => {
  await signInAsMember(product, page, 'Maple')
  await addAuthenticator(page)
  await page.goto('/settings')
  const section = page.getByRole('region', { name: 'Passkeys' })
  await section.getByRole('button', { name: 'Add a passkey' }).click()
  const adding = page.getByRole('dialog', { name: 'Add a passkey' })
  await adding.getByLabel('Name').fill('My laptop')
  await adding.getByLabel('Current password').fill(password)
  await adding.getByRole('button', { name: 'Go on' }).click()
  await expect(section.getByRole('list')).toContainText('My laptop')
  await section.getByRole('button', { name: 'Rename My laptop' }).click()
  const naming = page.getByRole('dialog', { name: 'Rename the passkey' })
  await expect(naming.getByLabel('Name')).toHaveValue('My laptop')
  await naming.getByLabel('Name').fill('Work laptop')
  await naming.getByRole('button', { name: 'Save' }).click()
  await expect(section.getByRole('list')).toContainText('Work laptop')

  await page.getByRole('region', { name: 'Profile' }).getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('heading', { name: /flows/i }).first()).toBeVisible()
  await page.goto('/settings')
  await expect(page.getByRole('list', { name: 'Where you are signed in' })).toContainText('with a passkey')
  await page.getByRole('button', { name: 'Change your password' }).click()
  const changing = page.getByRole('dialog', { name: 'Change your password' })
  await expect(changing.getByLabel('Current password')).toHaveCount(0)
  await changing.getByLabel('New password').fill('a pass phrase by passkey')
  await changing.getByRole('button', { name: 'Change it' }).click()
  await expect(page.getByText('Your password was changed.')).toBeVisible()

  await section.getByRole('button', { name: 'Remove Work laptop' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(section).toContainText('You have none.')
  await page.getByRole('region', { name: 'Profile' }).getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText("This passkey isn't accepted")).toBeVisible()
})

test('the name of this browser is proposed for a passkey, also to who is quicker than the list of sign-ins', async ({
  signedIn: page,
}) => {
  const { promise: opened, resolve: goOn } = Promise.withResolvers<void>()
  await page.route(/\/api\/sign-ins/, async (route) => {
    await opened
    await route.continue()
  })
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  const adding = page.getByRole('dialog', { name: 'Add a passkey' })
  await expect(adding).toBeVisible()
  goOn()
  await expect(adding.getByLabel('Name')).toHaveValue(/Chrom/)
})

test('an administrator makes a link for a new password, and the member chooses it', async ({
  page,
  signedIn,
  product,
  browser,
}) => {
  const other = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: product.url })
  const theirs = await other.newPage()
  await signInAsMember(product, theirs, 'Nettle')
  await signedIn.goto('/settings')
  await signedIn.getByRole('button', { name: 'New password for Nettle' }).click()
  const dialog = page.getByRole('dialog', { name: 'A new password' })
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue()

  await theirs.goto('/settings')
  await theirs.getByRole('button', { name: /^Alerts/ }).click()
  await expect(theirs.getByRole('dialog', { name: 'Alerts' })).toContainText(
    'The password of Nettle can be reset',
  )
  await theirs.goto(link)
  await expect(theirs.getByText('made this link for you.')).toBeVisible()
  await theirs.getByLabel('New password').fill('short')
  await theirs.getByRole('button', { name: 'Save and sign in' }).click()
  await expect(theirs.getByText('New password needs at least 12 characters.')).toBeVisible()
  await theirs.getByLabel('New password').fill('the pass phrase of Nettle')
  await theirs.getByRole('button', { name: 'Save and sign in' }).click()
  await expect(theirs.getByRole('heading', { name: 'Where you are signed in' })).toBeVisible()
  await theirs.goto(link)
  await expect(theirs.getByRole('alert')).toContainText("This link isn't valid")
  await other.close()
})

test('opened by another address than its own, the page says so and leads there', async ({
  page,
  product,
}) => {
  const { port } = new URL(product.url)
  const elsewhere = `https://127.0.0.1:${port}`
  for (const path of ['/credentials?query=oak#top', '/sign-in', '/device?code=BCDF-GHJK']) {
    await page.goto(elsewhere + path)
    await expect(page.getByRole('heading', { name: 'Latchwork has another address' })).toBeVisible()
    await expect(page.getByText(elsewhere)).toBeVisible()
    await expect(page.getByRole('link', { name: 'Go there' })).toHaveAttribute('href', product.url + path)
  }
  await page.getByRole('link', { name: 'Go there' }).press('Enter')
  await page.waitForURL(`${product.url}/sign-in**`)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  const refused = await page.request.post(`${elsewhere}/api/session`, {
    data: { email: product.email, password: product.password },
    headers: { 'x-latchwork': '1', origin: elsewhere },
  })
  expect([refused.status(), await refused.json()]).toEqual([
    403,
    expect.objectContaining({ code: 'other_address', detail: expect.stringContaining(product.url) }),
  ])
})

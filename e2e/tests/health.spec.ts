import { account, newName } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { expect, test } from '../product.ts'

test('a disabled key is told under the bell, shown on the health page, and rotated to its end', async ({
  signedIn,
  product,
}) => {
  const { control } = product.sandbox
  const { organization, user } = account(product)
  const old = control.createKey(user.id, organization.id)
  const name = newName('Watched')
  const body = { connector: 'close', method: 'api_key', name, values: { apiKey: old.key } }
  const { id } = await product.client.credentials.create({ body })

  await signedIn.goto(`/credentials?id=${id}`)
  const drawer = signedIn.getByRole('dialog', { name: 'Credential' })
  await drawer.getByRole('button', { name: 'Rotate key' }).click()
  await drawer.getByRole('textbox', { name: 'API Key' }).fill(control.createKey(user.id, organization.id).key)
  await drawer.getByRole('textbox', { name: 'Note about this key' }).fill('Made in November')
  await drawer.getByRole('button', { name: 'Check and replace' }).click()
  const rotation = drawer.getByRole('region', { name: 'Rotation' })
  await expect(rotation).toContainText(old.key.slice(-4))
  await rotation.getByRole('button', { name: /^Undo/ }).click()
  await expect(rotation).toHaveCount(0)

  control.setKeyEnabled(old.id, false)
  await drawer.getByRole('button', { name: 'Check now' }).click()
  await expect(drawer).toContainText('Failed')
  // The server checks every minute, and first at its start.
  await product.server.end('SIGTERM')
  await product.server.restart()
  await expect
    .poll(async () => (await product.client.alerts.list({ query: {} })).items.map((one) => one.title))
    .toContain(`“${name}” failed`)

  await signedIn.goto('/health')
  await expect(signedIn.getByRole('heading', { name: 'Checks', level: 1 })).toBeVisible()
  const strip = signedIn.getByRole('slider', {
    name: new RegExp(`^${name}: The last 30 days: .*1 day failed`),
  })
  await strip.focus()
  await expect(strip).toHaveAttribute('aria-valuetext', /Failed\. Close accepted this key before/)
  await signedIn.keyboard.press('ArrowLeft')
  await expect(strip).toHaveAttribute('aria-valuetext', /Not checked/)
  expect(await axeFaults(signedIn)).toEqual([])

  await signedIn.getByRole('button', { name: /^Alerts, \d+ unread/ }).click()
  const alerts = signedIn.getByRole('dialog', { name: 'Alerts' })
  await expect(alerts).toContainText(`“${name}” failed`)
  expect(await axeFaults(signedIn)).toEqual([])
})

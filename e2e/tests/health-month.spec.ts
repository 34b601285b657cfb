import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test as base, expect, type Product, startProduct } from '../product.ts'
import { inspect } from '../screens/inspect.ts'
import { seedMonth } from '../screens/month.ts'

interface Receiver {
  readonly url: string
  readonly bodies: string[]
}

const test = base.extend<object, { product: Product; receiver: Receiver }>({
  receiver: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures needed from this pattern
    async ({}, use) => {
      const bodies: string[] = []
      const server = createServer(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += String(chunk)
        bodies.push(body)
        response.end()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo // a TCP server has a port
      await use({ url: `http://127.0.0.1:${port}/alerts`, bodies })
      server.close()
    },
    { scope: 'worker' },
  ],
  product: [
    async ({ receiver }, use) => {
      const product = await startProduct(20, {
        LATCHWORK_SMTP_URL: 'smtp://127.0.0.1:9', // nobody listens at the discard port
        LATCHWORK_ALERT_EMAIL: 'ops@hollowoak.example',
        LATCHWORK_ALERT_WEBHOOK_URL: receiver.url,
        LATCHWORK_ALERT_WEBHOOK_SECRET: 'a secret of sixteen or more',
      })
      await seedMonth(product, 110)
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

test('of 116 credentials those that need somebody come first, with what happened and what to do', async ({
  signedIn: page,
}) => {
  test.slow()
  await page.goto('/health')
  await expect(page.getByRole('radio', { name: 'All (116)' })).toBeChecked()
  const failed = page.getByRole('region', { name: 'Failed 2' })
  const verified = page.getByRole('region', { name: 'Verified 113' })
  await expect(page.getByRole('heading', { level: 2 }).first()).toHaveText(/^Failed/)
  const desk = failed.getByRole('listitem').filter({ hasText: 'Support desk' })
  await expect(desk).toContainText('3 days failed')
  await expect(desk).toContainText('Key disabled.')
  await expect(desk).toContainText('To do: Make a new key in Close, then choose Rotate key.')
  await expect(failed.getByRole('listitem').filter({ hasText: 'Partner' })).toContainText('Sign in again.')
  await expect(page.getByRole('region', { name: 'Not reached 1' })).toContainText('No answer.')
  await inspect(page, 'health-month')

  await expect(verified.getByRole('listitem')).toHaveCount(25)
  await verified.getByRole('button', { name: 'Show more' }).click()
  await expect(verified.getByRole('listitem')).toHaveCount(50)
  const mended = verified.getByRole('slider', { name: /^Billing/ })
  await page.mouse.move(0, 0) // the pointer chooses a day, too
  await mended.focus()
  await page.keyboard.press('Home')
  await expect(mended).toHaveAttribute('aria-valuetext', /Verified\.$/)
  for (let day = 0; day < 18; day += 1) await page.keyboard.press('ArrowRight')
  await expect(mended).toHaveAttribute('aria-valuetext', /Failed\. Close accepted this key before/)
  await expect(verified.getByText(/Failed\. Close accepted this key before/)).toBeVisible()

  await page.getByText('Needs attention (3)').click()
  await expect(verified).toHaveCount(0)
  await page.getByRole('searchbox', { name: 'Search credentials' }).fill('partner')
  await expect(page.getByRole('listitem').filter({ has: page.getByRole('slider') })).toHaveCount(1)
  await page.getByRole('link', { name: /^Open the credential Partner/ }).click()
  await expect(page.getByRole('dialog', { name: 'Credential' })).toContainText('Partner sign-in')
})

test('the bell tells what failed, expires and recovered', async ({ signedIn: page }) => {
  await page.goto('/health')
  await page.getByRole('button', { name: /^Alerts, \d+ unread/ }).click()
  const alerts = page.getByRole('dialog', { name: 'Alerts' })
  for (const kind of ['Failed', 'Expiring', 'Recovered', 'Fewer rights'])
    await expect(alerts.getByText(kind, { exact: true }).first()).toBeVisible()
  await inspect(page, 'alerts-month')
  await alerts
    .getByRole('link', { name: /“Partner sign-in” failed/ })
    .first()
    .click()
  await expect(page.getByRole('dialog', { name: 'Credential' })).toContainText('Partner sign-in')
  await expect(page.getByRole('button', { name: 'Alerts', exact: true })).toBeAttached()
})

test('a test goes out by each way, and the page says how it ended', async ({ signedIn: page, receiver }) => {
  await page.goto('/settings')
  const ways = page.getByRole('list', { name: 'Channels' })
  await expect(ways).toContainText('To ops@hollowoak.example')
  await ways.getByRole('button', { name: 'Send a test: This page' }).click()
  await expect(ways).toContainText('Sent. It stands under the bell.')
  await ways.getByRole('button', { name: 'Send a test: Webhook' }).click()
  await expect(ways).toContainText('The receiver confirmed it.')
  expect(receiver.bodies.some((body) => body.includes('A test alert'))).toBe(true)
  await ways.getByRole('button', { name: 'Send a test: Email' }).click()
  await expect(ways.getByRole('alert')).toContainText('The test alert could not be delivered')
  await ways.getByRole('alert').scrollIntoViewIfNeeded()
  await inspect(page, 'alert-ways')
})

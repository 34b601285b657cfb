import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../tools/demo/server-process.ts'
import { serverProgram } from '../../tools/test-processes/bundle.ts'
import { freePort } from '../../tools/test-processes/ports.ts'
import { expect, test } from '../product.ts'

test('at first start the printed link makes the administrator, once', async ({ page }) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchwork-first-start-'))
  const port = await freePort()
  const url = `https://localhost:${port}`
  const settings = {
    LATCHWORK_DATA_DIR: dataDir,
    LATCHWORK_PORT: String(port),
    LATCHWORK_PUBLIC_URL: url,
  }
  const server = await startServer(settings, await serverProgram())
  try {
    await expect.poll(() => server.output()).toContain(`${url}/setup?token=`)
    const [link = ''] = /https:\/\/\S+\/setup\?token=[\w-]+/.exec(server.output()) ?? []
    await page.goto(url)
    await expect(page.getByText('Nobody can sign in yet.')).toBeVisible()
    await page.goto(`${url}/setup`)
    await expect(page.getByText('This address has no set-up link in it.')).toBeVisible()

    await page.goto(link)
    await page.getByRole('button', { name: 'Make the administrator' }).click()
    await expect(page.getByText('Name is required.')).toBeVisible()
    await page.getByRole('textbox', { name: 'Name' }).fill('Robin Example')
    await page.getByRole('textbox', { name: 'Email' }).fill('robin@latchwork.example')
    await page.getByRole('textbox', { name: 'Password' }).fill('short')
    await page.getByRole('textbox', { name: 'Password' }).blur()
    await expect(page.getByText('Password needs at least 12 characters.')).toBeVisible()
    await page.getByRole('textbox', { name: 'Password' }).fill('a pass phrase of some length')
    await page.getByRole('button', { name: 'Make the administrator' }).click()
    await expect(page.getByRole('heading', { name: 'No flows yet' })).toBeVisible()

    await page.getByRole('button', { name: 'Profile' }).click()
    await expect(page.getByText('robin@latchwork.example')).toBeVisible()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.goto(`${url}/credentials`)
    await page.getByRole('textbox', { name: 'Email' }).fill('robin@latchwork.example')
    await page.getByRole('textbox', { name: 'Password' }).fill('not the pass phrase')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert')).toContainText("The email address and the password don't match")
    await page.getByRole('textbox', { name: 'Password' }).fill('a pass phrase of some length')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('heading', { name: 'No credentials yet' })).toBeVisible()

    await page.goto(link)
    await page.getByRole('textbox', { name: 'Name' }).fill('Mallory Example')
    await page.getByRole('textbox', { name: 'Email' }).fill('mallory@latchwork.example')
    await page.getByRole('textbox', { name: 'Password' }).fill('another pass phrase')
    await page.getByRole('button', { name: 'Make the administrator' }).click()
    await expect(page.getByText('The administrator has been made already.')).toBeVisible()
  } finally {
    await server.end('SIGTERM')
    await rm(dataDir, { recursive: true, force: true })
  }
})

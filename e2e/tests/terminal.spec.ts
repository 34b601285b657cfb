import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareEnvironment } from '../../tools/test-processes/environment.ts'
import { account, newName, oauthApp } from '../accounts.ts'
import { axeFaults } from '../axe.ts'
import { allow } from '../pages/consent.ts'
import { expect, type Product, test } from '../product.ts'

const main = join(import.meta.dirname, '../../packages/cli/src/main.ts')

/** A person's account on a machine, with the output of their commands. */
class Terminal {
  readonly #home = mkdtempSync(join(tmpdir(), 'latchwork-terminal-'))
  readonly #children: ChildProcess[] = []
  printed = ''

  /** Resolves with the exit code. */
  run(args: readonly string[], input = ''): Promise<number | null> {
    this.printed = ''
    const env = { ...bareEnvironment(), XDG_CONFIG_HOME: this.#home }
    const child = spawn(process.execPath, [main, ...args], { env })
    this.#children.push(child)
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (chunk) => {
        this.printed += String(chunk)
      })
    }
    child.stdin.end(input)
    return new Promise((resolve) => child.on('close', resolve))
  }

  async link(pattern: RegExp): Promise<string> {
    await expect.poll(() => this.printed).toMatch(pattern)
    return pattern.exec(this.printed)?.[0] ?? ''
  }

  close(): void {
    for (const child of this.#children) child.kill()
    rmSync(this.#home, { recursive: true, force: true })
  }
}

const login = (terminal: Terminal, { url, certificateFile }: Product) =>
  terminal.run(['login', url, '--ca', certificateFile])

test('#32 a terminal is signed in, and makes an OAuth credential, by links that are opened in the browser', async ({
  signedIn: page,
  product,
}) => {
  const terminal = new Terminal()
  const signedIn = login(terminal, product)
  const link = await terminal.link(/https:\S+\/device\?code=\S+/)
  await page.goto(link)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByLabel('Code')).toHaveText(link.slice(-9))
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Sign it in' }).click()
  await expect(page.getByRole('heading', { name: 'The terminal is signed in' })).toBeVisible()
  expect(await signedIn, terminal.printed).toBe(0)

  const { clientId, clientSecret } = oauthApp(product)
  const name = newName('From a terminal')
  const args = ['credential', 'add', '--method', 'oauth2', '--name', name, '--value', `clientId=${clientId}`]
  const added = terminal.run([...args, '--secret-stdin'], clientSecret)
  await page.goto(await terminal.link(/https:\S+\/authorize\/\w+/))
  await expect(page.getByText(clientId)).toBeVisible()
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Go on to grant access' }).click()
  await allow(page, account(product).organization.name)
  await expect(page.getByRole('heading', { name: 'Access was granted' })).toBeVisible()
  expect(await added, terminal.printed).toBe(0)
  expect(terminal.printed).toContain(`Authorized as ${account(product).organization.name}`)
  terminal.close()
})

test('#32 a terminal that the person refuses is given nothing; a code that nobody waits with is said to be unknown', async ({
  signedIn: page,
  product,
}) => {
  const terminal = new Terminal()
  const refused = login(terminal, product)
  const link = await terminal.link(/https:\S+\/device\?code=\S+/)
  await page.goto(`${product.url}/device`)
  await page.getByLabel('Code').fill('no letters')
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByText('Code has eight letters')).toBeVisible()
  await page.getByLabel('Code').fill('bbbb bbbb')
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('alert')).toContainText('No program waits with this code')
  await page.getByLabel('Code').fill(link.slice(-9).toLowerCase())
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Refuse' }).click()
  await expect(page.getByRole('heading', { name: 'The sign-in was refused' })).toBeVisible()
  expect(await refused, terminal.printed).toBe(4)
  terminal.close()
})

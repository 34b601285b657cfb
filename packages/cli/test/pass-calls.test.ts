import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { credentialBudgetSchema, passSealsSchema } from '@latchwork/contract'
import { startSandbox } from 'close-sandbox'
import { expect, it } from 'vitest'
import { sqlitePlace } from '../../../tools/test-databases/place.ts'
import type { Shell } from './command.ts'
import { Person } from './person.ts'
import { type Product, startProduct } from './server.ts'
import { signedInShell } from './signing-in.ts'

/** Makes a pass, and calls the gateway with it. */
async function calls(product: Product, shell: Shell, name: string, paths: readonly string[]): Promise<void> {
  const made = await shell.run(['pass', 'create', name, '--credential', 'Main', '--preset', 'read'])
  expect(made, made.stderr).toMatchObject({ code: 0 })
  const outside = new Person(product.url, readFileSync(product.certificateFile, 'utf8'))
  for (const path of paths) {
    const headers = { authorization: `Bearer ${made.stdout.trim()}` }
    await outside.browse(`${product.url}/close/api/v1${path}`, { method: 'GET', headers })
  }
}

it('tells who used a budget, and whether the calls are those that were sealed', async () => {
  const sandbox = await startSandbox({ leads: 5, rateLimit: { limit: 50 } })
  const place = await sqlitePlace()
  const change = (statement: string) => {
    const database = new DatabaseSync(join(place.dataDir, 'latchwork.db'))
    database.exec(statement)
    database.close()
  }
  try {
    {
      await using product = await startProduct(place, sandbox)
      using shell = await signedInShell(product)
      const values = { apiKey: sandbox.apiKeys[0]?.key ?? '' }
      const body = { connector: 'close', method: 'api_key', name: 'Main', values }
      await product.person.client.credentials.create({ body })
      const none = await shell.run(['credential', 'budget', 'Main'])
      expect(none).toMatchObject({ code: 0, stdout: '' })
      expect(none.stderr).toContain('Nothing was asked of Close with it in the last hour.')

      await calls(product, shell, 'Nightly', ['/lead/', '/lead/', '/task/'])
      const budget = async () =>
        credentialBudgetSchema.parse(await shell.json(['credential', 'budget', 'Main']))
      await expect
        .poll(async () => (await budget()).consumers[0]?.requests, { timeout: 10_000, interval: 500 })
        .toBe(3)
      expect(await budget()).toMatchObject({
        by: 'minute',
        consumers: [{ kind: 'pass', name: 'Nightly', requests: 3 }, { kind: 'checks' }],
        groups: [{ group: 'GET lead', limit: { requests: 50, windowSeconds: 1 } }, {}, {}],
      })
      const shown = await shell.run(['credential', 'budget', 'Main'])
      expect(shown.stdout).toMatch(/^Who +Requests +Waited +Told to wait\npass Nightly +3 +\d +0\nchecks +1 /)
      expect(shown.stdout).toMatch(/^GET lead +2 +0 +0 +3000/m)
      expect(shown.stderr).toMatch(/The busiest minute of the last hour: [1-4] requests?, from /)
      const ofDay = await shell.run([
        ...['credential', 'budget', 'Main', '--by', 'hour', '--group', 'GET task'],
      ])
      expect(ofDay.stdout).toMatch(/^pass Nightly +1 +0 +0$/m)
      expect(ofDay.stdout).toMatch(/^Endpoints .* Limit of an hour/m)
      expect((await shell.run(['credential', 'budget', 'Main', '--by', 'year'])).code).toBe(2)
      expect((await shell.run(['credential', 'budget', 'Nobody'])).code).toBe(4)

      const unsealed = await shell.run(['pass', 'verify'])
      expect(unsealed, unsealed.stderr).toMatchObject({ code: 0 })
      expect(unsealed.stdout).toBe('The calls of passes are intact: 0 sealed hours.\n')
    }
    // The hour of the calls is over: it is sealed when the server starts.
    change('update pass_calls set at = at - 3 * 3600000')
    await using product = await startProduct(place, sandbox)
    using shell = await signedInShell(product)
    await expect
      .poll(async () => passSealsSchema.parse(await shell.json(['pass', 'verify'])).hours, {
        timeout: 20_000,
        interval: 500,
      })
      .toBeGreaterThan(0)
    expect(await shell.json(['pass', 'verify'])).toMatchObject({ intact: true, fault: null })
    change("update pass_calls set path = '/contact/' where path = '/task/'")
    const changed = await shell.run(['pass', 'verify'])
    expect(changed).toMatchObject({ code: 1, stdout: '' })
    expect(changed.stderr).toMatch(/A call of the hour from .* was changed\./)
  } finally {
    await place.remove()
    await sandbox.close()
  }
}, 90_000)

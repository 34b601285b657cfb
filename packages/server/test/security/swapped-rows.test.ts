import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startRunning } from '../running.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
})
afterAll(() => sandbox?.close())

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('on %s', (_, makePlace) => {
  it('#35 the secrets of two credentials whose rows were swapped open for neither, and are sent nowhere', async () => {
    const place = await makePlace()
    const server = await startRunning(sandbox, { settings: { databaseUrl: place.settings.databaseUrl } })
    const person = await server.signedIn()
    const make = async (name: string, index: number) => {
      const values = { apiKey: sandbox.apiKeys[index]?.key ?? '' }
      return person.client.credentials.create({
        body: { connector: 'close', method: 'api_key', name, values },
      })
    }
    const [one, other] = [await make('One', 0), await make('Other', 1)]
    const { tables } = server.app.stores.database
    const sealedOf = async (id: string) =>
      (await tables.selectFrom('credentials').select('sealed').where('id', '=', id).executeTakeFirstOrThrow())
        .sealed
    const write = (id: string, sealed: string) =>
      tables.updateTable('credentials').set({ sealed }).where('id', '=', id).execute()
    const [first, second] = [await sealedOf(one.id), await sealedOf(other.id)]
    await write(one.id, second)
    await write(other.id, first)

    const asked = sandbox.control.requests().length
    for (const { id } of [one, other]) {
      const source = { connector: 'close', credentialId: id, config: { object: 'leads' } }
      expect((await problem(person.client.sources.sample({ body: source }))).code).toBe('secret_unreadable')
      const checked = await person.client.credentials.check({ params: { id } })
      expect(checked).toMatchObject({ status: 'failed', reason: { code: 'secret_unreadable' } })
      expect((await problem(person.client.sources.sample({ body: source }))).code).toBe('credential_failed')
    }
    expect(sandbox.control.requests().length).toBe(asked)
    await server.stop()
    await place.remove()
  })
})

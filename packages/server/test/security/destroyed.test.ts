import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { makePostgresPlace } from '../database/database.ts'
import { tablesHolding } from '../database/dump.ts'
import { type Running, startRunning } from '../running.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
})
afterAll(() => sandbox?.close())

const key = (index: number) => sandbox.apiKeys[index]?.key ?? ''
/** As it is promised, and not as the code has it. */
const sevenDaysMs = 604_800_000

const tick = (server: Running) => server.app.tick(new AbortController().signal)

async function make(person: Browser, name: string): Promise<string> {
  const body = { connector: 'close', method: 'api_key', name, values: { apiKey: key(0) } }
  return (await person.client.credentials.create({ body })).id
}

/** The ciphertexts of a credential, each cut from its middle: what a search of the disk would look for. */
async function ciphertexts({ app }: Running, id: string): Promise<string[]> {
  const { sealed } = await app.stores.database.tables
    .selectFrom('credentials')
    .select('sealed')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const found = sealed.match(/[\w-]{24,}/g) ?? []
  expect(found.length).toBeGreaterThan(1)
  return found
}

/** Those that are in the files of the database. */
function onDisk({ dataDir }: Running, texts: readonly string[]): string[] {
  const files = readdirSync(dataDir).filter((name) => name.startsWith('latchwork.db'))
  expect(files).toContain('latchwork.db-wal')
  const bytes = files.map((name) => readFileSync(join(dataDir, name)))
  return texts.filter((text) => bytes.some((file) => file.includes(text)))
}

async function deleteLongAgo(server: Running, person: Browser, id: string): Promise<void> {
  await person.client.credentials.delete({ params: { id } })
  await passDeleted(server, id, sevenDaysMs)
}

/** As if the credential had been deleted `ms` earlier. */
async function passDeleted(server: Running, id: string, ms: number): Promise<void> {
  await server.app.stores.database.tables
    .updateTable('credentials')
    .set((eb) => ({ deletedAt: eb('deletedAt', '-', ms) }))
    .where('id', '=', id)
    .execute()
}

it('#40 seven days after its deletion no byte of a credential is left in the files of SQLite', async () => {
  const server = await startRunning(sandbox)
  const person = await server.signedIn()
  const ids = []
  for (let count = 0; count < 30; count++) ids.push(await make(person, `Short-lived ${count}`))
  const kept = await make(person, 'Kept')
  const gone = (await Promise.all(ids.map((id) => ciphertexts(server, id)))).flat()
  const staying = await ciphertexts(server, kept)
  expect(onDisk(server, gone)).toEqual(gone)

  for (const id of ids) await deleteLongAgo(server, person, id)
  await tick(server)
  expect(onDisk(server, gone)).toEqual([])
  expect(onDisk(server, staying)).toEqual(staying)
  await server.stop()
})

it('#40 up to the end of the seventh day a deleted credential can be brought back', async () => {
  const server = await startRunning(sandbox)
  const person = await server.signedIn()
  const id = await make(person, 'Nearly gone')
  await person.client.credentials.delete({ params: { id } })
  await passDeleted(server, id, sevenDaysMs - 60_000)
  await tick(server)
  const restored = await person.client.deletedCredentials.restore({ params: { id } })
  expect(restored).toMatchObject({ id, name: 'Nearly gone' })
  await server.stop()
})

it('#40 what a draft and a replaced key held is gone from the files as well', async () => {
  const server = await startRunning(sandbox)
  const person = await server.signedIn()
  const id = await make(person, 'Replaced')
  const draft = await person.client.credentials.create({
    body: { connector: 'close', method: 'api_key', draft: true, values: { apiKey: key(0) } },
  })
  const before = [...(await ciphertexts(server, id)), ...(await ciphertexts(server, draft.id))]
  await person.client.credentials.delete({ params: { id: draft.id } })
  const body = { values: { apiKey: key(0) } }
  await person.client.credentials.secrets({ params: { id }, body })
  await tick(server)
  expect(onDisk(server, before)).toEqual([])
  await server.stop()
})

it('#40 no row of PostgreSQL holds it any more', async () => {
  const place = await makePostgresPlace()
  const server = await startRunning(sandbox, { settings: { databaseUrl: place.settings.databaseUrl } })
  const person = await server.signedIn()
  const id = await make(person, 'Short-lived')
  const texts = await ciphertexts(server, id)
  expect(await tablesHolding(server.app.stores, texts)).toEqual(['credentials'])
  await deleteLongAgo(server, person, id)
  await tick(server)
  expect(await tablesHolding(server.app.stores, texts)).toEqual([])
  await server.stop()
  await place.remove()
})

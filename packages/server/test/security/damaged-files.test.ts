import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditCommand } from '../../src/commands/audit.ts'
import { type Running, startRunning } from '../running.ts'

/* A database of SQLite whose files were damaged while no server ran. */
const folder = mkdtempSync(join(tmpdir(), 'latchwork-damaged-'))
const whole = join(folder, 'whole')
let settings: Running['settings']
let unjournaled = 0 // where the pages begin that the journal holds no newer ones of
beforeAll(async () => {
  const server = await startRunning(null)
  settings = server.settings
  const person = await server.signedIn()
  const config = { file: 'out.jsonl', format: 'jsonl' } as const
  const make = (name: string) =>
    person.client.destinations.create({ body: { connector: 'files', credentialId: null, name, config } })
  for (let count = 0; count < 5; count++) await make(`First ${count}`)
  const { tables } = server.app.stores.database
  const { rows } = await sql<{ start: number }>`
    select (rootpage - 1) * page_size as start from sqlite_schema, pragma_page_size where name = 'passkeys'
  `.execute(tables)
  unjournaled = Number(rows[0]?.start)
  await sql`pragma wal_checkpoint(truncate)`.execute(tables)
  for (let count = 0; count < 5; count++) await make(`Second ${count}`)
  const [{ sequence } = { sequence: 0 }] = (await person.client.audit.list({ query: { limit: 1 } })).items
  const seen = () => JSON.parse(readFileSync(join(server.dataDir, 'audit-seen.json'), 'utf8')).sequence
  await vi.waitUntil(() => seen() >= sequence, { timeout: 20_000 })
  // As a process that was killed leaves them.
  cpSync(server.dataDir, whole, { recursive: true })
  await server.stop()
})
afterAll(() => {
  process.exitCode = undefined // what the command leaves for its process
  rmSync(folder, { recursive: true, force: true })
})

type Damage = (file: string) => void
const overwrite =
  (startIn: (length: number) => number): Damage =>
  (file) => {
    const bytes = readFileSync(file)
    const start = startIn(bytes.length)
    bytes.fill(0x5a, start, start + 9000)
    writeFileSync(file, bytes)
  }
const asFolder: Damage = (file) => {
  rmSync(file)
  mkdirSync(file)
}
const empty: Damage = (file) => truncateSync(file)

function damagedCopy(name: string, file: string, damage: Damage): string {
  const dataDir = join(folder, name.replaceAll(' ', '-'))
  cpSync(whole, dataDir, { recursive: true })
  if (!existsSync(join(dataDir, file))) throw new Error(`${file} is not there`)
  damage(join(dataDir, file))
  return dataDir
}

async function verified(dataDir: string): Promise<string> {
  const said: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text))
    return true
  })
  try {
    await auditCommand({ ...settings, dataDir, masterKeyFile: join(dataDir, 'master.key') }, ['verify'])
  } finally {
    write.mockRestore()
  }
  return said.join('')
}

async function problemOf(work: Promise<unknown>): Promise<LatchworkError> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  )
  if (error instanceof LatchworkError) return error
  throw error ?? new Error('it was to be refused')
}

describe('#47 a start and a look at the log, where a file of the database', () => {
  it.each<[string, string, Damage]>([
    ['is other bytes in its middle', 'latchwork.db', overwrite(() => unjournaled)],
    ['is other bytes at its beginning', 'latchwork.db', overwrite(() => 0)],
    ['is empty', 'latchwork.db', empty],
    ['is a folder', 'latchwork.db', asFolder],
    ['has a folder for its journal', 'latchwork.db-wal', asFolder],
  ])('%s, are refused in a sentence', async (what, file, damage) => {
    const dataDir = damagedCopy(what, file, damage)
    for (const work of [
      () => verified(dataDir),
      () => startRunning(null, { settings: { dataDir, masterKeyFile: join(dataDir, 'master.key') } }),
    ]) {
      const error = await problemOf(work())
      expect(error.code).toMatch(/^(database_unreachable|data_dir_unwritable)$/)
      expect(error.message).toMatch(/^[^\n]+\.$/)
      expect(error.message).toContain(dataDir)
    }
  })

  it.each<[string, Damage]>([
    ['other bytes in its middle', overwrite((length) => Math.floor(length / 2))],
    ['other bytes at its beginning', overwrite(() => 0)],
    ['half of it', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['nothing of it', empty],
    ['no such file', (file) => rmSync(file)],
  ])('has lost what its journal held (%s), are told of it', async (what, damage) => {
    const dataDir = damagedCopy(`journal ${what}`, 'latchwork.db-wal', damage)
    process.exitCode = undefined
    const said = await verified(dataDir)
    expect(said).toMatch(/^The log ends with entry \d+, but entry \d+ was written already\. [^\n]+\n$/)
    expect(process.exitCode).toBe(1)
  })
})

import { createReadStream, existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { invalidField, LatchworkError } from '@latchwork/contract'
import { sql } from 'kysely'
import { z } from 'zod'
import { AuditLog } from '../audit/log.ts'
import { logParts, personOnServer } from '../audit/on-server.ts'
import { openAuditStore } from '../audit/store.ts'
import type { Database } from '../database/database.ts'
import { openMetadataStore } from '../database/metadata.ts'
import { isKnownHistory, migrate } from '../database/migrations/migrate.ts'
import { type DatabaseSettings, openDatabase } from '../database/open.ts'
import { checkKey, type KeySettings, openVault, sentinelName } from '../master-keys/open.ts'
import { decrypt, type Openers } from './encryption.ts'
import { withoutForeignKeys } from './foreign-keys.ts'
import { headSchema, leftOut, type Row, rowSchema, sideSchema, tableSchema } from './format.ts'

/** Values in one statement; SQLite's limit is 32,766. */
const valuesAtOnce = 10_000

export interface Restored {
  readonly rows: number
  readonly createdAt: string
}

/**
 * Fills an empty database from a backup of either kind of database, and migrates it to this version. Restores
 * everything or nothing: a doubtful backup is refused. Needs the master key that the backup was made under. Unfinished
 * runs are cancelled; people sign in again, terminals too, and new invitations are needed.
 * @throws {LatchworkError} `backup_unreadable`, `restore_not_empty`, `database_newer`, `master_key_missing`,
 * `master_key_wrong`, and as at start
 */
export async function restore(
  settings: DatabaseSettings & KeySettings,
  path: string,
  openers: Openers,
): Promise<Restored> {
  const lines = linesOf(await decrypt(openFile(path), openers))
  const next = async (): Promise<unknown> => {
    try {
      const { value, done } = await lines.next()
      return done === true ? undefined : JSON.parse(value)
    } catch (cause) {
      throw unreadable(cause)
    }
  }
  const head = parse(headSchema, await next())
  if (!isKnownHistory(head.migrations)) {
    throw new LatchworkError('database_newer', {
      message: 'The backup was made by a newer Latchwork. Restore it with that version.',
    })
  }
  const database = await openDatabase(settings)
  try {
    await migrate(database, head.migrations.at(-1))
    const rows = await database.auth.transaction().execute(async (transaction) => {
      await refuseUnlessEmpty(transaction)
      const load = () => loadAll(transaction, database, next)
      const count = await withoutForeignKeys(transaction, database.sql.kind, load)
      await settle(transaction, database, head.migrations)
      await verifyKey(transaction, settings, head.migrations)
      return count
    })
    await migrate(database)
    await noteRestoring(database, settings, { rows, createdAt: head.createdAt })
    return { rows, createdAt: head.createdAt }
  } finally {
    await database.close()
  }
}

async function loadAll(
  transaction: Database['auth'],
  { sql: { kind } }: Database,
  next: () => Promise<unknown>,
): Promise<number> {
  const known = new Map(
    (await transaction.introspection.getTables()).map((table) => [table.name, table.columns]),
  )
  let target = parse(tableSchema, await next())
  let waiting: Row[] = []
  let count = 0
  const begin = async (table: z.infer<typeof tableSchema>): Promise<void> => {
    const names = known.get(table.table)?.map((column) => column.name)
    if (leftOut.has(table.table) || !table.columns.every((column) => names?.includes(column) ?? false))
      throw unreadable()
    target = table
    await sql`delete from ${sql.table(table.table)}`.execute(transaction) // rows that migrations inserted
  }
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return
    const rows = waiting.map((row) => sql`(${sql.join(row.map((value) => toStored(value, kind)))})`)
    waiting = []
    await sql`insert into ${sql.table(target.table)} (${sql.join(target.columns.map((column) => sql.ref(column)))})
      values ${sql.join(rows)}`.execute(transaction)
  }
  await begin(target)
  for (;;) {
    const line = await next()
    const end = sideSchema.safeParse(line)
    if (end.success) {
      await write()
      // Reading on checks that the encryption ends here too: a truncated file fails.
      if (end.data.rows !== count || (await next()) !== undefined) throw unreadable()
      return count
    }
    if (!Array.isArray(line)) {
      await write()
      await begin(parse(tableSchema, line))
      continue
    }
    const row = parse(rowSchema, line)
    if (row.length !== target.columns.length) throw unreadable()
    waiting.push(row)
    count++
    if (waiting.length * row.length >= valuesAtOnce) await write()
  }
}

/** SQLite has no booleans. A boolean column of PostgreSQL accepts 1 and 0. */
function toStored(value: Row[number], kind: 'sqlite' | 'postgres'): string | number | boolean | null {
  return kind === 'sqlite' && typeof value === 'boolean' ? Number(value) : value
}

async function refuseUnlessEmpty(transaction: Database['auth']): Promise<void> {
  for (const table of ['user', 'credentials', 'metadata']) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction)
    if (rows.length > 0) throw new LatchworkError('restore_not_empty')
  }
}

/**
 * The log goes on from that of the backup, even if this server saw a later end. The next entry records this, and
 * whether the log of the backup was intact.
 */
async function noteRestoring(
  database: Database,
  settings: DatabaseSettings & KeySettings,
  restored: Restored,
): Promise<void> {
  const stores = { database, audit: openAuditStore(database), metadata: openMetadataStore(database) }
  const vault = await openVault(settings, stores.metadata)
  const log = AuditLog.forReading(await logParts(stores, vault, settings.dataDir))
  const { fault } = await log.verifyByItself()
  const after = { ...restored, fault }
  await log.accept({ action: 'backup.restore', object: null, actor: personOnServer(), after })
  await log.drain()
}

/**
 * Ends what was under way when the backup was made, because nobody works on it any more. Invitations and the sign-ins of
 * terminals may have been withdrawn since: they do not come back either.
 */
async function settle(
  transaction: Database['auth'],
  { sql: { now } }: Database,
  migrations: readonly string[],
): Promise<void> {
  await sql`delete from invitations`.execute(transaction)
  // Before that migration nobody knew which tokens are those of terminals.
  if (migrations.includes('0012-own-sign-in'))
    await sql`delete from api_tokens where terminal is not null`.execute(transaction)
  await sql`update credentials set lease_owner = null, lease_expires_at = null`.execute(transaction)
  await sql`update runs set status = 'cancelled', finished_at = ${now}, cancelling = 0,
    error_code = 'run_cancelled', error_message = 'The run was under way when the backup was made.'
    where status in ('queued', 'running')`.execute(transaction)
}

async function verifyKey(
  transaction: Database['auth'],
  settings: KeySettings,
  migrations: readonly string[],
): Promise<void> {
  // Before that migration the table had another name, and it is not migrated yet.
  const table = sql.table(migrations.includes('0021-words') ? 'metadata' : 'facts')
  const { rows } = await sql<{
    value: string
  }>`select value from ${table} where name = ${sentinelName}`.execute(transaction)
  const [sentinel] = rows
  if (sentinel === undefined) throw unreadable()
  await checkKey(settings, sentinel.value)
}

/** @throws {LatchworkError} `invalid_input` */
function openFile(path: string): Readable {
  if (!existsSync(path)) throw invalidField('in', 'file', `There is no file ${path}.`)
  return createReadStream(path)
}

async function* linesOf(bytes: Readable): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(z.instanceof(Uint8Array).parse(chunk), { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest + decoder.decode() !== '') throw unreadable()
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw unreadable()
  return parsed.data
}

function unreadable(cause?: unknown): LatchworkError {
  return new LatchworkError('backup_unreadable', cause === undefined ? {} : { cause })
}

import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalidField, LatchworkError, systemCode } from '@latchwork/contract'
import { z } from 'zod'
import type { DatabaseSettings } from '../database/open.ts'
import { encrypt, type Locks } from './encryption.ts'
import { leftOut, rowSchema } from './format.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'

const bytesAtOnce = 64 * 1024

export interface BackedUp {
  readonly tables: number
  readonly rows: number
}

/** A backup that is made while it is read. */
export interface OpenBackup {
  /** Encrypted. Fails if the database fails. A caller that stops reading must destroy it. */
  readonly bytes: Readable
  /** Complete once `bytes` has ended. */
  readonly count: BackedUp
}

/**
 * Backs up the database as of one moment, encrypted; the server may run meanwhile. Secrets stay sealed as they are in
 * the database. The master key is not included.
 * @throws {LatchworkError} `invalid_input` for an invalid recipient, `database_unreachable`
 */
export async function openBackup(settings: DatabaseSettings, locks: Locks, now: Date): Promise<OpenBackup> {
  const snapshot = await openSnapshot(settings)
  const count = { tables: 0, rows: 0 }
  const plain = Readable.from(inChunks(dump(snapshot, now, count)))
  plain.once('close', () => void snapshot.close())
  try {
    return { bytes: await encrypt(plain, locks), count }
  } catch (error) {
    plain.destroy()
    throw error
  }
}

/**
 * Writes a backup to a new file.
 * @throws {LatchworkError} `invalid_input` if the file exists, `data_dir_unwritable`, and as `openBackup`
 */
export async function backUp(
  settings: DatabaseSettings,
  path: string,
  locks: Locks,
  now: Date,
): Promise<BackedUp> {
  if (existsSync(path)) {
    throw invalidField('out', 'exists', `The file ${path} is there already. Choose another name.`)
  }
  const { bytes, count } = await openBackup(settings, locks, now)
  const temporary = `${path}.part`
  try {
    await pipeline(bytes, createWriteStream(temporary, { mode: 0o600, flush: true }))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw writeFailure(error, path)
  }
  return count
}

async function* dump(
  snapshot: Snapshot,
  now: Date,
  count: { tables: number; rows: number },
): AsyncGenerator<string> {
  const tables = await snapshot.tables()
  const migrations: string[] = []
  for await (const [name] of snapshot.rows('latchwork_migration', ['name']))
    migrations.push(z.string().parse(name))
  const createdAt = now.toISOString()
  yield line({ format: 'latchwork-backup', version: 1, createdAt, migrations: migrations.sort() })
  for (const { name, columns } of tables.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (leftOut.has(name)) continue
    count.tables++
    yield line({ table: name, columns })
    for await (const row of snapshot.rows(name, columns)) {
      count.rows++
      yield line(rowSchema.parse(row.map((value) => (value instanceof Date ? value.toISOString() : value))))
    }
  }
  yield line({ end: true, rows: count.rows })
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/** Joins lines into large chunks, because each chunk is a step of the encryption. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let waiting = ''
  for await (const text of lines) {
    waiting += text
    if (waiting.length < bytesAtOnce) continue
    yield Buffer.from(waiting, 'utf8')
    waiting = ''
  }
  if (waiting !== '') yield Buffer.from(waiting, 'utf8')
}

function writeFailure(error: unknown, path: string): unknown {
  const code = systemCode(error)
  if (error instanceof LatchworkError || code === null || !/^E[A-Z]+$/.test(code)) return error
  return new LatchworkError('data_dir_unwritable', {
    message: `The backup ${path} can't be written (${code}). Nothing was left behind.`,
    cause: error,
  })
}

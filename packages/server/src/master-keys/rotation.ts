import { LatchworkError } from '@latchwork/contract'
import { makeSentinel, verifySentinel } from '@latchwork/vault'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import type { MetadataStore } from '../database/metadata.ts'
import { readSealed, writeSealed } from '../database/sealed.ts'
import { pause } from '../jobs/timing.ts'
import type { Logger } from '../logging/logger.ts'
import { type OpenKeys, sentinelName } from './open.ts'
import type { KeyStore, SealedColumn, StoredValue } from './store.ts'

const rotationName = 'key_rotation'
const rowsAtOnce = 50
const betweenPassesMs = 1000

const rotationSchema = z.object({
  keyId: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  done: z.number(),
})
export type Rotation = z.infer<typeof rotationSchema>

export interface RotationParts {
  readonly stores: {
    readonly metadata: MetadataStore
    readonly keys: KeyStore
    now(): Promise<Date>
    readonly database: Database
  }
  /** Called with a rotation in the unit of work that records its end. */
  readonly finished?: (rotation: Rotation) => Promise<void>
  readonly keys: OpenKeys
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** The latest rotation; null if there never was one. */
export async function readRotation({
  metadata,
}: {
  readonly metadata: MetadataStore
}): Promise<Rotation | null> {
  const text = await metadata.get(rotationName)
  return text === null ? null : rotationSchema.parse(JSON.parse(text))
}

/** Records that a rotation to this key is under way. An unfinished one to the same key goes on. */
export async function beginRotation({ stores, keys }: Omit<RotationParts, 'log'>): Promise<void> {
  const latest = await readRotation(stores)
  const { keyId } = keys.vault
  if (latest?.keyId === keyId && latest.finishedAt === null) return
  await save(stores, {
    keyId,
    startedAt: (await stores.now()).toISOString(),
    finishedAt: null,
    done: 0,
  })
}

/** Counts the values sealed under another key than the active one, without those in quarantine. */
export async function countRemaining({ stores, keys }: Omit<RotationParts, 'log'>): Promise<number> {
  const active = keys.vault.keyId
  const [counts, quarantine] = await Promise.all([
    stores.keys.countByKey(),
    stores.keys.listQuarantined(active),
  ])
  const others = [...counts].filter(([keyId]) => keyId !== active)
  return Math.max(0, others.reduce((sum, [, count]) => sum + count, 0) - quarantine.length)
}

/**
 * Seals everything under the active master key, with new data keys, while the server goes on. The values themselves
 * show which ones remain, so it continues where it was killed. If a value changes meanwhile, it stays as it was written
 * until the next pass. A value that can't be opened goes into quarantine.
 * @throws the reason of `signal`; errors of the database or the key service, after which it can be called again
 */
export async function reencrypt(parts: RotationParts, signal: AbortSignal): Promise<Rotation> {
  const { stores, keys, log } = parts
  await beginRotation(parts)
  for (;;) {
    await stores.keys.clearQuarantined()
    for (const column of stores.keys.columns) await sealColumn(parts, column, signal)
    await renewSentinel(parts)
    const remaining = await countRemaining(parts)
    if (remaining === 0) break
    log.info(
      { remaining, keyId: keys.vault.keyId },
      'values were sealed under another key meanwhile: the rotation continues',
    )
    await pause(betweenPassesMs, signal)
  }
  const rotation = {
    ...((await readRotation(stores)) ?? { startedAt: '', done: 0 }),
    keyId: keys.vault.keyId,
    finishedAt: (await stores.now()).toISOString(),
  }
  await stores.database.atomically(async () => {
    await save(stores, rotation)
    await parts.finished?.(rotation)
  })
  log.info({ keyId: rotation.keyId, sealed: rotation.done }, 'the rotation of the master key is complete')
  return rotation
}

async function sealColumn(parts: RotationParts, column: SealedColumn, signal: AbortSignal): Promise<void> {
  const { stores, keys } = parts
  let after = ''
  for (;;) {
    signal.throwIfAborted()
    const values = await stores.keys.otherThan(keys.vault.keyId, column, after, rowsAtOnce)
    const sealed = await Promise.all(values.map((value) => sealValue(parts, column, value)))
    const done = sealed.filter(Boolean).length
    const rotation = await readRotation(stores)
    if (done > 0 && rotation !== null) await save(stores, { ...rotation, done: rotation.done + done })
    const last = values.at(-1)
    if (last === undefined || values.length < rowsAtOnce) return
    after = last.rowId
  }
}

async function sealValue(
  { stores, keys, log }: RotationParts,
  column: SealedColumn,
  { rowId, text, version }: StoredValue,
): Promise<boolean> {
  const place = { table: column.table, rowId, version }
  try {
    const sealed = await keys.vault.reseal(place, readSealed(text), place, {})
    return await stores.keys.replace(column, rowId, text, writeSealed(sealed))
  } catch (error) {
    if (!(error instanceof LatchworkError)) throw error
    if (error.code !== 'secret_unreadable' && error.code !== 'master_key_missing') throw error
    await stores.keys.quarantine(column.table, rowId, error.code)
    log.warn({ table: column.table, rowId, code: error.code }, 'a value could not be sealed again')
    return false
  }
}

async function renewSentinel({ stores, keys }: RotationParts): Promise<void> {
  const stored = await stores.metadata.get(sentinelName)
  if (stored === null) return
  await verifySentinel(keys.provider, stored)
  await stores.keys.replaceMetadata(sentinelName, stored, await makeSentinel(keys.provider))
}

async function save({ metadata }: { readonly metadata: MetadataStore }, rotation: Rotation): Promise<void> {
  await metadata.set(rotationName, JSON.stringify(rotation))
}

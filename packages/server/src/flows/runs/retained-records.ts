import { LatchworkError } from '@latchwork/contract'
import { type ManyKey, newManyKey, openManyKey, type Place, type Vault } from '@latchwork/vault'
import { z } from 'zod'
import { readJson } from '../../database/columns.ts'
import { searchable, searchWords } from '../../database/folding.ts'
import type { PageOf, PageQuery } from '../../database/paging.ts'
import { readSealed, writeSealed } from '../../database/sealed.ts'
import type { Logger } from '../../logging/logger.ts'
import type { SealedRefused } from '../store/plain-records.ts'
import type { RecordStore } from '../store/run-records.ts'

/** The most refused records that are stored of a run; the others are only counted. */
const refusedRetained = 10_000
const searchedAtOnce = 1_000

export interface RefusedRecord {
  readonly key: string | null
  readonly record: unknown
  readonly code: string
  readonly message: string
}

const reasonSchema = z.object({ key: z.string().nullable(), code: z.string(), message: z.string() })

export interface RetainedRecordsParts {
  readonly store: Omit<RecordStore, 'plain' | 'replacePlain' | 'eraseOld'>
  readonly vault: Vault
  readonly log: Pick<Logger, 'warn'>
}

/**
 * The stored records of runs. They are sealed on the way into the database and opened on the way out. Each run has its
 * own key. A value opens only in its own place: its run, its kind and, for a refused record, its position.
 */
export class RetainedRecords {
  readonly #parts: RetainedRecordsParts

  constructor(parts: RetainedRecordsParts) {
    this.#parts = parts
  }

  /** Gives the run a key unless it has one. A key that can't be opened is replaced, and what it sealed erased. */
  async sealer(runId: string): Promise<RecordSealer> {
    const { store, vault, log } = this.#parts
    const stored = await store.key(runId)
    if (stored !== null) {
      try {
        return new RecordSealer(runId, await this.#open(runId, stored))
      } catch (error) {
        if (!isUnreadable(error)) throw error
        log.warn({ runId, code: error.code }, 'what was kept of a run could not be opened, and is erased')
        await store.erase(runId)
      }
    }
    const made = await newManyKey(vault, keyPlace(runId))
    const sealed = writeSealed(made.sealed)
    const winner = await store.addKey(runId, sealed)
    return new RecordSealer(runId, winner === sealed ? made.key : await this.#open(runId, winner))
  }

  /** The columns and the last records. @throws LatchworkError `record_unreadable` */
  async last(runId: string): Promise<{ columns: unknown; records: unknown[] }> {
    const { store, log } = this.#parts
    const [stored, row] = [await store.key(runId), await store.last(runId)]
    if (stored === null || row === null) return { columns: null, records: [] }
    try {
      const key = await this.#open(runId, stored)
      const open = (field: 'columns' | 'records', empty: string): string => {
        const sealed = row[field]
        return sealed === null ? empty : key.open(lastPlace(runId, field), sealed)
      }
      return {
        columns: readJson(open('columns', 'null'), z.unknown(), 'last_records.columns'),
        records: readJson(open('records', '[]'), z.array(z.unknown()), 'last_records.records'),
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error
      log.warn({ runId }, 'the last records of a run could not be opened')
      throw new LatchworkError('record_unreadable', {
        message:
          "The last records of this run can't be opened: they were altered in the database, or moved there from another run.",
        cause: error,
      })
    }
  }

  /** By position. One that can't be opened is in its place, without a record and with the code `record_unreadable`. */
  async refused(
    runId: string,
    query: PageQuery,
  ): Promise<PageOf<RefusedRecord & { readonly id: string; readonly at: number }>> {
    const { store, log } = this.#parts
    const stored = await store.key(runId)
    if (stored === null) return { items: [], nextCursor: null, total: 0 }
    const key = await this.#open(runId, stored).catch((error: unknown) => {
      if (!isUnreadable(error)) throw error
      return null
    })
    const page = await store.refused(runId, query, await this.#search(runId, key, query.query))
    const items = page.items.map(({ at, ...row }) => {
      const opened = openRefused(runId, key, row)
      if (opened === null) log.warn({ runId, position: row.position }, 'a refused record could not be opened')
      return { ...(opened ?? unreadable()), id: String(row.position), at }
    })
    return { ...page, items }
  }

  /** Positions of the records whose reasons have all the words; null for no words. */
  async #search(runId: string, key: ManyKey | null, query: string): Promise<number[] | null> {
    const words = searchWords(query)
    if (words.length === 0) return null
    const found: number[] = []
    for (let after = 0; ; ) {
      const rows = await this.#parts.store.reasons(runId, after, searchedAtOnce)
      for (const row of rows) {
        const reason = openReason(runId, key, row)
        if (reason === null) continue
        const text = searchable(`${reason.key ?? ''} ${reason.code} ${reason.message}`)
        if (words.every((word) => text.includes(word))) found.push(row.position)
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < searchedAtOnce) return found
      after = last.position
    }
  }

  #open(runId: string, stored: string): Promise<ManyKey> {
    // A function of its own, so that a damaged column is a rejection like all else.
    return Promise.resolve().then(() => openManyKey(this.#parts.vault, keyPlace(runId), readSealed(stored)))
  }
}

/** Seals the stored records of one run. */
export class RecordSealer {
  readonly #runId: string
  readonly #key: ManyKey

  constructor(runId: string, key: ManyKey) {
    this.#runId = runId
    this.#key = key
  }

  /** @param json of the columns or of the records */
  last(field: 'columns' | 'records', json: string): string {
    return this.#key.seal(lastPlace(this.#runId, field), json)
  }

  /** @param record as JSON */
  refused(
    position: number,
    { key, code, message }: Omit<RefusedRecord, 'record'>,
    record: string,
  ): SealedRefused {
    const seal = (field: 'reason' | 'record', text: string): string =>
      this.#key.seal(refusedPlace(this.#runId, position, field), text)
    return {
      position,
      reason: seal('reason', JSON.stringify({ key, code, message })),
      record: seal('record', record),
    }
  }

  /**
   * The refused records of a page, as many as still fit.
   * @param refusedBefore of the run
   */
  page(refusedBefore: number, refused: readonly RefusedRecord[]): SealedRefused[] {
    return refused
      .slice(0, Math.max(0, refusedRetained - refusedBefore))
      .map(({ record, ...reason }, index) =>
        this.refused(refusedBefore + index + 1, reason, JSON.stringify(record ?? null)),
      )
  }
}

const keyPlace = (runId: string): Place => ({ table: 'run_keys', rowId: runId, version: 1 })
const lastPlace = (runId: string, field: string) => ({
  table: 'last_records',
  rowId: runId,
  field,
  version: 1,
})
const refusedPlace = (runId: string, position: number, field: string) => ({
  table: 'refused_records',
  rowId: [runId, position].join(':'),
  field,
  version: 1,
})

function openReason(runId: string, key: ManyKey | null, row: Pick<SealedRefused, 'position' | 'reason'>) {
  return orNull(() => {
    if (key === null) return null
    const text = key.open(refusedPlace(runId, row.position, 'reason'), row.reason)
    return readJson(text, reasonSchema, 'refused_records.reason')
  })
}

function openRefused(runId: string, key: ManyKey | null, row: SealedRefused): RefusedRecord | null {
  const reason = openReason(runId, key, row)
  if (key === null || reason === null) return null
  return orNull(() => {
    const text = key.open(refusedPlace(runId, row.position, 'record'), row.record)
    return { ...reason, record: readJson(text, z.unknown(), 'refused_records.record') }
  })
}

function unreadable(): RefusedRecord {
  const { code, message } = new LatchworkError('record_unreadable')
  return { key: null, record: {}, code, message }
}

function orNull<T>(open: () => T): T | null {
  try {
    return open()
  } catch (error) {
    if (isUnreadable(error)) return null
    throw error
  }
}

function isUnreadable(error: unknown): error is LatchworkError {
  return error instanceof LatchworkError && error.code === 'secret_unreadable'
}

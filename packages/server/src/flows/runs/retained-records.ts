import { type Column, columnSchema, LatchworkError } from '@latchwork/contract'
import { type ManyKey, newManyKey, openManyKey, type Vault } from '@latchwork/vault'
import { z } from 'zod'
import { readJson } from '../../database/columns.ts'
import { searchable, searchWords } from '../../database/folding.ts'
import type { PageOf, PageQuery } from '../../database/paging.ts'
import { readSealed, writeSealed } from '../../database/sealed.ts'
import type { Logger } from '../../logging/logger.ts'
import type { SealedRefused } from '../store/plain-records.ts'
import type { RecordStore } from '../store/run-records.ts'
import {
  isUnreadable,
  keyPlace,
  lastPlace,
  openReason,
  openRefused,
  RecordSealer,
  type RefusalReason,
  type RefusedRecord,
} from './record-sealer.ts'

const searchedAtOnce = 1_000

/** A refused record in its place in the quarantine of a run. */
export interface PlacedRefusal extends RefusedRecord {
  readonly position: number
  /** Empty: the only one, of a run of an earlier version. */
  readonly stream: string
  readonly at: number
}

/** What a run reads, and the last records that it has read. */
export interface LastRecords {
  readonly columns: readonly Column[]
  /** The column that tells records apart. */
  readonly key: string | null
  readonly records: readonly unknown[]
}

const storedColumns = z.array(columnSchema).catch([])
/** Columns alone: of an earlier version. */
const headerSchema = z.union([
  z.object({ columns: storedColumns, key: z.string().nullable() }),
  storedColumns,
])

/** Why a record was refused; null if that can't be opened. */
export interface FoundReason extends Pick<PlacedRefusal, 'position' | 'stream' | 'whole'> {
  readonly reason: RefusalReason | null
}

/** A record of a replay. */
export type RefusedToReplay = Omit<PlacedRefusal, 'at'>

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

  /**
   * The columns and the last records of a stream; of the first one where it is left out.
   * @throws LatchworkError `record_unreadable`
   */
  async last(runId: string, stream?: string): Promise<LastRecords> {
    const { store, log } = this.#parts
    const [stored, rows] = [await store.key(runId), await store.last(runId)]
    const of = (wanted: string) => rows.find((each) => each.stream === wanted)
    // A run may have begun before streams had names.
    const row = (stream === undefined ? rows.find((each) => each.stream !== '') : of(stream)) ?? of('')
    if (stored === null || row === undefined) return { columns: [], key: null, records: [] }
    try {
      const key = await this.#open(runId, stored)
      const open = (field: 'columns' | 'records', empty: string): string => {
        const sealed = row[field]
        return sealed === null ? empty : key.open(lastPlace(runId, row.stream, field), sealed)
      }
      const header = readJson(open('columns', '[]'), headerSchema, 'last_records.columns')
      return {
        ...(Array.isArray(header) ? { columns: header, key: null } : header),
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

  /**
   * By position. One that can't be opened is in its place, without a record and with the code `record_unreadable`.
   * @param isMeant narrows the list; left out: all
   */
  async refused(
    runId: string,
    query: PageQuery,
    isMeant?: (reason: RefusalReason) => boolean,
  ): Promise<PageOf<PlacedRefusal>> {
    const key = await this.#key(runId)
    if (key === 'none') return { items: [], nextCursor: null, total: 0 }
    const words = searchWords(query.query)
    const hasWords = ({ key, code, message }: RefusalReason): boolean => {
      const text = searchable(`${key ?? ''} ${code} ${message}`)
      return words.every((word) => text.includes(word))
    }
    const isAll = words.length === 0 && isMeant === undefined
    const meant = isAll
      ? null
      : (await this.reasons(runId))
          .filter(({ reason }) => reason !== null && hasWords(reason) && isMeant?.(reason) !== false)
          .map(({ position }) => position)
    const page = await this.#parts.store.refused(runId, query, meant)
    return { ...page, items: page.items.map((row) => this.#opened(runId, key, row)) }
  }

  /** The streams of a run that have refused records. */
  streamsOfRefused(runId: string): Promise<string[]> {
    return this.#parts.store.streamsOfRefused(runId)
  }

  /** One of them; null if it is not in quarantine. */
  async one(runId: string, position: number): Promise<PlacedRefusal | null> {
    const row = await this.#parts.store.one(runId, position)
    const key = await this.#key(runId)
    return row === null || key === 'none' ? null : this.#opened(runId, key, row)
  }

  /** Why each was refused, by position; null for one that can't be opened. */
  async reasons(runId: string): Promise<FoundReason[]> {
    const key = await this.#key(runId)
    if (key === 'none') return []
    const found: FoundReason[] = []
    for (let after = 0; ; ) {
      const rows = await this.#parts.store.reasons(runId, after, searchedAtOnce)
      for (const row of rows) {
        const reason = openReason(runId, key, row)
        found.push({ position: row.position, stream: row.stream, whole: row.whole === 1, reason })
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < searchedAtOnce) return found
      after = last.position
    }
  }

  /** The next records of a replay; one that can't be opened is left out, and stays where it is. */
  async forReplay(
    runId: string,
    replayRunId: string,
    stream: string,
    position: number,
    limit: number,
  ): Promise<RefusedToReplay[]> {
    const { store } = this.#parts
    const key = await this.#key(runId)
    for (let after = position; key !== 'none'; ) {
      const rows = await store.forReplay(runId, replayRunId, stream, after, limit)
      const opened: RefusedToReplay[] = []
      for (const row of rows) {
        const refused = openRefused(runId, key, row)
        if (refused === null) await store.leaveOut(runId, row.position)
        else opened.push({ ...refused, position: row.position, stream })
      }
      const last = rows.at(-1)
      if (last === undefined || opened.length > 0) return opened
      after = last.position
    }
    return []
  }

  /** The key of a run's stored records; null if it can't be opened, `none` if nothing is kept. */
  async #key(runId: string): Promise<ManyKey | null | 'none'> {
    const stored = await this.#parts.store.key(runId)
    if (stored === null) return 'none'
    return this.#open(runId, stored).catch((error: unknown) => {
      if (!isUnreadable(error)) throw error
      return null
    })
  }

  #opened(runId: string, key: ManyKey | null, { at, ...row }: SealedRefused & { at: number }): PlacedRefusal {
    const opened = openRefused(runId, key, row)
    const { position, stream } = row
    if (opened === null) this.#parts.log.warn({ runId, position }, 'a refused record could not be opened')
    return { ...(opened ?? unreadable()), position, stream, at }
  }

  #open(runId: string, stored: string): Promise<ManyKey> {
    // A function of its own, so that a damaged column is a rejection like all else.
    return Promise.resolve().then(() => openManyKey(this.#parts.vault, keyPlace(runId), readSealed(stored)))
  }
}

function unreadable(): RefusedRecord {
  const { code, message } = new LatchworkError('record_unreadable')
  return { key: null, row: null, record: {}, code, message, entry: null, whole: false }
}

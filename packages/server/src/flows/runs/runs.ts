import {
  columnSchema,
  LatchworkError,
  type Quarantined,
  type RunDetails,
  recordSchema,
  type Sample,
  shownRecord,
  type User,
} from '@latchwork/contract'
import { z } from 'zod'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import type { PageQuery } from '../../database/paging.ts'
import { viewerOf } from '../../identity/rules.ts'
import type { RunRow, RunView } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { RetainedRecords } from './retained-records.ts'

const storedColumns = z.array(columnSchema)
const storedRecord = recordSchema.catch({})

/** Runs, for the page and the API. */
export class Runs {
  readonly #store: RunStore
  readonly #records: RetainedRecords

  constructor(store: RunStore, records: RetainedRecords) {
    this.#store = store
    this.#records = records
  }

  async list(query: Parameters<RunStore['list']>[0], user: User) {
    const page = await this.#store.list(query, viewerOf(user))
    return { ...page, items: page.items.map(runDetails) }
  }

  /** @throws {LatchworkError} `run_not_found` */
  async get(id: string): Promise<RunDetails> {
    return runDetails(await this.#find(id))
  }

  /** @throws {LatchworkError} `run_not_found`, `run_finished` */
  async cancel(id: string): Promise<RunDetails> {
    const before = await this.#find(id)
    if (before.finishedAt !== null) throw new LatchworkError('run_finished')
    return runDetails((await this.#store.requestCancel(id)) ?? before)
  }

  /** The last records that were read. @throws {LatchworkError} `run_not_found`, `record_unreadable` */
  async records(id: string): Promise<Sample> {
    const run = await this.#find(id)
    const { columns, records } = await this.#records.last(id)
    const known = storedColumns.safeParse(columns)
    return {
      columns: known.success ? known.data : [],
      records: records.map((record) => shownRecord(storedRecord.parse(record))),
      total: run.recordsRead,
    }
  }

  async quarantine(id: string, query: PageQuery) {
    await this.#find(id)
    const { items, nextCursor, total } = await this.#records.refused(id, query)
    const views = items.map(
      (item): Quarantined => ({
        ...item,
        at: toTime(item.at),
        record: shownRecord(storedRecord.parse(item.record)),
      }),
    )
    return { items: views, nextCursor, total }
  }

  async #find(id: string): Promise<RunRow> {
    const row = await this.#store.find(id)
    if (row === null) throw new LatchworkError('run_not_found')
    return row
  }
}

/** A run as the page sees it, without the caller's role. */
export function runDetails(row: RunView): RunDetails {
  return {
    ...row,
    createdAt: toTime(row.createdAt),
    startedAt: toTimeOrNull(row.startedAt),
    finishedAt: toTimeOrNull(row.finishedAt),
  }
}

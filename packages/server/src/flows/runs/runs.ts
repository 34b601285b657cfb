import {
  LatchworkError,
  type PastRun,
  type RunDetails,
  type RunLogEntry,
  type RunWithStreams,
  recordSchema,
  type Sample,
  shownRecord,
  type User,
} from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import { viewerOf } from '../../identity/rules.ts'
import type { RunRow, RunView } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { RetainedRecords } from './retained-records.ts'
import { logOf } from './run-log.ts'

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
  async get(id: string): Promise<RunDetails & Pick<RunWithStreams, 'streams'>> {
    return { ...runDetails(await this.find(id)), streams: await this.#store.shownStreams(id) }
  }

  /** By its stages. @throws {LatchworkError} `run_not_found` */
  async log(id: string): Promise<RunLogEntry[]> {
    const run = await this.find(id)
    return logOf(run, await this.#store.shownStreams(id), await this.#store.eventsOf(id))
  }

  /** The last runs of a flow, for a chart. */
  past(flowId: string, limit: number): Promise<PastRun[]> {
    return this.#store.pastRuns(flowId, limit)
  }

  /** @throws {LatchworkError} `run_not_found`, `run_finished` */
  async cancel(id: string): Promise<RunDetails> {
    const before = await this.find(id)
    if (before.finishedAt !== null && before.retryAt === null) throw new LatchworkError('run_finished')
    return runDetails((await this.#store.requestCancel(id)) ?? before)
  }

  /**
   * The last records that were read of a stream; of the run's first one, where it is left out.
   * @throws {LatchworkError} `run_not_found`, `record_unreadable`
   */
  async records(id: string, stream: string | undefined): Promise<Sample> {
    const run = await this.find(id)
    const { columns, records } = await this.#records.last(id, stream)
    const of = (await this.#store.shownStreams(id)).find((each) => each.stream === stream)
    return {
      columns: [...columns],
      records: records.map((record) => shownRecord(storedRecord.parse(record))),
      total: (of ?? run).recordsRead,
    }
  }

  /** With what is kept of its records. @throws {LatchworkError} `run_not_found`, `run_active` */
  async delete(id: string): Promise<void> {
    const run = await this.find(id)
    if (run.finishedAt === null)
      throw new LatchworkError('run_active', { message: 'This run has not finished. Cancel it first.' })
    await this.#store.erase(id)
  }

  /** @throws {LatchworkError} `run_not_found` */
  async find(id: string): Promise<RunRow> {
    const row = await this.#store.find(id)
    if (row === null) throw new LatchworkError('run_not_found')
    return row
  }
}

/** A run as the page sees it, without the caller's role. */
export function runDetails(row: RunView): RunDetails {
  return {
    ...row,
    notices: [...row.notices],
    createdAt: toTime(row.createdAt),
    startedAt: toTimeOrNull(row.startedAt),
    finishedAt: toTimeOrNull(row.finishedAt),
    retryAt: toTimeOrNull(row.retryAt),
  }
}

import { createHash } from 'node:crypto'
import { csvText } from '@latchwork/connectors'
import {
  type DataRecord,
  isRecord,
  LatchworkError,
  type Quarantined,
  type QuarantineEdit,
  type QuarantineGroup,
  type QuarantineSelection,
  reasonPattern,
  recordName,
  recordSchema,
  shownRecord,
  valueIn,
  wholeRecordLimit,
} from '@latchwork/contract'
import { toTime } from '../../database/columns.ts'
import type { PageOf, PageQuery } from '../../database/paging.ts'
import { refuseStale } from '../../database/stale.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RefusalReason } from './record-sealer.ts'
import type { PlacedRefusal, RetainedRecords } from './retained-records.ts'

const recordsAtOnce = 200

export interface QuarantineParts {
  readonly store: Pick<RecordStore, 'drop' | 'replaceRecord' | 'isReplayed'>
  readonly records: RetainedRecords
}

/** The refused records of runs: looked at, put right, dropped. Writing them again is a run of its own, see `Flows.replay`. */
export class Quarantine {
  readonly #parts: QuarantineParts

  constructor(parts: QuarantineParts) {
    this.#parts = parts
  }

  /** @param group only the records of this one */
  async list(
    runId: string,
    query: PageQuery & { readonly group?: string | undefined },
  ): Promise<PageOf<Quarantined>> {
    const page = await this.#parts.records.refused(runId, query, inGroup(query.group))
    return { ...page, items: page.items.map((item) => view(item, shownRecord(recordOf(item)))) }
  }

  /** As it is kept. @throws {LatchworkError} `record_not_found`, `record_unreadable` */
  async get(runId: string, id: string): Promise<Quarantined> {
    const found = await this.#find(runId, id)
    return view(found, recordOf(found))
  }

  async groups(runId: string): Promise<QuarantineGroup[]> {
    const groups = new Map<string, QuarantineGroup>()
    for (const { reason, whole } of await this.#parts.records.reasons(runId)) {
      const { code, message } = reason ?? unreadable
      const id = groupOf({ code, message })
      const group = groups.get(id) ?? { id, code, message: reasonPattern(message), count: 0, whole: 0 }
      groups.set(id, { ...group, count: group.count + 1, whole: group.whole + (whole ? 1 : 0) })
    }
    return [...groups.values()].sort((a, b) => b.count - a.count)
  }

  /** Positions of what is chosen; null: all. */
  async positions(runId: string, { ids, group }: QuarantineSelection): Promise<number[] | null> {
    if (ids === undefined && group === undefined) return null
    const wanted = ids === undefined ? null : new Set(ids.map(Number))
    const isMeant = inGroup(group)
    const all = await this.#parts.records.reasons(runId)
    return all
      .filter(({ position }) => wanted?.has(position) ?? true)
      .filter(({ reason }) => isMeant?.(reason ?? unreadable) ?? true)
      .map(({ position }) => position)
  }

  /**
   * Puts values in the place of those of a record.
   * @throws {LatchworkError} `record_not_found`, `record_cut`, `record_unreadable`, `run_active` while it is replayed,
   * `record_in_doubt`: it is looked for as it was sent, `conflict` with somebody's edit meanwhile, `invalid_input` for a column that there is not, and for a record that becomes too long
   */
  async edit(runId: string, id: string, { values, was }: QuarantineEdit): Promise<Quarantined> {
    const { store, records } = this.#parts
    await this.#requireStill(runId)
    const found = await this.#find(runId, id)
    if (!found.whole) throw new LatchworkError('record_cut')
    if (found.code === 'record_in_doubt') throw new LatchworkError('record_in_doubt', { message: doubtful })
    const { position } = found
    const record = recordOf(found)
    const known = new Set([
      ...Object.keys(record),
      ...(await records.last(runId, found.stream)).columns.map(({ name }) => name),
    ])
    const unknown = Object.keys(values).find((name) => !known.has(name))
    if (unknown !== undefined) {
      throw fault('column', `The records of this run have no column ${unknown.slice(0, 100)}.`)
    }
    if (was !== undefined) refuseStale(asBrowsersSee(record, was), asBrowsersSee(was, was))
    const next = Object.fromEntries([...Object.entries(record), ...Object.entries(values)])
    const json = JSON.stringify(next)
    if (json.length > wholeRecordLimit) {
      throw fault('too_big', `The record may have at most ${wholeRecordLimit} characters as JSON.`)
    }
    const sealer = await records.sealer(runId)
    await store.replaceRecord(runId, position, sealer.record(found, json))
    return view(found, next)
  }

  /** @throws {LatchworkError} `run_active` while it is replayed */
  async drop(runId: string, selection: QuarantineSelection): Promise<{ dropped: number }> {
    await this.#requireStill(runId)
    const positions = await this.positions(runId, selection)
    return { dropped: await this.#parts.store.drop(runId, positions) }
  }

  /** As CSV, in parts: the row, the key and the reason of each record, then its columns. */
  async *csv(runId: string, group: string | undefined): AsyncGenerator<string> {
    const streams = await this.#parts.records.streamsOfRefused(runId)
    const isOne = streams.length < 2
    const columns = new Map<string, string>()
    for (const stream of streams) {
      for (const { name, label } of (await this.#parts.records.last(runId, stream)).columns)
        columns.set(name, name.startsWith('custom.') ? `${label} (${name})` : name)
    }
    yield csvText([[...(isOne ? [] : ['stream']), 'row', 'key', 'code', 'reason', ...columns.values()]])
    for (let cursor: string | undefined; ; ) {
      const query = { query: '', limit: recordsAtOnce, cursor }
      const page = await this.#parts.records.refused(runId, query, inGroup(group))
      const rows = page.items.map((item) => {
        const record = recordOf(item)
        const cells = [...columns.keys()].map((name) => valueIn(record, name) ?? null)
        return [...(isOne ? [] : [item.stream]), item.row, item.key, item.code, item.message, ...cells]
      })
      if (rows.length > 0) yield csvText(rows)
      if (page.nextCursor === null) return
      cursor = page.nextCursor
    }
  }

  async #find(runId: string, id: string): Promise<PlacedRefusal> {
    const found = await this.#parts.records.one(runId, /^\d{1,9}$/.test(id) ? Number(id) : 0)
    if (found === null) throw new LatchworkError('record_not_found')
    if (found.code === 'record_unreadable') throw new LatchworkError('record_unreadable')
    return found
  }

  async #requireStill(runId: string): Promise<void> {
    if (!(await this.#parts.store.isReplayed(runId))) return
    throw new LatchworkError('run_active', {
      message: 'Records of this quarantine are being replayed. Wait until that run has finished.',
    })
  }
}

const unreadable = new LatchworkError('record_unreadable')
const doubtful =
  'This record may have been created: a replay looks for it as it was sent, so it is not edited. Replay it, or look for it yourself and say whether it is there.'

/** Names a group of equal reasons. */
function groupOf({ code, message }: Pick<RefusalReason, 'code' | 'message'>): string {
  return createHash('sha256')
    .update(`${code}\n${reasonPattern(message)}`)
    .digest('hex')
    .slice(0, 16)
}

function inGroup(
  group: string | undefined,
): ((reason: Pick<RefusalReason, 'code' | 'message'>) => boolean) | undefined {
  return group === undefined ? undefined : (reason) => groupOf(reason) === group
}

function recordOf({ record }: Pick<PlacedRefusal, 'record'>): DataRecord {
  return recordSchema.catch({}).parse(record)
}

/** Columns as JavaScript has them: older browsers don't keep all digits of a number. What is not there is null. */
function asBrowsersSee(record: DataRecord, columns: DataRecord): DataRecord {
  const plain: unknown = JSON.parse(JSON.stringify(record))
  return Object.fromEntries(
    Object.keys(columns).map((name) => [name, isRecord(plain) ? (valueIn(plain, name) ?? null) : null]),
  )
}

function view(
  { position, stream, at, key, row, code, message, whole }: PlacedRefusal,
  record: DataRecord,
): Quarantined {
  return {
    id: String(position),
    stream: stream === '' ? null : stream,
    key,
    row,
    name: recordName(record),
    record,
    code,
    message,
    group: groupOf({ code, message }),
    whole,
    at: toTime(at),
  }
}

function fault(rule: string, message: string): LatchworkError {
  return new LatchworkError('invalid_input', { message, errors: [{ field: 'values', rule, message }] })
}

import type { Destination, Json, StreamPlan, StreamWriter } from '@latchwork/connectors'
import type { DataRecord } from '@latchwork/contract'
import { type RunJournal, RunTaken, type StreamStart } from '@latchwork/sync'
import SqliteFile from 'better-sqlite3'
import { z } from 'zod'

const schema = `
  create table if not exists records (
    stream text, id text, record text, deleted integer not null default 0, primary key (stream, id)
  );
  create table if not exists streams (stream text primary key, state text, checkpoint text, progress text, ended text);
  create table if not exists attempts (attempt integer);
`
const rowSchema = z.object({
  state: z.string().nullable(),
  checkpoint: z.string().nullable(),
  progress: z.string().nullable(),
  ended: z.string().nullable(),
})
const attemptSchema = z.number()
const recordRow = z.object({ id: z.string(), record: z.string() })

const nothingYet = {
  ...{
    recordsRead: 0,
    recordsWritten: 0,
    recordsRefused: 0,
    recordsCreated: 0,
    recordsDeleted: 0,
    pages: 0,
    notices: [],
  },
}
const progressSchema = z.object({
  recordsRead: z.number(),
  recordsWritten: z.number(),
  recordsRefused: z.number(),
  recordsCreated: z.number(),
  pages: z.number(),
})

/**
 * A destination, and the journal of its runs, in one SQLite file: as durable as a process can be killed. As in the product,
 * whoever takes a run up raises its attempt, and nothing is written any more for an earlier one.
 */
export class KeptCopy {
  readonly #file: SqliteFile.Database
  #attempt = 0

  constructor(path: string) {
    this.#file = new SqliteFile(path)
    this.#file.pragma('journal_mode = WAL')
    // A killed process loses nothing that way; only a machine without power would.
    this.#file.pragma('synchronous = OFF')
    this.#file.exec(schema)
  }

  close(): void {
    this.#file.close()
  }

  /** A process takes the run up: from now on it alone writes. */
  take(): void {
    const raise = this.#file.transaction(() => {
      this.#attempt = this.#attemptNow() + 1
      this.#file.exec('delete from attempts')
      this.#file.prepare('insert into attempts (attempt) values (?)').run(this.#attempt)
    })
    raise.immediate()
  }

  #attemptNow(): number {
    return attemptSchema.parse(
      this.#file.prepare('select coalesce(max(attempt), 0) from attempts').pluck().get(),
    )
  }

  /** Does all of it, or nothing. @throws RunTaken if another process has taken the run up */
  #whileHeld(work: () => void): void {
    const held = this.#file.transaction(() => {
      if (this.#attemptNow() !== this.#attempt) throw new RunTaken()
      work()
    })
    held.immediate()
  }

  /** Records that are not deleted, by their ids. */
  records(stream: string): Map<string, DataRecord> {
    const rows = z
      .array(recordRow)
      .parse(
        this.#file.prepare('select id, record from records where stream = ? and deleted = 0').all(stream),
      )
    return new Map(rows.map(({ id, record }) => [id, JSON.parse(record)]))
  }

  /** A run is over, or another begins: what is left of it is where its streams go on. */
  newRun(): void {
    this.#file.exec('update streams set checkpoint = null, progress = null, ended = null')
  }

  destination(): Destination {
    return { open: async (plan) => this.#writer(plan), close: async () => undefined }
  }

  #writer({ stream, deletions }: StreamPlan): StreamWriter {
    const put = this.#file.prepare(
      `insert into records (stream, id, record) values (?, ?, ?)
       on conflict do update set record = excluded.record, deleted = 0`,
    )
    const drop = this.#file.prepare(
      deletions === 'remove'
        ? 'delete from records where stream = ? and id = ?'
        : 'update records set deleted = 1 where stream = ? and id = ?',
    )
    return {
      write: async ({ records, deleted = [] }) => {
        this.#whileHeld(() => {
          for (const record of records) put.run(stream, String(record['id']), JSON.stringify(record))
          for (const id of deleted) drop.run(stream, id)
        })
        return { written: records.length + deleted.length, refused: [], state: null }
      },
      sweep: async (existing) => {
        const there = new Set<string>()
        // Null comes at the end of a full read alone.
        for await (const ids of existing ?? []) for (const id of ids) there.add(id)
        const gone = [...this.records(stream).keys()].filter((id) => !there.has(id))
        this.#whileHeld(() => {
          for (const id of gone) drop.run(stream, id)
        })
        return { deleted: gone.length, state: null }
      },
      finish: async () => null,
      abort: async () => undefined,
      close: async () => undefined,
    }
  }

  journal(): RunJournal {
    return {
      begin: async (stream) => this.#start(stream),
      opened: async (_stream, columns) => ({ columns, notices: [], held: null }),
      save: async (stream, { checkpoint, notices: _, ...counts }) => {
        this.#keep(stream, { checkpoint, progress: counts })
        return { cancelling: false }
      },
      ended: async (stream, end, state) => this.#keep(stream, { ended: end, state }),
      stopped: async () => undefined,
      cancelling: async () => false,
      refusal: async () => null,
    }
  }

  #start(stream: string): StreamStart {
    const found = this.#file
      .prepare('select state, checkpoint, progress, ended from streams where stream = ?')
      .get(stream)
    const row = found === undefined ? null : rowSchema.parse(found)
    const parsed = (text: string | null | undefined): Json => JSON.parse(text ?? 'null')
    const progress = parsed(row?.progress)
    return {
      ...nothingYet,
      ...(progress === null ? {} : progressSchema.parse(progress)),
      ...{ checkpoint: parsed(row?.checkpoint), state: parsed(row?.state), lastRecords: [] },
      end: parsed(row?.ended) === null ? null : { status: 'succeeded', output: null },
    }
  }

  #keep(
    stream: string,
    values: Partial<Record<'state' | 'checkpoint' | 'progress' | 'ended', unknown>>,
  ): void {
    const { state, checkpoint, progress, ended } = values
    const text = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
    const keep = this.#file.prepare(
      `insert into streams (stream, state, checkpoint, progress, ended) values (@stream, @state, @checkpoint, @progress, @ended)
         on conflict do update set state = coalesce(@state, state), checkpoint = coalesce(@checkpoint, checkpoint),
           progress = coalesce(@progress, progress), ended = coalesce(@ended, ended)`,
    )
    this.#whileHeld(() =>
      keep.run({
        ...{ stream, state: text(state), checkpoint: text(checkpoint) },
        ...{ progress: text(progress), ended: text(ended) },
      }),
    )
  }
}

import type { Batch, Clock, Json, RefusedRecord, StreamReader, StreamWriter } from '@latchwork/connectors'
import type { DataRecord, LatchworkError } from '@latchwork/contract'
import type { RunJournal, RunOutcome, RunRequest, StreamEnd, StreamStop, Waits } from '../src/index.ts'
import type { ChosenStream, QuarantinedRecord } from '../src/run.ts'

export class ProcessEnded extends Error {}

/** Ends the process at a chosen step: from then on nothing that it does reaches the world. */
export class Fuse {
  #left: number
  constructor(steps: number) {
    this.#left = steps
  }
  burn(): void {
    this.#left -= 1
    if (this.#left < 0) throw new ProcessEnded()
  }
}
export const noFuse = () => new Fuse(Number.POSITIVE_INFINITY)

export const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

/** Of a run that has read nothing. */
export const nothingYet = {
  ...{ recordsRead: 0, recordsWritten: 0, recordsRefused: 0, recordsCreated: 0, recordsDeleted: 0, pages: 0 },
  ...{ notices: [], checkpoint: null, state: null, lastRecords: [], end: null },
}
/** A run that waits for nothing. */
const noWaits: Waits = { longestMs: 0, firstPauseMs: 1, longestPauseMs: 1 }

/** The one stream of a run. */
export const only: ChosenStream = { stream: 'records', mode: 'full', columns: [], parameters: {} }

/** What outlives a process: a destination that keeps records by key or by length, and the run's row. */
export class World {
  readonly records: DataRecord[]
  readonly byKey: boolean
  readonly pageSize: number
  readonly refuse: (record: DataRecord) => boolean
  table = new Map<string, DataRecord>()
  part: DataRecord[] = []
  whole: DataRecord[] | null = null
  gaveUp = false
  saved: string | null = null
  end: StreamEnd | null = null
  /** How the stream stopped, each time that it did. */
  stops: StreamStop[] = []
  quarantine: QuarantinedRecord[] = []
  lastRecords: readonly DataRecord[] = []
  /** Why the run may not go on. */
  refusal: LatchworkError | null = null
  cancelAfterPages = Number.POSITIVE_INFINITY
  /** What the run said that it does. */
  said: string[] = []

  constructor(count: number, pageSize: number, byKey: boolean, refuse: (record: DataRecord) => boolean) {
    this.records = Array.from({ length: count }, (_, index) => ({ id: `r${index}` }))
    this.pageSize = pageSize
    this.byKey = byKey
    this.refuse = refuse
  }

  reader(fuse: Fuse): StreamReader {
    const { records, pageSize } = this
    return {
      columns: [{ name: 'id', label: 'Id', type: 'text' }],
      key: 'id',
      ordered: true,
      count: async () => records.length,
      close: async () => undefined,
      async *batches(position): AsyncGenerator<Batch> {
        for (let at = typeof position === 'number' ? position : 0; at < records.length; at += pageSize) {
          fuse.burn()
          await Promise.resolve()
          yield { records: records.slice(at, at + pageSize), position: at + pageSize }
        }
      },
    }
  }

  writer(fuse: Fuse, resume: Json | null): StreamWriter {
    fuse.burn()
    let length = typeof resume === 'number' ? resume : 0
    if (this.whole === null) this.part.length = length
    return {
      write: async ({ records }) => {
        fuse.burn()
        const refused: RefusedRecord[] = records.flatMap((record, index) =>
          this.refuse(record) ? [{ index, code: 'record_refused', message: 'No.' }] : [],
        )
        const accepted = records.filter((record) => !this.refuse(record))
        for (const record of accepted) {
          this.table.set(String(record['id']), record)
          this.part.push(record)
          // Half a batch may be there when the process ends.
          fuse.burn()
        }
        length += accepted.length
        return { written: accepted.length, refused, state: length }
      },
      finish: async () => {
        fuse.burn()
        this.whole ??= [...this.part]
        fuse.burn()
        return { file: 'out', bytes: this.whole.length }
      },
      abort: async () => {
        fuse.burn()
        this.gaveUp = true
      },
      close: async () => undefined,
    }
  }

  request(fuse: Fuse, signal = new AbortController().signal): RunRequest {
    return {
      ...{ selections: [only], atOnce: 2 },
      openSource: async () => {
        fuse.burn()
        return {
          streams: async () => [],
          open: async () => this.reader(fuse),
          close: async () => undefined,
        }
      },
      openDestination: async () => ({
        open: async ({ resume }) => this.writer(fuse, resume),
        close: async () => undefined,
      }),
      journal: {
        begin: async () => {
          fuse.burn()
          const { lastRecords, end } = this
          return { ...nothingYet, ...saved(this), lastRecords, end }
        },
        opened: async (_stream, columns) => {
          fuse.burn()
          return { columns, notices: [], held: null }
        },
        save: async (_stream, progress, refused, lastRecords) => {
          fuse.burn()
          this.saved = JSON.stringify(progress)
          this.quarantine.push(...refused)
          if (lastRecords.length > 0) this.lastRecords = lastRecords
          fuse.burn()
          return { cancelling: progress.pages >= this.cancelAfterPages }
        },
        ended: async (_stream, end) => {
          fuse.burn()
          this.end = end
          fuse.burn()
        },
        stopped: async (_stream, stop) => void this.stops.push(stop),
        cancelling: async () => false,
        refusal: async () => this.refusal,
      },
      ...{ clock, signal, waits: noWaits },
      names: { source: 'Close', destination: 'PostgreSQL' },
      activity: (sentence) => {
        if (sentence !== null) this.said.push(sentence)
      },
    }
  }

  delivered(): string[] {
    const records = this.byKey ? [...this.table.values()] : (this.whole ?? [])
    return records.map((record) => String(record['id']))
  }
}

export const ids = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`)
/** A destination that refuses nothing. */
export const keepAll = () => false
/** The run's row, as it was last saved. */
export const saved = (world: World) => JSON.parse(world.saved ?? '{}')

/** The request, with what is read changed. */
export function reading(
  request: RunRequest,
  change: (reader: StreamReader, signal: AbortSignal) => StreamReader,
): RunRequest {
  return {
    ...request,
    openSource: async (ended) => {
      const source = await request.openSource(ended)
      return {
        ...source,
        open: async (selection, purpose, signal) =>
          change(await source.open(selection, purpose, signal), signal),
      }
    },
  }
}

/** The request, with how it is written changed. */
export function writing(
  request: RunRequest,
  change: (writer: StreamWriter, resume: Json | null) => StreamWriter,
): RunRequest {
  return {
    ...request,
    openDestination: async (ended) => {
      const destination = await request.openDestination(ended)
      return {
        ...destination,
        open: async (plan, signal) => change(await destination.open(plan, signal), plan.resume),
      }
    },
  }
}

/** The request, with another journal. */
export const journaling = (request: RunRequest, change: Partial<RunJournal>): RunRequest => ({
  ...request,
  journal: { ...request.journal, ...change },
})

/** Whether the run has come to its end. */
export const isWhole = ({ status }: RunOutcome) => status === 'succeeded' || status === 'partial'

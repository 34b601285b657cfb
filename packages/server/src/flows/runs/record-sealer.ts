import { LatchworkError, type retainedRecord } from '@latchwork/contract'
import type { ManyKey, Place } from '@latchwork/vault'
import { z } from 'zod'
import { readJson } from '../../database/columns.ts'
import type { SealedRefused } from '../store/plain-records.ts'

/** Refused records that are kept of a run; the others are counted. */
const refusedRetained = 10_000

/** Why a record was refused, and where it stood. */
export interface RefusalReason {
  readonly key: string | null
  /** Its row or line in a file. */
  readonly row: number | null
  readonly code: string
  readonly message: string
  /** Its entry in the ledger, where it is unknown whether it was created. */
  readonly entry: string | null
}

export interface RefusedRecord extends RefusalReason {
  readonly record: unknown
  /** All of it is kept. */
  readonly whole: boolean
}

const reasonSchema = z.object({
  key: z.string().nullable(),
  row: z.number().nullable().default(null),
  code: z.string(),
  message: z.string(),
  entry: z.string().nullable().default(null),
})

/** Seals what is kept of one run. */
export class RecordSealer {
  readonly #runId: string
  readonly #key: ManyKey

  constructor(runId: string, key: ManyKey) {
    this.#runId = runId
    this.#key = key
  }

  /** @param json of the columns or of the records */
  last(stream: string, field: 'columns' | 'records', json: string): string {
    return this.#key.seal(lastPlace(this.#runId, stream, field), json)
  }

  /** @param json of the record */
  refused(at: RefusedAt, reason: RefusalReason, { json, whole }: RetainedRecord): SealedRefused {
    return {
      ...at,
      reason: this.reason(at, reason),
      record: this.record(at, json),
      whole: whole ? 1 : 0,
    }
  }

  reason(at: RefusedAt, { key, row, code, message, entry }: RefusalReason): string {
    const place = refusedPlace(this.#runId, at, 'reason')
    return this.#key.seal(place, JSON.stringify({ key, row, code, message, entry }))
  }

  record(at: RefusedAt, json: string): string {
    return this.#key.seal(refusedPlace(this.#runId, at, 'record'), json)
  }

  /**
   * The records of a page that were refused, as far as there is place for them.
   * @param refusedBefore of the run
   */
  page(
    stream: string,
    refusedBefore: number,
    refused: readonly (RefusalReason & RetainedRecord)[],
  ): SealedRefused[] {
    return refused
      .slice(0, Math.max(0, refusedRetained - refusedBefore))
      .map((each, index) => this.refused({ stream, position: refusedBefore + index + 1 }, each, each))
  }
}

/** A record as JSON, and whether all of it. */
type RetainedRecord = ReturnType<typeof retainedRecord>

export const keyPlace = (runId: string): Place => ({ table: 'run_keys', rowId: runId, version: 1 })
/** A run of an earlier version has one stream without a name: its values stay in their places. */
export const lastPlace = (runId: string, stream: string, field: string) => ({
  table: 'last_records',
  rowId: stream === '' ? runId : [runId, stream].join(':'),
  field,
  version: 1,
})
/** The place of a record in the quarantine of a run. */
type RefusedAt = Pick<SealedRefused, 'position' | 'stream'>
const refusedPlace = (runId: string, { position, stream }: RefusedAt, field: string) => ({
  table: 'refused_records',
  rowId: stream === '' ? [runId, position].join(':') : [runId, position, stream].join(':'),
  field,
  version: 1,
})

export function openReason(
  runId: string,
  key: ManyKey | null,
  row: Pick<SealedRefused, 'position' | 'stream' | 'reason'>,
) {
  return orNull(() => {
    if (key === null) return null
    const text = key.open(refusedPlace(runId, row, 'reason'), row.reason)
    return readJson(text, reasonSchema, 'refused_records.reason')
  })
}

export function openRefused(runId: string, key: ManyKey | null, row: SealedRefused): RefusedRecord | null {
  const reason = openReason(runId, key, row)
  if (key === null || reason === null) return null
  return orNull(() => {
    const text = key.open(refusedPlace(runId, row, 'record'), row.record)
    const record = readJson(text, z.unknown(), 'refused_records.record')
    return { ...reason, record, whole: row.whole === 1 }
  })
}

function orNull<T>(open: () => T): T | null {
  try {
    return open()
  } catch (error) {
    if (isUnreadable(error)) return null
    throw error
  }
}

export function isUnreadable(error: unknown): error is LatchworkError {
  return error instanceof LatchworkError && error.code === 'secret_unreadable'
}

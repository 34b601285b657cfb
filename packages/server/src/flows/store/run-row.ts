import { type Identity, identitySchema, type RunDetails, runStatusSchema } from '@latchwork/contract'
import { z } from 'zod'
import { readJson, toTime, toTimeOrNull } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import type { SideKind } from './sides.ts'

export interface RunProgress {
  readonly recordsRead: number
  readonly recordsWritten: number
  readonly recordsRefused: number
  readonly pages: number
  /** Source position and destination state after the last acknowledged page. */
  readonly checkpoint: unknown
}

export interface RunRow extends RunDetails {
  readonly checkpoint: unknown
  /** Whom it reads and writes as. Null until a credential of that side was used, and after its end. */
  readonly accounts: Readonly<Record<SideKind, Identity | null>>
}

type Tables = Database['tables']

/** The states of a run that has not ended. */
export const unfinished = ['queued', 'running']

/** Runs with their flows' names. */
export function runViews(tables: Tables) {
  return tables
    .selectFrom('runs')
    .innerJoin('flows', 'flows.id', 'runs.flowId')
    .selectAll('runs')
    .select('flows.name as flowName')
}

export type RunView = Awaited<ReturnType<ReturnType<typeof runViews>['executeTakeFirstOrThrow']>>

/** By id. */
export async function runsOf(
  tables: Tables,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RunDetails>> {
  if (ids.length === 0) return new Map()
  const rows = await runViews(tables).where('runs.id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, toRun(row)]))
}

export function toRun(row: RunView): RunDetails {
  return {
    id: row.id,
    flowId: row.flowId,
    flowName: row.flowName,
    status: runStatusSchema.parse(row.status),
    cancelling: row.cancelling === 1,
    recordsRead: row.recordsRead,
    recordsWritten: row.recordsWritten,
    recordsRefused: row.recordsRefused,
    pages: row.pages,
    recordsExpected: row.recordsExpected,
    resumes: row.resumes,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' },
    activity: row.activity,
    output:
      row.outputFile === null
        ? null
        : { file: row.outputFile, fileId: row.outputFileId, bytes: row.outputBytes ?? 0 },
    startedBy: row.startedBy,
    createdAt: toTime(row.createdAt),
    startedAt: toTimeOrNull(row.startedAt),
    finishedAt: toTimeOrNull(row.finishedAt),
  }
}

export function toRunRow(row: RunView): RunRow {
  return {
    ...toRun(row),
    checkpoint: row.checkpoint === null ? null : readJson(row.checkpoint, z.unknown(), 'runs.checkpoint'),
    accounts: { source: toAccount(row.sourceAccount), destination: toAccount(row.destinationAccount) },
  }
}

export function toAccount(text: string | null): Identity | null {
  return text === null ? null : readJson(text, identitySchema, 'runs.account')
}

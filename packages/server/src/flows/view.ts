import { type Attention, counted, type Flow, heldBack, type StripRun } from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { runDetails } from './runs/runs.ts'
import type { FailedCredential, FlowView, StripRow } from './store/flow-views.ts'

/** A flow as the page sees it, without the caller's role. */
export type FlowDetails = Omit<Flow, 'yourRole'>

/** @param seenCredentials ids of failed credentials that the person may see; left out: none */
export function flowView(row: FlowView, seenCredentials?: ReadonlySet<string>): FlowDetails {
  const { ownerId, ownerName, lastRun, paused, schedule } = row
  const { id, name, description, source, destination, streams, compare, columnNames, watch } = row
  const { schema } = row
  const credential = row.failedCredentials.find((failed) => seenCredentials?.has(failed.id)) ?? null
  return {
    ...{ id, name, description, source, destination, streams, compare, columnNames, schema },
    ...{ schedule, watch },
    owner: { id: ownerId, name: ownerName ?? '' },
    scheduleMinutes: schedule?.kind === 'every' ? schedule.minutes : null,
    nextRunAt: toTimeOrNull(row.nextRunAt),
    paused: paused === null ? null : { ...paused, at: toTime(paused.at) },
    lastRun: lastRun === null ? null : runDetails(lastRun),
    attention: attentionOf(row, credential),
    freshAt: row.freshAt === 0 ? null : toTime(row.freshAt),
    createdAt: toTime(row.createdAt),
    updatedAt: toTime(row.updatedAt),
  }
}

export function stripRun({ createdAt, ...run }: StripRow): StripRun {
  return { ...run, createdAt: toTime(createdAt) }
}

function attentionOf(row: FlowView, credential: FailedCredential | null): Attention | null {
  const { attention: kind, paused, lastEnded, lateSince } = row
  const plain = { kind, code: null, runId: null, inQuarantine: 0, retryAt: null, credential }
  if (kind === 'paused' && paused !== null) {
    const { code, message, at } = paused
    return { ...plain, kind, code, message, at: toTime(at) }
  }
  if (kind === 'late' && lateSince !== null) {
    const message = 'It did not run when it was due.'
    return { ...plain, kind, message, at: toTime(lateSince) }
  }
  if ((kind !== 'failed' && kind !== 'partial') || lastEnded === null) return null
  const { id: runId, error, inQuarantine, retryAt } = lastEnded
  return {
    ...{ kind, runId, inQuarantine, credential, code: error?.code ?? null, retryAt: toTimeOrNull(retryAt) },
    message: error?.message ?? partialWords(lastEnded),
    at: toTime(lastEnded.finishedAt ?? lastEnded.createdAt),
  }
}

function partialWords(run: NonNullable<FlowView['lastEnded']>): string {
  const { recordsRead, recordsRefused } = run
  if (recordsRefused === 0 && heldBack(run).length > 0)
    return 'Deletions of more than half of a stream were held back.'
  return `${recordsRefused.toLocaleString('en')} of ${counted(recordsRead, 'record')} ${recordsRefused === 1 ? 'was' : 'were'} refused.`
}

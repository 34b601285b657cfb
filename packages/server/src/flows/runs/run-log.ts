import { type RunLogEntry, type RunStage, type RunStream, runStages } from '@latchwork/contract'
import { toTime } from '../../database/columns.ts'
import type { RunEvent } from '../store/run-log.ts'
import type { RunRow } from '../store/run-row.ts'

/** A run by its stages, oldest first, out of what is kept of it. */
export function logOf(
  run: RunRow,
  streams: readonly RunStream[],
  events: readonly RunEvent[],
): RunLogEntry[] {
  const entries = [
    entry('queued', toTime(run.createdAt), queuedWords(run)),
    ...(run.startedAt === null ? [] : [entry('started', toTime(run.startedAt), 'A worker has taken it.')]),
    ...(run.preparedAt === null ? [] : [entry('prepared', toTime(run.preparedAt), preparedWords(streams))]),
    ...events.map(({ at, stage, message }) => entry(stage, toTime(at), message)),
    ...streams.flatMap(streamEntries),
    ...(run.finishedAt === null || run.retryAt !== null
      ? []
      : [entry('ended', toTime(run.finishedAt), endWords(run))]),
  ]
  const place = ({ stage }: RunLogEntry) => runStages.indexOf(stage)
  return entries.sort((a, b) => a.at.localeCompare(b.at) || place(a) - place(b))
}

function entry(stage: RunStage, at: string, message: string, stream: string | null = null): RunLogEntry {
  return { at, stage, stream, message }
}

function streamEntries(stream: RunStream): RunLogEntry[] {
  const { begunAt, endedAt, status, label } = stream
  const begun = begunAt === null ? [] : [entry('stream_begun', begunAt, `${label}: begun.`, stream.stream)]
  if (endedAt === null) return begun
  const isWrong = status === 'failed' || status === 'skipped'
  const stage = isWrong ? 'stream_failed' : 'stream_ended'
  return [...begun, entry(stage, endedAt, `${label}: ${streamWords(stream)}`, stream.stream)]
}

function queuedWords({ startedBy, replayOf }: RunRow): string {
  const by = startedBy === null ? 'by its schedule' : `by ${startedBy}`
  return replayOf === null ? `Asked for ${by}.` : `A replay of refused records, asked for ${by}.`
}

function preparedWords(streams: readonly RunStream[]): string {
  const [only] = streams
  if (streams.length === 1 && only !== undefined) return `It moves ${only.label}.`
  return `It moves ${streams.length} streams, some of them side by side.`
}

function streamWords({ status, recordsRead, recordsWritten, recordsRefused, error }: RunStream): string {
  if (status === 'skipped') return `passed over. ${error?.message ?? ''}`.trim()
  const counts = `${number(recordsRead)} read, ${number(recordsWritten)} written`
  const refused = recordsRefused === 0 ? '' : `, ${number(recordsRefused)} refused`
  const after = recordsRead === 0 ? '' : ` after ${counts}${refused}`
  if (status === 'failed') return `failed${after}. ${error?.message ?? ''}`.trim()
  if (status === 'cancelled') return `cancelled${after}.`
  return `done, ${counts}${refused}.`
}

function endWords({ status, error, recordsWritten, recordsRefused }: RunRow): string {
  if (status === 'succeeded') return `Succeeded: ${number(recordsWritten)} records written.`
  if (status === 'cancelled') return `Cancelled: ${number(recordsWritten)} records written before.`
  if (status === 'partial' && error === null)
    return `Partial: ${number(recordsWritten)} records written, ${number(recordsRefused)} refused.`
  return `${status === 'partial' ? 'Partial' : 'Failed'}: ${error?.message ?? ''}`
}

function number(count: number): string {
  return count.toLocaleString('en')
}

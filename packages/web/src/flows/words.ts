import {
  counted,
  type FlowWatch,
  heldBack,
  type Run,
  type RunStatus,
  type Schedule,
  scheduleSchema,
} from '@latchwork/contract'
import { formatCount } from '../ui/number-words.ts'

export const runStatusWords: Record<RunStatus, string> = {
  queued: 'Waiting to start',
  running: 'Running',
  succeeded: 'Succeeded',
  partial: 'Partial',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** A run in one sentence, for lists and for screen readers. */
export function runSentence(run: Run): string {
  if (run.cancelling) return 'It is being cancelled. The page in progress is finished first.'
  switch (run.status) {
    case 'queued':
      return run.activity ?? 'Waiting for its turn.'
    case 'running':
      return run.activity ?? 'Reading and writing records.'
    case 'succeeded':
      return 'Everything that was read has been written.'
    case 'partial':
      return run.error?.code === 'streams_failed'
        ? 'Finished. Some streams failed: see below.'
        : run.recordsRefused === 0 && heldBack(run).length > 0
          ? 'Finished. Deletions were held back: see below.'
          : `${formatCount(run.recordsWritten)} of ${recordsWord(run.recordsRead)} were written, ${formatCount(run.recordsRefused)} refused.`
    case 'failed':
      return run.error?.code === 'nothing_written'
        ? 'Nothing was written. Every record was refused: see below.'
        : 'Stopped before its end.'
    case 'cancelled':
      return 'Cancelled before its end.'
  }
}

/** What is wrong with a schedule as it is typed; null: nothing. */
export function scheduleFault(schedule: Schedule | null): string | null {
  const issue = scheduleSchema.nullable().safeParse(schedule).error?.issues[0]
  if (issue === undefined) return null
  return `The ${issue.path[0] === 'timeZone' ? 'time zone' : 'cron expression'} ${issue.message}.`
}

/** The side that caused the failure, as far as its code tells: where a person fixes it. */
export type Remedy = 'credential' | 'source' | 'destination' | 'access' | 'wait' | 'again'

const remedies: Record<string, Remedy> = {
  credential_failed: 'credential',
  credential_draft: 'credential',
  credential_not_found: 'credential',
  api_key_rejected: 'credential',
  account_refused: 'credential',
  stream_unavailable: 'credential',
  grant_rejected: 'credential',
  lost_rotation: 'credential',
  identity_changed: 'credential',
  not_authorized: 'credential',
  oauth_client_rejected: 'credential',
  login_rejected: 'credential',
  database_missing: 'credential',
  tls_failed: 'credential',
  file_not_found: 'source',
  file_invalid: 'source',
  mapping_invalid: 'destination',
  nothing_written: 'destination',
  access_withdrawn: 'access',
  unreachable: 'wait',
  upstream_error: 'wait',
  upstream_rate_limited: 'wait',
}

export function remedyFor(code: string): Remedy {
  return remedies[code] ?? 'again'
}

/** What helps most after a run: nothing after a success. */
export function helpFor(
  run: Pick<Run, 'status' | 'error' | 'retryAt'>,
  canReplay: boolean,
): 'replay' | 'remedy' | 'again' | 'nothing' {
  if (run.status === 'succeeded' || run.retryAt !== null) return 'nothing'
  const remedy = run.error === null ? null : remedyFor(run.error.code)
  if (remedy === 'credential' || remedy === 'source') return 'remedy'
  if (canReplay) return 'replay'
  if (remedy === 'destination') return 'remedy'
  // Its flow is paused: a run is refused until somebody gives its owner access.
  return remedy === 'access' ? 'nothing' : 'again'
}

/** What is told of a flow though its runs succeed. */
export function watchWords({ quietHours, volumeTimes, schemaChanges }: FlowWatch): string {
  const words = [
    ...(quietHours === null ? [] : [`nothing read (${hoursWord(quietHours)} for changes)`]),
    ...(volumeTimes === null ? [] : [`${volumeTimes} times more or fewer records than usual`]),
    ...(schemaChanges ? ['changed columns'] : []),
  ]
  return words.length === 0 ? 'nothing but failures' : words.join(', ')
}

function hoursWord(hours: number): string {
  const isDays = hours % 24 === 0
  return isDays ? counted(hours / 24, 'day') : counted(hours, 'hour')
}

/** What to do next, as a sentence. */
export const remedyText: Record<Remedy, string> = {
  credential: 'Fix the credential, then run the flow again.',
  source: 'Check what the data source reads, then run the flow again.',
  destination: 'Check how the data destination is set up, then run the flow again.',
  access:
    'The flow is paused because its owner may no longer use all of it. Give the owner access, then resume it.',
  wait: 'Wait until the other system answers, then run the flow again.',
  again:
    'Run the flow again. If it fails in the same way, quote the code and the run’s id to whoever runs this server.',
}

/** "1 record", "3 refused records". */
export function recordsWord(count: number, kind = ''): string {
  return counted(count, kind === '' ? 'record' : `${kind} record`)
}

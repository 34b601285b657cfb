import type { Run, RunStatus } from '@latchwork/contract'

export const runStatusWords: Record<RunStatus, string> = {
  queued: 'Waiting to start',
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** A run in one sentence, for lists and for screen readers. */
export function runSentence(run: Run): string {
  if (run.cancelling) return 'Being cancelled: the page in progress is finished first.'
  switch (run.status) {
    case 'queued':
      return run.activity ?? 'Waiting for a free worker.'
    case 'running':
      return run.activity ?? 'Reading and writing records.'
    case 'succeeded':
      return run.recordsRefused === 0
        ? 'Everything that was read has been written.'
        : 'Finished. Some records were refused: see below.'
    case 'failed':
      return 'Stopped before its end.'
    case 'cancelled':
      return 'Cancelled before its end.'
  }
}

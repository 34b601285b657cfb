import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Run } from '@latchwork/contract'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { clean } from '../terminal.ts'
import { countsOf, runStyles, shortTime } from '../words.ts'

const pollMs = 1000
export const runArgument = ['<run>', 'its id'] as const

/** Asks until the run has finished, and tells how far it is. */
export function followRun(context: Context, client: Client, started: Run): Promise<Run> {
  return context.telling(async (progress) => {
    let run = started
    while (run.status === 'queued' || run.status === 'running') {
      await sleep(pollMs, undefined, { signal: context.io.signal })
      run = await client.runs.get({ params: { id: run.id } })
      progress.say(`${run.status}: ${run.activity === null ? countsOf(run) : clean(run.activity)}`)
    }
    return run
  })
}

/** @throws CommandError for a run that did not write everything */
export function endAs({ status, recordsRefused }: Run): void {
  if (status === 'partial')
    throw new CommandError('partial', `${recordsRefused} records of the run were refused.`)
  if (status !== 'succeeded')
    throw new CommandError('failure', status === 'failed' ? 'The run failed.' : 'The run was cancelled.')
}

/** A run as a person reads it. */
export function showRun(context: Context, run: Run): void {
  const { terminal } = context
  context.showDetails([
    ['Id', run.id],
    ['Flow', run.flowName],
    ['Replays', run.replayOf ?? ''],
    ['Records', countsOf(run)],
    ['In quarantine', run.inQuarantine === 0 ? '' : quarantineOf(run)],
    ['File', run.output?.file ?? ''],
    ['Created', shortTime(run.createdAt)],
    ['Started', shortTime(run.startedAt)],
    ['Finished', shortTime(run.finishedAt)],
    ['Tried again', run.retryAt === null ? '' : `by itself on ${shortTime(run.retryAt)}`],
    ['Now', run.activity ?? ''],
    ['Status', run.status, runStyles[run.status]],
  ])
  for (const { message, count } of run.notices) terminal.print(`${clean(message)} (${count} times)`)
  if (run.error !== null) terminal.print(`${clean(run.error.message)} (${clean(run.error.code)})`)
}

function quarantineOf({ id, inQuarantine, replayable }: Run): string {
  const cut = replayable === inQuarantine ? '' : `, ${replayable} of them can be replayed`
  return `${inQuarantine}${cut}: latchwork run quarantine list ${id}`
}

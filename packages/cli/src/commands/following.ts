import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Client,
  counted,
  heldBack,
  noticeWords,
  type Run,
  type RunStream,
  type RunWithStreams,
  scopeWords,
} from '@latchwork/contract'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { type Column, formatTable } from '../table.ts'
import { clean } from '../terminal.ts'
import { countsOf, runStyles, shortTime, streamStyles } from '../words.ts'

const streamColumns: readonly Column<RunStream>[] = [
  { title: 'Stream', cell: ({ label }) => label },
  { title: 'Status', cell: ({ status }) => status, style: ({ status }) => streamStyles[status], whole: true },
  {
    title: 'Read',
    cell: ({ recordsRead, recordsExpected }) =>
      recordsExpected === null ? String(recordsRead) : `${recordsRead} of ${recordsExpected}`,
    whole: true,
  },
  { title: 'Written', cell: ({ recordsWritten }) => String(recordsWritten), whole: true },
  { title: 'Refused', cell: ({ recordsRefused }) => String(recordsRefused), whole: true },
  { title: 'Deleted', cell: ({ recordsDeleted }) => String(recordsDeleted), whole: true, spare: 1 },
]

const pollMs = 1000
export const runArgument = ['<run>', 'its id'] as const

/** The run as it is now; with `wait`, once it has finished: until then it is told how far it is. */
export function followRun(
  context: Context,
  client: Client,
  started: Run,
  wait: boolean,
): Promise<RunWithStreams> {
  return context.telling(async (progress) => {
    const get = () => client.runs.get({ params: { id: started.id } })
    let run = await get()
    while (wait && (run.status === 'queued' || run.status === 'running')) {
      await sleep(pollMs, undefined, { signal: context.io.signal })
      run = await get()
      progress.say(`${run.status}: ${run.activity === null ? countsOf(run) : clean(run.activity)}`)
    }
    return run
  })
}

/** @throws CommandError for a run that did not write everything */
export function endAs({ status, recordsRefused, streams }: RunWithStreams): void {
  const failed = streams.filter((stream) => stream.status === 'failed').length
  if (status === 'partial' && failed > 0)
    throw new CommandError('partial', `${failed} of ${counted(streams.length, 'stream')} of the run failed.`)
  if (status === 'partial' && recordsRefused === 0)
    throw new CommandError('partial', 'Deleted records were held back: the run says how many.')
  if (status === 'partial')
    throw new CommandError(
      'partial',
      `${counted(recordsRefused, 'record')} of the run ${recordsRefused === 1 ? 'was' : 'were'} refused.`,
    )
  if (status !== 'succeeded')
    throw new CommandError('failure', status === 'failed' ? 'The run failed.' : 'The run was cancelled.')
}

/** A run as a person reads it. */
export function showRun(context: Context, run: RunWithStreams): void {
  const { terminal } = context
  context.showDetails([
    ['Id', run.id],
    ['Flow', run.flowName],
    ['Replays', run.replayOf ?? ''],
    ['Asked for', scopeWords(run.scope) ?? ''],
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
  if (run.streams.length > 1) {
    terminal.print('')
    for (const line of formatTable(terminal, streamColumns, run.streams)) terminal.print(line)
    for (const { label, error } of run.streams) {
      if (error !== null) terminal.print(`${clean(label)}: ${clean(error.message)} (${clean(error.code)})`)
    }
  }
  for (const notice of run.notices) terminal.print(clean(noticeWords(notice)))
  const held = heldBack(run)
  if (held.length > 0) {
    const streams = held.map((stream) => ` --stream ${stream}`).join('')
    terminal.print(clean(`If they are really gone: latchwork flow run ${run.flowId}${streams} --gone`))
  }
  if (run.error !== null) terminal.print(`${clean(run.error.message)} (${clean(run.error.code)})`)
}

function quarantineOf({ id, inQuarantine, replayable }: Run): string {
  const cut = replayable === inQuarantine ? '' : `, ${replayable} of them can be replayed`
  return `${inQuarantine}${cut}: latchwork run quarantine list ${id}`
}

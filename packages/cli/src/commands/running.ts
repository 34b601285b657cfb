import {
  backfillSentence,
  type Client,
  type Flow,
  flowBackfillSchema,
  resetSentence,
  type StreamStand,
} from '@latchwork/contract'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { findFlow } from '../find.ts'
import type { Column } from '../table.ts'
import { clean } from '../terminal.ts'
import { asking } from './asking.ts'
import { confirmUnless } from './confirming.ts'
import { endAs, followRun, showRun } from './following.ts'

const flowArgument = ['<flow>', 'its id or its whole name'] as const
const standColumns: readonly Column<StreamStand>[] = [
  { title: 'Stream', cell: ({ stream }) => stream, whole: true },
  { title: 'Label', cell: ({ label }) => label },
  { title: 'Mode', cell: ({ mode }) => mode, whole: true },
  { title: 'Next run reads', cell: ({ next }) => next, whole: true },
]
const collected = (text: string, before: readonly string[] = []) => [...before, text]
const streamsOption = z.object({ stream: z.array(z.string()).optional() })

/** `latchwork flow run`, `streams`, `reset` and `backfill`. */
export function addRunningCommands(flows: ApiCommand, context: Context): void {
  const { terminal } = context

  flows
    .command('run')
    .summary('run a flow now')
    .description(
      'Starts a run. With --wait it ends with 0 if every record was written, with 7 if some were refused or deletions were held back, and with 1 if the run failed or was cancelled.',
    )
    .argument(...flowArgument)
    .option('--stream <name>', 'only this stream of it, as often as there are streams', collected)
    .option(
      '--gone',
      'records that the source has no more are really gone, however many: do not hold them back',
    )
    .option('--wait', 'wait until the run has finished')
    .option('--again', 'do not ask before records are made that the last run has made already')
    .asking(async (client, reference: string, options: unknown) => {
      const { stream: streams, ...flags } = streamsOption
        .extend({
          wait: z.boolean().default(false),
          again: z.boolean().default(false),
          gone: z.boolean().default(false),
        })
        .parse(options)
      const { id } = await findFlow(client, reference)
      const { gone, wait, again } = flags
      const started = await asking(context, 'Nothing was started.', { again }, (agreed) =>
        client.flows.run({ params: { id }, body: { ...agreed, gone, streams } }),
      )
      const run = await followRun(context, client, started, wait)
      context.show(run, () => showRun(context, run))
      if (wait) endAs(run)
    })

  flows
    .command('streams')
    .summary('list the streams of a flow, and what the next run reads of each')
    .argument(...flowArgument)
    .asking(async (client, reference: string) => {
      const { id } = await findFlow(client, reference)
      const { items } = await client.flows.streams({ params: { id } })
      context.showList({ items, total: items.length }, standColumns, 'It has not run yet.')
    })

  flows
    .command('reset')
    .summary('let the next run read streams of a flow whole')
    .description('Forgets how far they were read. Nothing in the destination is changed before the next run.')
    .argument(...flowArgument)
    .requiredOption('--stream <name>', 'a stream of it, as often as there are streams', collected)
    .confirmed()
    .asking(async (client, reference: string, options: unknown) => {
      const { stream: streams = [] } = streamsOption.parse(options)
      const flow = await findFlow(client, reference)
      const sentences: string[] = []
      for (const stream of streams) {
        const { label, mode } = await standOf(client, flow, stream)
        sentences.push(resetSentence(label, mode))
      }
      await confirmUnless(context, options, clean(`${sentences.join(' ')} Go on?`))
      const stands = await client.flows.reset({ params: { id: flow.id }, body: { streams } })
      context.show(stands, () => terminal.print(clean(`The next run reads whole: ${streams.join(', ')}.`)))
    })

  flows
    .command('backfill')
    .summary('read again what was created or changed in a stream of a flow on some days')
    .description(
      'A run of its own: it writes what it reads, deletes nothing, and the next run goes on as before.',
    )
    .argument(...flowArgument)
    .requiredOption('--stream <name>', 'a stream of it')
    .requiredOption('--from <day>', 'the first day in UTC, as 2026-03-01')
    .requiredOption('--to <day>', 'the last day')
    .option('--wait', 'wait until the run has finished')
    .confirmed()
    .asking(async (client, reference: string, options: unknown) => {
      const { wait, stream, from, to } = z
        .object({ wait: z.boolean().default(false), stream: z.string(), from: z.string(), to: z.string() })
        .parse(options)
      const read = flowBackfillSchema.safeParse({ stream, from, to })
      const [issue] = read.error?.issues ?? []
      if (issue !== undefined) throw new CommandError('usage', `--${String(issue.path[0])} ${issue.message}.`)
      const flow = await findFlow(client, reference)
      const { label } = await standOf(client, flow, stream)
      await confirmUnless(context, options, clean(`${backfillSentence(label, { from, to })} Go on?`))
      const started = await client.flows.backfill({ params: { id: flow.id }, body: { stream, from, to } })
      const run = await followRun(context, client, started, wait)
      context.show(run, () => showRun(context, run))
      if (wait) endAs(run)
    })
}

/** Of a flow that has not run yet nobody knows the streams: the server says whether it has this one. */
async function standOf(
  client: Client,
  { id }: Flow,
  stream: string,
): Promise<Pick<StreamStand, 'label' | 'mode'>> {
  const { items } = await client.flows.streams({ params: { id } })
  return items.find((each) => each.stream === stream) ?? { label: stream, mode: 'incremental' }
}
